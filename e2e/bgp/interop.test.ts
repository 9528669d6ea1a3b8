import type { Route, RouteAttributes } from '@steelyard/bgp';
import { type PathView, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL, endOfRibAt, type Kind, ordersOf, ROUTERS, TELLING, updatesAt, withdrawalsAt } from './interop-daemons.ts';
import { type Changes, expectPath, type InteropLab, OUR_ASN, openInteropLab, PATIENCE } from './interop-lab.ts';

const IPV4 = '192.0.2.1/32';
const IPV6 = '2001:db8::1/128';
const FOUR_OCTETS = 4_200_000_001;
const BOTH = ['ipv4-unicast', 'ipv6-unicast'] as const;

const rows = (kinds: readonly Kind[], ...more: readonly (readonly [string, Changes, Partial<PathView>])[]) =>
  more.flatMap(([what, changes, path]) => kinds.map((kind) => [kind, what, changes, path] as const));

describeLab('a session with', () => {
  let lab: InteropLab;
  beforeAll(async () => {
    lab = await openInteropLab();
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  test.concurrent.for([
    ...rows(
      ALL,
      ['external, over IPv4', {}, { asPath: '65001' }],
      ['external, over IPv6', { ipv6: true }, { asPath: '65001' }],
      ['internal', { theirAsn: 65_001 }, { asPath: '', localPref: 100 }],
      ['internal, over IPv6', { theirAsn: 65_001, ipv6: true }, { asPath: '', localPref: 100 }],
      [
        'four-octet AS numbers on both sides',
        { ourAsn: FOUR_OCTETS, theirAsn: FOUR_OCTETS + 1 },
        { asPath: String(FOUR_OCTETS) },
      ],
    ),
    ...rows(ROUTERS, ['external, over a router', { far: true, neighbor: { multihop: 2 } }, { asPath: '65001' }]),
    ...rows(
      ['frr', 'bird', 'gobgp'],
      [
        'TCP MD5',
        { neighbor: { md5Password: 'between-us' }, peer: { md5Password: 'between-us' } },
        { asPath: '65001' },
      ],
    ),
    ...rows(
      ['frr', 'bird', 'gobgp'],
      [
        'TCP MD5 over IPv6',
        { ipv6: true, neighbor: { md5Password: 'between-us' }, peer: { md5Password: 'between-us' } },
        { asPath: '65001' },
      ],
    ),
    ...rows(
      ROUTERS,
      ['GTSM', { neighbor: { gtsmHops: 1 }, peer: { gtsmHops: 1 } }, { asPath: '65001' }],
      ['GTSM over a router', { far: true, neighbor: { gtsmHops: 2 }, peer: { gtsmHops: 2 } }, { asPath: '65001' }],
    ),
    ...rows(
      ['exabgp'],
      [
        'no four-octet AS numbers there',
        { ourAsn: FOUR_OCTETS, neighbor: { asn: 23_456, extra: ['capability { asn4 disable; }'] } },
        { asPath: String(FOUR_OCTETS) },
      ],
    ),
    ...rows(
      ['bird'],
      [
        'no four-octet AS numbers there',
        { ourAsn: FOUR_OCTETS, neighbor: { asn: 'external', extra: ['enable as4 off;'] } },
        { asPath: String(FOUR_OCTETS) },
      ],
    ),
    ...rows(
      ['frr'],
      [
        'no capability at all there',
        { ourAsn: FOUR_OCTETS, neighbor: { extra: ['dont-capability-negotiate'] } },
        // FRR looks into AS4_PATH only where the other side offers no four-octet AS numbers.
        { asPath: '23456' },
      ],
    ),
    ...rows(
      ['bird'],
      ['no capability at all there', { neighbor: { extra: ['capabilities off;'] } }, { asPath: '65001' }],
    ),
  ])('%s: %s', async ([kind, , changes, path]) => {
    await using session = await lab.session(kind, changes);
    await session.established();
    const prefix = changes.ipv6 === true ? IPV6 : IPV4;
    await session.ours.call('set', session.name, [{ prefix }]);
    await expectPath(session, prefix, { ...path, origin: 'igp', nextHop: session.ourAddress });
    await session.ours.call('set', session.name, []);
    await expectPath(session, prefix, undefined);
  });

  test.concurrent.for(ALL)('%s: both families on a session of either', async (kind) => {
    const families = { neighbor: { families: ['ipv4', 'ipv6'] }, peer: { families: BOTH } } as const;
    await using first = await lab.session(kind, families);
    await using second = await lab.session(kind, { ...families, ipv6: true });
    for (const session of [first, second]) {
      await session.established();
      await session.ours.call('set', session.name, [{ prefix: IPV4 }, { prefix: IPV6 }]);
      await expectPath(session, IPV4, { nextHop: lab.ours.ipv4 });
      await expectPath(session, IPV6, { nextHop: lab.ours.ipv6 });
    }
  });

  test.concurrent.for(ROUTERS)('%s: an IPv4 prefix by way of an IPv6 address (RFC 8950)', async (kind) => {
    await using session = await lab.session(kind, {
      ipv6: true,
      neighbor: { families: ['ipv4', 'ipv6'], extendedNextHop: true },
      peer: { families: BOTH, extendedNextHop: true },
    });
    const { session: agreed } = await session.established();
    expect(agreed?.context.extendedNextHop).toBe(true);
    await session.ours.call('set', session.name, [{ prefix: IPV4, attributes: { nextHop: lab.ours.ipv6 } }]);
    await expectPath(session, IPV4, { nextHop: lab.ours.ipv6 });
  });

  test.concurrent.for(ALL.flatMap((kind) => [[kind, 'external'] as const, [kind, 'internal'] as const]))(
    '%s, %s: all attributes arrive, change without a withdrawal, and the end of the routes is told',
    async ([kind, type]) => {
      const changes: Changes = { ...(type === 'internal' ? { theirAsn: OUR_ASN } : {}), ...TELLING[kind] };
      await using session = await lab.session(kind, changes);
      await session.established();
      await waitUntil('End-of-RIB', () => endOfRibAt(session.daemon, session.ourAddress), PATIENCE);
      const attributes: RouteAttributes = {
        origin: 'incomplete',
        med: 77,
        localPref: 250,
        communities: [((64_512 << 16) | 200) >>> 0, ((64_512 << 16) | 100) >>> 0, 0xffff_ff01],
        largeCommunities: [{ globalAdministrator: FOUR_OCTETS, localData1: 0, localData2: 7 }],
      };
      await session.ours.call('set', session.name, [{ prefix: IPV4, attributes }]);
      await expectPath(session, IPV4, {
        origin: 'incomplete',
        med: 77,
        communities: ['64512:100', '64512:200', '65535:65281'],
        largeCommunities: [`${FOUR_OCTETS}:0:7`],
        localPref: type === 'internal' ? 250 : kind === 'bird' ? 100 : undefined,
      });
      await session.ours.call('set', session.name, [{ prefix: IPV4, attributes: { localPref: 50 } }]);
      await expectPath(session, IPV4, { origin: 'igp', med: undefined, communities: [], largeCommunities: [] });
      if (type === 'internal') await expectPath(session, IPV4, { localPref: 50 });
      if (kind !== 'exabgp') expect(await withdrawalsAt(session.daemon, session.ourAddress)).toBe(0);
    },
  );

  test.concurrent.for(ROUTERS)('%s: 3,000 prefixes go, come and are withdrawn in a few messages', async (kind) => {
    await using session = await lab.session(kind);
    await session.established();
    await session.ours.call('setHosts', session.name, 3_000, { med: 1 });
    await waitUntil('all', async () => (await session.daemon.routeCount()) === 3_000, PATIENCE);
    expect((await session.status()).counters.sent.update).toBeLessThan(7);
    await session.ours.call('set', session.name, []);
    await waitUntil('none', async () => (await session.daemon.routeCount()) === 0, PATIENCE);
    expect((await session.status()).counters.sent.update).toBeLessThan(12);
  });

  test.concurrent.for([
    ['frr', []],
    ['bird', ['enable extended messages on;']],
  ] as const)('%s: with extended messages, 3,000 prefixes are one', async ([kind, extra]) => {
    await using session = await lab.session(kind, { neighbor: { extra }, peer: { extendedMessages: true } });
    const { session: agreed } = await session.established();
    expect(agreed?.context.extendedMessage).toBe(true);
    await session.ours.call('setHosts', session.name, 3_000, { med: 1 });
    await waitUntil('all', async () => (await session.daemon.routeCount()) === 3_000, PATIENCE);
    expect((await session.status()).counters.sent.update).toBe(2); // and End-of-RIB
  });

  // GoBGP keeps what it was told, and asks nobody: `softresetin` looks at its own.
  test.concurrent.for(['frr', 'bird'] as const)(
    '%s: asks for all again, and has it between BoRR and EoRR (RFC 7313)',
    async (kind) => {
      await using session = await lab.session(kind, TELLING[kind]);
      const { session: agreed } = await session.established();
      expect(agreed).toMatchObject({ routeRefresh: true, enhancedRouteRefresh: true });
      const routes: readonly Route[] = [{ prefix: IPV4 }, { prefix: '192.0.2.2/32', attributes: { med: 2 } }];
      await session.ours.call('set', session.name, routes);
      await expectPath(session, IPV4, {});
      const before = await updatesAt(session.daemon, session.ourAddress);
      await session.daemon.command(...ordersOf(session.daemon).refresh(session.ourAddress));
      await waitUntil(
        'both again',
        async () => (await updatesAt(session.daemon, session.ourAddress)) >= before + 2,
        PATIENCE,
      );
      const { counters } = await session.status();
      expect(counters.received.routeRefresh).toBe(1);
      expect(counters.sent.routeRefresh).toBe(2);
      await expectPath(session, '192.0.2.2/32', { med: 2 });
      expect(await withdrawalsAt(session.daemon, session.ourAddress)).toBe(0);
    },
  );
});
