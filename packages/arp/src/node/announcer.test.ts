import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DEFAULT_ANNOUNCEMENT_CONFIG } from '../announcement/schedule.ts';
import { Announcer } from './announcer.ts';
import type { SendOutcome } from './arp-socket.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A wire that takes everything until the announcer is closed, as a socket does. */
function announcing(announced: (address: number) => void) {
  const wire: { open: boolean; frames: number } = { open: true, frames: 0 };
  const announcer = new Announcer({
    config: DEFAULT_ANNOUNCEMENT_CONFIG,
    mac: () => Uint8Array.of(2, 0, 0, 0, 0, 1),
    owns: () => true,
    send: (): SendOutcome => {
      wire.frames += 1;
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
  expect([announced, wire.frames]).toEqual([closeAt, 2 * closeAt]);
  expect(vi.getTimerCount()).toBe(0);
});
