import { expect, test } from 'vitest';
import { capturedAfter } from '../../test/captured.ts';
import { decodeFact } from './facts.ts';
import { decodeNetlinkMessages, type NetlinkMessage } from './netlink.ts';
import type { NetworkFact } from './network-table.ts';

function messagesAfter(title: string): NetlinkMessage[] {
  return capturedAfter(title).flatMap((datagram) => {
    const messages = decodeNetlinkMessages(datagram);
    return messages.ok ? messages.value : [];
  });
}

/** The facts that the kernel stated after a command. */
function factsAfter(title: string): NetworkFact[] {
  return messagesAfter(title).flatMap((message) => {
    const fact = decodeFact(message);
    if (!fact.ok) throw new Error(fact.failure.message);
    return fact.value === undefined ? [] : [fact.value];
  });
}

const right = {
  index: 2,
  name: 'right',
  mac: '02:00:5e:00:53:02',
  up: true,
  running: true,
  broadcast: true,
  noArp: false,
  loopback: false,
  masterIndex: undefined,
  kind: 'veth',
  mtu: 1500,
  carrierDownCount: 1,
};

test('a new pair of interfaces is two links that are down', () => {
  const down = { ...right, up: false, running: false };
  expect(
    factsAfter('ip link add name left address 02:00:5e:00:53:01 type veth peer name right address 02:00:5e:00:53:02'),
  ).toEqual([
    { type: 'link', link: down },
    { type: 'link', link: { ...down, index: 3, name: 'left', mac: '02:00:5e:00:53:01' } },
  ]);
});

test('a port of a bridge knows its master, and its own end is not what the bridge says', () => {
  expect(factsAfter('ip link set right master br0')).toContainEqual({
    type: 'link',
    link: { ...right, masterIndex: 4 },
  });
  const afterwards = factsAfter('ip link set right nomaster');
  expect(messagesAfter('ip link set right nomaster').some(({ type }) => type === 17)).toBe(true); // the bridge says DELLINK
  expect(afterwards.some(({ type }) => type === 'linkGone')).toBe(false);
  expect(afterwards).toContainEqual({ type: 'link', link: right });
});

test('the loopback interface has no MAC address', () => {
  expect(factsAfter('dump links')).toContainEqual({
    type: 'link',
    link: expect.objectContaining({ name: 'lo', mac: undefined, loopback: true, kind: undefined, mtu: 65_536 }),
  });
});

test.for<[command: string, address: string, prefixLength: number, family: 4 | 6]>([
  ['ip address add 192.0.2.1/24 dev left', '192.0.2.1', 24, 4],
  ['ip address add 198.51.100.1 peer 198.51.100.2/32 dev left', '198.51.100.1', 32, 4],
])('%s', ([command, address, prefixLength, family]) => {
  expect(factsAfter(command)).toEqual([
    {
      type: 'address',
      of: {
        linkIndex: 3,
        address: {
          address,
          prefixLength,
          family,
          scope: 'global',
          tentative: false,
          duplicate: false,
          deprecated: false,
        },
      },
    },
  ]);
});

test('an IPv6 address is tentative until duplicate address detection has finished', () => {
  expect(factsAfter('ip address add 2001:db8::1/64 dev left')).toContainEqual({
    type: 'address',
    of: expect.objectContaining({ address: expect.objectContaining({ address: '2001:db8::1', tentative: true }) }),
  });
});

test.for<[command: string, family: 4 | 6, gateways: string[]]>([
  ['ip route add default via 192.0.2.254', 4, ['192.0.2.254']],
  ['ip -6 route add default via fe80::1 dev left table 100', 6, ['fe80::1']],
  [
    'ip -4 route replace default nexthop via 192.0.2.253 dev left nexthop via inet6 fe80::2 dev left',
    4,
    ['192.0.2.253', 'fe80::2'],
  ],
  ['dump ipv4Routes', 4, ['192.0.2.253', 'fe80::2']],
  ['dump ipv6Routes', 6, ['fe80::1']],
])('%s', ([command, family, gateways]) => {
  expect(factsAfter(command)).toEqual([{ type: 'defaultRoute', family, gateways }]);
});

test('a route that is not a default route states nothing', () => {
  expect(factsAfter('ip route add 203.0.113.0/24 via 192.0.2.254')).toEqual([]);
});

test('a deleted interface is gone, and so is its peer', () => {
  const gone = factsAfter('ip link delete left').filter(({ type }) => type === 'linkGone');
  expect(gone).toEqual([
    { type: 'linkGone', index: 3 },
    { type: 'linkGone', index: 2 },
  ]);
});
