/**
 * The control thread's side of a speaker: sends the desired state to the wire thread and hears what became of it.
 *
 * @packageDocumentation
 */
// What is sent, for those who have it from elsewhere than `@steelyard/announce`.
export type {
  BgpPath as DesiredBgpPath,
  BgpPeerEntry as DesiredBgpPeer,
  BgpRouteEntry as DesiredBgpRoute,
  Layer2Entry as DesiredStateEntry,
  Layer2EntryKey as DesiredStateEntryKey,
} from '@steelyard/announce';
export type { BgpCounters } from '../bgp/session-counters.ts';
export type { Layer2Counters } from '../counters/counter-reader.ts';
export type { WireFigures } from '../figures/layout.ts';
export type { BgpSessionReport, WireReport, WithdrawnReason } from '../protocol/report.ts';
export { type AnnouncedServices, createAnnouncedServices, namedInterfaces } from './announced-services.ts';
export {
  type BgpChange,
  type BgpDesired,
  createDesiredStateSender,
  type DesiredStateSender,
  type DesiredStateSenderOptions,
  type SnapshotOptions,
} from './sender.ts';
export { createServiceNewsDesk, type JudgedService, type ServiceNews, type ServiceNewsDesk } from './service-news.ts';
