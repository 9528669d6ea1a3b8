// Everything static, each as one step with its own verdict; the last line counts them.

import { spawnSync } from 'node:child_process';

const checks = [
  ['format and lint', 'biome', ['ci', '.']],
  ['direction of dependencies', 'turbo', ['boundaries']],
  ['unused files, exports and dependencies', 'knip', []],
  [
    'generated CRDs',
    'node',
    ['--conditions=@steelyard/source', 'packages/config/scripts/generate-crds.mjs', '--check'],
  ],
  ['reference pages', 'node', ['tools/reference-pages.mjs', '--check']],
  ['types', 'turbo', ['run', 'typecheck', '--output-logs=errors-only']],
  ['root types', 'tsc', ['-p', 'tsconfig.json']],
  ['packaging', 'turbo', ['run', 'check:package', '--output-logs=errors-only', '--concurrency=2']],
  ['the project speaks of itself alone', 'node', ['tools/check-words.mjs']],
  ['changesets', 'node', ['tools/check-changesets.mjs']],
];

let failed = 0;
for (const [title, command, args] of checks) {
  const started = Date.now();
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 28, env: process.env });
  const good = result.status === 0;
  process.stdout.write(`${good ? 'ok    ' : 'FAILED'} ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  if (good) continue;
  failed++;
  process.stdout.write(`${result.error?.message ?? ''}${result.stdout ?? ''}${result.stderr ?? ''}\n`);
}
process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
