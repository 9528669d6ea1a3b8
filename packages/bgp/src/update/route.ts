import type { AddressFamily } from '../messages/address-family.ts';

/** RFC 8092. Each part is 0 to 4,294,967,295. */
export interface LargeCommunity {
  readonly globalAdministrator: number;
  readonly localData1: number;
  readonly localData2: number;
}

/** What goes with a prefix. Two routes with the same attributes object are packed together without a look inside. */
export interface RouteAttributes {
  /** Default `igp`. */
  readonly origin?: 'igp' | 'egp' | 'incomplete' | undefined;
  /** Put behind the own AS number, nearest first; for a router that is announced on behalf of. Default none. */
  readonly asPath?: readonly number[] | undefined;
  /** Default: the session's own address. Of another family than the prefix only with RFC 8950. */
  readonly nextHop?: string | undefined;
  /** MULTI_EXIT_DISC: left out where it is not given. */
  readonly med?: number | undefined;
  /** Sent to internal peers only; 100 where it is not given: RFC 4271, section 5.1.5. */
  readonly localPref?: number | undefined;
  /** RFC 1997, each as one unsigned 32-bit number: `(64512 << 16 | 100) >>> 0`. Each once, in any order. */
  readonly communities?: readonly number[] | undefined;
  readonly largeCommunities?: readonly LargeCommunity[] | undefined;
  /** RFC 4360: eight octets each. */
  readonly extendedCommunities?: readonly Uint8Array[] | undefined;
  readonly atomicAggregate?: boolean | undefined;
  readonly aggregator?: { readonly asn: number; readonly address: string } | undefined;
}

/** A prefix with its attributes. */
export interface Route {
  /** `192.0.2.1/32` or `2001:db8::1/128`: canonical, without host bits. */
  readonly prefix: string;
  readonly attributes?: RouteAttributes | undefined;
}

/** What a session makes of a route's attributes before they are octets. */
export interface AdvertisementContext {
  /** The AS number that the peer sees: at the head of AS_PATH towards external peers. */
  readonly localAsn: number;
  readonly internal: boolean;
  readonly fourOctetAsn: boolean;
  readonly extendedMessage: boolean;
  readonly families: readonly AddressFamily[];
  /** The session's own IPv4 address, for NEXT_HOP; undefined where it has none: then IPv4 needs RFC 8950. */
  readonly nextHopIpv4: string | undefined;
  /** The global IPv6 address of the session's interface, for MP_REACH_NLRI. */
  readonly nextHopIpv6: string | undefined;
  /** Given where the peer is on the same link (RFC 2545, section 3), and alone on an unnumbered session. */
  readonly nextHopLinkLocal: string | undefined;
  /** IPv4 prefixes go with an IPv6 next hop: RFC 8950. */
  readonly extendedNextHop: boolean;
}
