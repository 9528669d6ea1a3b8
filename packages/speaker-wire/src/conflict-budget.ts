/** Conflicts told in a second, over all addresses. */
const MOST_PER_SECOND = 20;

/** Decides which conflicts are told. */
export interface ConflictBudget {
  /** @returns How many were left out since the last one that was told; `undefined`: this one is left out, too. */
  take(nowMs: number): number | undefined;
}

/**
 * A responder tells of each address once a second at most, but a host on the LAN that claims all of them, from ever new
 * MACs, would still decide how many log lines this thread writes and how many Events follow.
 */
export function createConflictBudget(): ConflictBudget {
  let sinceMs = Number.NEGATIVE_INFINITY;
  let told = 0;
  let leftOut = 0;
  return {
    take(nowMs) {
      if (nowMs - sinceMs >= 1_000) {
        sinceMs = nowMs;
        told = 0;
      }
      if (told === MOST_PER_SECOND) {
        leftOut += 1;
        return undefined;
      }
      told += 1;
      const before = leftOut;
      leftOut = 0;
      return before;
    },
  };
}
