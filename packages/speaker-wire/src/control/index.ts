/**
 * The control thread's side of a speaker: sends the desired state to the wire thread and hears what became of it.
 *
 * @packageDocumentation
 */
export type { Layer2Counters } from '../counters/counter-reader.ts';
export type { WireReport, WithdrawnReason } from '../protocol/report.ts';
export {
  createDesiredStateSender,
  type DesiredStateSender,
  type DesiredStateSenderOptions,
  type SnapshotOptions,
} from './sender.ts';
