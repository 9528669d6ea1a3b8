import { expect, test } from 'vitest';
import { stopDeadlines } from './stop-deadlines.ts';

test.for<[gracePeriodSeconds: number | undefined, totalMs: number, handoverMs: number, lastWordsMs: number]>([
  [undefined, 1_800, 1_650, 1_000],
  [2, 1_800, 1_650, 1_000],
  [10, 9_800, 9_650, 1_000],
  [1, 800, 650, 650],
  [0, 300, 150, 150],
])('of a grace period of %s s', ([gracePeriodSeconds, totalMs, handoverMs, lastWordsMs]) => {
  expect(stopDeadlines(gracePeriodSeconds)).toEqual({ totalMs, handoverMs, lastWordsMs });
});
