// Dependencies and the build, skipped when nothing that they depend on has changed.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, step } from './steps.mjs';

const stamp = join(root, 'node_modules/.steelyard-install');

/** What decides whether node_modules is as it should be: the lockfile and every manifest. */
function manifests() {
  const folders = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  );
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].concat(
    ['demo', 'e2e', 'bench', ...folders].map((name) => join(name, 'package.json')),
  );
  const hash = createHash('sha256');
  for (const file of files) if (existsSync(join(root, file))) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/** @param {NodeJS.ProcessEnv} env */
export async function installAndBuild(env) {
  const wanted = manifests();
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    await step('Installing dependencies', 'pnpm', ['install', '--frozen-lockfile'], {
      env,
      remedy: 'Is the npm registry reachable, and has the disk 500 MB left?',
    });
    writeFileSync(stamp, wanted);
  }
  const turbo = join(root, 'node_modules/.bin/turbo');
  const fresh = !existsSync(join(root, 'apps/speaker/dist/main.js'));
  await step('Building', turbo, ['run', 'build', '--output-logs=errors-only'], {
    env,
    quiet: !fresh,
    remedy: 'The lines above say what the compiler found.',
  });
}
