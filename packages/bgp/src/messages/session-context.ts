import type { AddressFamily } from './address-family.ts';

/**
 * What both sides of a session have agreed on, which octets alone do not tell.
 *
 * Before both OPENs were read it is `OPENING_SESSION`.
 */
export interface SessionContext {
  /** AS numbers in AS_PATH and AGGREGATOR have four octets: RFC 6793. */
  readonly fourOctetAsn: boolean;
  /** Messages may have 65,535 octets instead of 4,096: RFC 8654. OPEN and KEEPALIVE may not. */
  readonly extendedMessage: boolean;
  /** The families of which prefixes come with a path identifier: RFC 7911. */
  readonly addPathReceive: readonly AddressFamily[];
  /** The families of which the peer takes IPv6 next hops for IPv4 prefixes: RFC 8950. */
  readonly extendedNextHop: boolean;
  /** The peer has our AS number: LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST mean something. */
  readonly internal: boolean;
  /** The families that both sides have. What comes of others is ignored. */
  readonly families: readonly AddressFamily[];
}

/** Nothing is agreed on yet: RFC 4271 alone. */
export const OPENING_SESSION: SessionContext = {
  fourOctetAsn: false,
  extendedMessage: false,
  addPathReceive: [],
  extendedNextHop: false,
  internal: false,
  families: ['ipv4-unicast'],
};
