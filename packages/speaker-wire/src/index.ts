/**
 * A speaker's wire thread: keeps ARP responders equal to the desired state that a control thread sends, and elects who
 * announces. It owns sockets and clocks only. The control thread's side is `@steelyard/speaker-wire/control`.
 *
 * @packageDocumentation
 */
export {
  openSpeakerWire,
  type SpeakerWire,
  type SpeakerWireOptions,
  type SpeakerWireStatistics,
  type WireLog,
} from './open-speaker-wire.ts';
export type { WireReport, WithdrawnReason } from './protocol/report.ts';
