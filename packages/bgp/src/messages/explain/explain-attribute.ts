import { formatIpv4Address, formatIpv6Address } from '@steelyard/wire';
import { communityText } from '../../update/attributes/community.ts';
import type { PathAttribute } from '../../update/attributes/path-attribute.ts';
import { readPathAttribute } from '../../update/attributes/read-path-attribute.ts';
import { ATTRIBUTE, ATTRIBUTE_FLAG, attributeName } from '../../update/attributes/registry.ts';
import { asnLengthOf } from '../../update/attributes/value-fault.ts';
import type { SessionContext } from '../session-context.ts';
import { explainNlri } from './explain-nlri.ts';
import { type Explanation, shownOctets } from './explanation.ts';
import { afiText, named, safiText } from './registry-names.ts';

const FLAG_NAMES = Object.keys(ATTRIBUTE_FLAG) as (keyof typeof ATTRIBUTE_FLAG)[];
const FLAG_WORDS = {
  optional: 'optional',
  transitive: 'transitive',
  partial: 'partial',
  extendedLength: 'extended length',
};

function flagsText(flags: number): string {
  const words = FLAG_NAMES.filter((name) => (flags & ATTRIBUTE_FLAG[name]) !== 0).map((name) => FLAG_WORDS[name]);
  return named(flags, words.join(', ') || undefined).replace(/^\d+/, `0x${flags.toString(16).padStart(2, '0')}`);
}

/** A path as routers show it: sets in braces, confederations in parentheses. */
function pathText(segments: Extract<PathAttribute, { readonly type: 'as-path' }>['segments']): string {
  const text = segments.map(({ type, asns }) => {
    const set = `{${asns.join(' ')}}`;
    if (type === 'as-sequence') return asns.join(' ');
    if (type === 'as-set') return set;
    return type === 'as-confed-set' ? `(${set})` : `(${asns.join(' ')})`;
  });
  return text.join(' ') || 'empty';
}

function prefixCount({ nlri }: Extract<PathAttribute, { readonly type: 'mp-reach' | 'mp-unreach' }>): string {
  return nlri.count === 1 ? '1 prefix' : `${nlri.count} prefixes`;
}

/** The value of an attribute, on one line. */
function valueText(attribute: PathAttribute): string {
  switch (attribute.type) {
    case 'origin':
      return attribute.origin;
    case 'as-path':
    case 'as4-path':
      return pathText(attribute.segments);
    case 'next-hop':
      return attribute.address;
    case 'multi-exit-disc':
      return String(attribute.med);
    case 'local-pref':
      return String(attribute.localPref);
    case 'atomic-aggregate':
      return 'set';
    case 'aggregator':
    case 'as4-aggregator':
      return `AS ${attribute.asn}, ${attribute.address}`;
    case 'communities':
      return attribute.communities.map(communityText).join(' ');
    case 'originator-id':
      return attribute.originatorId;
    case 'cluster-list':
      return attribute.clusterIds.join(' ');
    case 'mp-reach':
      return `${prefixCount(attribute)} by ${attribute.nextHops.join(' and ') || 'a next hop of another family'}`;
    case 'mp-unreach':
      return prefixCount(attribute);
    case 'extended-communities':
    case 'ipv6-extended-communities':
      return attribute.communities.map(shownOctets).join(' ');
    case 'large-communities':
      return attribute.communities
        .map((large) => `${large.globalAdministrator}:${large.localData1}:${large.localData2}`)
        .join(' ');
    case 'only-to-customer':
      return `AS ${attribute.asn}`;
    case 'unknown':
      return shownOctets(attribute.value);
  }
}

