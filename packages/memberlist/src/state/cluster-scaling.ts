/** Up to so many members the interval between two push/pulls is what the configuration says. */
const PUSH_PULL_SCALE_THRESHOLD = 32;

/**
 * How often one message is sent, to whomever.
 *
 * @param members - All that are known: itself and the dead among them.
 * @see hashicorp/memberlist `util.go`, `retransmitLimit`
 */
export function retransmitLimit(retransmitMult: number, members: number): number {
  return retransmitMult * Math.ceil(Math.log10(members + 1));
}

/**
 * The least time that a member is suspected before it is declared dead.
 *
 * @see hashicorp/memberlist `util.go`, `suspicionTimeout`
 */
export function suspicionTimeoutMs(suspicionMult: number, members: number, probeIntervalMs: number): number {
  const scale = Math.max(1, Math.log10(Math.max(1, members)));
  return (suspicionMult * Math.floor(scale * 1000) * probeIntervalMs) / 1000;
}

/**
 * The time between two push/pulls: longer where there are many members.
 *
 * @see hashicorp/memberlist `util.go`, `pushPullScale`
 */
export function pushPullIntervalMs(baseIntervalMs: number, members: number): number {
  if (members <= PUSH_PULL_SCALE_THRESHOLD) return baseIntervalMs;
  return (Math.ceil(Math.log2(members) - Math.log2(PUSH_PULL_SCALE_THRESHOLD)) + 1) * baseIntervalMs;
}
