// npm raw-socket, the third transport of packages/ndp, compiled where its tests run. pnpm may not: an install would then
// fail on a machine without a C++ compiler, which needs none for anything else.

import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { root, step } from './steps.mjs';

/** What node-gyp runs. */
const TOOLS = ['g++', 'make', 'python3'];

const answers = (command, args, options) => spawnSync(command, args, options).status === 0;

/**
 * Compiles it unless that was done for this Node.js. Where the tools are missing, one line says what is left out.
 *
 * @param {NodeJS.ProcessEnv} env With the toolchain in PATH and npm_config_nodedir.
 */
export async function compileRawSocket(env) {
  const link = join(root, 'packages/ndp/node_modules/raw-socket');
  if (!existsSync(link)) return; // installed without development dependencies
  const cwd = realpathSync(link);
  // Loading it tells more than the file's presence: it may have been compiled for another Node.js.
  if (answers('node', ['-e', 'require("./index.js")'], { cwd, env, stdio: 'ignore' })) return;
  const missing = TOOLS.filter((tool) => !answers(tool, ['--version'], { env, stdio: 'ignore' }));
  if (missing.length > 0) {
    process.stderr.write(`The tests of the transport raw-socket are left out: they need ${missing.join(', ')}.\n`);
    return;
  }
  await step('Compiling raw-socket', join(root, 'node_modules/.bin/node-gyp'), ['rebuild'], {
    env,
    cwd,
    remedy: 'The lines above say what the compiler found.',
  });
}
