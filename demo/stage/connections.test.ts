import { expect, test } from 'vitest';
import { longestGap } from './connections.ts';

const attempts = (pattern: string) =>
  [...pattern].map((each, number) => ({ number, startedMs: 100 * number, connected: each === '+' }));

test.for([
  ['+++++', 0, 0],
  ['++--+++', 2, 0.2],
  ['+-+---++', 3, 0.3],
  ['++---', 3, 0.2],
  ['', 0, 0],
] as const)('of %s, %i in a row failed', ([pattern, failed, seconds]) => {
  expect(longestGap(attempts(pattern))).toEqual({ failed, seconds });
});
