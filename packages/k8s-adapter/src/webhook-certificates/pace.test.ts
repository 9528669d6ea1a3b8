import { expect, test } from 'vitest';
import { createPace } from './pace.ts';

test('the first passes at once, the next wait longer and longer, and after some quiet it is the first again', () => {
  let now = 0;
  const pace = createPace({ minMs: 100, maxMs: 1000, quietMs: 5000 }, () => now);
  const waits: number[] = [];
  for (let i = 0; i < 7; i++) {
    const waitMs = pace.nextMs();
    waits.push(waitMs);
    now += waitMs;
  }
  expect(waits).toEqual([0, 100, 200, 400, 800, 1000, 1000]);
  now += 5001;
  expect(pace.nextMs()).toBe(0);
});
