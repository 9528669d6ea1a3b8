import type { ParsedConfig } from '@steelyard/config';
import { type Judgement, judgeService } from '../judge-service.ts';
import type { NodeView } from '../node-view.ts';
import type { BgpPeerEntry, BgpRouteEntry } from './bgp-entry.ts';
import { bgpPeersForNode, type NodePeers, type RoutePeer, samePeerEntry, type UnservedPeerField } from './bgp-peers.ts';
import { createBgpRoutes, type PrefixConflicts, type RouteChanges } from './bgp-routes.ts';
import { type BgpDecision, type BgpInput, decideBgp, isRefusedAnyway, type NodeAddresses } from './decide-bgp.ts';
import { createInherited, mayAdvertise } from './inherited.ts';
import { alike } from './sorted-texts.ts';
import { createUndecided } from './undecided.ts';

/** What an event changed for this node's BGP. */
export interface BgpOutput extends RouteChanges {
  /** All of them, where one is otherwise than before or gone. */
  readonly peers: readonly BgpPeerEntry[] | undefined;
  /** All of it, where any is otherwise than before. */
  readonly unserved: readonly UnservedPeerField[] | undefined;
  /** Decisions that now read otherwise; `undefined` for a Service that is gone. */
  readonly decisions: readonly { readonly serviceKey: string; readonly decision: BgpDecision | undefined }[];
  /**
   * `routeUpserts` and `peers` are everything that there is, as with layer 2: what else was announced, and with whom else
   * there was a session, ends if it is `complete`, and is kept if something is unknown (`partial`).
   */
  readonly snapshot: 'complete' | 'partial' | undefined;
}

/** BGP's part of an announcer: it is told what the announcer knows. */
export interface BgpAnnouncer {
  /**
   * The configuration or this node has changed.
   *
   * @param node - As it was last; undefined while it was never there: then nothing is decided.
   */
  setSurroundings(config: ParsedConfig, node: NodeView | undefined): void;
  /** A Service may have changed; no input where it is gone. */
  setService(serviceKey: string, input: BgpInput | undefined, index: NodeAddresses): void;
  /** What all that was said since the last time comes to. */
  take(): BgpOutput;
  decisionOf(serviceKey: string): BgpDecision | undefined;
  routes(): Iterable<BgpRouteEntry>;
  peers(): readonly BgpPeerEntry[];
  unserved(): readonly UnservedPeerField[];
  conflicts(): Iterable<PrefixConflicts>;
  peersOf(serviceKey: string): readonly string[];
}

/** Nothing changed. */
export const NO_BGP_CHANGES: BgpOutput = {
  routeUpserts: [],
  routeRemovals: [],
  localPrefConflicts: [],
  servicePeers: [],
  peers: undefined,
  unserved: undefined,
  decisions: [],
  snapshot: undefined,
};

