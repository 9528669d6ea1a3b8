import type { BgpPath, BgpPeerEntry, BgpRouteEntry } from '@steelyard/announce';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BgpEffect, type BgpEvent, initialBgpState, routesFor, stepBgp } from './reconcile-bgp.ts';

const path = (peers: readonly string[], more: Partial<BgpPath> = {}): BgpPath => ({
  peers,
  localPref: undefined,
  communities: [],
  largeCommunities: [],
  ...more,
});
const route = (
  prefix: string,
  paths: readonly BgpPath[],
  serviceKeys: readonly string[] = ['default/web'],
): BgpRouteEntry => ({
  prefix,
  serviceKeys,
  paths,
});
const peer = (name: string, more: Partial<BgpPeerEntry> = {}): BgpPeerEntry => ({
  name,
  peerAddress: '192.0.2.1',
  peerPort: 179,
  localAsn: 65001,
  peerAsn: 65000,
  sourceAddress: undefined,
  holdTimeSeconds: undefined,
  keepaliveTimeMs: undefined,
  connectTimeSeconds: undefined,
  routerId: undefined,
  password: undefined,
  ebgpMultiHop: false,
  vrf: undefined,
  families: ['ipv4-unicast'],
  ...more,
});
const snapshot = (routes: readonly BgpRouteEntry[], bgpPeers: readonly BgpPeerEntry[], complete = true): BgpEvent => ({
  type: 'snapshot',
  routes: new Map(routes.map((one) => [one.prefix, one])),
  bgpPeers,
  bgpComplete: complete,
});
const change = (
  routeUpserts: readonly BgpRouteEntry[],
  routeRemovals: readonly string[] = [],
  bgpPeers?: readonly BgpPeerEntry[],
): BgpEvent => ({ type: 'change', routeUpserts, routeRemovals, bgpPeers });

function lineOf(effect: BgpEffect): string {
  switch (effect.type) {
    case 'removePeer':
      return `removePeer ${effect.name}`;
    case 'addPeer':
    case 'replacePeer':
      return `${effect.type} ${effect.entry.name}`;
    case 'renamePeer':
      return `renamePeer ${effect.from} ${effect.entry.name}`;
    case 'patchRoutes':
      return `patch ${effect.peer} +${effect.add.map(({ prefix }) => prefix).join()} -${effect.remove.join()}`;
    case 'reportSessions':
      return 'reportSessions';
    case 'report': {
      const { report } = effect;
      if (report.type !== 'bgpService') return report.type;
      return `${report.serviceKey} ${report.announced ? 'announced' : 'withdrawn'}${report.fresh ? '' : ' still'}`;
    }
  }
}

/** Effects in a line each: what is to be done, and with what. */
const told = (effects: readonly BgpEffect[]): string[] => effects.map(lineOf);

function begun(routes: readonly BgpRouteEntry[], peers: readonly BgpPeerEntry[]) {
  const state = initialBgpState();
  stepBgp(state, snapshot(routes, peers));
  return state;
}

test('a first snapshot adds the peers, each with its routes, and says which Services are announced', () => {
  const state = initialBgpState();
  const routes = [
    route('192.0.2.10/32', [path(['a']), path(['b'], { localPref: 200 })]),
    route('192.0.2.11/32', [path(['b'])]),
  ];
  expect(told(stepBgp(state, snapshot(routes, [peer('a'), peer('b')])))).toEqual([
    'addPeer a',
    'addPeer b',
    'reportSessions',
    'default/web announced',
  ]);
  expect(routesFor(state, 'a').map(({ prefix }) => prefix)).toEqual(['192.0.2.10/32']);
  expect(routesFor(state, 'b').map(({ attributes }) => attributes?.localPref)).toEqual([200, undefined]);
});

test('one prefix that changes is told to the peers concerned, and to no other', () => {
  const state = begun(
    [route('192.0.2.10/32', [path(['a', 'b'])]), route('192.0.2.11/32', [path(['b'])])],
    [peer('a'), peer('b'), peer('c')],
  );
  expect(told(stepBgp(state, change([route('192.0.2.11/32', [path(['b'], { localPref: 1 })])])))).toEqual([
    'patch b +192.0.2.11/32 -',
  ]);
  expect(told(stepBgp(state, change([route('192.0.2.10/32', [path(['a', 'b'])])])))).toEqual([]);
  expect(told(stepBgp(state, change([route('192.0.2.10/32', [path(['a'])])])))).toEqual(['patch b + -192.0.2.10/32']);
  expect(told(stepBgp(state, change([], ['192.0.2.10/32'])))).toEqual(['patch a + -192.0.2.10/32']);
  expect(told(stepBgp(state, change([], ['192.0.2.11/32'])))).toEqual([
    'patch b + -192.0.2.11/32',
    'default/web withdrawn',
  ]);
});

test('attributes that only moved to another path are no change', () => {
  const state = begun([route('192.0.2.10/32', [path(['a', 'b'])])], [peer('a'), peer('b')]);
  const split = route('192.0.2.10/32', [path(['a']), path(['b'])]);
  expect(told(stepBgp(state, change([split])))).toEqual([]);
});

