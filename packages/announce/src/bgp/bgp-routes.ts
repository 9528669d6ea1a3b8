import type { ResolvedBgpAdvertisement } from '@steelyard/config';
import type { BgpRouteEntry } from './bgp-entry.ts';
import type { RoutePeer } from './bgp-peers.ts';
import type { BgpLocalPrefConflict, BgpOffer, MergedPaths } from './merge-paths.ts';
import { createMerge, createOffers } from './offers.ts';
import { prefixOf } from './prefix.ts';
import { alike, including, sameSet, sortedTexts, without } from './sorted-texts.ts';

/** What the advertisements of one prefix disagree in: empty where they do not any more. */
export interface PrefixConflicts {
  readonly prefix: string;
  readonly serviceKeys: readonly string[];
  readonly conflicts: readonly BgpLocalPrefConflict[];
}

/** The peers that a Service is announced to: what its ServiceBGPStatus says. */
export interface ServicePeers {
  readonly serviceKey: string;
  /** Sorted. */
  readonly peers: readonly string[];
}

/** What a step changed. */
export interface RouteChanges {
  readonly routeUpserts: readonly BgpRouteEntry[];
  /** Prefixes. */
  readonly routeRemovals: readonly string[];
  readonly localPrefConflicts: readonly PrefixConflicts[];
  readonly servicePeers: readonly ServicePeers[];
}

/** The prefixes that a node announces, each put together of what its Services contribute. */
export interface BgpRoutes {
  /** Says whom there is to tell, and which of two advertisements stands. Costs a pass where it makes a difference. */
  setSurroundings(peers: readonly RoutePeer[], advertisements: readonly string[]): void;
  /** Says what a Service is announced by now. Costs its addresses times its advertisements. */
  setService(
    serviceKey: string,
    addresses: readonly string[],
    advertisements: readonly ResolvedBgpAdvertisement[],
  ): void;
  /** What all that was said since the last time comes to. */
  takeChanges(): RouteChanges;
  /** In no particular order. */
  routes(): Iterable<BgpRouteEntry>;
  conflicts(): Iterable<PrefixConflicts>;
  peersOf(serviceKey: string): readonly string[];
}

interface Prefix {
  /** How many Services offer what. */
  readonly offers: Map<BgpOffer, number>;
  serviceKeys: readonly string[];
  merged: MergedPaths;
  entry: BgpRouteEntry | undefined;
}

/** By prefix, what a Service offers for it. */
type Contributions = ReadonlyMap<string, ReadonlySet<BgpOffer>>;

const NOTHING: MergedPaths = { paths: [], peers: [], conflicts: [] };
const NO_CONTRIBUTIONS: Contributions = new Map();

