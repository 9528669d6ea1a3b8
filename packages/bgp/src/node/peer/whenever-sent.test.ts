import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { unlessAborted, WheneverSent } from './whenever-sent.ts';

test('any number of those who wait with a signal have one listener', async () => {
  const sent = new WheneverSent();
  const { signal } = new AbortController();
  const waiting = Array.from({ length: 1_000 }, () => unlessAborted(sent.promise(), signal));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  sent.given()();
  await Promise.all(waiting);
  const next = unlessAborted(sent.promise(), signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  sent.given()();
  await next;
});

test('a signal rejects those who wait with it, and nobody else', async () => {
  const sent = new WheneverSent();
  const [first, second] = [new AbortController(), new AbortController()];
  const aborted = [1, 2].map(() => unlessAborted(sent.promise(), first.signal));
  const others = [unlessAborted(sent.promise(), second.signal), unlessAborted(sent.promise(), undefined)];
  const cause = new Error('enough');
  first.abort(cause);
  for (const each of aborted)
    await expect(each).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause });
  await expect(unlessAborted(sent.promise(), first.signal)).rejects.toMatchObject({ name: 'AbortError' });
  sent.given()();
  await Promise.all(others);
});

test('who was told in time is not rejected by a signal that comes later', async () => {
  const sent = new WheneverSent();
  const controller = new AbortController();
  const waits = unlessAborted(sent.promise(), controller.signal);
  sent.given()();
  await waits;
  controller.abort();
  await expect(waits).resolves.toBeUndefined();
});
