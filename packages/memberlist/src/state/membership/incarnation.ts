/** The largest first incarnation: half of the circle, so that it is newer than a first life's 1. */
export const GREATEST_INITIAL_INCARNATION = 0x7fffffff;

/**
 * How much newer the one incarnation is than the other: positive, zero or negative.
 *
 * Incarnations have 32 bits and are counted up at each refutation. Here they are compared on a circle, as RFC 1982
 * compares serial numbers; hashicorp/memberlist compares them as plain numbers. Between two that a member may honestly
 * have, both say the same. They differ for an accusation with 2^32 − 1: nothing is greater, so that in Go's library the
 * accused wraps to 0, is believed by nobody, and stays dead until everybody has forgotten it. On a circle that
 * accusation is older than all honest ones, and what follows 2^32 − 1 is newer than it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc1982#section-3.2 | RFC 1982, section 3.2}
 */
export function incarnationDifference(one: number, other: number): number {
  return (one - other) | 0;
}

/** The one that follows. Never 0, which no member has: Go's library takes nobody in with it. */
export function nextIncarnation(incarnation: number): number {
  return incarnation >= 0xffffffff ? 1 : incarnation + 1;
}
