/**
 * Which nodes may announce which Service address at layer 2, what this node announces by BGP and to whom, and the reason
 * when none may. It elects nobody and sends nothing.
 *
 * @packageDocumentation
 */
export {
  type Announcer,
  type AnnouncerEvent,
  type AnnouncerOptions,
  type AnnouncerOutput,
  createAnnouncer,
} from './announcer.ts';
export type { BgpOutput } from './bgp/bgp-announcer.ts';
export type { BgpPath, BgpPeerEntry, BgpRouteEntry } from './bgp/bgp-entry.ts';
export { bgpPeersForNode, type NodePeers, type RoutePeer, type UnservedPeerField } from './bgp/bgp-peers.ts';
export type { PrefixConflicts, RouteChanges, ServicePeers } from './bgp/bgp-routes.ts';
export {
  type BgpDecision,
  type BgpGrant,
  type BgpInput,
  type BgpOptions,
  type BgpRefusal,
  decideBgp,
  metalLbBgpReason,
  type NodeAddresses,
} from './bgp/decide-bgp.ts';
export type { BgpLocalPrefConflict } from './bgp/merge-paths.ts';
export {
  decideLayer2,
  type Layer2Decision,
  type Layer2Grant,
  type Layer2Input,
  type Layer2Options,
  type Layer2Refusal,
  metalLbReason,
  type NodeIndex,
} from './decide-layer2.ts';
export {
  type EndpointSliceView,
  type EndpointsView,
  mergeEndpointSlices,
  NO_ENDPOINTS,
  projectEndpointSlice,
  type ServingEndpoints,
} from './endpoints-view.ts';
export type { Layer2Output } from './layer2-announcer.ts';
export { decideForNode, type Layer2Entry, type Layer2EntryKey, type NodeDecision } from './layer2-entry.ts';
export { type NodeView, projectNode } from './node-view.ts';
export { type OwnAddressReason, refuseOwnAddress } from './own-address.ts';
export type { ServiceGrant, ServiceOptions, ServiceRefusal } from './place-service.ts';
export { type Interfaces, type NodeRefusal, type Reach, type ReachOptions, reachOf } from './reach.ts';
export { projectServiceForAnnouncement, type ServiceAnnouncementView } from './service-view.ts';
export { withdrawalReason } from './withdrawal-reason.ts';
