import { configurationInForce, type ParsedConfig } from '@steelyard/config';
import type { Layer2Decision, Layer2Options } from './decide-layer2.ts';
import {
  type EndpointSliceView,
  type EndpointsView,
  mergeEndpointSlices,
  NO_ENDPOINTS,
  sameEndpoints,
} from './endpoints-view.ts';
import { type Changes, replaceEntries } from './entry-changes.ts';
import { type Judgement, judgeService } from './judge-service.ts';
import { entriesFor, type Layer2Entry, type Layer2EntryKey } from './layer2-entry.ts';
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

/** What an event changed for this node. */
export interface AnnouncerOutput {
  readonly upserts: readonly Layer2Entry[];
  readonly removals: readonly Layer2EntryKey[];
  /** Decisions that now read otherwise, for logs, events and `explain`; `undefined` for a Service that is gone. */
  readonly decisions: readonly { readonly serviceKey: string; readonly decision: Layer2Decision | undefined }[];
  /**
   * `upserts` is everything that there is to announce: the first answer after `synced`. Whatever else was announced,
   * say by an announcer before this one, is to be withdrawn if it is `complete`, and kept if something in it is unknown
   * (`partial`): then a `complete` one follows as soon as nothing is.
   */
  readonly snapshot: 'complete' | 'partial' | undefined;
}

/** Keeps the entries of one node equal to the objects it is told of. */
export interface Announcer {
  step(event: AnnouncerEvent): AnnouncerOutput;
  /** All entries, in no particular order. */
  entries(): Iterable<Layer2Entry>;
  decisionOf(serviceKey: string): Layer2Decision | undefined;
}

/** Whose entries an announcer keeps, and by which rules. */
export interface AnnouncerOptions extends Layer2Options {
  readonly node: string;
}

interface Announced extends Judgement {
  readonly entries: readonly Layer2Entry[];
}

const NOTHING_CHANGED: AnnouncerOutput = { upserts: [], removals: [], decisions: [], snapshot: undefined };

/**
 * Creates an announcer that knows nothing yet.
 *
 * A Service or a slice that changed costs one decision. The configuration that changed costs one pass over all Services,
 * and so does a Node, where what changed of it makes a difference to any advertisement in use. A configuration of which nothing could be read changes nothing.
 */
