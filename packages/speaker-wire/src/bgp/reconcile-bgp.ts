import type { BgpPath, BgpPeerEntry, BgpRouteEntry } from '@steelyard/announce';
import type { Route, RouteAttributes } from '@steelyard/bgp';
import type { WireReport } from '../protocol/report.ts';
import { createAttributesCache, sameAttributes } from './route-attributes.ts';
import { samePeer } from './same-peer.ts';

/** What is wanted of BGP right now. It is large, and consumed by each step. */
export interface BgpState {
  readonly peers: Map<string, BgpPeerEntry>;
  readonly routes: Map<string, BgpRouteEntry>;
  /** How many prefixes of each Service are announced. */
  readonly prefixesOf: Map<string, number>;
  readonly attributesOf: (path: BgpPath) => RouteAttributes;
}

/** What the control thread says. */
export type BgpEvent =
  | {
      readonly type: 'snapshot';
      readonly routes: ReadonlyMap<string, BgpRouteEntry>;
      readonly bgpPeers: readonly BgpPeerEntry[];
      /** Whether what is not in it is to go. Unknown is not absent. */
      readonly bgpComplete: boolean;
    }
  | {
      readonly type: 'change';
      readonly routeUpserts: readonly BgpRouteEntry[];
      readonly routeRemovals: readonly string[];
      readonly bgpPeers: readonly BgpPeerEntry[] | undefined;
    };

/** What is to be done, in this order. */
export type BgpEffect =
  | { readonly type: 'removePeer'; readonly name: string }
  /** Its routes are those of `routesFor`, whenever it is ready for them. */
  | { readonly type: 'addPeer'; readonly entry: BgpPeerEntry }
  /** The same session goes by another name. Its routes are those of `routesFor` now. */
  | { readonly type: 'renamePeer'; readonly from: string; readonly entry: BgpPeerEntry }
  /** Another session takes the place of the one that there is. */
  | { readonly type: 'replacePeer'; readonly entry: BgpPeerEntry }
  | {
      readonly type: 'patchRoutes';
      readonly peer: string;
      readonly add: readonly Route[];
      readonly remove: readonly string[];
    }
  /** Everything is to be said again, to a control thread that knows nothing. */
  | { readonly type: 'reportSessions' }
  | { readonly type: 'report'; readonly report: WireReport };

/** Counts what only one of two sorted lists has: of a large aggregate nearly all is in both. */
function countDifference(
  old: readonly string[],
  next: readonly string[],
  count: (serviceKey: string, by: number) => void,
): void {
  let [at, nextAt] = [0, 0];
  while (at < old.length || nextAt < next.length) {
    const [mine, theirs] = [old[at], next[nextAt]];
    if (mine === theirs) {
      at += 1;
      nextAt += 1;
    } else if (theirs === undefined || (mine !== undefined && mine < theirs)) {
      if (mine !== undefined) count(mine, -1);
      at += 1;
    } else {
      count(theirs, 1);
      nextAt += 1;
    }
  }
}

export function initialBgpState(): BgpState {
  return { peers: new Map(), routes: new Map(), prefixesOf: new Map(), attributesOf: createAttributesCache() };
}

/** Everything that a peer is to be told. */
export function routesFor({ routes, attributesOf }: BgpState, peer: string): Route[] {
  const wanted: Route[] = [];
  for (const { prefix, paths } of routes.values()) {
    const path = paths.find(({ peers }) => peers.includes(peer));
    if (path !== undefined) wanted.push({ prefix, attributes: attributesOf(path) });
  }
  return wanted;
}

/**
 * Takes in what is wanted. A prefix that changed costs a look at it for each of its peers; a peer that changed costs
 * nobody else anything.
 */
