import { advertisesService, type ParsedConfig, type Placement, type ResolvedL2Advertisement } from '@steelyard/config';
import type { Candidate } from '@steelyard/election';
import type { EndpointsView } from './endpoints-view.ts';
import type { NodeView } from './node-view.ts';
import type { OwnAddressReason } from './own-address.ts';
import {
  grantOf,
  placeService,
  refusalWithout,
  type ServiceGrant,
  type ServiceOptions,
  type ServiceRefusal,
} from './place-service.ts';
import { type Interfaces, type NodeRefusal, type Reach, type ReachOptions, reachOf } from './reach.ts';
import type { ServiceAnnouncementView } from './service-view.ts';

/** Why nobody announces a Service. Those in lower case are MetalLB's own words, which its logs carry as `reason`. */
export type Layer2Refusal =
  | ServiceRefusal
  | 'NoServingEndpoint'
  | 'sharedIPWithServiceSelector'
  | 'noMatchingAdvertisement'
  | 'NoCandidate' // advertised from some nodes, all of them unavailable or excluded
  | 'NoServingEndpointOnCandidate' // externalTrafficPolicy Local
  | OwnAddressReason;

/** Why a Service may be announced. */
export type Layer2Grant = ServiceGrant;

/** Which nodes may announce a Service at layer 2, or why none may. The same on every speaker. */
export type Layer2Decision =
  | {
      readonly eligible: true;
      readonly because: Layer2Grant;
      readonly pool: string | undefined;
      /** In the order of the status, in canonical text; without those in `refusedAddresses`. */
      readonly addresses: readonly string[];
      /** The address that the election hashes for all of them: the first in the status, announced or not. */
      readonly electionAddress: string;
      readonly candidates: readonly Candidate[];
      readonly interfaces: ReadonlyMap<string, Interfaces>;
      readonly refusedAddresses: readonly { readonly address: string; readonly because: OwnAddressReason }[];
      readonly refusedNodes: ReadonlyMap<string, NodeRefusal>;
    }
  | { readonly eligible: false; readonly because: Layer2Refusal };

/** What a decision depends on besides the objects. */
export interface Layer2Options extends ReachOptions, ServiceOptions {}

/** Everything that a decision depends on. */
export interface Layer2Input {
  readonly service: ServiceAnnouncementView;
  readonly endpoints: EndpointsView;
  readonly nodes: ReadonlyMap<string, NodeView>;
  readonly config: ParsedConfig;
  readonly options?: Layer2Options;
}

/** What does not depend on the Service, and may be kept from one decision to the next. */
export interface NodeIndex {
  reachOf(advertisements: readonly ResolvedL2Advertisement[]): Reach;
  hasAddress(address: string): boolean;
}

/** Looks at the nodes anew each time. */
function freshNodeIndex({ nodes, options }: Layer2Input): NodeIndex {
  return {
    reachOf: (advertisements) => reachOf(advertisements, nodes, options),
    hasAddress: (address) => [...nodes.values()].some((node) => node.addresses.includes(address)),
  };
}

/**
 * Decides which nodes may announce a Service's addresses at layer 2. Who of them does is the election's business.
 *
 * The tests are MetalLB's, in its order, so that the reasons are its reasons; the nodes' own addresses come last.
 *
 * @param index - What is known of the nodes already; by default it is found out.
 * @param held - Why it is announced by a configuration that is not in force any more, if it is.
 * @see MetalLB `speaker/main.go`, `handleService`; `speaker/layer2_controller.go`, `ShouldAnnounce`
 */
export function decideLayer2(
  input: Layer2Input,
  index: NodeIndex = freshNodeIndex(input),
  held?: 'HeldFromRemovedPool',
): Layer2Decision {
  const { service, endpoints, config, options = {} } = input;
  const own = placeService(service, config, options);
  if (!own.placed) {
    return refuse(own.because);
  }
  const { addresses, placement } = own;
  const advertised = advertisementsOf(placement, config);
  const [electionAddress] = addresses;
  if (advertised === undefined || electionAddress === undefined) {
    return refuse(refusalWithout(placement));
  }
  if (!endpoints.serving) {
    return refuse('NoServingEndpoint');
  }
  const matching = matchingService(advertised, service);
  if (service.sharesAddress && matching.some(({ serviceSelectors }) => serviceSelectors.length > 0)) {
    return refuse('sharedIPWithServiceSelector');
  }
  const reach = index.reachOf(matching);
  if (reach.candidates.length === 0) {
    const covered = [...reach.refused.values()].some((because) => because !== 'noMatchingAdvertisement');
    return refuse(covered ? 'NoCandidate' : 'noMatchingAdvertisement');
  }
  const candidates = service.localTraffic
    ? reach.candidates.filter(({ node }) => endpoints.servingNodes.has(node))
    : reach.candidates;
  if (candidates.length === 0) {
    return refuse('NoServingEndpointOnCandidate');
  }
  const taken = options.announceNodeAddresses === true ? [] : addresses.filter((address) => index.hasAddress(address));
  if (taken.length === addresses.length) {
    return refuse('AddressBelongsToNode');
  }
  return {
    eligible: true,
    because: held ?? grantOf(placement),
    pool: placement.kind === 'none' ? undefined : placement.pool?.name,
    addresses: taken.length === 0 ? addresses : addresses.filter((address) => !index.hasAddress(address)),
    electionAddress,
    candidates,
    interfaces: reach.interfaces,
    refusedAddresses: taken.map((address) => ({ address, because: 'AddressBelongsToNode' })),
    refusedNodes: reach.refused,
  };
}

/** The reason that MetalLB's log and events give: it knows fewer, and calls the rest `notOwner`. */
export function metalLbReason(because: Layer2Refusal | NodeRefusal): string {
  switch (because) {
    case 'notLoadBalancer':
    case 'noIPAllocated':
    case 'invalidIP':
    case 'ipNotAllowed':
    case 'sharedIPWithServiceSelector':
    case 'noMatchingAdvertisement':
      return because;
    case 'OtherLoadBalancerClass':
      return 'notLoadBalancer';
    case 'ConfigurationUnknown':
      return 'ipNotAllowed';
    case 'NoServingEndpoint':
    case 'NoServingEndpointOnCandidate':
    case 'NoCandidate':
    case 'AddressBelongsToNode':
    case 'AddressIsGateway':
    case 'NetworkUnavailable':
    case 'ExcludedFromLoadBalancers':
    case 'UnknownNode':
      return 'notOwner';
  }
}

function refuse(because: Layer2Refusal): Layer2Decision {
  return { eligible: false, because };
}

/** What announces an address where it is placed; `undefined` where that cannot be told or is nowhere. */
function advertisementsOf(placement: Placement, config: ParsedConfig): readonly ResolvedL2Advertisement[] | undefined {
  switch (placement.kind) {
    case 'pool':
      return placement.pool.l2Advertisements;
    case 'unplaced': {
      const advertisements = placement.pool?.l2Advertisements ?? config.unplacedL2Advertisements;
      return advertisements.length === 0 ? undefined : advertisements;
    }
    case 'none':
      return undefined;
  }
}

/** The list itself where all of it matches: it is the same object for every Service of the pool. */
function matchingService(
  advertisements: readonly ResolvedL2Advertisement[],
  service: ServiceAnnouncementView,
): readonly ResolvedL2Advertisement[] {
  const matching = advertisements.filter((advertisement) => advertisesService(advertisement, service.labels));
  return matching.length === advertisements.length ? advertisements : matching;
}
