import { expect, test } from 'vitest';
import { type NextHopFacts, type NextHops, nextHopsOf } from './next-hops.ts';
import type { InterfaceAddress } from './transport/interface-address.ts';

function on(interfaceName: string, ...addresses: readonly string[]): readonly InterfaceAddress[] {
  return addresses.map((text) => {
    const [address = '', length] = text.split('/');
    return { interfaceName, address, prefixLength: Number(length) };
  });
}

const HOST: readonly InterfaceAddress[] = [
  ...on('lo', '127.0.0.1/8', '::1/128', '203.0.113.9/32', '2001:db8:9::9/128'),
  ...on('eth0', '192.0.2.9/24', 'fd00::9/64', '2001:db8::9/64', 'fe80::9/64'),
  ...on('eth1', '198.51.100.9/24', 'fe80::19/64'),
];
/** As Linux lists them: IPv4 oldest first, IPv6 newest first. */
const SHARED: readonly InterfaceAddress[] = [
  ...on('eth0', '192.0.2.250/32', '192.0.2.9/24', '192.0.2.8/24'),
  ...on('eth0', '2001:db8::250/128', '2001:db8::7777/64', '2001:db8::9/64', 'fd00::9/64', 'fe80::9/64'),
];
const UNIQUE_LOCAL: readonly InterfaceAddress[] = on(
  'eth0',
  '192.0.2.9/24',
  'fd00::250/128',
  'fd00::7777/64',
  'fd00::9/64',
);
const ETH0: NextHops = { ipv4: '192.0.2.9', ipv6: '2001:db8::9', linkLocal: undefined };

test.for<[what: string, facts: Partial<NextHopFacts>, hops: NextHops]>([
  ['an IPv4 session takes the global IPv6 address of its interface', {}, ETH0],
  [
    'an IPv6 session adds the link-local one, for the peer is on the same link',
    { localAddress: '2001:db8::9', peerAddress: '2001:db8::1' },
    { ...ETH0, linkLocal: 'fe80::9' },
  ],
  ['a peer behind a router has no use for it', { localAddress: '2001:db8::9', peerAddress: '2001:db8:1::1' }, ETH0],
  [
    'a unique local address is as good, where it is the session’s',
    { localAddress: 'fd00::9', peerAddress: 'fd00::1' },
    { ...ETH0, ipv6: 'fd00::9', linkLocal: 'fe80::9' },
  ],
  [
    'a session between link-local addresses has that one alone',
    { localAddress: 'fe80::9%eth0', peerAddress: 'fe80::1%eth0' },
    { ipv4: '192.0.2.9', ipv6: undefined, linkLocal: 'fe80::9' },
  ],
  [
    'an interface without a global IPv6 address has none to offer',
    { localAddress: '198.51.100.9', peerAddress: '198.51.100.1' },
    { ipv4: '198.51.100.9', ipv6: undefined, linkLocal: undefined },
  ],
  [
    'loopback addresses are next hops, but those that mean every host',
    { localAddress: '203.0.113.9' },
    { ipv4: '203.0.113.9', ipv6: '2001:db8:9::9', linkLocal: undefined },
  ],
  [
    'a session from IPv6 on loopback has the IPv4 address there, and is on no link',
    { localAddress: '2001:db8:9::9', peerAddress: '2001:db8:9::9' },
    { ipv4: '203.0.113.9', ipv6: '2001:db8:9::9', linkLocal: undefined },
  ],
  ['an IPv4-mapped address is an IPv4 address', { localAddress: '::ffff:192.0.2.9' }, ETH0],
  [
    'an address that no interface has is all there is',
    { localAddress: '192.0.2.77' },
    { ipv4: '192.0.2.77', ipv6: undefined, linkLocal: undefined },
  ],
  [
    'who chooses an IPv6 next hop gets it, and no other beside it',
    { localAddress: '2001:db8::9', peerAddress: '2001:db8::1', chosen: { ipv6: '2001:db8::77' } },
    { ...ETH0, ipv6: '2001:db8::77' },
  ],
  [
    'the oldest of several global IPv6 addresses is taken, and none of a virtual host',
    { interfaceAddresses: SHARED },
    ETH0,
  ],
  [
    'so is the oldest unique local one, where no other is',
    { interfaceAddresses: UNIQUE_LOCAL },
    { ...ETH0, ipv6: 'fd00::9' },
  ],
  [
    'an IPv6 session takes the primary IPv4 address, and none of a virtual host',
    { localAddress: '2001:db8::7777', peerAddress: '2001:db8:1::1', interfaceAddresses: SHARED },
    { ...ETH0, ipv6: '2001:db8::7777' },
  ],
  [
    'the address of the session itself is taken, whatever it is',
    { localAddress: '2001:db8::250', peerAddress: '2001:db8:1::1', interfaceAddresses: SHARED },
    { ...ETH0, ipv6: '2001:db8::250' },
  ],
  ['who chooses an IPv4 next hop gets it', { chosen: { ipv4: '192.0.2.77' } }, { ...ETH0, ipv4: '192.0.2.77' }],
])('%s', ([, facts, hops]) => {
  const all = {
    localAddress: '192.0.2.9',
    peerAddress: '192.0.2.1',
    interfaceAddresses: HOST,
    chosen: undefined,
    ...facts,
  };
  expect(nextHopsOf(all)).toEqual(hops);
});
