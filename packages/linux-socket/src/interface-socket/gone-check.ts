import type { Timers } from './timers.ts';

/** A deleted interface says only that it is down, and one that is down says nothing when it is deleted: whether it is gone is asked after these, the last again and again. */
const GONE_CHECKS_MS: readonly number[] = [0, 10, 40, 160, 640, 2560];

/** Asks whether an interface that went down is gone for good. */
export interface GoneCheck {
  /** Asks from now on, often at first. */
  start(): void;
  /** The interface is up again. */
  end(): void;
}

/** @param onGone - Called once for each `start`, unless `end` comes before. */
export function createGoneCheck(timers: Timers, isGone: () => boolean, onGone: () => void): GoneCheck {
  let next: NodeJS.Timeout | undefined;

  function ask(attempt: number): void {
    next = timers.after(GONE_CHECKS_MS[attempt] ?? 0, () => {
      next = undefined;
      if (isGone()) onGone();
      else ask(Math.min(attempt + 1, GONE_CHECKS_MS.length - 1));
    });
  }

  function end(): void {
    if (next !== undefined) timers.cancel(next);
    next = undefined;
  }

  return {
    start() {
      end();
      ask(0);
    },
    end,
  };
}
