/** MetalLB's manifests give the speaker two seconds; its chart gives none, which is a kill. Ours give ten. */
const DEFAULT_GRACE_PERIOD_SECONDS = 2;
/** What the system needs to end a process, and kubelet to notice. */
const RESERVE_MS = 200;
const LEAST_MS = 300;
/** What Events that wait may take. */
const LAST_WORDS_MS = 1_000;

/** How long a stop may take, and what in it. */
export interface StopDeadlines {
  readonly totalMs: number;
  /** How long addresses are answered for that nobody else has announced yet. */
  readonly handoverMs: number;
  readonly lastWordsMs: number;
}

/** Divides the grace period of the Pod; what is not known is what MetalLB's manifests say. */
export function stopDeadlines(gracePeriodSeconds: number = DEFAULT_GRACE_PERIOD_SECONDS): StopDeadlines {
  const totalMs = Math.max(LEAST_MS, gracePeriodSeconds * 1_000 - RESERVE_MS);
  const handoverMs = totalMs - LEAST_MS / 2;
  return { totalMs, handoverMs, lastWordsMs: Math.min(LAST_WORDS_MS, handoverMs) };
}
