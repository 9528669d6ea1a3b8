import { labUnavailableReason } from '@steelyard/testkit';
import { describe, test } from 'vitest';
import { buildJudge } from './build-judge.ts';

/**
 * A `describe` whose tests need hashicorp/memberlist itself, and a lab. Where it cannot be built the tests are skipped
 * and it is said why; under `CI=true` that is a failure, for a skip would go unseen there.
 */
export function describeWithJudge(name: string, tests: (judgePath: string) => void): void {
  const judge = buildJudge();
  const reason = labUnavailableReason() ?? (judge.available ? undefined : judge.reason);
  if (reason === undefined && judge.available) {
    describe(name, () => tests(judge.path));
  } else if (process.env['CI'] === 'true') {
    describe(name, () => {
      test('the judge is there', () => {
        throw new Error(reason);
      });
    });
  } else {
    process.stderr.write(`${name} is skipped: ${reason}\n`); // reporters keep the names of skipped suites to themselves
    describe.skip(`${name} (skipped: ${reason})`, () => tests(''));
  }
}
