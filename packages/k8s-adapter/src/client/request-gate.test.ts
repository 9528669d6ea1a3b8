import { expect, test } from 'vitest';
import { createRequestGate } from './request-gate.ts';

test('so many pass in the turn of the call, the others in order', async () => {
  const gate = createRequestGate(2);
  expect([gate.enter(), gate.enter()]).toEqual([undefined, undefined]);
  const passed: number[] = [];
  for (const number of [1, 2, 3]) void gate.enter()?.then(() => passed.push(number));
  gate.leave();
  gate.leave();
  await Promise.resolve();
  expect(passed).toEqual([1, 2]);
  for (let i = 0; i < 3; i++) gate.leave();
  await Promise.resolve();
  expect(passed).toEqual([1, 2, 3]);
  expect([gate.enter(), gate.enter()]).toEqual([undefined, undefined]);
});

test('a closed gate refuses those who wait and those who come', async () => {
  const gate = createRequestGate(1);
  expect(gate.enter()).toBeUndefined();
  const waiting = gate.enter();
  gate.close(() => new Error('closed'));
  await expect(waiting).rejects.toThrow('closed');
  await expect(gate.enter()).rejects.toThrow('closed');
});
