import {
  advertisesFromNode,
  advertisesService,
  findServiceConflict,
  type LocalPrefConflict,
  type OutOfForce,
  type ParsedConfig,
  type Placement,
  type ResolvedBgpAdvertisement,
} from '@steelyard/config';
import type { EndpointsView } from '../endpoints-view.ts';
import type { NodeView } from '../node-view.ts';
import {
  grantOf,
  placeService,
  refusalWithout,
  type ServiceGrant,
  type ServiceOptions,
  type ServiceRefusal,
} from '../place-service.ts';
import type { ServiceAnnouncementView } from '../service-view.ts';
import { mayAdvertise } from './inherited.ts';

/** Why a node does not announce a Service by BGP. Those in lower case are MetalLB's own words. */
export type BgpRefusal =
  | ServiceRefusal
  | 'UnknownNode' // the Node of this speaker is gone
  | 'notOwner' // no advertisement of the pool is for this node
  | 'noMatchingAdvertisement' // some are, and none of them is for the Service
  | 'conflictingAdvertisements'
  | 'NetworkUnavailable'
  | 'ExcludedFromLoadBalancers'
  | 'noLocalEndpoints' // externalTrafficPolicy Local
  | 'noEndpoints'
  | 'AddressBelongsToNode';

/** Why a node announces a Service by BGP. */
export type BgpGrant = ServiceGrant;

/** Whether one node announces a Service by BGP, and if not, why. */
export type BgpDecision =
  | {
      readonly eligible: true;
      readonly because: BgpGrant;
      readonly pool: string | undefined;
      /** In the order of the status, in canonical text; without those in `refusedAddresses`. */
      readonly addresses: readonly string[];
      /** What announces each of them; the older first. */
      readonly advertisements: readonly ResolvedBgpAdvertisement[];
      readonly refusedAddresses: readonly string[];
    }
  | {
      readonly eligible: false;
      readonly because: BgpRefusal;
      /** Of `conflictingAdvertisements`: the two, and MetalLB's words about them. */
      readonly conflict?: LocalPrefConflict;
    };

/** What a decision depends on besides the objects. */
export interface BgpOptions extends ServiceOptions {
  /** `--ignore-exclude-lb`: nodes announce in spite of the label that excludes them. */
  readonly ignoreExcludeLb?: boolean;
}

/** Everything that a decision depends on. */
export interface BgpInput {
  readonly service: ServiceAnnouncementView;
  readonly endpoints: EndpointsView;
  readonly nodes: ReadonlyMap<string, NodeView>;
  /** The name of the node that is decided for. */
  readonly node: string;
  readonly config: ParsedConfig;
  /** Advertisements that are out of force and may have announced all the same. By default none. */
  readonly inherited?: OutOfForce['bgpAdvertisements'];
  readonly options?: BgpOptions;
}

/** What may be kept from one decision to the next. */
export interface NodeAddresses {
  hasAddress(address: string): boolean;
}

/**
 * Decides whether a node announces a Service by BGP. There is no election: every node that may announce does.
 *
 * The tests are MetalLB's, in its order, so that the reasons are its reasons; the nodes' own addresses come last.
 *
 * @param index - What is known of the nodes' addresses already; by default it is found out.
 * @param held - Why it is announced by a configuration that is not in force any more, if it is.
 * @see MetalLB `speaker/main.go`, `SetBalancer`; `speaker/bgp_controller.go`, `ShouldAnnounce`
 */