export function createAnnouncer(options: AnnouncerOptions): Announcer {
  const services = new Map<string, ServiceAnnouncementView>();
  const slices = new Map<string, EndpointSliceView>();
  const slicesOf = new Map<string, Map<string, EndpointSliceView>>();
  const endpointsOf = new Map<string, EndpointsView>();
  const nodes = new Map<string, NodeView>();
  const announced = new Map<string, Announced>();
  let config: ParsedConfig | undefined;
  let index: KeptNodeIndex | undefined; // made when it is needed: at start many Nodes come before anything is decided
  let synced = false;
  let started = false;
  /** Services of which it cannot be told whether they are announced. */
  const undecided = new Set<string>();
  let completeOwed = false;

  /** Brings one Service up to date. */
  function decide(key: string, ready: ParsedConfig, changes: Changes): void {
    const service = services.get(key);
    const before = announced.get(key);
    undecided.delete(key);
    if (service === undefined) {
      announced.delete(key);
      if (before !== undefined) {
        changes.decisions.push({ serviceKey: key, decision: undefined });
        replaceEntries(before.entries, [], changes);
      }
      return;
    }
    const endpoints = endpointsOf.get(key) ?? NO_ENDPOINTS;
    index ??= createNodeIndex(nodes, options);
    const judgement = judgeService({ service, endpoints, nodes, config: ready, options }, index, before);
    if (judgement.unknown) {
      undecided.add(key);
    }
    const { decision } = judgement;
    const entries = replaceEntries(before?.entries ?? [], entriesFor(key, decision, options.node), changes);
    announced.set(key, { ...judgement, entries });
    if (before === undefined ? isOurs(decision) : !readsAlike(before.decision, decision)) {
      changes.decisions.push({ serviceKey: key, decision });
    }
  }

  function update(keys: Iterable<string>): AnnouncerOutput {
    if (!synced || config === undefined || (config.source === 'unknown' && !started)) {
      return NOTHING_CHANGED;
    }
    const changes: Changes = { upserts: [], removals: [], decisions: [] };
    const first = !started;
    started = true;
    for (const key of first ? services.keys() : keys) {
      decide(key, config, changes);
    }
    if (first || (completeOwed && undecided.size === 0)) {
      completeOwed = undecided.size > 0;
      return { ...changes, upserts: [...allEntries()], snapshot: completeOwed ? 'partial' : 'complete' };
    }
    return { ...changes, snapshot: undefined };
  }

  function setSlice(key: string, slice: EndpointSliceView | undefined): AnnouncerOutput {
    const before = slices.get(key);
    if (slice === undefined) {
      slices.delete(key);
    } else {
      slices.set(key, slice);
    }
    const touched = new Set<string>();
    for (const serviceKey of [before?.serviceKey, slice?.serviceKey]) {
      if (serviceKey !== undefined) {
        touched.add(serviceKey);
      }
    }
    return update([...touched].filter((serviceKey) => setEndpoints(serviceKey, key, slice)));
  }

  /** @returns Whether the endpoints of the Service changed in a way that counts. */
  function setEndpoints(serviceKey: string, sliceKey: string, slice: EndpointSliceView | undefined): boolean {
    const own = slicesOf.get(serviceKey) ?? new Map<string, EndpointSliceView>();
    if (slice?.serviceKey === serviceKey) {
      own.set(sliceKey, slice);
    } else {
      own.delete(sliceKey);
    }
    const before = endpointsOf.get(serviceKey) ?? NO_ENDPOINTS;
    if (own.size === 0) {
      slicesOf.delete(serviceKey);
      endpointsOf.delete(serviceKey);
    } else {
      slicesOf.set(serviceKey, own);
      endpointsOf.set(serviceKey, mergeEndpointSlices(own.values()));
    }
    return !sameEndpoints(before, endpointsOf.get(serviceKey) ?? NO_ENDPOINTS);
  }

  function nodesChanged(): AnnouncerOutput {
    index = undefined;
    return update(services.keys());
  }

  function step(event: AnnouncerEvent): AnnouncerOutput {
    switch (event.type) {
      case 'serviceChanged':
        services.set(event.service.key, event.service);
        return update([event.service.key]);
      case 'serviceDeleted':
        return services.delete(event.key) ? update([event.key]) : NOTHING_CHANGED;
      case 'sliceChanged':
        return setSlice(event.slice.key, event.slice);
      case 'sliceDeleted':
        return setSlice(event.key, undefined);
      case 'nodeChanged': {
        const before = nodes.get(event.node.name);
        nodes.set(event.node.name, event.node);
        if (before !== undefined && (sameNode(before, event.node) || index?.holdsAfter(before, event.node) === true)) {
          return NOTHING_CHANGED;
        }
        return nodesChanged();
      }
      case 'nodeDeleted':
        return nodes.delete(event.name) ? nodesChanged() : NOTHING_CHANGED;
      case 'configChanged': {
        const inForce = configurationInForce(config, event.config);
        if (inForce === config) {
          return NOTHING_CHANGED;
        }
        config = inForce;
        return nodesChanged(); // what is kept of the nodes is kept by advertisement
      }
      case 'synced':
        synced = true;
        return started ? NOTHING_CHANGED : update([]);
    }
  }

  function* allEntries(): Generator<Layer2Entry> {
    for (const { entries } of announced.values()) {
      yield* entries;
    }
  }

  return {
    step,
    entries: allEntries,
    decisionOf: (serviceKey) => announced.get(serviceKey)?.decision,
  };
}

/** Whether there is nothing new to tell: candidates and interfaces are what entries are for. */
function readsAlike(a: Layer2Decision, b: Layer2Decision): boolean {
  return a.because === b.because && refusedAddressesOf(a) === refusedAddressesOf(b);
}

function refusedAddressesOf(decision: Layer2Decision): string {
  return decision.eligible ? decision.refusedAddresses.map(({ address }) => address).join() : '';
}

/** Whether there is anything to tell of a Service that was not there before: most Services need no load balancer. */
function isOurs({ because }: Layer2Decision): boolean {
  return because !== 'notLoadBalancer' && because !== 'OtherLoadBalancerClass';
}
