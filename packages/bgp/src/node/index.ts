/**
 * BGP sessions over TCP.
 *
 * @packageDocumentation
 */
export { NO_ROUTES_HINT } from './explain-session-end.ts';
export { openBgpSpeaker } from './open-bgp-speaker.ts';
export type {
  BgpCloseOptions,
  BgpListenOptions,
  BgpPeer,
  BgpPeerCounters,
  BgpPeerEvent,
  BgpPeerOptions,
  BgpPeerRoutes,
  BgpPeerStatus,
  BgpSpeaker,
  BgpSpeakerOptions,
  DynamicNeighbors,
} from './options.ts';
