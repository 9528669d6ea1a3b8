/** Time that passes only while something is due, and chance that a seed decides. */
export interface VirtualTime {
  readonly nowMs: number;
  /** From 0 to 1. */
  random(): number;
  between(min: number, max: number): number;
  at(atMs: number, run: () => void): void;
  /** Lets everything happen that is due until then. */
  advanceTo(untilMs: number): void;
}

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** More in one history is a storm: somebody answers himself. */
const MAX_STEPS = 400_000;

function isBefore(a: Due, b: Due): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** What is due, the earliest first, of the same moment in the order in which it was asked for. */
function createSchedule(): { push(due: Due): void; peek(): Due | undefined; pop(): void } {
  const heap: Due[] = [];
  return {
    peek: () => heap[0],
    push(due) {
      let index = heap.length;
      while (index > 0) {
        const parent = (index - 1) >> 1;
        const above = heap[parent];
        if (above === undefined || isBefore(above, due)) break;
        heap[index] = above;
        index = parent;
      }
      heap[index] = due;
    },
    pop() {
      const last = heap.pop();
      if (last === undefined || heap.length === 0) return;
      let index = 0;
      for (;;) {
        const [left, right] = [heap[2 * index + 1], heap[2 * index + 2]];
        if (left === undefined) break;
        const goesRight = right !== undefined && isBefore(right, left);
        const child = goesRight ? right : left;
        if (isBefore(last, child)) break;
        heap[index] = child;
        index = 2 * index + (goesRight ? 2 : 1);
      }
      heap[index] = last;
    },
  };
}

/** Mulberry32: all that a history leaves to chance comes from its seed. */
function createChance(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Begins a history at 0. */
export function createVirtualTime(seed: number): VirtualTime {
  const random = createChance(seed);
  const schedule = createSchedule();
  let nowMs = 0;
  let order = 0;
  let steps = 0;
  return {
    get nowMs() {
      return nowMs;
    },
    random,
    between: (min, max) => min + random() * (max - min),
    at: (atMs, run) => schedule.push({ atMs: Math.max(atMs, nowMs), order: order++, run }),
    advanceTo(untilMs) {
      for (let due = schedule.peek(); due !== undefined && due.atMs <= untilMs; due = schedule.peek()) {
        schedule.pop();
        nowMs = due.atMs;
        if (++steps > MAX_STEPS) throw new Error('the cluster does not come to rest');
        due.run();
      }
      nowMs = untilMs;
    },
  };
}
