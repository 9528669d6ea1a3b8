import type { LargeCommunity } from '../route.ts';
import type { UpdatePrefixes } from '../update-message.ts';
import type { AsPathSegment } from './as-path.ts';

/** AGGREGATOR and AS4_AGGREGATOR: RFC 4271, section 4.3; RFC 6793, section 3. */
export interface Aggregator {
  readonly asn: number;
  readonly address: string;
}

/** A path attribute, read. */
export type PathAttribute =
  /** 1, RFC 4271, section 5.1.1. */
  | { readonly type: 'origin'; readonly origin: 'igp' | 'egp' | 'incomplete' }
  /** 2, section 5.1.2: as it came, AS_TRANS in it. See `asPathOf`. */
  | { readonly type: 'as-path'; readonly segments: readonly AsPathSegment[] }
  /** 3, section 5.1.3. */
  | { readonly type: 'next-hop'; readonly address: string }
  /** 4, section 5.1.4. */
  | { readonly type: 'multi-exit-disc'; readonly med: number }
  /** 5, section 5.1.5. */
  | { readonly type: 'local-pref'; readonly localPref: number }
  /** 6, section 5.1.6. */
  | { readonly type: 'atomic-aggregate' }
  /** 7, section 5.1.7. See `aggregatorOf`. */
  | ({ readonly type: 'aggregator' } & Aggregator)
  /** 8, RFC 1997: unsigned 32-bit numbers. See `communityText`. */
  | { readonly type: 'communities'; readonly communities: readonly number[] }
  /** 9, RFC 4456: in dotted decimal. */
  | { readonly type: 'originator-id'; readonly originatorId: string }
  /** 10, RFC 4456: in dotted decimal. */
  | { readonly type: 'cluster-list'; readonly clusterIds: readonly string[] }
  /** 14, RFC 4760: next hops are none for families that the session does not have, two with RFC 2545, section 3. */
  | { readonly type: 'mp-reach'; readonly nextHops: readonly string[]; readonly nlri: UpdatePrefixes }
  /** 15, RFC 4760. */
  | { readonly type: 'mp-unreach'; readonly nlri: UpdatePrefixes }
  /** 16, RFC 4360: views of eight octets each. */
  | { readonly type: 'extended-communities'; readonly communities: readonly Uint8Array[] }
  /** 17, RFC 6793: without the segments of confederations, which section 6 has left out. */
  | { readonly type: 'as4-path'; readonly segments: readonly AsPathSegment[] }
  /** 18, RFC 6793. */
  | ({ readonly type: 'as4-aggregator' } & Aggregator)
  /** 25, RFC 5701: views of twenty octets each. */
  | { readonly type: 'ipv6-extended-communities'; readonly communities: readonly Uint8Array[] }
  /** 32, RFC 8092. */
  | { readonly type: 'large-communities'; readonly communities: readonly LargeCommunity[] }
  /** 35, RFC 9234, section 5. */
  | { readonly type: 'only-to-customer'; readonly asn: number }
  /**
   * Any other, or one of those above whose value cannot be read. One that is transitive has the Partial bit, as who
   * passes it on must set it: RFC 4271, section 5.
   */
  | { readonly type: 'unknown'; readonly code: number; readonly flags: number; readonly value: Uint8Array };
