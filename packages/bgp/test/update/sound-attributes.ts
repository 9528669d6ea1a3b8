import type { SessionContext } from '../../src/messages/session-context.ts';
import type { PathAttribute } from '../../src/update/attributes/path-attribute.ts';
import { EXTERNAL, hex, INTERNAL, TWO_OCTETS } from './update-octets.ts';

/** A path attribute as it should be, and what is read from it. */
export interface SoundAttribute {
  readonly name: string;
  readonly code: number;
  readonly octets: string;
  readonly context: SessionContext;
  readonly read: Partial<PathAttribute> & { readonly type: PathAttribute['type'] };
}

/** Every attribute that is read: flags, code, length, value. */
export const SOUND_ATTRIBUTES: readonly SoundAttribute[] = [
  { name: 'ORIGIN', code: 1, octets: '40 01 01 00', context: EXTERNAL, read: { type: 'origin', origin: 'igp' } },
  {
    name: 'AS_PATH',
    code: 2,
    octets: '40 02 0a 02 02 0000fc00 0000fc01',
    context: EXTERNAL,
    read: { type: 'as-path', segments: [{ type: 'as-sequence', asns: [64_512, 64_513] }] },
  },
  {
    name: 'AS_PATH of two octets',
    code: 2,
    octets: '40 02 0a 02 02 fc00 fc01 01 01 5ba0',
    context: TWO_OCTETS,
    read: {
      type: 'as-path',
      segments: [
        { type: 'as-sequence', asns: [64_512, 64_513] },
        { type: 'as-set', asns: [23_456] },
      ],
    },
  },
  {
    name: 'AS_PATH of a confederation',
    code: 2,
    octets: '40 02 0c 03 01 0000fc00 04 01 0000fc01',
    context: INTERNAL,
    read: {
      type: 'as-path',
      segments: [
        { type: 'as-confed-sequence', asns: [64_512] },
        { type: 'as-confed-set', asns: [64_513] },
      ],
    },
  },
  {
    name: 'NEXT_HOP',
    code: 3,
    octets: '40 03 04 c0000201',
    context: EXTERNAL,
    read: { type: 'next-hop', address: '192.0.2.1' },
  },
  {
    name: 'MULTI_EXIT_DISC',
    code: 4,
    octets: '80 04 04 ffffffff',
    context: EXTERNAL,
    read: { type: 'multi-exit-disc', med: 4_294_967_295 },
  },
  {
    name: 'LOCAL_PREF',
    code: 5,
    octets: '40 05 04 00000064',
    context: INTERNAL,
    read: { type: 'local-pref', localPref: 100 },
  },
  { name: 'ATOMIC_AGGREGATE', code: 6, octets: '40 06 00', context: EXTERNAL, read: { type: 'atomic-aggregate' } },
  {
    name: 'AGGREGATOR',
    code: 7,
    octets: 'c0 07 08 0001fc00 c0000202',
    context: EXTERNAL,
    read: { type: 'aggregator', asn: 130_048, address: '192.0.2.2' },
  },
  {
    name: 'AGGREGATOR of two octets',
    code: 7,
    octets: 'c0 07 06 fc00 c0000202',
    context: TWO_OCTETS,
    read: { type: 'aggregator', asn: 64_512, address: '192.0.2.2' },
  },
  {
    name: 'COMMUNITIES',
    code: 8,
    octets: 'c0 08 08 fc000064 ffffff01',
    context: EXTERNAL,
    read: { type: 'communities', communities: [0xfc00_0064, 0xffff_ff01] },
  },
  {
    name: 'ORIGINATOR_ID',
    code: 9,
    octets: '80 09 04 c0000203',
    context: INTERNAL,
    read: { type: 'originator-id', originatorId: '192.0.2.3' },
  },
  {
    name: 'CLUSTER_LIST',
    code: 10,
    octets: '80 0a 08 c0000204 c0000205',
    context: INTERNAL,
    read: { type: 'cluster-list', clusterIds: ['192.0.2.4', '192.0.2.5'] },
  },
  {
    name: 'MP_REACH_NLRI',
    code: 14,
    octets: '80 0e 1a 0002 01 10 20010db8000000000000000000000001 00 20 20010db8',
    context: EXTERNAL,
    read: { type: 'mp-reach', nextHops: ['2001:db8::1'] },
  },
  {
    name: 'MP_UNREACH_NLRI',
    code: 15,
    octets: '80 0f 08 0002 01 20 20010db9',
    context: EXTERNAL,
    read: { type: 'mp-unreach' },
  },
  {
    name: 'EXTENDED COMMUNITIES',
    code: 16,
    octets: 'c0 10 08 0002fc0000000064',
    context: EXTERNAL,
    read: { type: 'extended-communities', communities: [hex('0002fc0000000064')] },
  },
  {
    name: 'AS4_PATH',
    code: 17,
    octets: 'c0 11 06 02 01 0001fc00',
    context: TWO_OCTETS,
    read: { type: 'as4-path', segments: [{ type: 'as-sequence', asns: [130_048] }] },
  },
  {
    name: 'AS4_AGGREGATOR',
    code: 18,
    octets: 'c0 12 08 0001fc00 c0000202',
    context: TWO_OCTETS,
    read: { type: 'as4-aggregator', asn: 130_048, address: '192.0.2.2' },
  },
  {
    name: 'IPv6 Address Specific Extended Community',
    code: 25,
    octets: 'c0 19 14 000220010db80000000000000000000000010064',
    context: EXTERNAL,
    read: {
      type: 'ipv6-extended-communities',
      communities: [hex('000220010db80000000000000000000000010064')],
    },
  },
  {
    name: 'LARGE_COMMUNITY',
    code: 32,
    octets: 'c0 20 0c 0001fc00 00000001 ffffffff',
    context: EXTERNAL,
    read: {
      type: 'large-communities',
      communities: [{ globalAdministrator: 130_048, localData1: 1, localData2: 4_294_967_295 }],
    },
  },
  {
    name: 'Only to Customer',
    code: 35,
    octets: 'c0 23 04 0000fc00',
    context: EXTERNAL,
    read: { type: 'only-to-customer', asn: 64_512 },
  },
];

/** The attributes without which nothing is announced, in the widths of a session. */
export function mandatoryAttributes(context: SessionContext): readonly string[] {
  const path = context.fourOctetAsn ? '40 02 06 02 01 0000fc00' : '40 02 04 02 01 fc00';
  const external = ['40 01 01 00', path, '40 03 04 c0000201'];
  return context.internal ? [...external, '40 05 04 00000064'] : external;
}

/** The mandatory attributes with `attribute` in the place of its own kind, or behind the others. */
export function withAttribute(context: SessionContext, attribute: string): readonly string[] {
  const codeOf = (text: string): number | undefined => hex(text)[1];
  const mandatory = mandatoryAttributes(context);
  const place = mandatory.findIndex((text) => codeOf(text) === codeOf(attribute));
  return place === -1 ? [...mandatory, attribute] : mandatory.with(place, attribute);
}
