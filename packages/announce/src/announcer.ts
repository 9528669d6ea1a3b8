import { configurationInForce, type ParsedConfig } from '@steelyard/config';
import { type BgpAnnouncer, type BgpOutput, createBgpAnnouncer, NO_BGP_CHANGES } from './bgp/bgp-announcer.ts';
import type { BgpPeerEntry, BgpRouteEntry } from './bgp/bgp-entry.ts';
import type { UnservedPeerField } from './bgp/bgp-peers.ts';
import type { PrefixConflicts } from './bgp/bgp-routes.ts';
import type { BgpDecision } from './bgp/decide-bgp.ts';
import type { Layer2Decision, Layer2Options } from './decide-layer2.ts';
import { createEndpointsIndex } from './endpoints-index.ts';
import type { EndpointSliceView } from './endpoints-view.ts';
import { createLayer2Announcer, type Layer2Output } from './layer2-announcer.ts';
import type { Layer2Entry } from './layer2-entry.ts';
import { createNodeIndex, type KeptNodeIndex } from './node-index.ts';
import { type NodeView, sameNode } from './node-view.ts';
import type { ServiceAnnouncementView } from './service-view.ts';

/** What an announcer is told: the level of an object, not what happened to it. Repeating it is harmless. */
export type AnnouncerEvent =
  | { readonly type: 'serviceChanged'; readonly service: ServiceAnnouncementView }
  | { readonly type: 'serviceDeleted'; readonly key: string }
  | { readonly type: 'sliceChanged'; readonly slice: EndpointSliceView }
  | { readonly type: 'sliceDeleted'; readonly key: string }
  | { readonly type: 'nodeChanged'; readonly node: NodeView }
  | { readonly type: 'nodeDeleted'; readonly name: string }
  | { readonly type: 'configChanged'; readonly config: ParsedConfig }
  /** Services, EndpointSlices and Nodes have all been listed once. Until then nothing is decided. */
  | { readonly type: 'synced' };

/** What an event changed for this node: at layer 2, and by BGP. */
export interface AnnouncerOutput extends Layer2Output {
  /** BGP has a snapshot of its own: what is unknown to one protocol may be known to the other. The first comes with layer 2's. */
  readonly bgp: BgpOutput;
}

/** Keeps the entries of one node equal to the objects it is told of. */
export interface Announcer {
  step(event: AnnouncerEvent): AnnouncerOutput;
  /** All entries of layer 2, in no particular order. */
  entries(): Iterable<Layer2Entry>;
  decisionOf(serviceKey: string): Layer2Decision | undefined;
  /** All prefixes that are announced by BGP, in no particular order. */
  routes(): Iterable<BgpRouteEntry>;
  /** Whom this node peers with. */
  bgpPeers(): readonly BgpPeerEntry[];
  /** What its BGPPeers ask for and do not get. */
  unservedBgpFields(): readonly UnservedPeerField[];
  bgpDecisionOf(serviceKey: string): BgpDecision | undefined;
  /** The peers that a Service is announced to, sorted: what its ServiceBGPStatus says. */
  peersOf(serviceKey: string): readonly string[];
  /** All prefixes for which two advertisements disagree. */
  localPrefConflicts(): Iterable<PrefixConflicts>;
}

/** Whose entries an announcer keeps, and by which rules. */
export interface AnnouncerOptions extends Layer2Options {
  readonly node: string;
}

const NOTHING_CHANGED: AnnouncerOutput = {
  upserts: [],
  removals: [],
  decisions: [],
  snapshot: undefined,
  bgp: NO_BGP_CHANGES,
};

/**
 * Creates an announcer that knows nothing yet.
 *
 * A Service or a slice that changed costs one decision for each protocol. The configuration that changed costs one pass over all Services,
 * and so does a Node, where what changed of it makes a difference to any advertisement in use. A configuration of which nothing could be read changes nothing.
 */
export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const services = new Map<string, ServiceAnnouncementView>();
  const endpoints = createEndpointsIndex();
  const nodes = new Map<string, NodeView>();
  const layer2 = createLayer2Announcer(options.node);
  const bgp: BgpAnnouncer = createBgpAnnouncer();
  let config: ParsedConfig | undefined;
  let index: KeptNodeIndex | undefined; // made when it is needed: at start many Nodes come before anything is decided
  /** As it was last: the sessions of a speaker stay when its Node is gone. */
  let lastOwnNode: NodeView | undefined;
  let synced = false;
  let started = false;
  let surroundingsChanged = true;

  function update(keys: Iterable<string>): AnnouncerOutput {
    if (!synced || config === undefined || (config.source === 'unknown' && !started)) {
      return NOTHING_CHANGED;
    }
    index ??= createNodeIndex(nodes, options);
    if (surroundingsChanged) {
      surroundingsChanged = false;
      bgp.setSurroundings(config, lastOwnNode);
    }
    for (const key of started ? keys : services.keys()) {
      const service = services.get(key);
      const input = service && { service, endpoints: endpoints.of(key), nodes, node: options.node, config, options };
      layer2.setService(key, input, index);
      bgp.setService(key, input, index);
    }
    started = true;
    return { ...layer2.take(), bgp: bgp.take() };
  }

  function surroundings(): AnnouncerOutput {
    surroundingsChanged = true;
    return update(services.keys());
  }

  function setNode(node: NodeView): AnnouncerOutput {
    const before = nodes.get(node.name);
    nodes.set(node.name, node);
    if (node.name === options.node) {
      lastOwnNode = node;
    }
    if (before !== undefined && sameNode(before, node)) {
      return NOTHING_CHANGED;
    }
    const holds = before !== undefined && index?.holdsAfter(before, node) === true;
    if (!holds) {
      index = undefined;
    }
    return holds && node.name !== options.node ? NOTHING_CHANGED : surroundings();
  }

  function step(event: AnnouncerEvent): AnnouncerOutput {
    switch (event.type) {
      case 'serviceChanged':
        services.set(event.service.key, event.service);
        return update([event.service.key]);
      case 'serviceDeleted':
        return services.delete(event.key) ? update([event.key]) : NOTHING_CHANGED;
      case 'sliceChanged':
        return update(endpoints.setSlice(event.slice.key, event.slice));
      case 'sliceDeleted':
        return update(endpoints.setSlice(event.key, undefined));
      case 'nodeChanged':
        return setNode(event.node);
      case 'nodeDeleted':
        index = undefined;
        return nodes.delete(event.name) ? surroundings() : NOTHING_CHANGED;
      case 'configChanged': {
        const inForce = configurationInForce(config, event.config);
        if (inForce === config) {
          return NOTHING_CHANGED;
        }
        config = inForce;
        index = undefined; // what is kept of the nodes is kept by advertisement
        return surroundings();
      }
      case 'synced':
        synced = true;
        return started ? NOTHING_CHANGED : update([]);
    }
  }

  return {
    step,
    entries: layer2.entries,
    decisionOf: layer2.decisionOf,
    routes: bgp.routes,
    bgpPeers: bgp.peers,
    unservedBgpFields: bgp.unserved,
    bgpDecisionOf: bgp.decisionOf,
    peersOf: bgp.peersOf,
    localPrefConflicts: bgp.conflicts,
  };
}
