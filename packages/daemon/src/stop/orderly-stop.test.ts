import { expect, test } from 'vitest';
import { createLogger } from '../log/logger.ts';
import { createOrderlyStop } from './orderly-stop.ts';

function openProcess(deadlineMs = 60_000) {
  const records: Record<string, unknown>[] = [];
  const exits: number[] = [];
  const listeners = new Map<string, (signal: 'SIGTERM' | 'SIGINT') => void>();
  const stop = createOrderlyStop({
    logger: createLogger({ level: 'info', write: (line) => records.push(JSON.parse(line)) }),
    deadlineMs,
    process: { on: (signal, listener) => listeners.set(signal, listener), exit: (code) => exits.push(code) },
  });
  return { stop, exits, records, signal: (name: 'SIGTERM' | 'SIGINT') => listeners.get(name)?.(name) };
}

test('a signal runs the steps, the last added first, and exits 0', async () => {
  const { stop, exits, signal } = openProcess();
  const order: string[] = [];
  stop.onStop('sockets', () => {
    order.push('sockets');
  });
  stop.onStop('watches', async () => {
    await Promise.resolve();
    order.push('watches');
  });
  expect(stop.stopping.aborted).toBe(false);
  signal('SIGTERM');
  expect(stop.stopping.aborted).toBe(true);
  await stop.stop('again');
  expect(order).toEqual(['watches', 'sockets']);
  expect(exits).toEqual([0]);
});

test('a step that fails is logged by name, the others run, and the exit code is 1', async () => {
  const { stop, exits, records } = openProcess();
  let closed = false;
  stop.onStop('sockets', () => {
    closed = true;
  });
  stop.onStop('watches', () => Promise.reject(new Error('no')));
  await stop.stop('test');
  expect(closed).toBe(true);
  expect(records).toContainEqual(expect.objectContaining({ level: 'error', step: 'watches', error: 'no' }));
  expect(exits).toEqual([1]);
});

test('a step that never ends is cut off at the deadline, by name', async () => {
  const { stop, exits, records } = openProcess(1);
  let told = false;
  stop.onStop('never', (deadline) => {
    deadline.addEventListener('abort', () => {
      told = true;
    });
    return new Promise(() => undefined);
  });
  await stop.stop('test');
  expect(told).toBe(true);
  expect(records).toContainEqual(expect.objectContaining({ level: 'error', step: 'never' }));
  expect(exits).toEqual([1]);
});

test('the second signal exits at once, with 128 and its number', () => {
  const { stop, exits, signal } = openProcess();
  stop.onStop('never', () => new Promise(() => undefined));
  signal('SIGTERM');
  signal('SIGINT');
  expect(exits).toEqual([130]);
});

test('a stop for a failure exits with its code', async () => {
  const { stop, exits } = openProcess();
  await stop.stop('the wire thread died', 3);
  expect(exits).toEqual([3]);
});
