import { describe, test } from 'vitest';
import { labUnavailableReason } from './privilege.ts';

/**
 * A `describe` whose tests need a lab.
 *
 * Where none can be opened, the tests are skipped and the suite's name says
 * why; under `CI=true` that is a failure, for a skip would go unseen there.
 */
export function describeLab(name: string, tests: () => void): void {
  const { CI } = process.env;
  const reason = labUnavailableReason();
  if (reason === undefined) {
    describe(name, tests);
  } else if (CI === 'true') {
    describe(name, () => {
      test('a lab can be opened', () => {
        throw new Error(reason);
      });
    });
  } else {
    describe.skip(`${name} (skipped: ${reason})`, tests);
  }
}
