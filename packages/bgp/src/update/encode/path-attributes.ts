import { parseIpv4Address } from '@steelyard/wire';
import type { AddressFamily } from '../../messages/address-family.ts';
import { AS_TRANS } from '../../messages/open/autonomous-system.ts';
import { ATTRIBUTE, ATTRIBUTE_FLAG } from '../attributes/registry.ts';
import type { AdvertisementContext, RouteAttributes } from '../route.ts';
import { checkAttributes } from './check-attributes.ts';
import { distinctCommunities, distinctExtendedCommunities, distinctLargeCommunities } from './communities.ts';
import { nextHopOf } from './next-hop.ts';

type WrittenAttribute = Exclude<
  (typeof ATTRIBUTE)[keyof typeof ATTRIBUTE],
  9 | 10 | 14 | 15 | 25 | 35 // what a speaker that only announces has no use for, and what holds prefixes
>;

const WELL_KNOWN: number = ATTRIBUTE_FLAG.transitive;
const OPTIONAL_TRANSITIVE: number = ATTRIBUTE_FLAG.optional | ATTRIBUTE_FLAG.transitive;

const FLAGS: Readonly<Record<WrittenAttribute, number>> = {
  [ATTRIBUTE.origin]: WELL_KNOWN,
  [ATTRIBUTE.asPath]: WELL_KNOWN,
  [ATTRIBUTE.nextHop]: WELL_KNOWN,
  [ATTRIBUTE.multiExitDisc]: ATTRIBUTE_FLAG.optional,
  [ATTRIBUTE.localPref]: WELL_KNOWN,
  [ATTRIBUTE.atomicAggregate]: WELL_KNOWN,
  [ATTRIBUTE.aggregator]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.communities]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.extendedCommunities]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.as4Path]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.as4Aggregator]: OPTIONAL_TRANSITIVE,
  [ATTRIBUTE.largeCommunities]: OPTIONAL_TRANSITIVE,
};

const ORIGIN_VALUES = { igp: 0, egp: 1, incomplete: 2 } as const;
const AS_SEQUENCE = 2;
/** RFC 4271, section 4.3: a segment's length is one octet. */
const MAX_SEGMENT_AS_NUMBERS = 255;
const MAX_TWO_OCTET_ASN = 0xffff;
/** What RFC 4271, section 5.1.5, leaves open, and everybody has. */
const DEFAULT_LOCAL_PREF = 100;

/** Octets that are written once and copied into a message: an array grows for less than a typed one costs. */
export type OctetList = number[];

function writeUint16(octets: OctetList, value: number): void {
  octets.push(value >>> 8, value & 0xff);
}

