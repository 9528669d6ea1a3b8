import { describe, test } from 'vitest';
import { type BuiltKubeLab, buildKubeLab } from './build.ts';

/**
 * A `describe` whose tests need the real control plane's program, which is built first where it is not in the cache:
 * `await describeKubeLab('…', (kubeLab) => { … })`.
 *
 * Where it cannot be built the tests are skipped and the suite's name says why; under `CI=true` that is a failure.
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
    describe.skip(`${name} (skipped: ${reason})`, () => tests({ available: true, path: '', kubectlPath: '' }));
  }
}
