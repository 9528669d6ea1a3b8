import { expect, test } from 'vitest';
import { createSessionPace } from './session-pace.ts';

test('the first write of a session is at once, the next ones keep their distance, each peer for itself', () => {
  const pace = createSessionPace(5_000);
  expect(pace.waitMs('a', 'news', 0)).toBe(0);
  pace.written('a', 'news', 0);
  expect(pace.waitMs('a', 'news', 1_000)).toBe(4_000);
  expect(pace.waitMs('a', 'news', 5_000)).toBe(0);
  expect(pace.waitMs('b', 'news', 1_000)).toBe(0);
  pace.forget('a');
  expect(pace.waitMs('a', 'news', 1_000)).toBe(0);
});

test('attempts in vain are told more and more seldom, until there is news', () => {
  const pace = createSessionPace(5_000);
  pace.written('a', 'news', 0);
  const waits: number[] = [];
  for (let nowMs = 0, i = 0; i < 7; i++) {
    const waitMs = pace.waitMs('a', 'minor', nowMs);
    waits.push(waitMs);
    nowMs += waitMs;
    pace.written('a', 'minor', nowMs);
    expect(pace.waitMs('a', 'news', nowMs)).toBe(5_000);
  }
  expect(waits).toEqual([30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
  pace.written('a', 'news', 0);
  expect(pace.waitMs('a', 'minor', 0)).toBe(30_000);
});