export function createBgpAnnouncer(): BgpAnnouncer {
  const routes = createBgpRoutes();
  const judged = new Map<string, Judgement<BgpDecision>>();
  /** Services of which it cannot be told whether they are announced. */
  const undecided = createUndecided();
  const inherited = createInherited();
  let decisions: { serviceKey: string; decision: BgpDecision | undefined }[] = [];
  let peers: readonly BgpPeerEntry[] = [];
  let unserved: readonly UnservedPeerField[] = [];
  let peersChanged = false;
  let unservedChanged = false;
  let nodeKnown = false;
  /** Peers that may have a session of which nothing is known. */
  let peersUnknown = true;
  let started = false;
  let completeOwed = false;

  function setSurroundings(config: ParsedConfig, node: NodeView | undefined): void {
    if (node === undefined) {
      return;
    }
    nodeKnown = true;
    inherited.setConfig(config);
    const own = bgpPeersForNode(config, node);
    const routePeers = withInherited(own.routePeers, inherited.peers() ?? []);
    const now = keepUnknown(own, routePeers);
    peersUnknown = inherited.peers() === undefined || now.length < routePeers.length;
    if (now.length !== peers.length || now.some((entry, i) => entry !== peers[i])) {
      peers = now;
      peersChanged = true;
    }
    if (!alike(own.unserved, unserved)) {
      unserved = own.unserved;
      unservedChanged = true;
    }
    routes.setSurroundings(
      routePeers,
      config.bgpAdvertisements.map(({ resolved }) => resolved.name),
    );
  }

  /** The entries, each as it was where it asks for the same, or where it cannot be told what is asked for now. */
  function keepUnknown(own: NodePeers, routePeers: readonly RoutePeer[]): readonly BgpPeerEntry[] {
    const before = new Map(peers.map((entry) => [entry.name, entry]));
    const now = new Map(own.peers.map((entry) => [entry.name, entry]));
    return routePeers.flatMap(({ name }) => {
      const [old, entry] = [before.get(name), now.get(name)];
      return (old !== undefined && entry !== undefined && samePeerEntry(old, entry) ? old : (entry ?? old)) ?? [];
    });
  }

  function setService(serviceKey: string, input: BgpInput | undefined, index: NodeAddresses): void {
    const before = judged.get(serviceKey);
    if (input === undefined) {
      undecided.set(serviceKey, []);
      judged.delete(serviceKey);
      routes.setService(serviceKey, [], []);
      if (before !== undefined) {
        decisions.push({ serviceKey, decision: undefined });
      }
      return;
    }
    if (!nodeKnown) {
      return; // nothing is known of this node yet, and so nothing is decided
    }
    const lost = inherited.advertisements();
    const decide = (asked: BgpInput, held?: 'HeldFromRemovedPool') =>
      decideBgp({ ...asked, inherited: lost }, index, held);
    const judgement = judgeService(input, decide, before);
    judged.set(serviceKey, judgement);
    const { decision } = judgement;
    const mayBeMore = judgement.unknown || (decision.eligible && mayAdvertise(lost, decision.pool));
    undecided.set(serviceKey, mayBeMore && !isRefusedAnyway(input) ? input.service.addresses : []);
    routes.setService(
      serviceKey,
      decision.eligible ? decision.addresses : [],
      decision.eligible ? decision.advertisements : [],
    );
    if (before === undefined ? isOurs(decision) : !readsAlike(before.decision, decision)) {
      decisions.push({ serviceKey, decision });
    }
  }

  function take(): BgpOutput {
    const changes = withEnded(routes.takeChanges(), undecided.takeEnded());
    const told = {
      decisions,
      peers: peersChanged ? peers : undefined,
      unserved: unservedChanged ? unserved : undefined,
    };
    const isUnknown = !nodeKnown || peersUnknown || undecided.size > 0;
    // A list of peers that is not all of them must not end the session of another.
    const isDue = !started || (completeOwed && (!isUnknown || peersChanged));
    decisions = [];
    peersChanged = false;
    unservedChanged = false;
    if (!isDue) {
      return { ...changes, ...told, snapshot: undefined };
    }
    started = true;
    completeOwed = isUnknown;
    const everything = { routeUpserts: [...routes.routes()], peers };
    return { ...changes, ...told, ...everything, snapshot: isUnknown ? 'partial' : 'complete' };
  }

  /** With the prefixes of Services that nobody here has announced; what is announced by others stays. */
  function withEnded(changes: RouteChanges, ended: ReadonlySet<string>): RouteChanges {
    if (ended.size === 0) {
      return changes;
    }
    const announced = new Set(Array.from(routes.routes(), ({ prefix }) => prefix));
    const more = [...ended].filter((prefix) => !announced.has(prefix));
    return { ...changes, routeRemovals: [...new Set([...changes.routeRemovals, ...more])] };
  }

  return {
    setSurroundings,
    setService,
    take,
    decisionOf: (serviceKey) => judged.get(serviceKey)?.decision,
    routes: routes.routes,
    peers: () => peers,
    unserved: () => unserved,
    conflicts: routes.conflicts,
    peersOf: routes.peersOf,
  };
}

/** In order. Of a peer that is inherited it is not known of which families its session is. */
function withInherited(routePeers: readonly RoutePeer[], names: Iterable<string>): readonly RoutePeer[] {
  const more = [...names].map((name): RoutePeer => ({ name, families: ['ipv4-unicast', 'ipv6-unicast'] }));
  return more.length === 0 ? routePeers : [...routePeers, ...more].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Whether there is nothing new to tell of a decision: prefixes and attributes are what routes are for. */
function readsAlike(a: BgpDecision, b: BgpDecision): boolean {
  if (a.eligible !== b.eligible || a.because !== b.because) {
    return false;
  }
  return a.eligible && b.eligible
    ? alike(a.refusedAddresses, b.refusedAddresses)
    : !a.eligible && !b.eligible && a.conflict?.message === b.conflict?.message;
}

/** Whether there is anything to tell of a Service that was not there before: most Services need no load balancer. */
function isOurs({ because }: BgpDecision): boolean {
  return because !== 'notLoadBalancer' && because !== 'OtherLoadBalancerClass';
}
