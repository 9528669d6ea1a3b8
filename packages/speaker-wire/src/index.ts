/**
 * A speaker's wire thread: keeps ARP responders equal to the desired state that a control thread sends, and elects who
 * announces. It owns sockets and clocks only. The control thread's side is `@steelyard/speaker-wire/control`.
 *
 * @packageDocumentation
 */
export type { GossipOptions } from './gossip/gossip.ts';
export { openSpeakerWire } from './open-speaker-wire.ts';
export type { SpeakerWire, SpeakerWireOptions, SpeakerWireStatistics } from './options.ts';
export type { WireReport, WithdrawnReason } from './protocol/report.ts';
export type { WireLog } from './wire-log.ts';
