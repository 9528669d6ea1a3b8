import { describe, expect, test } from 'vitest';
import type { AddressFamily } from '../../messages/address-family.ts';
import type { AdvertisementContext, RouteAttributes } from '../route.ts';
import { packAnnouncements, packWithdrawals } from './pack.ts';
import { endOfRib } from './update-layout.ts';

const session: AdvertisementContext = {
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

const MARKER: string = 'ff'.repeat(16);
const ORIGIN_AND_AS_PATH = '40 01 01 00  40 02 06 02 01 0000fc00';

function hex(...parts: readonly string[]): string {
  return parts.join('').replaceAll(' ', '');
}

function hexOf(messages: readonly Uint8Array[]): string[] {
  return messages.map((message) => Buffer.from(message).toString('hex'));
}

function announce(
  family: AddressFamily,
  prefixes: Iterable<string>,
  context: Partial<AdvertisementContext> = {},
  attributes: RouteAttributes = {},
): readonly Uint8Array[] {
  const packed = packAnnouncements(attributes, family, prefixes, { ...session, ...context });
  if (!packed.ok) throw new Error(packed.because);
  return packed.messages;
}

function* hosts(count: number): Generator<string> {
  for (let i = 0; i < count; i += 1) yield `10.${(i >> 16) & 0xff}.${(i >> 8) & 0xff}.${i & 0xff}/32`;
}

function* hosts6(count: number): Generator<string> {
  for (let i = 0; i < count; i += 1) yield `2001:db8::${(i >> 16).toString(16)}:${(i & 0xffff).toString(16)}/128`;
}

describe('one UPDATE', () => {
  test('RFC 4271, section 4.3: IPv4 with an IPv4 next hop', () => {
    expect(hexOf(announce('ipv4-unicast', ['192.0.2.1/32', '198.51.100.0/24']))).toEqual([
      hex(
        MARKER,
        '0034 02', // length 52, UPDATE
        '0000', // nothing is withdrawn
        '0014', // 20 octets of path attributes
        ORIGIN_AND_AS_PATH,
        '40 03 04 c000020a', // NEXT_HOP 192.0.2.10
        '20 c0000201', // 192.0.2.1/32
        '18 c63364', // 198.51.100.0/24
      ),
    ]);
  });

  test('RFC 2545: IPv6 with the global next hop of a peer that is not on the link; MP_REACH_NLRI is first', () => {
    expect(hexOf(announce('ipv6-unicast', ['2001:db8:1::/48']))).toEqual([
      hex(
        MARKER,
        '0043 02',
        '0000',
        '002c', // 44 octets of path attributes
        '80 0e 1c', // MP_REACH_NLRI, 28 octets
        '0002 01', // IPv6, unicast
        '10 20010db8000000000000000000000010', // next hop of 16 octets
        '00', // reserved
        '30 20010db80001', // 2001:db8:1::/48
        ORIGIN_AND_AS_PATH,
      ),
    ]);
  });

  test('RFC 2545, section 3: both addresses for a peer on the link', () => {
    expect(hexOf(announce('ipv6-unicast', ['::/0'], { nextHopLinkLocal: 'fe80::10%eth0' }))).toEqual([
      hex(
        MARKER,
        '004d 02',
        '0000',
        '0036',
        '80 0e 26', // MP_REACH_NLRI, 38 octets
        '0002 01',
        '20 20010db8000000000000000000000010 fe800000000000000000000000000010', // next hop of 32 octets
        '00',
        '00', // ::/0
        ORIGIN_AND_AS_PATH,
      ),
    ]);
  });

  const unnumbered = { nextHopIpv4: undefined, nextHopIpv6: undefined, nextHopLinkLocal: 'fe80::10' };

  test('an unnumbered session has the link-local address alone', () => {
    const [message] = hexOf(announce('ipv6-unicast', ['2001:db8::1/128'], unnumbered));
    expect(message).toContain(hex('80 0e 26', '0002 01', '10 fe800000000000000000000000000010', '00', '80 20010db8'));
  });

  test('RFC 8950: IPv4 over it in MP_REACH_NLRI, with one address and without NEXT_HOP', () => {
    expect(hexOf(announce('ipv4-unicast', ['192.0.2.1/32'], { ...unnumbered, extendedNextHop: true }))).toEqual([
      hex(
        MARKER,
        '0041 02',
        '0000',
        '002a',
        '80 0e 1a', // MP_REACH_NLRI, 26 octets
        '0001 01', // IPv4, unicast
        '10 fe800000000000000000000000000010',
        '00',
        '20 c0000201',
        ORIGIN_AND_AS_PATH,
      ),
    ]);
  });

  test('RFC 8950: of a global and a link-local address the global one alone, for Junos takes no two', () => {
    const context = { nextHopIpv4: undefined, nextHopLinkLocal: 'fe80::10', extendedNextHop: true };
    const [message] = hexOf(announce('ipv4-unicast', ['192.0.2.1/32'], context));
    expect(message).toContain(hex('80 0e 1a', '0001 01', '10 20010db8000000000000000000000010', '00', '20 c0000201'));
  });

  test('an IPv4 next hop is used as long as there is one', () => {
    const [message] = hexOf(announce('ipv4-unicast', ['192.0.2.1/32'], { extendedNextHop: true }));
    expect(message).toContain(hex('40 03 04 c000020a', '20 c0000201'));
  });

  test.for<
    [name: string, family: AddressFamily, prefixes: string[], context: Partial<AdvertisementContext>, octets: string]
  >([
    [
      'IPv4 is withdrawn in the field of RFC 4271',
      'ipv4-unicast',
      ['192.0.2.1/32', '0.0.0.0/0'],
      {},
      hex('001d 02', '0006', '20 c0000201', '00', '0000'),
    ],
    [
      'IPv6 is withdrawn in MP_UNREACH_NLRI: RFC 4760, section 4',
      'ipv6-unicast',
      ['2001:db8:1::/48'],
      {},
      hex('0024 02', '0000', '000d', '80 0f 0a', '0002 01', '30 20010db80001'),
    ],
    [
      'so is IPv4 where it goes with IPv6 next hops',
      'ipv4-unicast',
      ['192.0.2.1/32'],
      { extendedNextHop: true },
      hex('0022 02', '0000', '000b', '80 0f 08', '0001 01', '20 c0000201'),
    ],
  ])('%s', ([, family, prefixes, context, octets]) => {
    expect(hexOf(packWithdrawals(family, prefixes, { ...session, ...context }))).toEqual([MARKER + octets]);
  });

  test('RFC 4724, section 2: End-of-RIB of both forms', () => {
    expect(hexOf([endOfRib('ipv4-unicast')])).toEqual([hex(MARKER, '0017 02', '0000', '0000')]);
    expect(hexOf([endOfRib('ipv6-unicast')])).toEqual([hex(MARKER, '001d 02', '0000', '0006', '80 0f 03', '0002 01')]);
  });

  test('the length of MP_REACH_NLRI has two octets beyond 255', () => {
    // 21 octets in front of the prefixes; 17 octets each.
    const [short] = hexOf(announce('ipv6-unicast', [...hosts6(13), '2001:db8:1:1:1:1::/96']));
    expect(short).toContain(hex('80 0e ff', '0002 01'));
    const [long] = hexOf(announce('ipv6-unicast', [...hosts6(13), '2001:db8:1:1:1:1:100::/104']));
    expect(long).toContain(hex('90 0e 0100', '0002 01'));
  });
});

describe('as many prefixes as fit, and no more', () => {
  test.for<[name: string, messages: readonly Uint8Array[], lengths: readonly number[]]>([
    // 43 octets in front of the prefixes, 810 of 5 octets: 4,093; the next one would make it 4,098.
    ['IPv4 announced', announce('ipv4-unicast', hosts(811)), [4093, 48]],
    ['IPv4 announced, exactly full', announce('ipv4-unicast', ['10.0.0.0/8', '0.0.0.0/0', ...hosts(810)]), [4096]],
    // 61 octets beside them, 17 each: (4096 - 61) / 17 = 237; the header of a short MP_REACH_NLRI has one less.
    ['IPv6 announced', announce('ipv6-unicast', hosts6(238)), [4090, 77]],
    ['IPv4 withdrawn', packWithdrawals('ipv4-unicast', hosts(815), session), [4093, 28]],
    ['IPv6 withdrawn', packWithdrawals('ipv6-unicast', hosts6(240), session), [4093, 46]],
    ['extended, announced', announce('ipv4-unicast', hosts(13_099), { extendedMessage: true }), [65_533, 48]],
    [
      'extended, withdrawn',
      packWithdrawals('ipv6-unicast', hosts6(3854), { ...session, extendedMessage: true }),
      [65_531, 46],
    ],
    ['nothing', announce('ipv4-unicast', []), []],
  ])('%s', ([, messages, lengths]) => {
    expect(messages.map((message) => message.length)).toEqual(lengths);
  });

  test('the lengths within the messages are those of the messages', () => {
    for (const message of [...announce('ipv4-unicast', hosts(2000)), ...announce('ipv6-unicast', hosts6(2000))]) {
      expect(new DataView(message.buffer, message.byteOffset).getUint16(16)).toBe(message.length);
    }
  });
});

describe('what a session cannot carry is a value, with the reason', () => {
  const communities = (count: number): RouteAttributes => ({ communities: Array.from({ length: count }, (_, i) => i) });

  test.for<
    [because: string, family: AddressFamily, context: Partial<AdvertisementContext>, attributes: RouteAttributes]
  >([
    ['the peer does not take ipv6-unicast', 'ipv6-unicast', { families: ['ipv4-unicast'] }, {}],
    ['the session has no IPv6 address for a next hop', 'ipv6-unicast', { nextHopIpv6: undefined }, {}],
    ['the session has no IPv4 address for a next hop', 'ipv4-unicast', { nextHopIpv4: undefined }, {}],
    ['an IPv4 next hop is of no use to an IPv6 prefix', 'ipv6-unicast', {}, { nextHop: '192.0.2.7' }],
    ['the peer takes no IPv6 next hop for an IPv4 prefix', 'ipv4-unicast', {}, { nextHop: '2001:db8::7' }],
    [
      'the path attributes leave no room for a prefix in a message of 4096 octets',
      'ipv4-unicast',
      {},
      communities(1012),
    ],
    [
      'the path attributes leave no room for a prefix in a message of 65535 octets',
      'ipv6-unicast',
      { extendedMessage: true },
      communities(16_400),
    ],
  ])('%s', ([because, family, context, attributes]) => {
    const prefix = family === 'ipv4-unicast' ? '192.0.2.1/32' : '2001:db8::1/128';
    expect(packAnnouncements(attributes, family, [prefix], { ...session, ...context })).toEqual({ ok: false, because });
  });

  test('attributes that leave room for one prefix make a message for each', () => {
    // 43 octets, 4 for the header of COMMUNITIES, 4 for each of 1,011 communities: 4,091, and a prefix.
    const messages = announce('ipv4-unicast', hosts(3), {}, communities(1011));
    expect(messages.map((message) => message.length)).toEqual([4096, 4096, 4096]);
  });
});

test('a prefix of another family is the caller’s mistake', () => {
  expect(() => packAnnouncements({}, 'ipv4-unicast', ['2001:db8::1/128'], session)).toThrow(TypeError);
  expect(() => packWithdrawals('ipv6-unicast', ['192.0.2.1/32'], session)).toThrow(TypeError);
});

test('a context that is none is the caller’s mistake', () => {
  expect(() => packWithdrawals('ipv4-unicast', [], { ...session, localAsn: 0 })).toThrow(RangeError);
  expect(() => packWithdrawals('ipv4-unicast', [], { ...session, nextHopIpv4: 'eth0' })).toThrow(TypeError);
});
