// Compiles native/linux_socket.c into prebuilds/linux-{x64,arm64}/linux_socket.node: one compiler call each, no node-gyp.
//
// -nostdlib leaves libc unnamed in the file, so it takes it from the process that loads it: one binary per CPU serves glibc and musl.
// Without --all only this machine's CPU must succeed; --all (before packing) fails if one is missing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const compilers = {
  x64: ['x86_64-linux-gnu-gcc', ...(process.arch === 'x64' ? ['cc', 'gcc'] : [])],
  arm64: ['aarch64-linux-gnu-gcc', ...(process.arch === 'arm64' ? ['cc', 'gcc'] : [])],
};
const folder = dirname(dirname(fileURLToPath(import.meta.url)));
const all = process.argv.includes('--all');

function fail(message) {
  console.error(`linux-socket: ${message}`);
  process.exit(1);
}

const prefixes = [process.env.npm_config_nodedir, dirname(dirname(process.execPath))].filter((prefix) => prefix);
const headers = prefixes
  .map((prefix) => join(prefix, 'include/node'))
  .find((path) => existsSync(join(path, 'node_api.h')));
if (headers === undefined) {
  fail(
    `no node_api.h in include/node under ${prefixes.join(' or ')}: set npm_config_nodedir to a Node.js with headers`,
  );
}

for (const [cpu, candidates] of Object.entries(compilers)) {
  const needed = all || cpu === process.arch;
  const compiler = candidates.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
  if (compiler === undefined) {
    const message = `no compiler for ${cpu}: none of ${candidates.join(', ')} is installed`;
    if (needed) fail(message);
    console.warn(`linux-socket: ${message}; skipped, only packing needs it`);
    continue;
  }
  const target = join(folder, `prebuilds/linux-${cpu}/linux_socket.node`);
  const fresh = `${target}.${process.pid}`;
  mkdirSync(dirname(target), { recursive: true });
  const { status } = spawnSync(
    compiler,
    [
      ...'-std=gnu11 -O2 -Wall -Wextra -Werror -D_GNU_SOURCE -DNAPI_VERSION=9 -U_FORTIFY_SOURCE'.split(' '),
      ...['-isystem', headers, '-shared', '-fPIC', '-fvisibility=hidden', '-nostdlib', '-s'],
      ...['-o', fresh, join(folder, 'native/linux_socket.c')],
    ],
    { stdio: 'inherit' },
  );
  if (status !== 0) fail(`${compiler} ended with ${status}`);
  renameSync(fresh, target); // in one step: somebody may be loading it
}
