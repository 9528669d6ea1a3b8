import type { PathView } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL, ROUTERS } from './interop-daemons.ts';
import { type Changes, expectPath, type InteropLab, linkLocalOf, openInteropLab } from './interop-lab.ts';

const IPV4 = '192.0.2.1/32';
const IPV6 = '2001:db8::1/128';
const BOTH: Changes = {
  neighbor: { families: ['ipv4', 'ipv6'], extendedNextHop: true },
  peer: { families: ['ipv4-unicast', 'ipv6-unicast'], extendedNextHop: true },
};

describeLab('the next hop at', () => {
  let lab: InteropLab;
  let linkLocal: string;
  beforeAll(async () => {
    lab = await openInteropLab();
    linkLocal = await linkLocalOf(lab.ours);
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  /** GoBGP shows one. */
  const beside = (kind: string): Partial<PathView> => (kind === 'gobgp' ? {} : { linkLocalNextHop: linkLocal });

  test.concurrent.for(ALL)('%s, of IPv6 on the same link: the global address and the link-local', async (kind) => {
    await using session = await lab.session(kind, { ipv6: true });
    await session.established();
    await session.ours.call('set', session.name, [{ prefix: IPV6 }]);
    await expectPath(session, IPV6, { nextHop: lab.ours.ipv6, ...beside(kind) });
  });

  test.concurrent.for(ROUTERS)('%s, of IPv6 over a router: the global address alone', async (kind) => {
    await using session = await lab.session(kind, { ipv6: true, far: true, neighbor: { multihop: 2 } });
    await session.established();
    await session.ours.call('set', session.name, [{ prefix: IPV6 }]);
    await expectPath(session, IPV6, { nextHop: lab.ours.ipv6, linkLocalNextHop: undefined });
  });

  test.concurrent.for(ROUTERS)('%s, of IPv6 in a session over IPv4: the global address of the link', async (kind) => {
    await using session = await lab.session(kind, BOTH);
    await session.established();
    await session.ours.call('set', session.name, [{ prefix: IPV6 }]);
    await expectPath(session, IPV6, { nextHop: lab.ours.ipv6, linkLocalNextHop: undefined });
  });

  test.concurrent.for(ROUTERS)('%s: another that was chosen for the peer, or for the route', async (kind) => {
    await using session = await lab.session(kind, { peer: { nextHop: { ipv4: '10.20.1.200' } } });
    await session.established();
    const own = { prefix: '192.0.2.2/32', attributes: { nextHop: '10.20.1.201' } };
    await session.ours.call('set', session.name, [{ prefix: IPV4 }, own]);
    await expectPath(session, IPV4, { nextHop: '10.20.1.200' });
    await expectPath(session, own.prefix, { nextHop: '10.20.1.201' });
  });

  const ON_LINK = {
    frr: { extra: ['interface eth0'] },
    bird: { extra: ['interface "eth0";'] },
  } as const;
  test.concurrent.for(['frr', 'bird', 'gobgp'] as const)(
    '%s, of a session between link-local addresses: that address alone, for both families',
    async (kind) => {
      const words = kind === 'gobgp' ? { address: `${linkLocal}%eth0` } : { address: linkLocal, ...ON_LINK[kind] };
      const changes: Changes = { ...BOTH, neighbor: { ...BOTH.neighbor, ...words } };
      await using session = await lab.session(kind, { ...changes, linkLocal: true });
      await session.established();
      await session.ours.call('set', session.name, [
        { prefix: IPV4, attributes: { nextHop: linkLocal } },
        { prefix: IPV6 },
      ]);
      await expectPath(session, IPV6, { nextHop: linkLocal });
      await expectPath(session, IPV4, { nextHop: linkLocal });
    },
  );
});

describeLab('the next hop of a node without IPv4, at', () => {
  let lab: InteropLab;
  beforeAll(async () => {
    lab = await openInteropLab({ ipv6Only: true });
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test.concurrent.for(ROUTERS)('%s: IPv4 prefixes go by way of its IPv6 address (RFC 8950)', async (kind) => {
    await using session = await lab.session(kind, { ...BOTH, ipv6: true });
    await session.established();
    await session.ours.call('set', session.name, [{ prefix: IPV4 }, { prefix: IPV6 }]);
    await expectPath(session, IPV4, { nextHop: lab.ours.ipv6 });
    await expectPath(session, IPV6, { nextHop: lab.ours.ipv6 });
  });

  test('frr: without RFC 8950 they are not sent, and it is said why', async () => {
    await using session = await lab.session('frr', { ...BOTH, ipv6: true, peer: { families: ['ipv4-unicast'] } });
    await session.established();
    await session.ours.call('set', session.name, [{ prefix: IPV4 }]);
    const { routes } = await session.status();
    expect(routes).toMatchObject({ wanted: 1, announced: 0, pending: 0, unsendable: 1 });
    expect(routes.unsendableBecause).toMatch(/IPv4 address|next hop/);
  });
});
