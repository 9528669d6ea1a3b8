import { expect, test } from 'vitest';
import { changedHealth, scaledByHealth } from './awareness.ts';

test.for<[delta: number, score: number, scaledMs: number]>([
  [0, 0, 1_000],
  [-1, 0, 1_000],
  [-10, 0, 1_000],
  [1, 1, 2_000],
  [-1, 0, 1_000],
  [10, 7, 8_000],
  [-1, 6, 7_000],
  [-1, 5, 6_000],
  [-1, 4, 5_000],
  [-1, 3, 4_000],
  [-1, 2, 3_000],
  [-1, 1, 2_000],
  [-1, 0, 1_000],
  [-1, 0, 1_000],
])('hashicorp/memberlist awareness_test.go: %d leads to %d', ([delta, score, scaledMs]) => {
  const before = delta === 10 ? 1 : score - delta;
  const after = changedHealth(Math.max(0, before), delta, 8);
  expect(after).toBe(score);
  expect(scaledByHealth(1_000, after)).toBe(scaledMs);
});