export function stepBgp(state: BgpState, event: BgpEvent): readonly BgpEffect[] {
  const patches = new Map<string, { readonly add: Map<string, Route>; readonly remove: Set<string> }>();
  const touched = new Set<string>();
  const { routes } = state;
  const before = new Map<string, boolean>();

  const setRoute = (prefix: string, next: BgpRouteEntry | undefined): void => {
    const old = routes.get(prefix);
    if (next === undefined) routes.delete(prefix);
    else routes.set(prefix, next);
    countDifference(old?.serviceKeys ?? [], next?.serviceKeys ?? [], count);
    patchPeers(prefix, old?.paths ?? [], next?.paths ?? []);
  };
  const count = (serviceKey: string, by: number): void => {
    const prefixes = state.prefixesOf.get(serviceKey) ?? 0;
    if (!before.has(serviceKey)) before.set(serviceKey, prefixes > 0);
    if (prefixes + by > 0) state.prefixesOf.set(serviceKey, prefixes + by);
    else state.prefixesOf.delete(serviceKey);
    touched.add(serviceKey);
  };
  const patchPeers = (prefix: string, old: readonly BgpPath[], next: readonly BgpPath[]): void => {
    for (const path of next) {
      let route: Route | undefined;
      for (const peer of path.peers) {
        const last = old.find(({ peers }) => peers.includes(peer));
        if (last !== undefined && sameAttributes(last, path)) continue;
        route ??= { prefix, attributes: state.attributesOf(path) };
        patchOf(peer).add.set(prefix, route);
        patchOf(peer).remove.delete(prefix);
      }
    }
    for (const { peers } of old) {
      for (const peer of peers) {
        if (next.some((path) => path.peers.includes(peer))) continue;
        patchOf(peer).remove.add(prefix);
        patchOf(peer).add.delete(prefix);
      }
    }
  };
  const patchOf = (peer: string) => {
    let patch = patches.get(peer);
    if (patch === undefined) {
      patch = { add: new Map(), remove: new Set() };
      patches.set(peer, patch);
    }
    return patch;
  };

  if (event.type === 'snapshot') {
    if (event.bgpComplete) {
      for (const prefix of [...routes.keys()]) if (!event.routes.has(prefix)) setRoute(prefix, undefined);
    }
    for (const [prefix, route] of event.routes) setRoute(prefix, route);
  } else {
    for (const prefix of event.routeRemovals) setRoute(prefix, undefined);
    for (const route of event.routeUpserts) setRoute(route.prefix, route);
  }

  const changedPeers = event.bgpPeers === undefined ? [] : setPeers(state, event.bgpPeers, isWhole(event));
  const fresh = new Set(changedPeers.map((effect) => ('entry' in effect ? effect.entry.name : effect.name)));
  const effects: BgpEffect[] = [...changedPeers];
  for (const [peer, { add, remove }] of patches) {
    if (!state.peers.has(peer) || fresh.has(peer)) continue; // it gets all of its routes when it is there
    if (add.size + remove.size > 0) {
      effects.push({ type: 'patchRoutes', peer, add: [...add.values()], remove: [...remove] });
    }
  }
  if (event.type === 'snapshot') {
    effects.push({ type: 'reportSessions' });
    for (const key of state.prefixesOf.keys())
      if (before.get(key) !== false) effects.push(serviceReport(key, true, false));
  }
  for (const key of touched) {
    const now = state.prefixesOf.has(key);
    if (now !== before.get(key)) effects.push(serviceReport(key, now, true));
  }
  return effects;
}

const isWhole = (event: BgpEvent): boolean => event.type === 'change' || event.bgpComplete;

type PeerEffect = Extract<BgpEffect, { readonly type: `${string}Peer` }>;

/** @param whole - Whether those that are not among them are to go. */
function setPeers({ peers }: BgpState, wanted: readonly BgpPeerEntry[], whole: boolean): PeerEffect[] {
  const names = new Set(wanted.map(({ name }) => name));
  const gone = new Map([...peers].filter(([name]) => whole && !names.has(name)));
  for (const name of gone.keys()) peers.delete(name);
  const changes: PeerEffect[] = [];
  for (const entry of wanted) {
    const old = peers.get(entry.name);
    peers.set(entry.name, entry);
    if (old !== undefined) {
      if (!samePeer(old, entry)) changes.push({ type: 'replacePeer', entry });
      continue;
    }
    const [from] = [...gone].find(([, before]) => samePeer(before, entry)) ?? [];
    if (from === undefined) {
      changes.push({ type: 'addPeer', entry });
      continue;
    }
    gone.delete(from);
    changes.push({ type: 'renamePeer', from, entry });
  }
  return [...[...gone.keys()].map((name) => ({ type: 'removePeer', name }) as const), ...changes];
}

function serviceReport(serviceKey: string, announced: boolean, fresh: boolean): BgpEffect {
  return { type: 'report', report: { type: 'bgpService', serviceKey, announced, fresh } };
}
