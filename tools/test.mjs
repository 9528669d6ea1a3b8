// Runs all tests: builds the real control plane where Go is there, hands the rest to vitest, and ends with one line
// that counts. Arguments go to vitest: `npm test -- packages/arp`, `npm test -- --project unit`.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const args = process.argv.slice(2);
const inherit = { stdio: 'inherit', env: process.env };
const onlyUnit = args.some((arg, i) => arg === '--project=unit' || (arg === '--project' && args[i + 1] === 'unit'));

if (!onlyUnit) {
  // Minutes on a cold machine, so it is done here, with its progress shown, and not inside a test's time limit.
  spawnSync(
    'node',
    ['--conditions=@steelyard/source', 'packages/testkit/src/kube-lab/main.ts', 'build', '--quiet-when-absent'],
    inherit,
  );
}

const folder = mkdtempSync(join(tmpdir(), 'steelyard-test-'));
const report = join(folder, 'report.json');
const run = spawnSync(
  'vitest',
  ['run', '--reporter=default', '--reporter=json', `--outputFile=${report}`, ...args],
  inherit,
);
let exitCode = run.status ?? 1;

try {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const tests = testResults.flatMap((file) => file.assertionResults);
  const count = (...states) => tests.filter((one) => states.includes(one.status)).length;
  const skipped = count('pending', 'skipped', 'todo');
  // A file that could not be loaded has no tests in it, and is a failure all the same.
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  let failed = count('failed') + broken;
  if (process.env.CI === 'true' && skipped > 0) {
    process.stdout.write(`${skipped} tests were skipped, which CI does not accept: see the reasons above.\n`);
    failed += skipped;
    exitCode = 1;
  }
  // An uncaught error outside of any test fails the run, so it is counted too.
  if (exitCode !== 0 && failed === 0) failed = 1;
  process.stdout.write(`${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
} catch (error) {
  process.stdout.write(`vitest left no report: ${error.message}\n0 passed, 1 failed\n`);
  exitCode = exitCode || 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = exitCode;
