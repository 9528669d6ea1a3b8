import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SessionContext } from '../../src/messages/session-context.ts';
import { createAdjRibOut } from '../../src/rib/adj-rib-out.ts';
import type { AdjRibOut } from '../../src/rib/vocabulary.ts';
import { packAnnouncements } from '../../src/update/encode/pack.ts';
import type { AdvertisementContext, Route, RouteAttributes } from '../../src/update/route.ts';
import { createRouter, type Router } from './router.ts';

const prefixes: readonly string[] = [
  ...Array.from({ length: 12 }, (_, i) => `10.0.${i}.0/24`),
  '0.0.0.0/0',
  '192.0.2.1/32',
  ...Array.from({ length: 6 }, (_, i) => `2001:db8:${i + 1}::/48`),
  '::/0',
];
/** Some are equal though written otherwise, some differ only inside an AS, one fits into no ordinary message. */
const attributeSets: readonly (RouteAttributes | undefined)[] = [
  undefined,
  { communities: [1, 2] },
  { communities: [2, 1, 1] },
  { localPref: 200 },
  { localPref: 300, communities: [1, 2] },
  { nextHop: '198.51.100.1' },
  { nextHop: '2001:db8::99' },
  { asPath: [4_200_000_000], med: 3 },
  { communities: Array.from({ length: 1100 }, (_, i) => i) },
];

const route: fc.Arbitrary<Route> = fc.record({
  prefix: fc.constantFrom(...prefixes),
  attributes: fc.constantFrom(...attributeSets),
});
const context: fc.Arbitrary<AdvertisementContext> = fc.record({
  localAsn: fc.constantFrom(64_512, 4_200_000_001),
  internal: fc.boolean(),
  fourOctetAsn: fc.boolean(),
  extendedMessage: fc.boolean(),
  families: fc.oneof(
    fc.constant(['ipv4-unicast', 'ipv6-unicast'] as const),
    fc.subarray(['ipv4-unicast', 'ipv6-unicast'] as const),
  ),
  nextHopIpv4: fc.constantFrom('192.0.2.10', '192.0.2.10', undefined),
  nextHopIpv6: fc.constantFrom('2001:db8::10', '2001:db8::10', undefined),
  nextHopLinkLocal: fc.constantFrom('fe80::10', undefined),
  extendedNextHop: fc.boolean(),
});

type Step =
  | { readonly type: 'set'; readonly routes: readonly Route[] }
  | { readonly type: 'patch'; readonly add: readonly Route[]; readonly remove: readonly string[] }
  | { readonly type: 'begin'; readonly context: AdvertisementContext }
  | { readonly type: 'end' }
  | { readonly type: 'refresh'; readonly family: 'ipv4-unicast' | 'ipv6-unicast' }
  | { readonly type: 'take'; readonly maxOctets: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('set'), routes: fc.array(route, { maxLength: 20 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('patch'),
      add: fc.array(route, { maxLength: 4 }),
      remove: fc.array(fc.constantFrom(...prefixes), { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('begin'), context }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('end') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('refresh'),
      family: fc.constantFrom('ipv4-unicast' as const, 'ipv6-unicast' as const),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('take'), maxOctets: fc.constantFrom(0, 0, 100, 5000, 1_000_000) }),
  },
) as fc.Arbitrary<Step>;

/** A session, and the router at its other end. */
interface Session {
  readonly context: AdvertisementContext;
  readonly router: Router;
}

function sessionOf(advertisement: AdvertisementContext): Session {
  const asReceived: SessionContext = { ...advertisement, addPathReceive: [] };
  return { context: advertisement, router: createRouter(asReceived) };
}

/** What a router has to know in the end, if each wanted route were announced alone. */
function expectedTable(wanted: ReadonlyMap<string, RouteAttributes>, session: Session): Map<string, string> {
  const router = sessionOf(session.context).router;
  for (const [prefix, attributes] of wanted) {
    const family = prefix.includes(':') ? 'ipv6-unicast' : 'ipv4-unicast';
    const packed = packAnnouncements(attributes, family, [prefix], session.context);
    if (packed.ok) for (const message of packed.messages) router.receive(message);
  }
  return new Map(router.table);
}

