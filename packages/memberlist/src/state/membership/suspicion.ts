/**
 * How long one member is suspected already, and how many say so. Others who confirm it shorten the time that is left.
 *
 * @see hashicorp/memberlist `suspicion.go`
 */
export interface Suspicion {
  readonly minMs: number;
  readonly maxMs: number;
  /** As many confirmations bring the time down to `minMs`. */
  readonly expectedConfirmations: number;
  /** Later where this process did not run in between. */
  startMs: number;
  /** Who accused: the first, and whoever confirmed. Never more than `expectedConfirmations` + 1. */
  readonly accusers: string[];
}

/** Everything but the time: sizes come from the cluster and the configuration. */
export interface SuspicionTerms {
  readonly minMs: number;
  readonly maxMs: number;
  readonly expectedConfirmations: number;
}

export function startSuspicion(accuser: string, terms: SuspicionTerms, nowMs: number): Suspicion {
  return { ...terms, startMs: nowMs, accusers: [accuser] };
}

/** How many confirmed it. */
export function confirmations(suspicion: Suspicion): number {
  return suspicion.accusers.length - 1;
}

/**
 * Takes the word of one more accuser.
 *
 * @returns Whether that was new: the first accuser, whoever confirmed already, and whoever comes when there are enough
 *   add nothing.
 */
export function confirmSuspicion(suspicion: Suspicion, accuser: string): boolean {
  if (confirmations(suspicion) >= suspicion.expectedConfirmations) return false;
  if (suspicion.accusers.includes(accuser)) return false;
  suspicion.accusers.push(accuser);
  return true;
}

/** When it ends, if nothing else is heard. */
export function suspicionEndsAtMs(suspicion: Suspicion): number {
  return suspicion.startMs + suspicionDurationMs(confirmations(suspicion), suspicion);
}

/**
 * How long a suspicion lasts: logarithmically less with each confirmation.
 *
 * @see hashicorp/memberlist `suspicion.go`, `remainingSuspicionTime`
 */
export function suspicionDurationMs(confirmed: number, terms: SuspicionTerms): number {
  if (terms.expectedConfirmations < 1) return terms.minMs;
  const fraction = Math.log(confirmed + 1) / Math.log(terms.expectedConfirmations + 1);
  const minSeconds = terms.minMs / 1000;
  const maxSeconds = terms.maxMs / 1000;
  const durationMs = Math.floor(1000 * (maxSeconds - fraction * (maxSeconds - minSeconds)));
  return Math.max(durationMs, terms.minMs);
}
