import { throwUncaught } from '../uncaught.ts';

/** The timers that a queue needs; the process's by default. */
export interface WorkQueueTimers {
  set(callback: () => void, delayMs: number): unknown;
  clear(timer: unknown): void;
}

export interface WorkQueueOptions {
  /** Does the work for one key: it looks at how things are now, whatever was added. To throw or reject asks for another try. */
  readonly process: (key: string) => void | Promise<void>;
  /** A try failed; the next comes after the delay. */
  readonly onFailure?: (key: string, error: unknown, retryInMs: number) => void;
  /** Keys worked on at a time; the same key never twice at a time. */
  readonly workers?: number;
  readonly minBackOffMs?: number;
  readonly maxBackOffMs?: number;
  readonly timers?: WorkQueueTimers;
}

/** Work by key, as client-go's workqueue: a key waits once however often it is added, and again if it is added while worked on. */
export interface WorkQueue {
  /** With a worker free the work begins in this turn. */
  add(key: string): void;
  addAfter(key: string, delayMs: number): void;
  /** The object is gone: no more tries for what failed. */
  forget(key: string): void;
  /** Waiting, being worked on, and waiting for another try. */
  readonly size: number;
  /** Nothing new is begun; resolves when what was begun has ended. */
  stop(): Promise<void>;
}

// controller-runtime's DefaultTypedControllerRateLimiter: 5 ms doubling to 1000 s per item. A shorter end than that: an API
// server that was away for an hour should not leave Services waiting for another quarter of one.
const DEFAULT_MIN_BACK_OFF_MS = 5;
const DEFAULT_MAX_BACK_OFF_MS = 60_000;

const PROCESS_TIMERS: WorkQueueTimers = {
  set: (callback, delayMs) => setTimeout(callback, delayMs),
  clear: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const timers = options.timers ?? PROCESS_TIMERS;
  const workers = options.workers ?? 1;
  const minBackOffMs = options.minBackOffMs ?? DEFAULT_MIN_BACK_OFF_MS;
  const maxBackOffMs = options.maxBackOffMs ?? DEFAULT_MAX_BACK_OFF_MS;
  const waiting = new Set<string>(); // in order of arrival
  const working = new Set<string>();
  const changedMeanwhile = new Set<string>();
  const failures = new Map<string, number>();
  const delayed = new Map<string, unknown>();
  let draining = false;
  let stopped = false;
  let onIdle: (() => void) | undefined;

  function enqueue(key: string): void {
    if (stopped) return;
    cancelDelay(key);
    if (working.has(key)) changedMeanwhile.add(key);
    else waiting.add(key);
  }

  function cancelDelay(key: string): void {
    if (!delayed.has(key)) return;
    timers.clear(delayed.get(key));
    delayed.delete(key);
  }

  function addAfter(key: string, delayMs: number): void {
    if (stopped) return;
    cancelDelay(key);
    delayed.set(
      key,
      timers.set(() => {
        delayed.delete(key);
        add(key);
      }, delayMs),
    );
  }

  function ended(key: string, failure?: { readonly error: unknown }): void {
    working.delete(key);
    const changed = changedMeanwhile.delete(key);
    if (failure === undefined) {
      failures.delete(key);
      if (changed) waiting.add(key);
    } else if (!stopped) {
      const tries = failures.get(key) ?? 0;
      failures.set(key, tries + 1);
      const retryInMs = Math.min(maxBackOffMs, minBackOffMs * 2 ** Math.min(tries, 40));
      // Also what changed meanwhile waits: a key that always fails must not be tried in a circle by its own writes.
      addAfter(key, retryInMs);
      try {
        options.onFailure?.(key, failure.error, retryInMs);
      } catch (thrown) {
        throwUncaught(thrown);
      }
    }
    if (working.size === 0) onIdle?.();
  }

  function work(key: string): void {
    working.add(key);
    let running: void | Promise<void>;
    try {
      running = options.process(key);
    } catch (error) {
      ended(key, { error });
      return;
    }
    if (running === undefined) {
      ended(key);
      return;
    }
    running.then(
      () => {
        ended(key);
        drain();
      },
      (error: unknown) => {
        ended(key, { error });
        drain();
      },
    );
  }

  /** Begins what can be begun; a key added by the work itself is taken up by the loop already running. */
  function drain(): void {
    if (draining) return;
    draining = true;
    for (const key of waiting) {
      if (stopped || working.size >= workers) break;
      waiting.delete(key);
      work(key);
    }
    draining = false;
  }

  function add(key: string): void {
    enqueue(key);
    drain();
  }

  return {
    add,
    addAfter,
    forget(key) {
      failures.delete(key);
      cancelDelay(key);
    },
    get size() {
      return waiting.size + working.size + delayed.size;
    },
    async stop() {
      stopped = true;
      waiting.clear();
      for (const key of [...delayed.keys()]) cancelDelay(key);
      if (working.size > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve;
        });
      }
    },
  };
}