function writeUint32(octets: OctetList, value: number): void {
  octets.push(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function writeOctets(octets: OctetList, value: Uint8Array): void {
  for (const octet of value) octets.push(octet);
}

/** An attribute's flags as its RFC has them, its code, and its length: of one octet where it fits. */
function writeHeader(octets: OctetList, code: WrittenAttribute, length: number): void {
  if (length > 255) {
    octets.push(FLAGS[code] | ATTRIBUTE_FLAG.extendedLength, code);
    writeUint16(octets, length);
  } else {
    octets.push(FLAGS[code], code, length);
  }
}

/** An AS number where there is room for two octets: RFC 6793, section 4.2.2. */
function writeTwoOctetAsn(octets: OctetList, asn: number): void {
  writeUint16(octets, asn > MAX_TWO_OCTET_ASN ? AS_TRANS : asn);
}

/** RFC 4271, section 5.1.2: the own AS number first towards external peers. */
function asPathOf(attributes: RouteAttributes, context: AdvertisementContext): readonly number[] {
  const learnt = attributes.asPath ?? [];
  return context.internal ? learnt : [context.localAsn, ...learnt];
}

function writeAsPath(octets: OctetList, code: 2 | 17, asPath: readonly number[], width: 2 | 4): void {
  const writeAsn = width === 4 ? writeUint32 : writeTwoOctetAsn;
  const segments = Math.ceil(asPath.length / MAX_SEGMENT_AS_NUMBERS);
  writeHeader(octets, code, 2 * segments + width * asPath.length);
  for (const [i, asn] of asPath.entries()) {
    if (i % MAX_SEGMENT_AS_NUMBERS === 0) octets.push(AS_SEQUENCE, Math.min(MAX_SEGMENT_AS_NUMBERS, asPath.length - i));
    writeAsn(octets, asn);
  }
}

/**
 * Writes the path attributes of a route, by ascending code, as a session wants them.
 *
 * NEXT_HOP is among them where it is the next hop. MP_REACH_NLRI never is: it holds the prefixes, and goes first
 * (RFC 7606, section 5.1).
 *
 * @throws RangeError or TypeError for attributes that no message, or not this session, can carry.
 */
export function encodePathAttributes(
  attributes: RouteAttributes,
  family: AddressFamily,
  context: AdvertisementContext,
): Uint8Array {
  checkAttributes(attributes);
  const nextHop = nextHopOf(attributes, family, context);
  return Uint8Array.from(writePathAttributes(attributes, context, nextHop.inMpReach ? undefined : nextHop.octets));
}

/** The same for attributes that were checked, with the octets of NEXT_HOP, or none. */
export function writePathAttributes(
  attributes: RouteAttributes,
  context: AdvertisementContext,
  nextHop: Uint8Array | undefined,
): OctetList {
  const { med, aggregator } = attributes;
  const asPath = asPathOf(attributes, context);
  const octets: OctetList = [];
  writeHeader(octets, ATTRIBUTE.origin, 1);
  octets.push(ORIGIN_VALUES[attributes.origin ?? 'igp']);
  writeAsPath(octets, ATTRIBUTE.asPath, asPath, context.fourOctetAsn ? 4 : 2);
  if (nextHop !== undefined) {
    writeHeader(octets, ATTRIBUTE.nextHop, nextHop.length);
    writeOctets(octets, nextHop);
  }
  if (med !== undefined) {
    writeHeader(octets, ATTRIBUTE.multiExitDisc, 4);
    writeUint32(octets, med);
  }
  if (context.internal) {
    // RFC 4271, section 5.1.5: always towards internal peers, never towards external ones.
    writeHeader(octets, ATTRIBUTE.localPref, 4);
    writeUint32(octets, attributes.localPref ?? DEFAULT_LOCAL_PREF);
  }
  if (attributes.atomicAggregate === true) writeHeader(octets, ATTRIBUTE.atomicAggregate, 0);
  if (aggregator !== undefined) writeAggregator(octets, aggregator, context);
  writeCommunities(octets, attributes);
  if (!context.fourOctetAsn) writeFourOctetAttributes(octets, asPath, aggregator);
  writeLargeCommunities(octets, attributes);
  return octets;
}

function writeAggregator(
  octets: OctetList,
  { asn, address }: NonNullable<RouteAttributes['aggregator']>,
  { fourOctetAsn }: AdvertisementContext,
): void {
  writeHeader(octets, ATTRIBUTE.aggregator, fourOctetAsn ? 8 : 6);
  if (fourOctetAsn) writeUint32(octets, asn);
  else writeTwoOctetAsn(octets, asn);
  writeOctets(octets, parseIpv4Address(address));
}

function writeCommunities(octets: OctetList, attributes: RouteAttributes): void {
  const communities = distinctCommunities(attributes.communities);
  if (communities.length > 0) {
    writeHeader(octets, ATTRIBUTE.communities, 4 * communities.length);
    for (const community of communities) writeUint32(octets, community);
  }
  const extended = distinctExtendedCommunities(attributes.extendedCommunities);
  if (extended.length > 0) {
    writeHeader(octets, ATTRIBUTE.extendedCommunities, 8 * extended.length);
    for (const community of extended) writeOctets(octets, community);
  }
}

function writeLargeCommunities(octets: OctetList, attributes: RouteAttributes): void {
  const large = distinctLargeCommunities(attributes.largeCommunities);
  if (large.length === 0) return;
  writeHeader(octets, ATTRIBUTE.largeCommunities, 12 * large.length);
  for (const { globalAdministrator, localData1, localData2 } of large) {
    writeUint32(octets, globalAdministrator);
    writeUint32(octets, localData1);
    writeUint32(octets, localData2);
  }
}

/** RFC 6793, section 4.2.2: what a peer that knows two octets passes on unread, only where it says something. */
function writeFourOctetAttributes(
  octets: OctetList,
  asPath: readonly number[],
  aggregator: RouteAttributes['aggregator'],
): void {
  if (asPath.some((asn) => asn > MAX_TWO_OCTET_ASN)) writeAsPath(octets, ATTRIBUTE.as4Path, asPath, 4);
  if (aggregator !== undefined && aggregator.asn > MAX_TWO_OCTET_ASN) {
    writeHeader(octets, ATTRIBUTE.as4Aggregator, 8);
    writeUint32(octets, aggregator.asn);
    writeOctets(octets, parseIpv4Address(aggregator.address));
  }
}
