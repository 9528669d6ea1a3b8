/** What a door needs of a clock: `Date.now`, `setTimeout` and `clearTimeout` fit. */
export interface Clock {
  now(): number;
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Timers that have not fired. */
  readonly pending: number;
  /** When the next timer fires, on the scale of `now()`; `undefined` if none will. */
  readonly nextAtMs: number | undefined;
  /**
   * Moves on, and fires what falls due on the way, each at its own time, in
   * order; timers that those set fire too if they fall due.
   */
  advance(ms: number): void;
  /** As {@link FakeClock.advance}, and lets promises settle after each timer. */
  advanceAsync(ms: number): Promise<void>;
}

interface Timer {
  readonly atMs: number;
  /** Timers for the same time fire in the order in which they were set. */
  readonly order: number;
  readonly callback: () => void;
}

/** @param startMs - What `now()` says at first. Default: the first second of 2026, a date that looks like one in a log. */
export function createFakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  const timers = new Map<number, Timer>();
  let nowMs = startMs;
  let order = 0;

  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers.values()) {
      if (first === undefined || timer.atMs < first.atMs || (timer.atMs === first.atMs && timer.order < first.order)) {
        first = timer;
      }
    }
    return first;
  };
  /** Fires the next timer that is due by then; false if there is none. */
  const fire = (untilMs: number): boolean => {
    const timer = next();
    if (timer === undefined || timer.atMs > untilMs) return false;
    timers.delete(timer.order);
    nowMs = Math.max(nowMs, timer.atMs);
    timer.callback();
    return true;
  };
  const target = (ms: number): number => {
    if (!(ms >= 0)) throw new RangeError(`a clock goes forward, got ${ms} ms`);
    return nowMs + ms;
  };
  return {
    now: () => nowMs,
    setTimeout(callback, delayMs) {
      order += 1;
      timers.set(order, { atMs: nowMs + Math.max(0, delayMs), order, callback });
      return order;
    },
    clearTimeout(timer) {
      if (typeof timer === 'number') timers.delete(timer);
    },
    get pending() {
      return timers.size;
    },
    get nextAtMs() {
      return next()?.atMs;
    },
    advance(ms) {
      const untilMs = target(ms);
      while (fire(untilMs));
      nowMs = untilMs;
    },
    async advanceAsync(ms) {
      const untilMs = target(ms);
      do await settled();
      while (fire(untilMs));
      nowMs = untilMs;
    },
  };
}

/** A turn of the real event loop: every promise that can settle has. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