test('only the peer that changed is replaced', () => {
  const [a, b] = [peer('a'), peer('b', { password: Uint8Array.of(1, 2) })];
  const state = begun([route('192.0.2.10/32', [path(['a', 'b'])])], [a, b]);
  const peersNow = (...peers: BgpPeerEntry[]) => told(stepBgp(state, change([], [], peers)));
  expect(peersNow({ ...a }, { ...b, password: Uint8Array.of(1, 2) })).toEqual([]);
  expect(peersNow(a, { ...b, password: Uint8Array.of(1, 3) })).toEqual(['replacePeer b']);
  expect(peersNow({ ...a, holdTimeSeconds: 9 }, { ...b, password: Uint8Array.of(1, 3) })).toEqual(['replacePeer a']);
  expect(peersNow({ ...a, holdTimeSeconds: 9 })).toEqual(['removePeer b']);
  expect(peersNow({ ...a, holdTimeSeconds: 9 }, b)).toEqual(['addPeer b']);
});

test('a peer that only has another name keeps its session, which gets the routes of its new name', () => {
  const state = begun(
    [route('192.0.2.10/32', [path(['a'])])],
    [peer('a'), peer('other', { peerAddress: '192.0.2.3' })],
  );
  const event = change(
    [route('192.0.2.10/32', [path(['b'])])],
    [],
    [peer('b'), peer('other', { peerAddress: '192.0.2.3' })],
  );
  expect(told(stepBgp(state, event))).toEqual(['renamePeer a b']);
  expect(routesFor(state, 'b')).toHaveLength(1);
});

test('a Service that joins or leaves an aggregate is one Service’s news, and no route’s', () => {
  const state = begun([route('192.0.2.0/24', [path(['a'])], ['default/a', 'default/c'])], [peer('a')]);
  const next = (...keys: string[]) => told(stepBgp(state, change([route('192.0.2.0/24', [path(['a'])], keys)])));
  expect(next('default/a', 'default/b', 'default/c')).toEqual(['default/b announced']);
  expect(next('default/b', 'default/d')).toEqual(['default/a withdrawn', 'default/c withdrawn', 'default/d announced']);
});

test('what a partial snapshot does not have stays', () => {
  const state = begun([route('192.0.2.10/32', [path(['a'])])], [peer('a')]);
  expect(told(stepBgp(state, snapshot([], [], false)))).toEqual(['reportSessions', 'default/web announced still']);
  expect(told(stepBgp(state, snapshot([], [])))).toEqual(['removePeer a', 'reportSessions', 'default/web withdrawn']);
});

test('a route may come before its peer', () => {
  const state = begun([], []);
  expect(told(stepBgp(state, change([route('192.0.2.10/32', [path(['a'])])])))).toEqual(['default/web announced']);
  expect(told(stepBgp(state, change([route('192.0.2.11/32', [path(['a'])])], [], [peer('a')])))).toEqual(['addPeer a']);
  expect(routesFor(state, 'a')).toHaveLength(2);
});

test('equal attributes are one object, whichever message they came in', () => {
  const state = begun([route('192.0.2.10/32', [path(['a'], { communities: [7] })])], [peer('a')]);
  stepBgp(state, change([route('192.0.2.11/32', [path(['a'], { communities: [7] })])]));
  const [first, second] = routesFor(state, 'a');
  expect(first?.attributes).toBe(second?.attributes);
});

test('whatever comes in whatever order, each peer has been told what it is to be told', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const paths = fc.dictionary(names, fc.constantFrom(undefined, 1, 2), { maxKeys: 3 }).map((prefOf) =>
    [...new Set(Object.values(prefOf))].map((localPref) =>
      path(
        Object.keys(prefOf).filter((name) => prefOf[name] === localPref),
        { localPref },
      ),
    ),
  );
  const prefix = fc.constantFrom('192.0.2.1/32', '192.0.2.2/32', '192.0.2.0/24');
  const routeOf = fc.tuple(prefix, paths).map(([one, own]) => route(one, own));
  const peersOf = fc
    .uniqueArray(fc.tuple(names, fc.constantFrom(3, 9)), { selector: ([name]) => name })
    .map((all) => all.map(([name, holdTimeSeconds]) => peer(name, { holdTimeSeconds })));
  const events = fc.oneof(
    fc
      .tuple(fc.array(routeOf), peersOf, fc.boolean())
      .map(([routes, peers, complete]) => snapshot(routes, peers, complete)),
    fc
      .tuple(fc.array(routeOf), fc.array(prefix), fc.option(peersOf, { nil: undefined }))
      .map(([add, remove, peers]) => change(add, remove, peers)),
  );
  fc.assert(
    fc.property(fc.array(events, { maxLength: 12 }), (history) => {
      const state = initialBgpState();
      const tables = new Map<string, Map<string, number | undefined>>();
      for (const event of history) {
        for (const effect of stepBgp(state, event)) {
          if (effect.type === 'removePeer') tables.delete(effect.name);
          if (effect.type === 'renamePeer') tables.delete(effect.from);
          if (effect.type === 'addPeer' || effect.type === 'replacePeer' || effect.type === 'renamePeer') {
            const { name } = effect.entry;
            tables.set(name, new Map(routesFor(state, name).map((one) => [one.prefix, one.attributes?.localPref])));
          }
          if (effect.type === 'patchRoutes') {
            const table = tables.get(effect.peer);
            for (const one of effect.remove) table?.delete(one);
            for (const one of effect.add) table?.set(one.prefix, one.attributes?.localPref);
          }
        }
        expect(new Set(tables.keys())).toEqual(new Set(state.peers.keys()));
        for (const [name, table] of tables) {
          const wanted = new Map(routesFor(state, name).map((one) => [one.prefix, one.attributes?.localPref]));
          expect(table).toEqual(wanted);
        }
      }
    }),
    { numRuns: 200 },
  );
});
