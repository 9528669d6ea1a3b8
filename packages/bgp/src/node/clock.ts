/** What a speaker needs of time. */
export interface Clock {
  /** Milliseconds, never backwards. */
  nowMs(): number;
  /** Calls once, not before `delayMs` or a little earlier. @returns What calls it off. */
  callIn(delayMs: number, callback: () => void): () => void;
  /** Calls in the next turn of the event loop, after sockets were read. */
  callSoon(callback: () => void): void;
}

/** Of setTimeout, which takes what is longer for 1 ms. */
const MAX_TIMER_MS = 0x7fff_ffff;

/** The clock of this process. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  callIn(delayMs, callback) {
    const timer = setTimeout(callback, Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(delayMs))));
    return () => clearTimeout(timer);
  },
  callSoon: (callback) => void setImmediate(callback),
};
