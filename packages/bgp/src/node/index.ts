/**
 * BGP sessions over TCP.
 *
 * @packageDocumentation
 */
export type {
  BgpCloseOptions,
  BgpListenOptions,
  BgpPeer,
  BgpPeerEvent,
  BgpPeerOptions,
  BgpPeerRoutes,
  BgpPeerStatus,
  BgpSpeaker,
  BgpSpeakerOptions,
  DynamicNeighbors,
} from './options.ts';
