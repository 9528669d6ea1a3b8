import { createIndexedHeap, type HeapItem } from '../../src/state/timing/indexed-heap.ts';

interface Task extends HeapItem {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that jumps from one task to the next. */
export interface Clock {
  readonly nowMs: () => number;
  /** @returns What cancels it. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Runs all that is due until then. */
  readonly runUntil: (atMs: number) => void;
}

export function createClock(): Clock {
  let nowMs = 0;
  let order = 0;
  const tasks = createIndexedHeap<Task>(
    (one, other) => one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order),
  );
  return {
    nowMs: () => nowMs,
    after: (delayMs, run) => {
      order += 1;
      const task: Task = { atMs: nowMs + Math.max(0, delayMs), order, run, heapIndex: -1 };
      tasks.add(task);
      return () => tasks.remove(task);
    },
    runUntil: (atMs) => {
      for (let task = tasks.first(); task !== undefined && task.atMs <= atMs; task = tasks.first()) {
        tasks.remove(task);
        nowMs = task.atMs;
        task.run();
      }
      nowMs = atMs;
    },
  };
}
