import { describe, test } from 'vitest';
import { type BuiltKubeLab, buildKubeLab } from './build.ts';

/**
 * A `describe` whose tests need the real control plane's program, which is built first where it is not in the cache:
 * `await describeKubeLab('…', (kubeLab) => { … })`.
 *
 * Where it cannot be built the tests are skipped and it is said why; under `CI=true` that is a failure.
 */
export async function describeKubeLab(name: string, tests: (kubeLab: BuiltKubeLab) => void): Promise<void> {
  const kubeLab = await buildKubeLab();
  if (kubeLab.available) {
    describe(name, () => tests(kubeLab));
    return;
  }
  const { reason } = kubeLab;
  if (process.env['CI'] === 'true') {
    describe(name, () => {
      test('the real control plane is there', () => {
        throw new Error(reason);
      });
    });
  } else {
    process.stderr.write(`${name} is skipped: ${reason}\n`); // reporters keep the names of skipped suites to themselves
    describe.skip(`${name} (skipped: ${reason})`, () => tests({ available: true, path: '', kubectlPath: '' }));
  }
}
