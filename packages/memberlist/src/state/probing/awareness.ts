/**
 * How well this member itself does, in Lifeguard's words its local health: 0 is well.
 *
 * @see hashicorp/memberlist `awareness.go`
 */
export function changedHealth(score: number, delta: number, awarenessMaxMultiplier: number): number {
  return Math.max(0, Math.min(score + delta, awarenessMaxMultiplier - 1));
}

/** A member that does badly gives others more time. */
export function scaledByHealth(durationMs: number, score: number): number {
  return durationMs * (score + 1);
}
