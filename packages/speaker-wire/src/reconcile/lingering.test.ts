import type { Link } from '@steelyard/linux-socket/link';
import { expect, test } from 'vitest';
import { factsOf } from './interfaces.ts';
import { LINGER_MS, type LingeringNetwork, NOTHING_LINGERS, withLingering } from './lingering.ts';

const LINK_LOCAL = { address: 'fe80::1', prefixLength: 64, family: 6, scope: 'link' } as const;
const OWN = { address: '192.0.2.11', prefixLength: 24, family: 4, scope: 'global' } as const;
const flags = { tentative: false, duplicate: false, deprecated: false };
const eth0: Link = {
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
  mtu: 1_500,
  carrierDownCount: 0,
  addresses: [
    { ...LINK_LOCAL, ...flags },
    { ...OWN, ...flags },
  ],
};
const withoutIpv6: Link = { ...eth0, up: false, running: false, addresses: [] };

function see(before: LingeringNetwork, links: readonly Link[], nowMs: number, gateways: readonly string[] = []) {
  const view = { links: new Map(links.map((link) => [link.index, link])), gateways };
  return withLingering(
    before,
    factsOf(view, () => false),
    view,
    nowMs,
  );
}
const names = ({ network: { usable } }: LingeringNetwork): unknown => [
  [...usable.ipv4.keys()],
  [...usable.ipv6.keys()],
];
const BOTH = [['eth0'], ['eth0']];
const NONE = [[], []];

test('an interface that vanishes is kept as one that is down, with what the host must not announce, and let go after a while', () => {
  const there = see(NOTHING_LINGERS, [eth0], 0, ['192.0.2.1']);
  expect(there.nextMs).toBeUndefined();
  const gone = see(there, [], 1_000);
  expect(names(gone)).toEqual(BOTH);
  expect(gone.network.usable.ipv4.get('eth0')).toMatchObject({ up: false, running: false, addresses: [] });
  expect([...gone.network.names]).toEqual(['eth0']);
  expect([...gone.network.localAddresses]).toContain('192.0.2.11');
  expect([...gone.network.gateways]).toEqual(['192.0.2.1']);
  expect(gone.nextMs).toBe(1_000 + LINGER_MS);
  const still = see(gone, [], 2_000);
  expect(still.network.usable.ipv4.get('eth0')).toBe(gone.network.usable.ipv4.get('eth0'));
  expect(still.nextMs).toBe(gone.nextMs);
  const after = see(still, [], 1_000 + LINGER_MS);
  expect(names(after)).toEqual(NONE);
  expect(after.nextMs).toBeUndefined();
  expect(after.network.localAddresses.size + after.network.gateways.size + after.network.names.size).toBe(0);
});

test('what comes back by the same name is used at once, whatever its index and MAC', () => {
  const gone = see(see(NOTHING_LINGERS, [eth0], 0), [], 10);
  const other: Link = { ...eth0, index: 9, mac: '02:00:5e:00:53:99' };
  const back = see(gone, [other], 20);
  expect(back.network.usable.ipv4.get('eth0')).toBe(other);
  expect(back.nextMs).toBeUndefined();
  expect(see(back, [], 20 + LINGER_MS).nextMs).toBe(20 + 2 * LINGER_MS); // each absence is one of its own
});

test('one that is down for a moment loses nothing, and its responder is told how it is', () => {
  const down = see(see(NOTHING_LINGERS, [eth0], 0), [withoutIpv6], 10);
  expect(names(down)).toEqual(BOTH);
  expect(down.network.usable.ipv6.get('eth0')).toBe(withoutIpv6);
  expect(names(see(down, [withoutIpv6], 10 + LINGER_MS))).toEqual([['eth0'], []]);
});

test.for<[what: string, now: Link]>([
  ['enslaved', { ...eth0, masterIndex: 7 }],
  ['enslaved and without a link-local address', { ...withoutIpv6, masterIndex: 7 }],
  ['without ARP', { ...eth0, noArp: true }],
])('one that is %s is let go at once', ([, now]) => {
  expect(names(see(see(NOTHING_LINGERS, [eth0], 0), [now], 10))).toEqual(NONE);
});

test('one that is renamed is used by its new name alone: two of us would answer', () => {
  const renamed = see(see(NOTHING_LINGERS, [eth0], 0), [{ ...eth0, name: 'lan0' }], 10);
  expect(names(renamed)).toEqual([['lan0'], ['lan0']]);
});
