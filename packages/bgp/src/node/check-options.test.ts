import { expect, test } from 'vitest';
import { checkPeerOptions, type SpeakerDefaults } from './check-options.ts';
import { checkListenOptions } from './listen-settings.ts';
import type { BgpListenOptions, BgpPeerOptions } from './options.ts';

const SPEAKER: SpeakerDefaults = { asn: 64_500, routerId: '192.0.2.9', listens: false };
const PEER: BgpPeerOptions = { address: '192.0.2.1', asn: 64_496 };

test('what is not given has its default', () => {
  expect(checkPeerOptions(PEER, SPEAKER)).toMatchObject({
    name: '192.0.2.1',
    port: 179,
    localAsn: 64_500,
    routerId: '192.0.2.9',
    ttl: 64,
    families: ['ipv4-unicast'],
    passive: false,
    capabilities: [
      { type: 'multiprotocol', afi: 1, safi: 1 },
      { type: 'route-refresh' },
      { type: 'four-octet-asn', asn: 64_500 },
      { type: 'enhanced-route-refresh' },
    ],
  });
  expect(checkPeerOptions({ ...PEER, address: '2001:db8::1' }, SPEAKER).families).toEqual(['ipv6-unicast']);
  expect(checkPeerOptions({ ...PEER, gtsmHops: 1 }, SPEAKER).ttl).toBe(255);
});

test('what is wanted is offered', () => {
  const families = ['ipv6-unicast', 'ipv4-unicast'] as const;
  const wanted = { ...PEER, families, localAsn: 4_200_000_000, extendedNextHop: true, extendedMessages: true };
  expect(checkPeerOptions(wanted, SPEAKER).capabilities).toEqual([
    { type: 'multiprotocol', afi: 2, safi: 1 },
    { type: 'multiprotocol', afi: 1, safi: 1 },
    { type: 'route-refresh' },
    { type: 'extended-next-hop', families: [{ afi: 1, safi: 1, nextHopAfi: 2 }] },
    { type: 'extended-message' },
    { type: 'four-octet-asn', asn: 4_200_000_000 },
    { type: 'enhanced-route-refresh' },
  ]);
  expect(checkPeerOptions({ ...wanted, capabilities: [] }, SPEAKER).capabilities).toEqual([]);
});

test('a password is kept as octets of its own', () => {
  const md5Password = Uint8Array.of(1, 2, 3);
  const settings = checkPeerOptions({ ...PEER, md5Password }, SPEAKER);
  md5Password.fill(0);
  expect(settings.md5Password).toEqual(Uint8Array.of(1, 2, 3));
  expect(checkPeerOptions({ ...PEER, md5Password: 'é' }, SPEAKER).md5Password).toEqual(Uint8Array.of(0xc3, 0xa9));
});

test.for<
  [what: string, options: Partial<Record<keyof BgpPeerOptions, unknown>>, error: typeof TypeError, words: RegExp]