function explainSegments(explanation: Explanation, start: number, end: number, asnLength: 2 | 4): void {
  const types = ['AS_SET', 'AS_SEQUENCE', 'AS_CONFED_SEQUENCE', 'AS_CONFED_SET'];
  let offset = start;
  while (offset < end) {
    explanation.addNumber(offset, 1, end, 2, 'Path Segment Type', (type) => named(type, types[type - 1]));
    if (offset + 1 >= end) return;
    const count = explanation.addNumber(offset + 1, 1, end, 2, 'Path Segment Length') ?? 0;
    offset += 2;
    for (let i = 0; i < count && offset < end; i++) {
      explanation.addNumber(offset, asnLength, end, 2, 'AS Number');
      offset = Math.min(offset + asnLength, end);
    }
  }
}

function addressText(octets: Uint8Array): string {
  if (octets.length === 4) return formatIpv4Address(octets);
  if (octets.length === 16) return formatIpv6Address(octets);
  if (octets.length === 32) return `${formatIpv6Address(octets)} and ${formatIpv6Address(octets, 16)}`;
  return shownOctets(octets);
}

/** RFC 4760, sections 3 and 4. */
function explainMultiprotocol(
  explanation: Explanation,
  code: number,
  start: number,
  end: number,
  context: SessionContext,
): void {
  const afi = explanation.addNumber(start, 2, end, 2, 'AFI', afiText);
  const safi = afi === undefined ? undefined : explanation.addNumber(start + 2, 1, end, 2, 'SAFI', safiText);
  if (afi === undefined || safi === undefined) return;
  let offset = start + 3;
  if (code === ATTRIBUTE.mpReachNlri) {
    const length = explanation.addNumber(offset, 1, end, 2, 'Length of Next Hop');
    if (length === undefined) return;
    const nextHopEnd = Math.min(offset + 1 + length, end);
    explanation.add(
      offset + 1,
      nextHopEnd,
      2,
      'Next Hop',
      addressText(explanation.octets.subarray(offset + 1, nextHopEnd)),
    );
    explanation.addNumber(nextHopEnd, 1, end, 2, 'Reserved');
    offset = Math.min(nextHopEnd + 1, end);
  }
  explainNlri(explanation, offset, end, 2, { afi, safi }, context);
}

function explainValue(
  explanation: Explanation,
  code: number,
  start: number,
  end: number,
  context: SessionContext,
  text: string,
): void {
  switch (code) {
    case ATTRIBUTE.asPath:
      explainSegments(explanation, start, end, asnLengthOf(context));
      return;
    case ATTRIBUTE.as4Path:
      explainSegments(explanation, start, end, 4);
      return;
    case ATTRIBUTE.mpReachNlri:
    case ATTRIBUTE.mpUnreachNlri:
      explainMultiprotocol(explanation, code, start, end, context);
      return;
    default:
      explanation.add(start, end, 2, 'Attribute Value', text);
  }
}

/** Explains the path attributes from `start` to `end`: RFC 4271, section 4.3. */
export function explainAttributes(explanation: Explanation, start: number, end: number, context: SessionContext): void {
  const { octets } = explanation;
  let offset = start;
  while (offset < end) {
    const flags = octets[offset] ?? 0;
    const lengthOctets = (flags & ATTRIBUTE_FLAG.extendedLength) === 0 ? 1 : 2;
    const valueOffset = offset + 2 + lengthOctets;
    const low = octets[offset + 2] ?? 0;
    const length = lengthOctets === 1 ? low : (low << 8) | (octets[offset + 3] ?? 0);
    const next = valueOffset + length;
    if (next > end) {
      explanation.addOctets(offset, end, 1, 'Path Attribute');
      return;
    }
    const code = octets[offset + 1] ?? 0;
    const value = octets.subarray(valueOffset, next);
    const text = valueText(readPathAttribute({ code, flags, value, offset }, context));
    explanation.add(offset, next, 1, attributeName(code), text);
    explanation.addNumber(offset, 1, next, 2, 'Attribute Flags', flagsText);
    explanation.addNumber(offset + 1, 1, next, 2, 'Attribute Type Code', (type) => named(type, attributeName(type)));
    explanation.addNumber(offset + 2, lengthOctets, next, 2, 'Attribute Length');
    explainValue(explanation, code, valueOffset, next, context, text);
    offset = next;
  }
}
