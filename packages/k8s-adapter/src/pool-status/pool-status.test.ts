import { expect, test } from 'vitest';
import { parsePoolStatus, poolStatusOf, samePoolStatus } from './pool-status.ts';

const MAX = 9223372036854775807n;
const status = (a4: bigint, a6: bigint, v4: bigint, v6: bigint) => ({
  assignedIPv4: a4,
  assignedIPv6: a6,
  availableIPv4: v4,
  availableIPv6: v6,
});

test('counts end at 2^63 − 1 and at 0, and do not wrap', () => {
  const counters = { assignedIPv4: 1n, assignedIPv6: -1n, availableIPv4: MAX, availableIPv6: 2n ** 128n };
  expect(poolStatusOf(counters)).toEqual(status(1n, 0n, MAX, MAX));
});

test.for<[found: unknown, same: boolean]>([
  [{ assignedIPv4: 0, assignedIPv6: 0, availableIPv4: 256, availableIPv6: MAX }, true],
  [{ availableIPv4: 256, availableIPv6: MAX }, true],
  [{ availableIPv4: 256n, availableIPv6: MAX, other: 1 }, true],
  [{ availableIPv4: 256, availableIPv6: MAX - 1n }, false],
  [{ assignedIPv4: '0', availableIPv4: 256, availableIPv6: MAX }, false],
  [{ assignedIPv4: 0.5, availableIPv4: 256, availableIPv6: MAX }, false],
  [{ assignedIPv4: 1, availableIPv4: 256, availableIPv6: MAX }, false],
  [undefined, false],
  ['x', false],
])('of a pool that shows %o it is %s that nothing is to be written', ([found, same]) => {
  expect(samePoolStatus(parsePoolStatus(found), status(0n, 0n, 256n, MAX))).toBe(same);
});

test('no status is a status of zeros', () => {
  expect(samePoolStatus(parsePoolStatus(undefined), status(0n, 0n, 0n, 0n))).toBe(true);
});
