// Node.js and pnpm: the user's own where both are new enough, else the pinned pair, fetched by npm.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Refusal, root, step } from './steps.mjs';

const folder = join(root, 'tools/node24');
const stamp = join(folder, 'node_modules/.stamp');

/** What the tools accept: ^24.15 || >=26, with the headers that the addon is compiled against. */
function ownNodeFits(prefix) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return existsSync(join(prefix, 'include/node/node_api.h')) && ((major === 24 && minor >= 15) || major >= 26);
}

function ownPnpmFits(env) {
  const answer = spawnSync('pnpm', ['--version'], { cwd: root, env, encoding: 'utf8' });
  return answer.status === 0 && Number.parseInt(answer.stdout, 10) >= 12;
}

/**
 * Puts Node.js and pnpm first in the PATH of `env`.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export async function provideToolchain(env) {
  let prefix = dirname(dirname(process.execPath));
  if (!(ownNodeFits(prefix) && ownPnpmFits(env))) {
    if (process.arch !== 'x64' && process.arch !== 'arm64') {
      throw new Refusal(`There is no pinned Node.js for ${process.arch}: install Node.js 24 and pnpm 12 yourself.`);
    }
    const lock = readFileSync(join(folder, 'package-lock.json'), 'utf8');
    if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
      const fetch = ['ci', '--prefix', '.', '--ignore-scripts', '--no-audit', '--no-fund'];
      await step('Fetching Node.js 24 and pnpm', 'npm', fetch, {
        env,
        cwd: folder,
        remedy: 'Is the npm registry reachable, and has the disk 300 MB left?',
      });
      writeFileSync(stamp, lock);
    }
    prefix = join(folder, `node_modules/node-linux-${process.arch}`);
    const pnpm = join(folder, `node_modules/@pnpm/exe.linux-${process.arch}`);
    env.PATH = [join(prefix, 'bin'), pnpm, env.PATH].join(':');
  }
  // Headers from disk. npm exports the user's own settings, and a stray nodedir would compile against other headers.
  env.npm_config_nodedir = prefix;
}
