import { formatIpAddress, formatIpv4Address, formatIpv6Address, IPV6_LENGTH, ipv4ToNumber } from '@steelyard/wire';
import type { SessionContext } from '../../messages/session-context.ts';
import { prefixesOf } from '../nlri.ts';
import type { LargeCommunity } from '../route.ts';
import type { RawPathAttribute } from '../update-message.ts';
import { isConfederation, readAsPath } from './as-path.ts';
import { readMpReach, readMpUnreach } from './multiprotocol.ts';
import type { Aggregator, PathAttribute } from './path-attribute.ts';
import { ATTRIBUTE, ATTRIBUTE_FLAG, knownAttribute } from './registry.ts';
import { asnLengthOf, faultOfValue } from './value-fault.ts';

const ORIGIN = ['igp', 'egp', 'incomplete'] as const;

/** Views of `length` octets each. */
function pieces(value: Uint8Array, length: number): readonly Uint8Array[] {
  const views: Uint8Array[] = [];
  for (let at = 0; at < value.length; at += length) views.push(value.subarray(at, at + length));
  return views;
}

/** A big-endian unsigned 32-bit number: what an IPv4 address is, too. */
const uint32 = ipv4ToNumber;

function aggregator(value: Uint8Array, asnLength: 2 | 4): Aggregator {
  const asn = asnLength === 4 ? uint32(value) : ((value[0] ?? 0) << 8) | (value[1] ?? 0);
  return { asn, address: formatIpv4Address(value, asnLength) };
}

function largeCommunity(value: Uint8Array): LargeCommunity {
  return { globalAdministrator: uint32(value), localData1: uint32(value, 4), localData2: uint32(value, 8) };
}

/** RFC 2545, section 3: a global address, and perhaps the link-local one. */
function nextHopTexts(nextHop: Uint8Array): readonly string[] {
  if (nextHop.length !== 2 * IPV6_LENGTH) return [formatIpAddress(nextHop)];
  return [formatIpv6Address(nextHop), formatIpv6Address(nextHop, IPV6_LENGTH)];
}

/** Reads an attribute that is known and sound; undefined for one that is not. */
function readSound(code: number, value: Uint8Array, context: SessionContext): PathAttribute | undefined {
  switch (code) {
    case ATTRIBUTE.origin:
      return { type: 'origin', origin: ORIGIN[value[0] ?? 0] ?? 'incomplete' };
    case ATTRIBUTE.asPath:
      return { type: 'as-path', segments: readAsPath(value, asnLengthOf(context)) };
    case ATTRIBUTE.nextHop:
      return { type: 'next-hop', address: formatIpv4Address(value) };
    case ATTRIBUTE.multiExitDisc:
      return { type: 'multi-exit-disc', med: uint32(value) };
    case ATTRIBUTE.localPref:
      return { type: 'local-pref', localPref: uint32(value) };
    case ATTRIBUTE.atomicAggregate:
      return { type: 'atomic-aggregate' };
    case ATTRIBUTE.aggregator:
      return { type: 'aggregator', ...aggregator(value, asnLengthOf(context)) };
    case ATTRIBUTE.communities:
      return { type: 'communities', communities: pieces(value, 4).map((piece) => uint32(piece)) };
    case ATTRIBUTE.originatorId:
      return { type: 'originator-id', originatorId: formatIpv4Address(value) };
    case ATTRIBUTE.clusterList:
      return { type: 'cluster-list', clusterIds: pieces(value, 4).map((piece) => formatIpv4Address(piece)) };
    case ATTRIBUTE.mpReachNlri: {
      const read = readMpReach(value, 0, value.length, context);
      if (!('nlri' in read)) return undefined;
      const nextHops = read.nlri.maxLength === 0 ? [] : nextHopTexts(read.nextHop);
      return { type: 'mp-reach', nextHops, nlri: prefixesOf(read.nlri, read.nextHop) };
    }
    case ATTRIBUTE.mpUnreachNlri: {
      const read = readMpUnreach(value, 0, value.length, context);
      return 'count' in read ? { type: 'mp-unreach', nlri: prefixesOf(read, undefined) } : undefined;
    }
    case ATTRIBUTE.extendedCommunities:
      return { type: 'extended-communities', communities: pieces(value, 8) };
    case ATTRIBUTE.as4Path:
      return { type: 'as4-path', segments: readAsPath(value, 4).filter((segment) => !isConfederation(segment)) };
    case ATTRIBUTE.as4Aggregator:
      return { type: 'as4-aggregator', ...aggregator(value, 4) };
    case ATTRIBUTE.ipv6ExtendedCommunities:
      return { type: 'ipv6-extended-communities', communities: pieces(value, 20) };
    case ATTRIBUTE.largeCommunities:
      return { type: 'large-communities', communities: pieces(value, 12).map(largeCommunity) };
    case ATTRIBUTE.onlyToCustomer:
      return { type: 'only-to-customer', asn: uint32(value) };
    default:
      return undefined;
  }
}

/**
 * Reads a path attribute.
 *
 * @param raw - Of `UpdateMessage.attributes`. Octets in what is returned are views of its value.
 * @param context - That of the session in which it came.
 * @returns The attribute; `unknown` where it is none that this package reads, or its value is malformed. Never throws.
 */
export function readPathAttribute(raw: RawPathAttribute, context: SessionContext): PathAttribute {
  const { code, flags, value } = raw;
  const sound = faultOfValue(code, value, 0, value.length, context) === undefined;
  const read = sound ? readSound(code, value, context) : undefined;
  if (read !== undefined) return read;
  const passedOn = knownAttribute(code) === undefined && (flags & ATTRIBUTE_FLAG.transitive) !== 0;
  return { type: 'unknown', code, flags: passedOn ? flags | ATTRIBUTE_FLAG.partial : flags, value };
}
