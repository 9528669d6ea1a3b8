/** When the next write of a session is due. */
export interface SessionPace {
  /** 0: now. */
  waitMs(peer: string, difference: 'minor' | 'news', nowMs: number): number;
  written(peer: string, difference: 'minor' | 'news', nowMs: number): void;
  forget(peer: string): void;
}

interface Written {
  readonly atMs: number;
  /** In a row, writes that told of nothing but further attempts or other counts. */
  readonly attempts: number;
}

/** A peer that cannot be reached is tried every few seconds, for days perhaps, by every node. */
const MIN_ATTEMPT_MS = 30_000;
const MAX_ATTEMPT_MS = 600_000;

/** @param minIntervalMs - Between two writes of one session, whatever happens to it. */
export function createSessionPace(minIntervalMs: number): SessionPace {
  const last = new Map<string, Written>();
  return {
    waitMs(peer, difference, nowMs) {
      const known = last.get(peer);
      if (known === undefined) return 0;
      const attemptMs = Math.min(MAX_ATTEMPT_MS, MIN_ATTEMPT_MS * 2 ** Math.min(known.attempts, 10));
      const intervalMs = difference === 'news' ? minIntervalMs : Math.max(minIntervalMs, attemptMs);
      return Math.max(0, known.atMs + intervalMs - nowMs);
    },
    written(peer, difference, nowMs) {
      const attempts = difference === 'news' ? 0 : (last.get(peer)?.attempts ?? 0) + 1;
      last.set(peer, { atMs: nowMs, attempts });
    },
    forget: (peer) => void last.delete(peer),
  };
}
