import { describe, expect, test } from 'vitest';
import type { AddressFamily } from '../../messages/address-family.ts';
import type { AdvertisementContext, RouteAttributes } from '../route.ts';
import { encodePathAttributes } from './path-attributes.ts';

const external: AdvertisementContext = {
  localAsn: 64_512,
  internal: false,
  fourOctetAsn: true,
  extendedMessage: false,
  families: ['ipv4-unicast', 'ipv6-unicast'],
  nextHopIpv4: '192.0.2.10',
  nextHopIpv6: '2001:db8::10',
  nextHopLinkLocal: undefined,
  extendedNextHop: false,
};
const internal: AdvertisementContext = { ...external, internal: true };
const twoOctets: AdvertisementContext = { ...external, fourOctetAsn: false };

function encode(attributes: RouteAttributes, context = external, family: AddressFamily = 'ipv4-unicast'): string {
  return Buffer.from(encodePathAttributes(attributes, family, context)).toString('hex');
}

/** Hex without its spaces. */
function hex(...parts: readonly string[]): string {
  return parts.join('').replaceAll(' ', '');
}

const ORIGIN_IGP = '40 01 01 00';
const AS_PATH_64512 = '40 02 06 02 01 0000fc00';
const NEXT_HOP = '40 03 04 c000020a';
const FIRST_THREE: string = hex(ORIGIN_IGP, AS_PATH_64512, NEXT_HOP);

describe('RFC 4271, section 5: towards an external peer', () => {
  test.for<[name: string, attributes: RouteAttributes, octets: string]>([
    ['nothing is given: ORIGIN, AS_PATH with the own AS number, NEXT_HOP', {}, FIRST_THREE],
    ['ORIGIN EGP', { origin: 'egp' }, hex('40 01 01 01', AS_PATH_64512, NEXT_HOP)],
    ['ORIGIN INCOMPLETE', { origin: 'incomplete' }, hex('40 01 01 02', AS_PATH_64512, NEXT_HOP)],
    [
      'a path that was learnt stands behind the own AS number',
      { asPath: [64_496, 4_200_000_000] },
      hex(ORIGIN_IGP, '40 02 0e 02 03 0000fc00 0000fbf0 fa56ea00', NEXT_HOP),
    ],
    ['another next hop', { nextHop: '198.51.100.7' }, hex(ORIGIN_IGP, AS_PATH_64512, '40 03 04 c6336407')],
    ['MED, only where it is given', { med: 0 }, hex(FIRST_THREE, '80 04 04 00000000')],
    ['LOCAL_PREF never', { localPref: 300 }, FIRST_THREE],
    ['ATOMIC_AGGREGATE is empty', { atomicAggregate: true }, hex(FIRST_THREE, '40 06 00')],
    [
      'AGGREGATOR with four octets of AS number',
      { aggregator: { asn: 70_000, address: '198.51.100.1' } },
      hex(FIRST_THREE, 'c0 07 08 00011170 c6336401'),
    ],
    [
      'COMMUNITIES sorted as unsigned numbers, each once',
      { communities: [0xffff_ff01, 100, 0xfc00_0064, 100] },
      hex(FIRST_THREE, 'c0 08 0c 00000064 fc000064 ffffff01'),
    ],
    [
      'no communities are no attribute',
      { communities: [], largeCommunities: [], extendedCommunities: [] },
      FIRST_THREE,
    ],
    [
      'EXTENDED COMMUNITIES sorted, each once',
      {
        extendedCommunities: [
          Uint8Array.of(0, 2, 0xfc, 0, 0, 0, 0, 9),
          Uint8Array.of(0, 2, 0xfc, 0, 0, 0, 0, 1),
          Uint8Array.of(0, 2, 0xfc, 0, 0, 0, 0, 9),
        ],
      },
      hex(FIRST_THREE, 'c0 10 10 0002fc0000000001 0002fc0000000009'),
    ],
    [
      'LARGE_COMMUNITY sorted, each once: RFC 8092, section 5',
      {
        largeCommunities: [
          { globalAdministrator: 4_294_967_295, localData1: 0, localData2: 1 },
          { globalAdministrator: 64_512, localData1: 2, localData2: 3 },
          { globalAdministrator: 64_512, localData1: 1, localData2: 4_294_967_295 },
          { globalAdministrator: 64_512, localData1: 2, localData2: 3 },
        ],
      },
      hex(FIRST_THREE, 'c0 20 24 0000fc0000000001ffffffff 0000fc000000000200000003 ffffffff0000000000000001'),
    ],
    [
      'all of them, by ascending code',
      {
        largeCommunities: [{ globalAdministrator: 1, localData1: 2, localData2: 3 }],
        extendedCommunities: [Uint8Array.of(0, 2, 0xfc, 0, 0, 0, 0, 1)],
        communities: [1],
        aggregator: { asn: 1, address: '192.0.2.1' },
        atomicAggregate: true,
        localPref: 1,
        med: 4_294_967_295,
      },
      hex(
        FIRST_THREE,
        '80 04 04 ffffffff',
        '40 06 00',
        'c0 07 08 00000001 c0000201',
        'c0 08 04 00000001',
        'c0 10 08 0002fc0000000001',
        'c0 20 0c 000000010000000200000003',
      ),
    ],
  ])('%s', ([, attributes, octets]) => {
    expect(encode(attributes)).toBe(octets);
  });
});

