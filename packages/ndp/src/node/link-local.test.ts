import type { Link, LinkAddress } from '@steelyard/linux-socket/link';
import { expect, test } from 'vitest';
import { linkLocalAddress } from './link-local.ts';

const address = (text: string, changes: Partial<LinkAddress> = {}): LinkAddress => ({
  address: text,
  prefixLength: 64,
  family: text.includes(':') ? 6 : 4,
  scope: 'link',
  tentative: false,
  duplicate: false,
  deprecated: false,
  ...changes,
});

test.for<[name: string, addresses: readonly LinkAddress[], expected: string | undefined]>([
  ['none', [], undefined],
  ['a global one', [address('2001:db8::1', { scope: 'global' })], undefined],
  ['an IPv4 one', [address('169.254.0.1')], undefined],
  ['a link-local one', [address('2001:db8::1', { scope: 'global' }), address('fe80::1')], 'fe80::1'],
  ['the other end of fe80::/10', [address('febf::1')], 'febf::1'],
  ['what is beyond it', [address('fec0::1')], undefined],
  ['one that is being checked', [address('fe80::1', { tentative: true })], 'fe80::1'],
  ['one that another host has', [address('fe80::1', { tentative: true, duplicate: true })], undefined],
])('of %s', ([, addresses, expected]) => {
  const link: Link = {
    index: 2,
    name: 'eth0',
    mac: '02:00:5e:00:53:01',
    up: true,
    running: true,
    broadcast: true,
    noArp: false,
    loopback: false,
    masterIndex: undefined,
    kind: undefined,
    mtu: 1500,
    carrierDownCount: 0,
    addresses,
  };
  expect(linkLocalAddress(link)).toBe(expected);
});
