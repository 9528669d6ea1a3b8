import { expect, test } from 'vitest';
import { memoryBudget } from './memory-budget.ts';

const MIB = 2 ** 20;
const needs = { heapMib: 384, besidesMib: 56 };

test('without a limit the heap is what is wanted', () => {
  expect(memoryBudget(undefined, needs)).toEqual({ heapMib: 384, limitMib: undefined, tight: false, tooSmall: false });
});

test.for<[limitMib: number, heapMib: number, what: object]>([
  [4_096, 384, { tight: false, tooSmall: false }],
  [440, 384, { tight: false, tooSmall: false }],
  [439, 383, { tight: true, tooSmall: false }],
  [100, 44, { tight: true, tooSmall: false }], // MetalLB's example
  [72, 16, { tight: true, tooSmall: false }],
  [71, 16, { tight: true, tooSmall: true }],
  [10, 16, { tight: true, tooSmall: true }],
])('within %d MiB it may have %d', ([limitMib, heapMib, what]) => {
  expect(memoryBudget(limitMib * MIB + 1, needs)).toEqual({ heapMib, limitMib, ...what });
});

test('a heap that is wanted smaller than the least is not made larger', () => {
  expect(memoryBudget(10 * MIB, { heapMib: 8, besidesMib: 56 })).toMatchObject({ heapMib: 8 });
});
