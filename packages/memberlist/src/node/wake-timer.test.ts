import { expect, test } from 'vitest';
import { WakeTimer } from './wake-timer.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** Keeps the thread, as a garbage collection or a full machine does. */
function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test('after a stall everything that waits is read before anything is judged', async () => {
  const story: string[] = [];
  let waiting = 0;
  let read = 0;
  const timer = new WakeTimer({ itemsRead: () => read, wake: () => story.push('wake') });
  // A socket gives what waits a part at a turn.
  const readSome = (): void => {
    if (waiting === 0) return;
    waiting -= 1;
    read += 1;
    story.push('read');
    setImmediate(readSome);
  };
  timer.at(performance.now() + 1);
  waiting = 5;
  setImmediate(readSome);
  standStill(40);
  await after(20);
  expect(story).toEqual(['read', 'read', 'read', 'read', 'read', 'wake']);
  timer.close();
});

test('a flood does not stop the clock', async () => {
  let read = 0;
  let woken = 0;
  const timer = new WakeTimer({
    itemsRead: () => read++,
    wake: () => {
      woken += 1;
    },
  });
  timer.at(performance.now() + 1);
  standStill(40);
  await after(5);
  for (let i = 0; i < 200; i += 1) await turn();
  expect(woken).toBe(1);
  timer.close();
});

test('a later wish replaces an earlier one, an earlier one a later, and none silences it', async () => {
  const story: number[] = [];
  const timer = new WakeTimer({ itemsRead: () => 0, wake: () => story.push(performance.now()) });
  const began = performance.now();
  timer.at(began + 5);
  timer.at(began + 60);
  await after(30);
  expect(story).toEqual([]);
  timer.at(began + 31);
  await after(15);
  expect(story.length).toBe(1);
  timer.at(performance.now() + 1);
  timer.at(undefined);
  await after(10);
  timer.at(performance.now() + 1);
  timer.close();
  timer.at(performance.now() + 1);
  await after(10);
  expect(story.length).toBe(1);
});
