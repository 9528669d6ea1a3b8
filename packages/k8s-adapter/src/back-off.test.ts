import { expect, test } from 'vitest';
import { createBackOff } from './back-off.ts';

test('waits double up to the longest, around which they spread, and begin anew after a success', () => {
  const middle = createBackOff({ minMs: 100, maxMs: 1000 }, () => 0.5);
  expect(Array.from({ length: 6 }, () => middle.nextMs())).toEqual([100, 200, 400, 800, 1000, 1000]);
  middle.reset();
  expect(middle.nextMs()).toBe(100);
  const config = { minMs: 1000, maxMs: 1000 };
  expect(createBackOff(config, () => 0).nextMs()).toBe(750);
  expect(createBackOff(config, () => 1).nextMs()).toBe(1250);
});
