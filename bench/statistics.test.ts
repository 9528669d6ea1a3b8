import { expect, test } from 'vitest';
import { percentile, rounded, summarize } from './statistics.ts';

const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

test.for([
  [100, 50, 50],
  [100, 99, 99],
  [100, 100, 100],
  [100, 0, 1],
  [200, 99, 198],
  [10, 99, 10],
  [3, 50, 2],
  [1, 50, 1],
] as const)('of 1 to %i, the percentile %i is %i', ([last, percent, expected]) => {
  expect(percentile(oneTo(last), percent)).toBe(expected);
});

test('there is no percentile of nothing', () => {
  expect(() => percentile([], 50)).toThrow(RangeError);
  expect(summarize([])).toBeUndefined();
});

test('a summary sorts by value, not by text, and leaves its argument as it was', () => {
  const values = [100, 9, 20.04];
  expect(summarize(values)).toEqual({ count: 3, p50: 20, p95: 100, p99: 100, max: 100 });
  expect(values).toEqual([100, 9, 20.04]);
});

test('rounding keeps the digits that were asked for', () => {
  expect([rounded(1.25, 1), rounded(0.005, 3), rounded(12.3456, 2)]).toEqual([1.3, 0.005, 12.35]);
});
