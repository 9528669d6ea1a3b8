import { expect, test } from 'vitest';
import { createContestedStatuses } from './contested-statuses.ts';

/** Writes the same to a Service as soon as it may, for a while; returns when it wrote. */
function quarrel(forMs: number, startMs = 0, statuses = createContestedStatuses()): { times: number[]; told: number } {
  const times: number[] = [];
  let told = 0;
  for (let nowMs = startMs; nowMs < startMs + forMs; nowMs++) {
    if (statuses.waitMs('ns/a', ['192.0.2.1'], nowMs) > 0) continue;
    times.push(nowMs - startMs);
    told += statuses.written('ns/a', ['192.0.2.1'], nowMs) ? 1 : 0;
  }
  return { times, told };
}

test('what is undone at once is written again three times, then ever more slowly, and that is told once', () => {
  const { times, told } = quarrel(40_000);
  expect(times).toEqual([0, 1, 2, 202, 602, 1402, 3002, 6202, 12_602, 22_602, 32_602]);
  expect(told).toBe(1);
});

test('a quiet minute ends a quarrel', () => {
  const statuses = createContestedStatuses();
  quarrel(5000, 0, statuses);
  expect(quarrel(5, 65_000, statuses).times).toEqual([0, 1, 2]);
});

test('another address, another Service, or one made again, is not held up', () => {
  const statuses = createContestedStatuses();
  quarrel(5000, 0, statuses);
  expect(statuses.waitMs('ns/a', ['192.0.2.2'], 5000)).toBe(0);
  expect(statuses.waitMs('ns/b', ['192.0.2.1'], 5000)).toBe(0);
  expect(statuses.waitMs('ns/a', ['192.0.2.1'], 5000)).toBeGreaterThan(0);
  statuses.forget('ns/a');
  expect(statuses.waitMs('ns/a', ['192.0.2.1'], 5000)).toBe(0);
});
