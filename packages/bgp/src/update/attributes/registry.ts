/** Path attributes that are read, by their type codes in the IANA registry "BGP Path Attributes". */
export const ATTRIBUTE = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  multiExitDisc: 4,
  localPref: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReachNlri: 14,
  mpUnreachNlri: 15,
  extendedCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  ipv6ExtendedCommunities: 25,
  largeCommunities: 32,
  onlyToCustomer: 35,
} as const;

/** Bits of the Attribute Flags octet: RFC 4271, section 4.3. */
export const ATTRIBUTE_FLAG = { optional: 0x80, transitive: 0x40, partial: 0x20, extendedLength: 0x10 } as const;

const WELL_KNOWN = 0x40;
const OPTIONAL = 0x80;
const OPTIONAL_TRANSITIVE = 0xc0;

/** What this package knows of an attribute. */
export interface KnownAttribute {
  /** The RFC's name. */
  readonly name: string;
  /** How the Optional and Transitive bits must be. */
  readonly flags: number;
}

const KNOWN: Readonly<Record<number, KnownAttribute>> = {
  1: { name: 'ORIGIN', flags: WELL_KNOWN },
  2: { name: 'AS_PATH', flags: WELL_KNOWN },
  3: { name: 'NEXT_HOP', flags: WELL_KNOWN },
  4: { name: 'MULTI_EXIT_DISC', flags: OPTIONAL },
  5: { name: 'LOCAL_PREF', flags: WELL_KNOWN },
  6: { name: 'ATOMIC_AGGREGATE', flags: WELL_KNOWN },
  7: { name: 'AGGREGATOR', flags: OPTIONAL_TRANSITIVE },
  8: { name: 'COMMUNITIES', flags: OPTIONAL_TRANSITIVE },
  9: { name: 'ORIGINATOR_ID', flags: OPTIONAL },
  10: { name: 'CLUSTER_LIST', flags: OPTIONAL },
  14: { name: 'MP_REACH_NLRI', flags: OPTIONAL },
  15: { name: 'MP_UNREACH_NLRI', flags: OPTIONAL },
  16: { name: 'EXTENDED COMMUNITIES', flags: OPTIONAL_TRANSITIVE },
  17: { name: 'AS4_PATH', flags: OPTIONAL_TRANSITIVE },
  18: { name: 'AS4_AGGREGATOR', flags: OPTIONAL_TRANSITIVE },
  25: { name: 'IPv6 Address Specific Extended Community', flags: OPTIONAL_TRANSITIVE },
  32: { name: 'LARGE_COMMUNITY', flags: OPTIONAL_TRANSITIVE },
  35: { name: 'Only to Customer', flags: OPTIONAL_TRANSITIVE },
};

/** What is known of a type code; undefined for attributes that are not read. */
export function knownAttribute(code: number): KnownAttribute | undefined {
  return KNOWN[code];
}

/** The RFC's name of an attribute, or its number. */
export function attributeName(code: number): string {
  return KNOWN[code]?.name ?? `attribute ${code}`;
}
