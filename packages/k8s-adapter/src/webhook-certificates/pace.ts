/** Lets the first of many repetitions pass at once, and the others at growing distances. */
export interface Pace {
  /** How long to wait before doing it once more. */
  nextMs(): number;
}

/**
 * For what is put right whenever it is wrong: once is a correction, ten times is a quarrel with somebody.
 *
 * @param quietMs - Without a repetition for so long, the next is the first.
 */
export function createPace(
  options: { readonly minMs: number; readonly maxMs: number; readonly quietMs: number },
  nowMs: () => number = () => performance.now(),
): Pace {
  let repetitions = 0;
  let dueAtMs = Number.NEGATIVE_INFINITY;
  return {
    nextMs() {
      const now = nowMs();
      if (now - dueAtMs > options.quietMs) repetitions = 0;
      const waitMs =
        repetitions === 0 ? 0 : Math.min(options.maxMs, options.minMs * 2 ** Math.min(repetitions - 1, 30));
      repetitions++;
      dueAtMs = now + waitMs;
      return waitMs;
    },
  };
}
