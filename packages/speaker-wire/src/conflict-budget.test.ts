import { expect, test } from 'vitest';
import { createConflictBudget } from './conflict-budget.ts';

test('twenty conflicts a second are told, and the next one says how many were not', () => {
  const budget = createConflictBudget();
  const flood = Array.from({ length: 1_000 }, () => budget.take(5_000));
  expect(flood.filter((leftOut) => leftOut === 0)).toHaveLength(20);
  expect(flood.filter((leftOut) => leftOut === undefined)).toHaveLength(980);
  expect(budget.take(5_999)).toBeUndefined();
  expect([budget.take(6_000), budget.take(6_000)]).toEqual([981, 0]);
});
