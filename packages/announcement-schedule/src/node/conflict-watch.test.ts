import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createConflictWatch } from './conflict-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const STRANGER = Uint8Array.of(0, 0, 2, 0, 0, 0, 0, 0x66, 0);

function watching(graceMs: number, defend = true) {
  const said: string[] = [];
  const watch = createConflictWatch<string, 'reply' | 'probe'>({
    graceMs,
    defend,
    report: (address, mac, claim) => said.push(`${address} ${claim} of ${Buffer.from(mac).toString('hex')}`),
    sendDefence: (address) => said.push(`defend ${address}`),
  });
  return { watch, said };
}

test('a claim is told and answered at once where nothing is handed over', () => {
  const { watch, said } = watching(0);
  for (let i = 0; i < 3; i++) watch.claimed('a', STRANGER, 2, 'reply');
  watch.claimed('b', STRANGER, 2, 'probe');
  expect(said).toEqual(['defend a', 'a reply of 020000000066', 'defend b', 'b probe of 020000000066']);
  expect(vi.getTimerCount()).toBe(0);
});

test('within the grace period it is held back, the first one of several', () => {
  const { watch, said } = watching(500, false);
  const octets = Uint8Array.from(STRANGER);
  watch.claimed('a', octets, 2, 'reply');
  octets.fill(0); // a frame's buffer is used again
  watch.claimed('a', octets, 2, 'probe');
  expect(said).toEqual([]);
  vi.advanceTimersByTime(500);
  expect(said).toEqual(['a reply of 020000000066']);
});

test('an address that is given up meanwhile has no conflict, and none of its claims is told after the end', () => {
  const { watch, said } = watching(500);
  watch.claimed('a', STRANGER, 2, 'reply');
  watch.claimed('b', STRANGER, 2, 'reply');
  watch.forget('a');
  watch.close();
  vi.advanceTimersByTime(10_000);
  expect(said).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
