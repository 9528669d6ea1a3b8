import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createWorkQueue, type WorkQueueOptions } from './work-queue.ts';

/** Timers that a test turns by hand. */
function handTimers() {
  let now = 0;
  const pending = new Map<number, { atMs: number; callback: () => void }>();
  let serial = 0;
  return {
    set(callback: () => void, delayMs: number): number {
      pending.set(++serial, { atMs: now + delayMs, callback });
      return serial;
    },
    clear: (timer: unknown) => void pending.delete(Number(timer)),
    advance(ms: number): void {
      now += ms;
      for (const [id, { atMs, callback }] of [...pending]) {
        if (atMs > now) continue;
        pending.delete(id);
        callback();
      }
    },
    get size() {
      return pending.size;
    },
  };
}

function openQueue(options: Partial<WorkQueueOptions> = {}) {
  const timers = handTimers();
  const log: string[] = [];
  const running = new Map<string, { done: () => void; fail: (error: unknown) => void }>();
  const queue = createWorkQueue({
    process: (key) => {
      log.push(key);
      return new Promise((done, fail) => running.set(key, { done, fail }));
    },
    timers,
    ...options,
  });
  const settle = async (key: string, error?: unknown): Promise<void> => {
    const work = running.get(key);
    if (error === undefined) work?.done();
    else work?.fail(error);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { queue, timers, log, settle };
}

test('with the worker free, work begins in the turn of the call', () => {
  const { queue, log } = openQueue();
  queue.add('a');
  expect(log).toEqual(['a']);
});

test('a key waits once, however often it is added, and in its place', async () => {
  const { queue, log, settle } = openQueue();
  for (const key of ['a', 'b', 'c', 'b', 'c']) queue.add(key);
  expect(queue.size).toBe(3);
  for (const key of ['a', 'b', 'c']) await settle(key);
  expect(log).toEqual(['a', 'b', 'c']);
  expect(queue.size).toBe(0);
});

test('a key added while it is worked on is worked on again, once, and not at the same time', async () => {
  const { queue, log, settle } = openQueue({ workers: 2 });
  queue.add('a');
  queue.add('a');
  queue.add('a');
  expect(log).toEqual(['a']);
  await settle('a');
  expect(log).toEqual(['a', 'a']);
  await settle('a');
  expect(queue.size).toBe(0);
});

test('work that adds keys does not recurse', () => {
  const log: string[] = [];
  let depth = 0;
  const queue = createWorkQueue({
    process: (key) => {
      expect(++depth).toBe(1);
      log.push(key);
      if (key.length < 4) queue.add(`${key}x`);
      depth--;
    },
  });
  queue.add('x');
  expect(log).toEqual(['x', 'xx', 'xxx', 'xxxx']);
});

describe('what fails', () => {
  test('is tried again after 5 ms, 10 ms, … up to the longest, and afresh after a success', () => {
    const retries: number[] = [];
    const failing = new Set(['a']);
    const { queue, timers } = openQueue({
      process: (key) => {
        if (failing.has(key)) throw new Error('no');
      },
      onFailure: (_key, _error, retryInMs) => retries.push(retryInMs),
      maxBackOffMs: 30,
    });
    queue.add('a');
    for (let i = 0; i < 4; i++) timers.advance(1000);
    failing.clear();
    timers.advance(1000);
    expect(queue.size).toBe(0);
    failing.add('a');
    queue.add('a');
    expect(retries).toEqual([5, 10, 20, 30, 30, 5]);
  });

  test('waits although it was changed meanwhile', async () => {
    const { queue, log, settle, timers } = openQueue();
    queue.add('a');
    queue.add('a');
    await settle('a', new Error('no'));
    expect(log).toEqual(['a']);
    timers.advance(5);
    expect(log).toEqual(['a', 'a']);
  });

  test('is tried at once when it is added from outside, and the timer is dropped', async () => {
    const { queue, log, settle, timers } = openQueue();
    queue.add('a');
    await settle('a', new Error('no'));
    queue.add('a');
    expect(log).toEqual(['a', 'a']);
    expect(timers.size).toBe(0);
  });

  test('is not tried again once it is forgotten', async () => {
    const { queue, log, settle, timers } = openQueue();
    queue.add('a');
    await settle('a', undefined);
    queue.addAfter('a', 10);
    queue.forget('a');
    timers.advance(10);
    expect(log).toEqual(['a']);
    expect(queue.size).toBe(0);
  });
});

test('stop begins nothing more and waits for what was begun', async () => {
  const { queue, log, settle, timers } = openQueue();
  queue.add('a');
  queue.add('b');
  queue.addAfter('c', 1);
  let stopped = false;
  const stopping = queue.stop().then(() => {
    stopped = true;
  });
  queue.add('d');
  timers.advance(1);
  await Promise.resolve();
  expect(stopped).toBe(false);
  await settle('a', new Error('no'));
  await stopping;
  expect([log, timers.size]).toEqual([['a'], 0]);
});

test('whatever happens, the last change of each key is worked on after it was made', () => {
  type Step =
    | { readonly add: string }
    | { readonly settle: number; readonly fails: boolean }
    | { readonly advance: number };
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({ add: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ settle: fc.nat(2), fails: fc.boolean() }),
    fc.record({ advance: fc.nat(50) }),
  );
  return fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), async (steps, workers) => {
      const timers = handTimers();
      const revision = new Map<string, number>();
      const seen = new Map<string, number>();
      const open: { key: string; revision: number; done: () => void; fail: (error: Error) => void }[] = [];
      const queue = createWorkQueue({
        workers,
        timers,
        process: (key) => {
          expect(open.map((work) => work.key)).not.toContain(key);
          expect(open.length).toBeLessThan(workers);
          return new Promise((done, fail) => open.push({ key, revision: revision.get(key) ?? 0, done, fail }));
        },
      });
      const settle = async (index: number, fails: boolean): Promise<void> => {
        const [work] = open.splice(index % Math.max(1, open.length), 1);
        if (work === undefined) return;
        if (fails) work.fail(new Error('no'));
        else {
          seen.set(work.key, work.revision);
          work.done();
        }
        await Promise.resolve();
        await Promise.resolve();
      };
      for (const step of steps) {
        if ('add' in step) {
          revision.set(step.add, (revision.get(step.add) ?? 0) + 1);
          queue.add(step.add);
        } else if ('advance' in step) timers.advance(step.advance);
        else await settle(step.settle, step.fails);
      }
      for (let i = 0; queue.size > 0 && i < 100; i++) {
        timers.advance(1e9);
        await settle(0, false);
      }
      expect(seen).toEqual(revision);
    }),
  );
});
