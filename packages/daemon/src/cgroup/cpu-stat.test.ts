import { describe, expect, test } from 'vitest';
import { decodeCpuStat, throttledSince } from './cpu-stat.ts';

/** Linux 6.12, a quota of 10 ms in 100. */
const V1 = 'nr_periods 174\nnr_throttled 143\nthrottled_time 18076314706\nnr_bursts 0\nburst_time 0\n';
const V2 = `usage_usec 1740811
user_usec 1301443
system_usec 439368
nice_usec 0
nr_periods 174
nr_throttled 143
throttled_usec 18076314
nr_bursts 0
burst_usec 0
`;
const V2_ROOT = 'usage_usec 33500854731\nuser_usec 25956301434\nsystem_usec 7544553297\nnice_usec 2693687982\n';

describe('cpu.stat', () => {
  test.for([
    ['v1', V1],
    ['v2', V2],
  ] as const)('of %s', ([, text]) => {
    expect(decodeCpuStat(text)).toEqual({
      periods: 174,
      throttledPeriods: 143,
      throttledMs: expect.closeTo(18_076.3, 0),
    });
  });

  test.for([V2_ROOT, '', 'nr_periods\nnr_throttled x', 'nr_periods 1\nnr_throttled 1\n'])(
    'without a quota, or without sense, is nothing: %j',
    (text) => {
      expect(decodeCpuStat(text)).toBeUndefined();
    },
  );
});

describe('what was denied since the last look', () => {
  const stat = (periods: number, throttledPeriods: number, throttledMs: number) => ({
    periods,
    throttledPeriods,
    throttledMs,
  });

  test('is the difference', () => {
    expect(throttledSince(stat(10, 3, 200), stat(25, 5, 230))).toEqual(stat(15, 2, 30));
  });

  test('is nothing where the quota did not run out', () => {
    expect(throttledSince(stat(10, 3, 200), stat(90, 3, 200))).toBeUndefined();
  });

  test('is nothing where the counters began anew', () => {
    expect(throttledSince(stat(10, 3, 200), stat(1, 1, 5))).toBeUndefined();
  });
});
