/** Statuses that somebody else writes too: whenever we put one right, it is changed again. */
export interface ContestedStatuses {
  /** How long to wait before the same is written to a Service once more; 0 where nobody is seen to undo it. */
  waitMs(key: string, ingress: readonly string[], nowMs: number): number;
  /** @returns Whether this was the first that had to wait: somebody undoes what we write, and not by hand. */
  written(key: string, ingress: readonly string[], nowMs: number): boolean;
  forget(key: string): void;
}

interface Written {
  readonly ingress: string;
  /** How often the same was written again, one soon after the other. */
  readonly repetitions: number;
  readonly atMs: number;
}

/** A status that was edited by hand is put right at once, also when that was done again. */
const FREE_REPETITIONS = 2;
const MIN_WAIT_MS = 200;
const MAX_WAIT_MS = 10_000;
/** After so long it is a new quarrel. */
const QUIET_MS = 60_000;

/**
 * Two controllers that serve the same Services each take the other's status for a mistake: without a pause that is as many
 * writes as the API server can take, and as many wake-ups of every speaker.
 */
export function createContestedStatuses(): ContestedStatuses {
  const last = new Map<string, Written>();

  function repetitionsOf(key: string, ingress: readonly string[], nowMs: number): Written | undefined {
    const known = last.get(key);
    return known?.ingress === ingress.join() && nowMs - known.atMs <= QUIET_MS ? known : undefined;
  }

  return {
    waitMs(key, ingress, nowMs) {
      const known = repetitionsOf(key, ingress, nowMs);
      if (known === undefined || known.repetitions < FREE_REPETITIONS) return 0;
      const pauseMs = Math.min(MAX_WAIT_MS, MIN_WAIT_MS * 2 ** (known.repetitions - FREE_REPETITIONS));
      return Math.max(0, known.atMs + pauseMs - nowMs);
    },
    written(key, ingress, nowMs) {
      const known = repetitionsOf(key, ingress, nowMs);
      const repetitions = known === undefined ? 0 : known.repetitions + 1;
      last.set(key, { ingress: ingress.join(), repetitions, atMs: nowMs });
      return repetitions === FREE_REPETITIONS + 1;
    },
    forget(key) {
      last.delete(key);
    },
  };
}
