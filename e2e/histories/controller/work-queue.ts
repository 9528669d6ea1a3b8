import type { SimulatedProcess } from '../world/simulated-process.ts';

/** Tells that a try has ended, and whether it has to be repeated. */
export type Ended = (outcome: 'done' | 'failed') => void;

const MIN_BACK_OFF_MS = 5;
const MAX_BACK_OFF_MS = 60_000;

/** `createWorkQueue` of k8s-adapter without promises: a key waits once, and is never worked on twice at a time. */
export interface SimulatedWorkQueue {
  add(key: string): void;
  addAfter(key: string, delayMs: number): void;
  forget(key: string): void;
  /** Nothing new is begun; calls when what was begun has ended. */
  stop(onIdle: () => void): void;
}

export function createWorkQueue(
  process: SimulatedProcess,
  work: (key: string, ended: Ended) => void,
): SimulatedWorkQueue {
  const working = new Set<string>();
  const changedMeanwhile = new Set<string>();
  const failures = new Map<string, number>();
  const delayed = new Map<string, () => void>();
  let stopped = false;
  let onIdle: () => void = () => undefined;

  function cancelDelay(key: string): void {
    delayed.get(key)?.();
    delayed.delete(key);
  }

  function add(key: string): void {
    if (stopped) return;
    cancelDelay(key);
    if (working.has(key)) {
      changedMeanwhile.add(key);
      return;
    }
    working.add(key);
    work(key, (outcome) => ended(key, outcome));
  }

  function addAfter(key: string, delayMs: number): void {
    if (stopped) return;
    cancelDelay(key);
    const cancel = process.after(delayMs, () => {
      delayed.delete(key);
      add(key);
    });
    delayed.set(key, cancel);
  }

  function ended(key: string, outcome: 'done' | 'failed'): void {
    working.delete(key);
    const changed = changedMeanwhile.delete(key);
    if (outcome === 'done') {
      failures.delete(key);
      if (changed) add(key);
    } else {
      const tries = failures.get(key) ?? 0;
      failures.set(key, tries + 1);
      addAfter(key, Math.min(MAX_BACK_OFF_MS, MIN_BACK_OFF_MS * 2 ** Math.min(tries, 40)));
    }
    if (stopped && working.size === 0) onIdle();
  }

  return {
    add,
    addAfter,
    forget(key) {
      failures.delete(key);
      cancelDelay(key);
    },
    stop(idle) {
      stopped = true;
      for (const key of [...delayed.keys()]) cancelDelay(key);
      if (working.size === 0) idle();
      else onIdle = idle;
    },
  };
}