describe('RFC 4271, section 5: towards an internal peer', () => {
  test.for<[name: string, attributes: RouteAttributes, octets: string]>([
    ['AS_PATH is empty, LOCAL_PREF is 100', {}, hex(ORIGIN_IGP, '40 02 00', NEXT_HOP, '40 05 04 00000064')],
    ['LOCAL_PREF 0 is a value', { localPref: 0 }, hex(ORIGIN_IGP, '40 02 00', NEXT_HOP, '40 05 04 00000000')],
    [
      'a path that was learnt goes as it is; MED stands in front of LOCAL_PREF',
      { asPath: [64_496], med: 5, localPref: 4_294_967_295 },
      hex(ORIGIN_IGP, '40 02 06 02 01 0000fbf0', NEXT_HOP, '80 04 04 00000005', '40 05 04 ffffffff'),
    ],
  ])('%s', ([, attributes, octets]) => {
    expect(encode(attributes, internal)).toBe(octets);
  });
});

describe('RFC 6793, section 4.2.2: towards a peer that knows two octets', () => {
  test.for<[name: string, localAsn: number, attributes: RouteAttributes, octets: string]>([
    ['numbers that fit need nothing else', 65_535, {}, hex(ORIGIN_IGP, '40 02 04 02 01 ffff', NEXT_HOP)],
    [
      'AS_TRANS stands for the own one, and AS4_PATH has the whole path',
      65_536,
      { asPath: [64_496] },
      hex(ORIGIN_IGP, '40 02 06 02 02 5ba0 fbf0', NEXT_HOP, 'c0 11 0a 02 02 00010000 0000fbf0'),
    ],
    [
      'a number in the path that was learnt does the same',
      64_512,
      { asPath: [4_200_000_000] },
      hex(ORIGIN_IGP, '40 02 06 02 02 fc00 5ba0', NEXT_HOP, 'c0 11 0a 02 02 0000fc00 fa56ea00'),
    ],
    [
      'AGGREGATOR of six octets',
      64_512,
      { aggregator: { asn: 64_496, address: '192.0.2.1' } },
      hex(ORIGIN_IGP, '40 02 04 02 01 fc00', NEXT_HOP, 'c0 07 06 fbf0 c0000201'),
    ],
    [
      'AS4_AGGREGATOR behind EXTENDED COMMUNITIES and AS4_PATH, in front of LARGE_COMMUNITY',
      70_000,
      {
        aggregator: { asn: 70_000, address: '192.0.2.1' },
        extendedCommunities: [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)],
        largeCommunities: [{ globalAdministrator: 1, localData1: 2, localData2: 3 }],
      },
      hex(
        ORIGIN_IGP,
        '40 02 04 02 01 5ba0',
        NEXT_HOP,
        'c0 07 06 5ba0 c0000201',
        'c0 10 08 0102030405060708',
        'c0 11 06 02 01 00011170',
        'c0 12 08 00011170 c0000201',
        'c0 20 0c 000000010000000200000003',
      ),
    ],
  ])('%s', ([, localAsn, attributes, octets]) => {
    expect(encode(attributes, { ...twoOctets, localAsn })).toBe(octets);
  });
});

