import { expect, test } from 'vitest';
import { incarnationDifference, nextIncarnation } from './incarnation.ts';

test.for([
  [2, 1, 'newer'],
  [1, 1, 'the same'],
  [1, 2, 'older'],
  [217_000_000, 1, 'newer'],
  [0x7fffffff, 1, 'newer'],
  [0xffffffff, 1, 'older'],
  [0xffffffff, 0xfffffffe, 'newer'],
  [1, 0xffffffff, 'newer'],
  [0, 0xffffffff, 'newer'],
  [0x80000000, 1, 'newer'],
  [0x80000002, 1, 'older'],
] as const)('%d compared with %d is %s', ([one, other, expected]) => {
  const difference = incarnationDifference(one, other);
  expect(difference > 0 ? 'newer' : difference < 0 ? 'older' : 'the same').toBe(expected);
});

test('after the greatest comes 1: nobody is taken in with 0', () => {
  expect(nextIncarnation(1)).toBe(2);
  expect(nextIncarnation(0xfffffffe)).toBe(0xffffffff);
  expect(nextIncarnation(0xffffffff)).toBe(1);
});
