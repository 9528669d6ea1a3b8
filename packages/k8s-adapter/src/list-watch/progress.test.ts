import { expect, test } from 'vitest';
import { createWatchProgress, isAtLeast } from './progress.ts';

test.for<[resourceVersion: string, wanted: string, reached: boolean]>([
  ['5', '5', true],
  ['10', '9', true],
  ['9', '10', false],
  ['99999999999999999999', '99999999999999999998', true],
  ['opaque', 'opaque', true],
  ['opaque', '1', false],
  ['', '1', false],
  ['7', 'opaque', false],
])('a cache at %s has reached %s: %s', ([resourceVersion, wanted, reached]) => {
  expect(isAtLeast(resourceVersion, wanted)).toBe(reached);
});

async function isReached(waiting: { reached: Promise<void> }): Promise<boolean> {
  let reached = false;
  waiting.reached.then(() => {
    reached = true;
  }, undefined);
  await Promise.resolve();
  await Promise.resolve();
  return reached;
}

test('who waits for a version is told by the event, bookmark or list that reaches it', async () => {
  const progress = createWatchProgress();
  progress.listBegun(0);
  progress.listTold('5');
  expect(await isReached(progress.wait('5', 10))).toBe(true);
  const waiting = progress.wait('7', 10);
  progress.reached('6');
  expect(await isReached(waiting)).toBe(false);
  progress.reached('7');
  expect(await isReached(waiting)).toBe(true);
});

test('a list that began since then is enough whatever its version, one that began before is not', async () => {
  const progress = createWatchProgress();
  progress.listBegun(9);
  const waiting = progress.wait('never', 10);
  progress.listTold('6');
  expect(await isReached(waiting)).toBe(false);
  progress.listBegun(10);
  expect(progress.listedSince(10)).toBe(false);
  progress.listTold('8');
  expect(progress.listedSince(10)).toBe(true);
  expect(await isReached(waiting)).toBe(true);
});
