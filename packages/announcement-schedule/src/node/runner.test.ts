import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type AnnouncementConfig, DEFAULT_ANNOUNCEMENT_CONFIG } from '../schedule/schedule.ts';
import { createAnnouncementRunner } from './runner.ts';
import type { SendOutcome } from './send-outcome.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A wire that takes everything until the runner is closed, as a socket does. */
function announcing(announced: (address: number) => void, config: Partial<AnnouncementConfig> = {}) {
  const wire: { open: boolean; rounds: number } = { open: true, rounds: 0 };
  const announcer = createAnnouncementRunner<number>({
    config: { ...DEFAULT_ANNOUNCEMENT_CONFIG, ...config },
    owns: () => true,
    sendRound: (): SendOutcome => {
      wire.rounds += 1;
      return wire.open ? 'Sent' : 'Failed';
    },
    announced,
  });
  const close = (): void => {
    wire.open = false;
    announcer.close();
  };
  return { announcer, wire, close };
}

test.for<[what: string, closeAt: number]>([
  ['between two addresses', 1],
  ['after the last address', 3],
])('closed by its own callback %s, it sends nothing more and leaves no timer behind', ([, closeAt]) => {
  let announced = 0;
  const { announcer, wire, close } = announcing(() => {
    announced += 1;
    if (announced === closeAt) close();
  });
  for (const address of [1, 2, 3]) announcer.own(address);
  announcer.interfaceReady();
  expect([announced, wire.rounds]).toEqual([closeAt, closeAt]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a refresh further away than a timer reaches is no busy loop, and comes', () => {
  const dayMs = 86_400_000;
  let announced = 0;
  const { announcer } = announcing(
    () => {
      announced += 1;
    },
    { refreshIntervalMs: 30 * dayMs },
  );
  announcer.own(1);
  announcer.interfaceReady();
  vi.advanceTimersByTime(10_000);
  const timers = vi.spyOn(globalThis, 'setTimeout');
  vi.advanceTimersByTime(29 * dayMs);
  expect([announced, timers.mock.calls.length]).toEqual([5, 1]);
  vi.advanceTimersByTime(dayMs);
  expect(announced).toBe(6);
});

test.for<[config: Partial<AnnouncementConfig>]>([
  [{ rounds: 0 }],
  [{ rounds: 1.5 }],
  [{ roundIntervalMs: 0 }],
  [{ refreshIntervalMs: 0 }],
  [{ refreshIntervalMs: Number.NaN }],
  [{ maxRoundsPerSecond: 0 }],
  [{ maxRoundsPerSecond: Number.POSITIVE_INFINITY }],
  [{ maxBurstRounds: 0.5 }],
])('a schedule of %o makes no sense', ([config]) => {
  expect(() => announcing(() => {}, config)).toThrow(RangeError);
});
