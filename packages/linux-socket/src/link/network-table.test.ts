import { describe, expect, test } from 'vitest';
import { createNetworkTable, type NetworkFact } from './network-table.ts';
import type { LinkAddress, LinkAttributes } from './rtnetlink.ts';

const eth0: LinkAttributes = {
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
};
const ours: LinkAddress = {
  address: '192.0.2.1',
  prefixLength: 24,
  family: 4,
  scope: 'global',
  tentative: false,
  duplicate: false,
  deprecated: false,
};

function link(change: Partial<LinkAttributes> = {}): NetworkFact {
  return { type: 'link', link: { ...eth0, ...change } };
}
function address(change: Partial<LinkAddress> = {}, linkIndex = 2): NetworkFact {
  return { type: 'address', of: { linkIndex, address: { ...ours, ...change } } };
}

test('a link carries its addresses, and what is repeated is no change', () => {
  const table = createNetworkTable();
  for (const fact of [link(), address(), address({ address: '192.0.2.9' })]) table.apply(fact);
  expect(table.takeChanged()).toBe(true);
  expect(table.view().links.get(2)).toEqual({ ...eth0, addresses: [ours, { ...ours, address: '192.0.2.9' }] });
  for (const fact of [link(), address()]) table.apply(fact);
  expect(table.takeChanged()).toBe(false);
});

test('only the link that changed is a new object', () => {
  const table = createNetworkTable();
  for (const fact of [link(), link({ index: 3, name: 'eth1' })]) table.apply(fact);
  const before = table.view();
  table.apply(address({}, 3));
  const after = table.view();
  expect(after.links.get(2)).toBe(before.links.get(2));
  expect(after.links.get(3)).not.toBe(before.links.get(3));
});

test('an address with two prefix lengths is two addresses', () => {
  const table = createNetworkTable();
  for (const fact of [link(), address(), address({ prefixLength: 32 })]) table.apply(fact);
  table.apply({ type: 'addressGone', of: { linkIndex: 2, address: ours } });
  expect(table.view().links.get(2)?.addresses).toEqual([{ ...ours, prefixLength: 32 }]);
});

describe('routes are asked for again', () => {
  test.for<[after: string, facts: NetworkFact[], last: NetworkFact]>([
    ['a link goes down', [link()], link({ up: false })],
    ['a link is gone', [link()], { type: 'linkGone', index: 2 }],
    ['an address is gone', [link(), address()], { type: 'addressGone', of: { linkIndex: 2, address: ours } }],
  ])('after %s, for the kernel removes them without a word', ([, facts, last]) => {
    const table = createNetworkTable();
    expect(facts.flatMap((fact) => table.apply(fact))).toEqual([]);
    expect(table.apply(last)).toEqual(['ipv4Routes', 'ipv6Routes']);
    expect(table.apply(last)).toEqual([]);
  });

  test('after a default route changed, for what it replaced is not told', () => {
    const table = createNetworkTable();
    expect(table.apply({ type: 'defaultRoute', family: 6, gateways: ['fe80::1'] })).toEqual(['ipv6Routes']);
    expect(table.view().gateways).toEqual([]);
  });
});

test('what a dump does not show is gone, what comes during it stays, and until its end nothing changes', () => {
  const table = createNetworkTable();
  for (const fact of [link(), link({ index: 3, name: 'eth1' }), address()]) table.apply(fact);
  table.takeChanged();
  table.beginDump('links');
  table.addDumped(link({ mtu: 9000 }));
  expect(table.takeChanged()).toBe(false);
  table.apply(link({ index: 4, name: 'eth2' }));
  table.endDump();
  expect([...table.view().links.values()].map(({ name, mtu }) => [name, mtu])).toEqual([
    ['eth0', 9000],
    ['eth2', 1500],
  ]);
  expect(table.view().links.get(2)?.addresses).toEqual([ours]);
  table.beginDump('addresses');
  table.endDump();
  expect(table.view().links.get(2)?.addresses).toEqual([]);
});

test('gateways of both families are one sorted list without repetition', () => {
  const table = createNetworkTable();
  for (const [kind, family, gateways] of [
    ['ipv6Routes', 6, ['fe80::1', 'fe80::1']],
    ['ipv4Routes', 4, ['192.0.2.254', '192.0.2.253']],
  ] as const) {
    table.beginDump(kind);
    table.addDumped({ type: 'defaultRoute', family, gateways });
    table.endDump();
  }
  expect(table.view().gateways).toEqual(['192.0.2.253', '192.0.2.254', 'fe80::1']);
});
