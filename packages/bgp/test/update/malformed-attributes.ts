import type { FailureScope } from '../../src/messages/decode-failure.ts';
import type { SessionContext } from '../../src/messages/session-context.ts';
import { EXTERNAL, INTERNAL, TWO_OCTETS } from './update-octets.ts';

/**
 * An attribute that is wrong, in an UPDATE that is otherwise right and announces 192.0.2.0/24.
 *
 * - `at`: where the failure is, in octets from the attribute's first.
 * - `data`: whether the NOTIFICATION would show the attribute, as RFC 4271, section 6.3, says for each subcode.
 */
export type MalformedAttribute = readonly [
  rfc: string,
  what: string,
  context: SessionContext,
  octets: string,
  scope: FailureScope,
  subcode: number,
  at: number,
  data: 'attribute' | 'nothing',
];

const WITHDRAW = 'withdraw';
const DISCARD = 'discard';
const SESSION = 'session';
const ALL = 'attribute';
const NONE = 'nothing';

/** Sixteen octets. */
const ADDRESS = '0'.repeat(32);
const IPV4_ADD_PATH: SessionContext = { ...EXTERNAL, addPathReceive: ['ipv4-unicast'] };

export const MALFORMED_ATTRIBUTES: readonly MalformedAttribute[] = [
  // ORIGIN
  ['7606 3(c)', 'ORIGIN optional', EXTERNAL, 'c0 01 01 00', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'ORIGIN not transitive', EXTERNAL, '00 01 01 00', WITHDRAW, 4, 0, ALL],
  ['7606 4', 'ORIGIN empty', EXTERNAL, '40 01 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.1', 'ORIGIN of two octets', EXTERNAL, '40 01 02 00 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.1', 'ORIGIN of two octets, extended length', EXTERNAL, '50 01 0002 00 00', WITHDRAW, 5, 4, ALL],
  ['7606 7.1', 'ORIGIN undefined', EXTERNAL, '40 01 01 03', WITHDRAW, 6, 3, ALL],
  // AS_PATH
  ['7606 3(c)', 'AS_PATH optional', EXTERNAL, 'c0 02 06 02 01 0000fc00', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'AS_PATH not transitive', EXTERNAL, '00 02 06 02 01 0000fc00', WITHDRAW, 4, 0, ALL],
  ['7606 7.2', 'AS_PATH, segment type 0', EXTERNAL, '40 02 06 00 01 0000fc00', WITHDRAW, 11, 3, NONE],
  ['7606 7.2', 'AS_PATH, segment type 5', EXTERNAL, '40 02 06 05 01 0000fc00', WITHDRAW, 11, 3, NONE],
  ['7606 7.2', 'AS_PATH overrun', EXTERNAL, '40 02 06 02 02 0000fc00', WITHDRAW, 11, 4, NONE],
  ['7606 7.2', 'AS_PATH underrun', EXTERNAL, '40 02 07 02 01 0000fc00 02', WITHDRAW, 11, 9, NONE],
  ['7606 7.2', 'AS_PATH of one octet', EXTERNAL, '40 02 01 02', WITHDRAW, 11, 3, NONE],
  ['7606 7.2', 'AS_PATH, empty segment', EXTERNAL, '40 02 02 02 00', WITHDRAW, 11, 4, NONE],
  ['7606 7.2', 'AS_PATH, empty second segment', EXTERNAL, '40 02 08 02 01 0000fc00 01 00', WITHDRAW, 11, 10, NONE],
  ['7606 7.2', 'AS_PATH of two octets for four', EXTERNAL, '40 02 04 02 01 fc00', WITHDRAW, 11, 4, NONE],
  ['7606 7.2', 'AS_PATH of four octets for two', TWO_OCTETS, '40 02 06 02 01 0001fc00', WITHDRAW, 11, 7, NONE],
  ['7607 2', 'AS_PATH with AS 0', EXTERNAL, '40 02 0a 02 02 0000fc00 00000000', WITHDRAW, 11, 9, NONE],
  ['7607 2', 'AS_PATH with AS 0 of two octets', TWO_OCTETS, '40 02 04 02 01 0000', WITHDRAW, 11, 5, NONE],
  ['5065 5', 'AS_CONFED_SEQUENCE from outside', EXTERNAL, '40 02 06 03 01 0000fc00', WITHDRAW, 11, 3, NONE],
  ['5065 5', 'AS_CONFED_SET from outside', EXTERNAL, '40 02 06 04 01 0000fc00', WITHDRAW, 11, 3, NONE],
  // NEXT_HOP
  ['7606 3(c)', 'NEXT_HOP optional', EXTERNAL, 'c0 03 04 c0000201', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'NEXT_HOP not transitive', EXTERNAL, '00 03 04 c0000201', WITHDRAW, 4, 0, ALL],
  ['7606 4', 'NEXT_HOP empty', EXTERNAL, '40 03 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.3', 'NEXT_HOP short', EXTERNAL, '40 03 03 c00002', WITHDRAW, 5, 3, ALL],
  ['7606 7.3', 'NEXT_HOP long', EXTERNAL, '40 03 05 c000020100', WITHDRAW, 5, 3, ALL],
  ['7606 3(e)', 'NEXT_HOP 0.0.0.0', EXTERNAL, '40 03 04 00000000', WITHDRAW, 8, 3, ALL],
  ['7606 3(e)', 'NEXT_HOP loopback', EXTERNAL, '40 03 04 7f000001', WITHDRAW, 8, 3, ALL],
  ['7606 3(e)', 'NEXT_HOP multicast', EXTERNAL, '40 03 04 e0000001', WITHDRAW, 8, 3, ALL],
  ['7606 3(e)', 'NEXT_HOP broadcast', EXTERNAL, '40 03 04 ffffffff', WITHDRAW, 8, 3, ALL],
  // MULTI_EXIT_DISC
  ['7606 3(c)', 'MULTI_EXIT_DISC well-known', EXTERNAL, '40 04 04 00000001', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'MULTI_EXIT_DISC transitive', EXTERNAL, 'c0 04 04 00000001', WITHDRAW, 4, 0, ALL],
  ['7606 4', 'MULTI_EXIT_DISC empty', EXTERNAL, '80 04 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.4', 'MULTI_EXIT_DISC short', EXTERNAL, '80 04 03 000001', WITHDRAW, 5, 3, ALL],
  ['7606 7.4', 'MULTI_EXIT_DISC long', EXTERNAL, '80 04 05 0000000001', WITHDRAW, 5, 3, ALL],
  // LOCAL_PREF
  ['7606 7.5', 'LOCAL_PREF from outside', EXTERNAL, '40 05 04 00000064', DISCARD, 1, 0, NONE],
  ['7606 7.5', 'LOCAL_PREF from outside, long', EXTERNAL, '40 05 05 0000000064', DISCARD, 1, 0, NONE],
  ['7606 7.5', 'LOCAL_PREF from outside, wrong flags', EXTERNAL, 'c0 05 04 00000064', DISCARD, 1, 0, NONE],
  ['7606 3(c)', 'LOCAL_PREF optional', INTERNAL, 'c0 05 04 00000064', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'LOCAL_PREF not transitive', INTERNAL, '00 05 04 00000064', WITHDRAW, 4, 0, ALL],
  ['7606 4', 'LOCAL_PREF empty', INTERNAL, '40 05 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.5', 'LOCAL_PREF short', INTERNAL, '40 05 03 000064', WITHDRAW, 5, 3, ALL],
  ['7606 7.5', 'LOCAL_PREF long', INTERNAL, '40 05 05 0000000064', WITHDRAW, 5, 3, ALL],
  // ATOMIC_AGGREGATE
  ['7606 3(c)', 'ATOMIC_AGGREGATE optional', EXTERNAL, 'c0 06 00', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'ATOMIC_AGGREGATE not transitive', EXTERNAL, '00 06 00', WITHDRAW, 4, 0, ALL],
  ['7606 7.6', 'ATOMIC_AGGREGATE with a value', EXTERNAL, '40 06 01 00', DISCARD, 5, 3, ALL],
  // AGGREGATOR
  ['7606 3(c)', 'AGGREGATOR well-known', EXTERNAL, '40 07 08 0000fc00 c0000202', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'AGGREGATOR not transitive', EXTERNAL, '80 07 08 0000fc00 c0000202', WITHDRAW, 4, 0, ALL],
  ['7606 7.7', 'AGGREGATOR empty', EXTERNAL, 'c0 07 00', DISCARD, 5, 3, ALL],
  ['7606 7.7', 'AGGREGATOR of two octets for four', EXTERNAL, 'c0 07 06 fc00 c0000202', DISCARD, 5, 3, ALL],
  ['7606 7.7', 'AGGREGATOR of four octets for two', TWO_OCTETS, 'c0 07 08 0001fc00 c0000202', DISCARD, 5, 3, ALL],
  ['7606 7.7', 'AGGREGATOR long', EXTERNAL, 'c0 07 09 0000fc00 c0000202 00', DISCARD, 5, 3, ALL],
  ['7607 2', 'AGGREGATOR with AS 0', EXTERNAL, 'c0 07 08 00000000 c0000202', DISCARD, 9, 3, ALL],
  ['7607 2', 'AGGREGATOR with AS 0 of two octets', TWO_OCTETS, 'c0 07 06 0000 c0000202', DISCARD, 9, 3, ALL],
  // COMMUNITIES
  ['7606 3(c)', 'COMMUNITIES well-known', EXTERNAL, '40 08 04 fc000064', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'COMMUNITIES not transitive', EXTERNAL, '80 08 04 fc000064', WITHDRAW, 4, 0, ALL],
  ['7606 7.8', 'COMMUNITIES empty', EXTERNAL, 'c0 08 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.8', 'COMMUNITIES short', EXTERNAL, 'c0 08 03 fc0000', WITHDRAW, 5, 3, ALL],
  ['7606 7.8', 'COMMUNITIES long', EXTERNAL, 'c0 08 05 fc00006400', WITHDRAW, 5, 3, ALL],
  // ORIGINATOR_ID
  ['7606 7.9', 'ORIGINATOR_ID from outside', EXTERNAL, '80 09 04 c0000203', DISCARD, 1, 0, NONE],
  ['7606 7.9', 'ORIGINATOR_ID from outside, short', EXTERNAL, '80 09 03 c00002', DISCARD, 1, 0, NONE],
  ['7606 3(c)', 'ORIGINATOR_ID well-known', INTERNAL, '40 09 04 c0000203', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'ORIGINATOR_ID transitive', INTERNAL, 'c0 09 04 c0000203', WITHDRAW, 4, 0, ALL],
  ['7606 4', 'ORIGINATOR_ID empty', INTERNAL, '80 09 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.9', 'ORIGINATOR_ID short', INTERNAL, '80 09 03 c00002', WITHDRAW, 5, 3, ALL],
  ['7606 7.9', 'ORIGINATOR_ID long', INTERNAL, '80 09 05 c000020300', WITHDRAW, 5, 3, ALL],
  // CLUSTER_LIST
  ['7606 7.10', 'CLUSTER_LIST from outside', EXTERNAL, '80 0a 04 c0000204', DISCARD, 1, 0, NONE],
  ['7606 7.10', 'CLUSTER_LIST from outside, empty', EXTERNAL, '80 0a 00', DISCARD, 1, 0, NONE],
  ['7606 3(c)', 'CLUSTER_LIST well-known', INTERNAL, '40 0a 04 c0000204', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'CLUSTER_LIST transitive', INTERNAL, 'c0 0a 04 c0000204', WITHDRAW, 4, 0, ALL],
  ['7606 7.10', 'CLUSTER_LIST empty', INTERNAL, '80 0a 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.10', 'CLUSTER_LIST short', INTERNAL, '80 0a 03 c00002', WITHDRAW, 5, 3, ALL],
  ['7606 7.10', 'CLUSTER_LIST long', INTERNAL, '80 0a 05 c000020400', WITHDRAW, 5, 3, ALL],
  // MP_REACH_NLRI
  ['7606 5.3', 'MP_REACH_NLRI transitive', EXTERNAL, `c0 0e 16 0002 01 10 ${ADDRESS} 00 00`, SESSION, 9, 0, ALL],
  ['7606 5.3', 'MP_REACH_NLRI well-known', EXTERNAL, `40 0e 16 0002 01 10 ${ADDRESS} 00 00`, SESSION, 9, 0, ALL],
  ['7606 5.3', 'MP_REACH_NLRI empty', EXTERNAL, '80 0e 00', SESSION, 9, 3, ALL],
  ['7606 5.3', 'MP_REACH_NLRI of four octets', EXTERNAL, '80 0e 04 0002 01 00', SESSION, 9, 3, ALL],
  ['7606 7.11', 'IPv6 next hop of no octets', EXTERNAL, '80 0e 05 0002 01 00 00', SESSION, 9, 6, ALL],
  ['7606 7.11', 'IPv6 next hop of four octets', EXTERNAL, '80 0e 0a 0002 01 04 c0000201 00 00', SESSION, 9, 6, ALL],
  [
    '7606 7.11',
    'IPv6 next hop of 24 octets',
    EXTERNAL,
    `80 0e 1e 0002 01 18 ${'0'.repeat(48)} 00 00`,
    SESSION,
    9,
    6,
    ALL,
  ],
  ['7606 7.11', 'IPv4 next hop of five octets', EXTERNAL, '80 0e 0b 0001 01 05 c000020100 00 00', SESSION, 9, 6, ALL],
  [
    '8950 4',
    'IPv6 next hop for IPv4, not agreed on',
    EXTERNAL,
    `80 0e 16 0001 01 10 ${ADDRESS} 00 00`,
    SESSION,
    9,
    6,
    ALL,
  ],
  ['7606 7.11', 'next hop beyond the attribute', EXTERNAL, '80 0e 05 0002 01 10 20', SESSION, 9, 6, ALL],
  ['7606 7.11', 'no room for the reserved octet', EXTERNAL, `80 0e 14 0002 01 10 ${ADDRESS}`, SESSION, 9, 6, ALL],
  [
    '7606 7.11',
    'next hop of a strange family beyond the attribute',
    EXTERNAL,
    '80 0e 05 0019 46 02 00',
    SESSION,
    9,
    6,
    ALL,
  ],
  [
    '7606 5.3',
    'IPv6 prefix of 129 bits',
    EXTERNAL,
    `80 0e 27 0002 01 10 ${ADDRESS} 00 81 ${'0'.repeat(34)}`,
    SESSION,
    9,
    24,
    ALL,
  ],
  [
    '7606 5.3',
    'IPv6 prefix beyond the attribute',
    EXTERNAL,
    `80 0e 18 0002 01 10 ${ADDRESS} 00 20 2001`,
    SESSION,
    9,
    24,
    ALL,
  ],
  [
    '7606 5.3',
    'IPv4 prefix of 33 bits',
    EXTERNAL,
    '80 0e 0f 0001 01 04 c0000201 00 21 0000000000',
    SESSION,
    9,
    12,
    ALL,
  ],
  ['7911 3', 'path identifier cut off', IPV4_ADD_PATH, '80 0e 0d 0001 01 04 c0000201 00 00000001', SESSION, 9, 12, ALL],
  // MP_UNREACH_NLRI
  ['7606 5.3', 'MP_UNREACH_NLRI transitive', EXTERNAL, 'c0 0f 03 0002 01', SESSION, 9, 0, ALL],
  ['7606 5.3', 'MP_UNREACH_NLRI well-known', EXTERNAL, '40 0f 03 0002 01', SESSION, 9, 0, ALL],
  ['7606 5.3', 'MP_UNREACH_NLRI empty', EXTERNAL, '80 0f 00', SESSION, 9, 3, ALL],
  ['7606 5.3', 'MP_UNREACH_NLRI of two octets', EXTERNAL, '80 0f 02 0002', SESSION, 9, 3, ALL],
  ['7606 5.3', 'withdrawn IPv6 prefix of 255 bits', EXTERNAL, '80 0f 04 0002 01 ff', SESSION, 9, 6, ALL],
  ['7606 5.3', 'withdrawn IPv6 prefix beyond the attribute', EXTERNAL, '80 0f 05 0002 01 40 20', SESSION, 9, 6, ALL],
  // EXTENDED COMMUNITIES
  ['7606 3(c)', 'EXTENDED COMMUNITIES well-known', EXTERNAL, '40 10 08 0002fc0000000064', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'EXTENDED COMMUNITIES not transitive', EXTERNAL, '80 10 08 0002fc0000000064', WITHDRAW, 4, 0, ALL],
  ['7606 7.14', 'EXTENDED COMMUNITIES empty', EXTERNAL, 'c0 10 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.14', 'EXTENDED COMMUNITIES short', EXTERNAL, 'c0 10 07 0002fc00000000', WITHDRAW, 5, 3, ALL],
  ['7606 7.14', 'EXTENDED COMMUNITIES long', EXTERNAL, 'c0 10 09 0002fc000000006400', WITHDRAW, 5, 3, ALL],
  // AS4_PATH
  ['6793 4.1', 'AS4_PATH in a session of four octets', EXTERNAL, 'c0 11 06 02 01 0001fc00', DISCARD, 9, 0, ALL],
  ['7606 3(c)', 'AS4_PATH well-known', TWO_OCTETS, '40 11 06 02 01 0001fc00', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'AS4_PATH not transitive', TWO_OCTETS, '80 11 06 02 01 0001fc00', WITHDRAW, 4, 0, ALL],
  ['6793 6', 'AS4_PATH empty', TWO_OCTETS, 'c0 11 00', DISCARD, 5, 3, ALL],
  ['6793 6', 'AS4_PATH short', TWO_OCTETS, 'c0 11 04 02 01 fc00', DISCARD, 5, 3, ALL],
  ['6793 6', 'AS4_PATH of an odd length', TWO_OCTETS, 'c0 11 07 02 01 0001fc00 00', DISCARD, 9, 9, ALL],
  ['6793 6', 'AS4_PATH overrun', TWO_OCTETS, 'c0 11 06 02 02 0001fc00', DISCARD, 9, 4, ALL],
  ['6793 6', 'AS4_PATH, empty segment', TWO_OCTETS, 'c0 11 08 02 00 02 01 0001fc00', DISCARD, 9, 4, ALL],
  ['6793 6', 'AS4_PATH, segment type 9', TWO_OCTETS, 'c0 11 06 09 01 0001fc00', DISCARD, 9, 3, ALL],
  ['7607 2', 'AS4_PATH with AS 0', TWO_OCTETS, 'c0 11 06 02 01 00000000', DISCARD, 9, 5, ALL],
  // AS4_AGGREGATOR
  [
    '6793 4.1',
    'AS4_AGGREGATOR in a session of four octets',
    EXTERNAL,
    'c0 12 08 0001fc00 c0000202',
    DISCARD,
    9,
    0,
    ALL,
  ],
  ['7606 3(c)', 'AS4_AGGREGATOR well-known', TWO_OCTETS, '40 12 08 0001fc00 c0000202', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'AS4_AGGREGATOR not transitive', TWO_OCTETS, '80 12 08 0001fc00 c0000202', WITHDRAW, 4, 0, ALL],
  ['6793 6', 'AS4_AGGREGATOR short', TWO_OCTETS, 'c0 12 06 fc00 c0000202', DISCARD, 5, 3, ALL],
  ['6793 6', 'AS4_AGGREGATOR long', TWO_OCTETS, 'c0 12 09 0001fc00 c0000202 00', DISCARD, 5, 3, ALL],
  ['7607 2', 'AS4_AGGREGATOR with AS 0', TWO_OCTETS, 'c0 12 08 00000000 c0000202', DISCARD, 9, 3, ALL],
  // IPv6 Address Specific Extended Community
  ['7606 3(c)', 'IPv6 extended communities well-known', EXTERNAL, `40 19 14 ${'00'.repeat(20)}`, WITHDRAW, 4, 0, ALL],
  [
    '7606 3(c)',
    'IPv6 extended communities not transitive',
    EXTERNAL,
    `80 19 14 ${'00'.repeat(20)}`,
    WITHDRAW,
    4,
    0,
    ALL,
  ],
  ['7606 7.15', 'IPv6 extended communities empty', EXTERNAL, 'c0 19 00', WITHDRAW, 5, 3, ALL],
  ['7606 7.15', 'IPv6 extended communities short', EXTERNAL, `c0 19 13 ${'00'.repeat(19)}`, WITHDRAW, 5, 3, ALL],
  ['7606 7.15', 'IPv6 extended communities long', EXTERNAL, `c0 19 15 ${'00'.repeat(21)}`, WITHDRAW, 5, 3, ALL],
  // LARGE_COMMUNITY
  ['7606 3(c)', 'LARGE_COMMUNITY well-known', EXTERNAL, `40 20 0c ${'00'.repeat(12)}`, WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'LARGE_COMMUNITY not transitive', EXTERNAL, `80 20 0c ${'00'.repeat(12)}`, WITHDRAW, 4, 0, ALL],
  ['8092 6', 'LARGE_COMMUNITY empty', EXTERNAL, 'c0 20 00', WITHDRAW, 5, 3, ALL],
  ['8092 6', 'LARGE_COMMUNITY short', EXTERNAL, `c0 20 0b ${'00'.repeat(11)}`, WITHDRAW, 5, 3, ALL],
  ['8092 6', 'LARGE_COMMUNITY long', EXTERNAL, `c0 20 0d ${'00'.repeat(13)}`, WITHDRAW, 5, 3, ALL],
  // Only to Customer
  ['7606 3(c)', 'Only to Customer well-known', EXTERNAL, '40 23 04 0000fc00', WITHDRAW, 4, 0, ALL],
  ['7606 3(c)', 'Only to Customer not transitive', EXTERNAL, '80 23 04 0000fc00', WITHDRAW, 4, 0, ALL],
  ['9234 5', 'Only to Customer empty', EXTERNAL, 'c0 23 00', WITHDRAW, 5, 3, ALL],
  ['9234 5', 'Only to Customer short', EXTERNAL, 'c0 23 03 00fc00', WITHDRAW, 5, 3, ALL],
  ['9234 5', 'Only to Customer long', EXTERNAL, 'c0 23 05 0000fc0000', WITHDRAW, 5, 3, ALL],
  // Attributes that are not known
  ['4271 6.3', 'an unrecognized well-known attribute', EXTERNAL, '40 63 01 00', SESSION, 2, 0, ALL],
  ['4271 6.3', 'an unrecognized attribute without flags', EXTERNAL, '00 63 01 00', SESSION, 2, 0, ALL],
  ['4271 6.3', 'type code 0', EXTERNAL, '40 00 00', SESSION, 2, 0, ALL],
  // Framing: the attribute stands last
  ['7606 4', 'a value beyond the attributes', EXTERNAL, '80 04 05 00000001', WITHDRAW, 1, 0, NONE],
  ['7606 4', 'one octet of an attribute', EXTERNAL, '80', WITHDRAW, 1, 0, NONE],
  ['7606 4', 'two octets of an attribute', EXTERNAL, '80 04', WITHDRAW, 1, 0, NONE],
  ['7606 4', 'three octets of an attribute of extended length', EXTERNAL, '90 04 00', WITHDRAW, 1, 0, NONE],
  ['7606 3(j)', 'MP_REACH_NLRI beyond the attributes', EXTERNAL, '80 0e ff 0002 01', SESSION, 9, 0, ALL],
  ['7606 3(j)', 'MP_UNREACH_NLRI beyond the attributes', EXTERNAL, '90 0f ffff 0002 01', SESSION, 9, 0, ALL],
  ['7606 3(j)', 'MP_REACH_NLRI without a length', EXTERNAL, '80 0e', SESSION, 9, 0, ALL],
];