describe('RFC 4271, section 4.3: a length of two octets, flag Extended Length, only beyond 255 octets', () => {
  const numbered = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

  test('63 communities have one octet, 64 have two', () => {
    const body = (count: number): string =>
      numbered(count)
        .map((n) => n.toString(16).padStart(8, '0'))
        .join('');
    expect(encode({ communities: numbered(63) })).toBe(hex(FIRST_THREE, 'c0 08 fc', body(63)));
    expect(encode({ communities: numbered(64) })).toBe(hex(FIRST_THREE, 'd0 08 0100', body(64)));
    expect(encode({ communities: numbered(900) })).toBe(hex(FIRST_THREE, 'd0 08 0e10', body(900)));
  });

  test('a path is split into segments of at most 255 numbers', () => {
    const octets = encode({ asPath: Array.from({ length: 256 }, () => 64_496) });
    const own = hex(ORIGIN_IGP, '50 02 0408', '02 ff 0000fc00');
    expect(octets).toBe(hex(own, '0000fbf0'.repeat(254), '02 02', '0000fbf0'.repeat(2), NEXT_HOP));
  });

  test('a path of exactly 255 numbers is one segment', () => {
    const octets = encode({ asPath: Array.from({ length: 254 }, () => 64_496) });
    expect(octets).toBe(hex(ORIGIN_IGP, '50 02 03fe', '02 ff 0000fc00', '0000fbf0'.repeat(254), NEXT_HOP));
  });
});

test('NEXT_HOP is left out where the next hop goes into MP_REACH_NLRI', () => {
  const withoutNextHop = hex(ORIGIN_IGP, AS_PATH_64512);
  expect(encode({}, external, 'ipv6-unicast')).toBe(withoutNextHop);
  const extendedNextHop = { ...external, nextHopIpv4: undefined, extendedNextHop: true };
  expect(encode({}, extendedNextHop)).toBe(withoutNextHop);
  expect(encode({ nextHop: '2001:db8::7' }, { ...external, extendedNextHop: true })).toBe(withoutNextHop);
});

describe('what no message can carry is the caller’s mistake', () => {
  test.for<[name: string, attributes: unknown]>([
    ['an origin that is none', { origin: 'static' }],
    ['AS 0: RFC 7607', { asPath: [0] }],
    ['an AS number of 33 bits', { asPath: [4_294_967_296] }],
    ['a MED below zero', { med: -1 }],
    ['a LOCAL_PREF that is no integer', { localPref: 1.5 }],
    ['a next hop that is none', { nextHop: 'router' }],
    ['a next hop with a zone', { nextHop: 'fe80::1%eth0' }],
    ['a community of 33 bits', { communities: [4_294_967_296] }],
    ['a community that is signed', { communities: [64_512 << 16] }],
    ['a part of a large community', { largeCommunities: [{ globalAdministrator: 1, localData1: -1, localData2: 3 }] }],
    ['an extended community of seven octets', { extendedCommunities: [new Uint8Array(7)] }],
    ['an aggregator of IPv6', { aggregator: { asn: 1, address: '2001:db8::1' } }],
    ['an aggregator of AS 0', { aggregator: { asn: 0, address: '192.0.2.1' } }],
  ])('%s', ([, attributes]) => {
    expect(() => encode(attributes as RouteAttributes)).toThrow(/^[^{}]+$/);
  });
});