/** A RIB with its router, and what is wanted by the steps that were taken. */
function play(steps: readonly Step[], enhanced: boolean): void {
  const rib = createAdjRibOut();
  const wanted = new Map<string, RouteAttributes>();
  let session: Session | undefined;

  const take = (maxOctets: number): void => {
    const announcedBefore = session?.router.table.size ?? 0;
    const pendingBefore = rib.pending;
    const messages = rib.take(maxOctets);
    expect(messages.length > 0).toBe(pendingBefore);
    if (session === undefined) return;
    expect(announcedBefore).toBe(session.router.table.size);
    const limit = session.context.extendedMessage ? 65_535 : 4096;
    for (const message of messages) {
      expect(message.length).toBeLessThanOrEqual(limit);
      session.router.receive(message);
    }
    expect(rib.counts.announced).toBe(session.router.table.size);
    if (!rib.pending) expectSettled(rib, wanted, session);
  };
  const settle = (): void => {
    take(Number.POSITIVE_INFINITY);
    expect(rib.pending).toBe(false);
    expectSettled(rib, wanted, session);
  };

  for (const taken of steps) {
    switch (taken.type) {
      case 'set':
        rib.set(taken.routes);
        wanted.clear();
        for (const { prefix, attributes = {} } of taken.routes) wanted.set(prefix, attributes);
        break;
      case 'patch':
        rib.patch(taken);
        for (const prefix of taken.remove) wanted.delete(prefix);
        for (const { prefix, attributes = {} } of taken.add) wanted.set(prefix, attributes);
        break;
      case 'begin':
        rib.begin(taken.context);
        session = sessionOf(taken.context);
        break;
      case 'end':
        rib.end();
        session = undefined;
        break;
      case 'refresh':
        rib.refresh(taken.family, enhanced);
        break;
      case 'take':
        take(taken.maxOctets);
        break;
    }
    expect(rib.counts.wanted).toBe(wanted.size);
  }
  settle();
  // A session that lasts: its markers are right, and a second look finds nothing.
  if (session !== undefined) expectMarkers(session, enhanced);
  expect(rib.take(Number.POSITIVE_INFINITY)).toEqual([]);
}

function expectSettled(
  rib: AdjRibOut,
  wanted: ReadonlyMap<string, RouteAttributes>,
  session: Session | undefined,
): void {
  if (session === undefined) {
    expect(rib.counts).toEqual({ wanted: wanted.size, announced: 0, pending: wanted.size });
    expect(rib.unsendable).toEqual({ count: 0, because: undefined });
    return;
  }
  const expected = expectedTable(wanted, session);
  expect(session.router.table).toEqual(expected);
  expect(rib.counts).toEqual({ wanted: wanted.size, announced: expected.size, pending: 0 });
  expect(rib.unsendable.count).toBe(wanted.size - expected.size);
  expect(rib.unsendable.because !== undefined).toBe(wanted.size > expected.size);
}

function expectMarkers({ context: { families }, router: { markers } }: Session, enhanced: boolean): void {
  for (const family of ['ipv4-unicast', 'ipv6-unicast'] as const) {
    const [first, ...others] = markers.filter((marker) => marker.endsWith(family));
    expect(first).toBe(families.includes(family) ? `EoR ${family}` : undefined);
    if (!enhanced) expect(others).toEqual([]);
    expect(others).toEqual(others.map((_, i) => `${i % 2 === 0 ? 'BoRR' : 'EoRR'} ${family}`));
  }
}

describe('whatever happens, a router at the other end comes to know exactly what is wanted', () => {
  // The router throws where a message has anything wrong with it, tells what it knows, or withdraws what it never had.
  test('with markers around what was asked for again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => play(steps, true)),
      { numRuns: 600 },
    );
  });

  test('without markers', () => {
    // Without BoRR the router cannot tell a refresh from what is redundant: there is none here.
    const steps = fc.array(step, { maxLength: 40 }).map((all) => all.filter(({ type }) => type !== 'refresh'));
    fc.assert(
      fc.property(steps, (some) => play(some, false)),
      { numRuns: 600 },
    );
  });
});

test('8 peers with 10,000 routes each are told each prefix once, in as few messages as can be', () => {
  const attributes: RouteAttributes = { communities: [1] };
  const routes = Array.from({ length: 10_000 }, (_, i) => ({ prefix: `10.0.${i >> 8}.${i & 255}/32`, attributes }));
  for (let peer = 0; peer < 8; peer += 1) {
    const session = sessionOf({
      localAsn: 64_512,
      internal: peer % 2 === 0,
      fourOctetAsn: true,
      extendedMessage: false,
      families: ['ipv4-unicast'],
      nextHopIpv4: `192.0.2.${peer + 1}`,
      nextHopIpv6: undefined,
      nextHopLinkLocal: undefined,
      extendedNextHop: false,
    });
    const rib = createAdjRibOut();
    rib.set(routes);
    rib.begin(session.context);
    const messages = rib.take(Number.POSITIVE_INFINITY);
    for (const message of messages) session.router.receive(message);
    expect(session.router.table.size).toBe(10_000);
    // 4,096 octets less 50 leave room for 809 prefixes; and End-of-RIB.
    expect(messages.length).toBe(Math.ceil(10_000 / 809) + 1);
  }
});
