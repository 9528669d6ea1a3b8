import { createOctetWriter, type OctetWriter, parseIpv4Address } from '@steelyard/wire';
import type { AddressFamily } from '../../messages/address-family.ts';
import type { AdvertisementContext, RouteAttributes } from '../route.ts';
import { distinctCommunities, distinctExtendedCommunities, distinctLargeCommunities } from './communities.ts';
import { nextHopOf } from './next-hop.ts';

// RFC 4271, section 4.3: the attribute's flags.
const OPTIONAL = 0x80;
const TRANSITIVE = 0x40;
const EXTENDED_LENGTH = 0x10;
/** All that RFC 4271 and what followed have made optional and transitive. */
const OPTIONAL_TRANSITIVE: number = OPTIONAL | TRANSITIVE;

const ORIGIN = 1;
const AS_PATH = 2;
const NEXT_HOP = 3;
const MULTI_EXIT_DISC = 4;
const LOCAL_PREF = 5;
const ATOMIC_AGGREGATE = 6;
const AGGREGATOR = 7;
const COMMUNITIES = 8;
const EXTENDED_COMMUNITIES = 16;
const AS4_PATH = 17;
const AS4_AGGREGATOR = 18;
const LARGE_COMMUNITIES = 32;

const ORIGIN_VALUES = { igp: 0, egp: 1, incomplete: 2 } as const;
const AS_SEQUENCE = 2;
/** RFC 4271, section 4.3: a segment's length is one octet. */
const MAX_SEGMENT_AS_NUMBERS = 255;
/** RFC 6793, section 9. */
const AS_TRANS = 23_456;
const MAX_TWO_OCTET_ASN = 0xffff;
const DEFAULT_LOCAL_PREF = 100;

/** Writes the header of a path attribute: flags, code, and a length of one octet where it fits. */
export function writeAttributeHeader(writer: OctetWriter, flags: number, code: number, length: number): void {
  if (length > 255)
    writer
      .uint8(flags | EXTENDED_LENGTH)
      .uint8(code)
      .uint16(length);
  else writer.uint8(flags).uint8(code).uint8(length);
}

/** RFC 4271, section 5.1.2: the own AS number first towards external peers; internal ones are told what was learnt. */
function asPathOf(attributes: RouteAttributes, context: AdvertisementContext): readonly number[] {
  const learnt = attributes.asPath ?? [];
  return context.internal ? learnt : [context.localAsn, ...learnt];
}

function writeAsPath(writer: OctetWriter, code: number, flags: number, asPath: readonly number[], octets: 2 | 4): void {
  const segments = Math.ceil(asPath.length / MAX_SEGMENT_AS_NUMBERS);
  writeAttributeHeader(writer, flags, code, 2 * segments + octets * asPath.length);
  for (let start = 0; start < asPath.length; start += MAX_SEGMENT_AS_NUMBERS) {
    const segment = asPath.slice(start, start + MAX_SEGMENT_AS_NUMBERS);
    writer.uint8(AS_SEQUENCE).uint8(segment.length);
    for (const asn of segment) {
      if (octets === 4) writer.uint32(asn);
      else writer.uint16(asn > MAX_TWO_OCTET_ASN ? AS_TRANS : asn);
    }
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
  const nextHop = nextHopOf(attributes, family, context);
  return writePathAttributes(attributes, context, nextHop.inMpReach ? undefined : nextHop.octets);
}

/** The same with the octets of NEXT_HOP, or none. */
export function writePathAttributes(
  attributes: RouteAttributes,
  context: AdvertisementContext,
  nextHop: Uint8Array | undefined,
): Uint8Array {
  const { med, aggregator } = attributes;
  const writer = createOctetWriter(64);
  const asPath = asPathOf(attributes, context);

  writeAttributeHeader(writer, TRANSITIVE, ORIGIN, 1);
  writer.uint8(ORIGIN_VALUES[attributes.origin ?? 'igp']);
  writeAsPath(writer, AS_PATH, TRANSITIVE, asPath, context.fourOctetAsn ? 4 : 2);
  if (nextHop !== undefined) {
    writeAttributeHeader(writer, TRANSITIVE, NEXT_HOP, nextHop.length);
    writer.octets(nextHop);
  }
  if (med !== undefined) {
    writeAttributeHeader(writer, OPTIONAL, MULTI_EXIT_DISC, 4);
    writer.uint32(med);
  }
  if (context.internal) {
    // RFC 4271, section 5.1.5: always towards internal peers, never towards external ones.
    writeAttributeHeader(writer, TRANSITIVE, LOCAL_PREF, 4);
    writer.uint32(attributes.localPref ?? DEFAULT_LOCAL_PREF);
  }
  if (attributes.atomicAggregate === true) writeAttributeHeader(writer, TRANSITIVE, ATOMIC_AGGREGATE, 0);
  if (aggregator !== undefined) writeAggregator(writer, aggregator, context);
  const communities = distinctCommunities(attributes.communities);
  if (communities.length > 0) {
    writeAttributeHeader(writer, OPTIONAL_TRANSITIVE, COMMUNITIES, 4 * communities.length);
    for (const community of communities) writer.uint32(community);
  }
  const extended = distinctExtendedCommunities(attributes.extendedCommunities);
  if (extended.length > 0) {
    writeAttributeHeader(writer, OPTIONAL_TRANSITIVE, EXTENDED_COMMUNITIES, 8 * extended.length);
    for (const community of extended) writer.octets(community);
  }
  writeFourOctetAttributes(writer, asPath, aggregator, context);
  const large = distinctLargeCommunities(attributes.largeCommunities);
  if (large.length > 0) {
    writeAttributeHeader(writer, OPTIONAL_TRANSITIVE, LARGE_COMMUNITIES, 12 * large.length);
    for (const { globalAdministrator, localData1, localData2 } of large) {
      writer.uint32(globalAdministrator).uint32(localData1).uint32(localData2);
    }
  }
  return writer.finish();
}

function writeAggregator(
  writer: OctetWriter,
  { asn, address }: NonNullable<RouteAttributes['aggregator']>,
  { fourOctetAsn }: AdvertisementContext,
): void {
  writeAttributeHeader(writer, OPTIONAL_TRANSITIVE, AGGREGATOR, fourOctetAsn ? 8 : 6);
  if (fourOctetAsn) writer.uint32(asn);
  else writer.uint16(asn > MAX_TWO_OCTET_ASN ? AS_TRANS : asn);
  writer.octets(parseIpv4Address(address));
}

/** RFC 6793, section 4.2.2: what a peer that knows two octets passes on unread, only where it says something. */
function writeFourOctetAttributes(
  writer: OctetWriter,
  asPath: readonly number[],
  aggregator: RouteAttributes['aggregator'],
  { fourOctetAsn }: AdvertisementContext,
): void {
  if (fourOctetAsn) return;
  if (asPath.some((asn) => asn > MAX_TWO_OCTET_ASN)) writeAsPath(writer, AS4_PATH, OPTIONAL_TRANSITIVE, asPath, 4);
  if (aggregator !== undefined && aggregator.asn > MAX_TWO_OCTET_ASN) {
    writeAttributeHeader(writer, OPTIONAL_TRANSITIVE, AS4_AGGREGATOR, 8);
    writer.uint32(aggregator.asn).octets(parseIpv4Address(aggregator.address));
  }
}