export function createBgpRoutes(): BgpRoutes {
  const prefixes = new Map<string, Prefix>();
  const contributionsOf = new Map<string, Contributions>();
  const peersOfServices = new Map<string, readonly string[]>();
  const dirtyPrefixes = new Set<string>();
  const dirtyServices = new Set<string>();
  const offers = createOffers();
  let merge = createMerge([], []);
  let surroundings = '';

  function setSurroundings(peers: readonly RoutePeer[], advertisements: readonly string[]): void {
    offers.turn();
    const next = JSON.stringify([peers, advertisements]);
    if (next === surroundings) {
      return;
    }
    surroundings = next;
    merge = createMerge(peers, advertisements);
    for (const prefix of prefixes.keys()) {
      dirtyPrefixes.add(prefix);
    }
  }

  function setService(
    serviceKey: string,
    addresses: readonly string[],
    advertisements: readonly ResolvedBgpAdvertisement[],
  ): void {
    const next = new Map<string, Set<BgpOffer>>();
    for (const advertisement of advertisements) {
      const offer = offers.of(advertisement);
      for (const address of addresses) {
        const prefix = prefixOf(address, advertisement);
        const own = next.get(prefix) ?? new Set();
        next.set(prefix, own.add(offer));
      }
    }
    const before = contributionsOf.get(serviceKey) ?? NO_CONTRIBUTIONS;
    for (const prefix of new Set([...before.keys(), ...next.keys()])) {
      replaceContribution(serviceKey, prefix, before.get(prefix), next.get(prefix));
    }
    if (next.size > 0) {
      contributionsOf.set(serviceKey, next);
    } else {
      contributionsOf.delete(serviceKey);
    }
  }

  function replaceContribution(
    serviceKey: string,
    prefix: string,
    before: ReadonlySet<BgpOffer> | undefined,
    next: ReadonlySet<BgpOffer> | undefined,
  ): void {
    if (before !== undefined && next !== undefined && sameSet(before, next)) {
      return;
    }
    const state = prefixes.get(prefix) ?? { offers: new Map(), serviceKeys: [], merged: NOTHING, entry: undefined };
    prefixes.set(prefix, state);
    for (const offer of before ?? []) {
      const count = (state.offers.get(offer) ?? 0) - 1;
      if (count > 0) {
        state.offers.set(offer, count);
      } else {
        state.offers.delete(offer);
      }
    }
    for (const offer of next ?? []) {
      state.offers.set(offer, (state.offers.get(offer) ?? 0) + 1);
    }
    if ((before === undefined) !== (next === undefined)) {
      state.serviceKeys =
        next === undefined ? without(state.serviceKeys, serviceKey) : including(state.serviceKeys, serviceKey);
      dirtyServices.add(serviceKey);
    }
    dirtyPrefixes.add(prefix);
  }

  function takeChanges(): RouteChanges {
    const routeUpserts: BgpRouteEntry[] = [];
    const routeRemovals: string[] = [];
    const localPrefConflicts: PrefixConflicts[] = [];
    for (const prefix of dirtyPrefixes) {
      const state = prefixes.get(prefix);
      if (state === undefined) {
        continue;
      }
      const before = state.entry;
      const { conflicts } = state.merged;
      remerge(prefix, state);
      if (state.entry !== undefined && state.entry !== before) {
        routeUpserts.push(state.entry);
      } else if (state.entry === undefined && before !== undefined) {
        routeRemovals.push(prefix);
      }
      if (!alike(conflicts, state.merged.conflicts)) {
        localPrefConflicts.push(conflictsOf(prefix, state));
      }
      if (state.offers.size === 0) {
        prefixes.delete(prefix);
      }
    }
    dirtyPrefixes.clear();
    return { routeUpserts, routeRemovals, localPrefConflicts, servicePeers: takeServicePeers() };
  }

  /** Puts together what a prefix is announced with; what reads as before stays the same object. */
  function remerge(prefix: string, state: Prefix): void {
    const { merged: before, entry } = state;
    const merged = state.offers.size === 0 ? NOTHING : merge(prefix, state.offers.keys());
    if (!alike(before.peers, merged.peers)) {
      for (const serviceKey of state.serviceKeys) {
        dirtyServices.add(serviceKey);
      }
    }
    state.merged = merged;
    const { serviceKeys } = state;
    if (merged.paths.length === 0) {
      state.entry = undefined;
    } else if (entry === undefined || entry.serviceKeys !== serviceKeys || !alike(entry.paths, merged.paths)) {
      state.entry = { prefix, serviceKeys, paths: merged.paths };
    }
  }

  function takeServicePeers(): readonly ServicePeers[] {
    const changed: ServicePeers[] = [];
    for (const serviceKey of dirtyServices) {
      const before = peersOf(serviceKey);
      const peers = findPeersOf(serviceKey);
      if (peers.length === 0) {
        peersOfServices.delete(serviceKey);
      } else {
        peersOfServices.set(serviceKey, peers);
      }
      if (!alike(before, peers)) {
        changed.push({ serviceKey, peers });
      }
    }
    dirtyServices.clear();
    return changed;
  }

  function findPeersOf(serviceKey: string): readonly string[] {
    const lists = [...(contributionsOf.get(serviceKey)?.keys() ?? [])].map(
      (prefix) => prefixes.get(prefix)?.merged.peers ?? [],
    );
    const [first = []] = lists;
    return lists.every((peers) => alike(peers, first)) ? first : sortedTexts(new Set(lists.flat()));
  }

  function peersOf(serviceKey: string): readonly string[] {
    return peersOfServices.get(serviceKey) ?? [];
  }

  function* allRoutes(): Generator<BgpRouteEntry> {
    for (const { entry } of prefixes.values()) {
      if (entry !== undefined) {
        yield entry;
      }
    }
  }

  function* allConflicts(): Generator<PrefixConflicts> {
    for (const [prefix, state] of prefixes) {
      if (state.merged.conflicts.length > 0) {
        yield conflictsOf(prefix, state);
      }
    }
  }

  return { setSurroundings, setService, takeChanges, routes: allRoutes, conflicts: allConflicts, peersOf };
}

function conflictsOf(prefix: string, { serviceKeys, merged: { conflicts } }: Prefix): PrefixConflicts {
  return { prefix, serviceKeys, conflicts };
}
