import { expect, test } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

test('timers fire in the order of their times, each at its own time', () => {
  const clock = createFakeClock(1_000);
  const fired: [string, number][] = [];
  clock.setTimeout(() => fired.push(['late', clock.now()]), 20);
  clock.setTimeout(() => fired.push(['early', clock.now()]), 10);
  clock.setTimeout(() => fired.push(['early too', clock.now()]), 10);
  clock.advance(19);
  expect(fired).toEqual([
    ['early', 1_010],
    ['early too', 1_010],
  ]);
  expect([clock.now(), clock.pending, clock.nextAtMs]).toEqual([1_019, 1, 1_020]);
});

test('a timer that a timer sets fires if it falls due on the way', () => {
  const clock = createFakeClock(0);
  let beats = 0;
  const beat = (): void => {
    beats += 1;
    clock.setTimeout(beat, 10);
  };
  clock.setTimeout(beat, 10);
  clock.advance(35);
  expect(beats).toBe(3);
});

test('a cleared timer never fires', () => {
  const clock = createFakeClock();
  const timer = clock.setTimeout(() => expect.unreachable(), 1);
  clock.clearTimeout(timer);
  clock.advance(10);
  expect(clock.pending).toBe(0);
});

test('promises settle between the timers of an asynchronous advance', async () => {
  const clock = createFakeClock(0);
  const seen: string[] = [];
  clock.setTimeout(() => {
    void Promise.resolve()
      .then(() => seen.push('promise'))
      .then(() => clock.setTimeout(() => seen.push('timer of the promise'), 5));
  }, 10);
  await clock.advanceAsync(15);
  expect(seen).toEqual(['promise', 'timer of the promise']);
});

test('a clock does not go back', () => {
  expect(() => createFakeClock().advance(-1)).toThrow(RangeError);
});