export function decideBgp(
  input: BgpInput,
  index: NodeAddresses = addressesOf(input.nodes),
  held?: 'HeldFromRemovedPool',
): BgpDecision {
  const { service, config, options = {} } = input;
  const own = placeService(service, config, options);
  if (!own.placed) {
    return refuse(own.because);
  }
  const { addresses, placement } = own;
  const advertised = advertisementsOf(placement);
  if (advertised === undefined) {
    return refuse(refusalWithout(placement));
  }
  const node = input.nodes.get(input.node);
  if (node === undefined) {
    return refuse('UnknownNode');
  }
  const fromHere = advertised.filter((advertisement) => advertisesFromNode(advertisement, node.labels));
  const matching = fromHere.filter((advertisement) => advertisesService(advertisement, service.labels));
  const pool = placement.kind === 'none' ? undefined : placement.pool;
  if (matching.length === 0) {
    const known = fromHere.length === 0 ? 'notOwner' : 'noMatchingAdvertisement';
    return refuse(advertisementsUnknown(input, pool?.name) ? 'ConfigurationUnknown' : known);
  }
  const conflict = pool && findServiceConflict(matching, pool);
  if (conflict !== undefined) {
    return { eligible: false, because: 'conflictingAdvertisements', conflict };
  }
  const because = refusalFrom(node, input);
  if (because !== undefined) {
    return refuse(because);
  }
  const taken = options.announceNodeAddresses === true ? [] : addresses.filter((address) => index.hasAddress(address));
  if (taken.length === addresses.length) {
    return refuse('AddressBelongsToNode');
  }
  return {
    eligible: true,
    because: held ?? grantOf(placement),
    pool: pool?.name,
    addresses: taken.length === 0 ? addresses : addresses.filter((address) => !taken.includes(address)),
    advertisements: matching.length === advertised.length ? advertised : matching,
    refusedAddresses: taken,
  };
}

/** Whether an address is not announced whatever advertises it. */
export function isRefusedAnyway(input: BgpInput): boolean {
  const node = input.nodes.get(input.node);
  return node !== undefined && refusalFrom(node, input) !== undefined;
}

function refusalFrom(node: NodeView, { service, endpoints, options = {} }: BgpInput): BgpRefusal | undefined {
  if (node.networkUnavailable) {
    return 'NetworkUnavailable';
  }
  if (node.excludedFromLoadBalancers && options.ignoreExcludeLb !== true) {
    return 'ExcludedFromLoadBalancers';
  }
  const { serving, servingNodes } = endpoints.addressed ?? endpoints;
  if (service.localTraffic && !servingNodes.has(node.name)) {
    return 'noLocalEndpoints';
  }
  return serving ? undefined : 'noEndpoints';
}

/** The reason that MetalLB's log and events give. */
export function metalLbBgpReason(because: BgpRefusal): string {
  switch (because) {
    case 'notLoadBalancer':
    case 'noIPAllocated':
    case 'invalidIP':
    case 'ipNotAllowed':
    case 'notOwner':
    case 'noMatchingAdvertisement':
    case 'conflictingAdvertisements':
    case 'noLocalEndpoints':
    case 'noEndpoints':
      return because;
    case 'OtherLoadBalancerClass':
      return 'notLoadBalancer';
    case 'ConfigurationUnknown':
      return 'ipNotAllowed';
    case 'NetworkUnavailable':
      return 'nodeNetworkUnavailable';
    case 'ExcludedFromLoadBalancers':
      return 'nodeLabeledExcludeBalancers';
    case 'UnknownNode':
    case 'AddressBelongsToNode':
      return 'notOwner';
  }
}

function refuse(because: BgpRefusal): BgpDecision {
  return { eligible: false, because };
}

/** What announces an address where it is placed; `undefined` where that cannot be told or is nowhere. */
function advertisementsOf(placement: Placement): readonly ResolvedBgpAdvertisement[] | undefined {
  switch (placement.kind) {
    case 'pool':
      return placement.pool.bgpAdvertisements;
    case 'unplaced': {
      const advertisements = placement.pool?.bgpAdvertisements ?? [];
      return advertisements.length === 0 ? undefined : advertisements;
    }
    case 'none':
      return undefined;
  }
}

/** One that is not there may exist, and one whose community has an alias is not in force without its Community. */
function advertisementsUnknown({ config, inherited }: BgpInput, pool: string | undefined): boolean {
  const { unknownKinds } = config;
  return (
    unknownKinds.has('BGPAdvertisement') ||
    unknownKinds.has('Community') ||
    (inherited !== undefined && mayAdvertise(inherited, pool))
  );
}

function addressesOf(nodes: ReadonlyMap<string, NodeView>): NodeAddresses {
  return { hasAddress: (address) => [...nodes.values()].some((node) => node.addresses.includes(address)) };
}