>([
  [
    'an address that is none',
    { address: 'router.example' },
    TypeError,
    /^address is an IP address, got "router\.example"$/u,
  ],
  ['an address that is a number', { address: 7 }, TypeError, /^address is an IP address/u],
  ['a link-local address without its zone', { address: 'fe80::1' }, TypeError, /needs its zone/u],
  ['a zone of a global address', { address: '2001:db8::1%eth0' }, TypeError, /only link-local addresses have a zone/u],
  ['a source address of the other family', { sourceAddress: '2001:db8::9' }, TypeError, /different families/u],
  ['AS 0', { asn: 0 }, RangeError, /^asn is from 1 to 4294967295, got 0$/u],
  ['an AS number that is text', { asn: '64496' }, TypeError, /^asn is an integer/u],
  ['an own AS number that is too large', { localAsn: 2 ** 32 }, RangeError, /localAsn/u],
  ['identifier 0.0.0.0', { routerId: '0.0.0.0' }, TypeError, /BGP identifier/u],
  ['an identifier that is an IPv6 address', { routerId: '2001:db8::1' }, TypeError, /BGP identifier/u],
  ['port 0', { port: 0 }, RangeError, /port/u],
  ['a hold time of 2', { holdTimeSeconds: 2 }, RangeError, /0, or at least 3 \(RFC 4271, section 4\.2\), got 2/u],
  ['a hold time that does not fit', { holdTimeSeconds: 65_536 }, RangeError, /holdTimeSeconds/u],
  ['a keepalive time of 0', { keepaliveTimeMs: 0 }, RangeError, /keepaliveTimeMs/u],
  ['a time that is none', { sendHoldTimeMs: Number.NaN }, TypeError, /sendHoldTimeMs/u],
  ['a TTL of 0', { ttl: 0 }, RangeError, /ttl/u],
  ['another TTL than 255 with GTSM', { ttl: 64, gtsmHops: 1 }, RangeError, /ttl is 255 with gtsmHops/u],
  ['255 hops', { gtsmHops: 255 }, RangeError, /gtsmHops/u],
  ['a device that is no name', { device: 'eth 0' }, TypeError, /not the name of an interface/u],
  ['a device that is an alias', { device: 'eth0:1' }, TypeError, /not the name of an interface: "eth0:1"/u],
  ['a device that is a path', { device: 'net/eth0' }, TypeError, /not the name of an interface/u],
  ['a device that is a folder', { device: '..' }, TypeError, /not the name of an interface/u],
  ['a device without a name', { device: '' }, TypeError, /not the name of an interface/u],
  ['a device that is a number', { device: 7 }, TypeError, /not the name of an interface/u],
  ['a device of too many octets', { device: 'é'.repeat(8) }, TypeError, /not the name of an interface/u],
  ['a device whose name is too long', { device: 'abcdefghijklmnop' }, TypeError, /not the name of an interface/u],
  ['no family', { families: [] }, TypeError, /families/u],
  ['an unknown family', { families: ['ipv4-multicast'] }, TypeError, /not an address family: "ipv4-multicast"/u],
  ['a next hop of the other family', { nextHop: { ipv6: '192.0.2.7' } }, TypeError, /nextHop\.ipv6/u],
  ['passive without listening', { passive: true }, TypeError, /needs a speaker that listens/u],
  ['an empty password', { md5Password: '' }, RangeError, /1 to 80 octets, got 0/u],
  [
    'a password that is too long',
    { md5Password: 'secret'.repeat(14) },
    RangeError,
    /^md5Password has 1 to 80 octets, got 84$/u,
  ],
])('%s is refused', ([, options, error, words]) => {
  const wanted = { ...PEER, ...options } as BgpPeerOptions;
  expect(() => checkPeerOptions(wanted, SPEAKER)).toThrow(error);
  expect(() => checkPeerOptions(wanted, SPEAKER)).toThrow(words);
});

test('a peer without an AS number or an identifier, here and there, is refused', () => {
  expect(() => checkPeerOptions(PEER, { ...SPEAKER, asn: undefined })).toThrow(/own AS number/u);
  expect(() => checkPeerOptions(PEER, { ...SPEAKER, routerId: undefined })).toThrow(/BGP identifier/u);
});

test.for<[what: string, options: BgpListenOptions, words: RegExp]>([
  ['an address that is none', { address: 'x' }, /not an IP address/u],
  ['a prefix that is none', { dynamic: [{ prefix: '192.0.2.0', options: { asn: 64_496 } }] }, /not a prefix/u],
  ['a prefix that is too long', { dynamic: [{ prefix: '192.0.2.0/33', options: { asn: 64_496 } }] }, /not a prefix/u],
  ['host bits', { dynamic: [{ prefix: '192.0.2.1/24', options: { asn: 64_496 } }] }, /without host bits/u],
  ['a wrong option of dynamic neighbours', { dynamic: [{ prefix: '::/0', options: { asn: 0 } }] }, /asn/u],
  ['255 hops', { gtsmHops: 255 }, /^listen\.gtsmHops is from 1 to 254, got 255$/u],
  ['no room for peers', { dynamic: [{ prefix: '::/0', options: { asn: 1 }, maxPeers: 0 }] }, /maxPeers/u],
])('%s to listen with is refused', ([, options, words]) => {
  expect(() => checkListenOptions(options, { ...SPEAKER, listens: true })).toThrow(words);
});

test('the longest prefix that matches decides', () => {
  const dynamic = ['0.0.0.0/0', '192.0.2.0/25', '192.0.2.0/24'].map((prefix) => ({ prefix, options: { asn: 64_496 } }));
  const { dynamic: sorted } = checkListenOptions({ dynamic }, { ...SPEAKER, listens: true });
  expect(sorted.map(({ prefix }) => prefix.length)).toEqual([25, 24, 0]);
});
