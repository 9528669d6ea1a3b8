/**
 * What a responder for addresses needs whatever its protocol is: when to announce an address, paced over all of them;
 * what to do when another host claims one; and classic BPF programs. It does no I/O and has no clock; the door
 * `@steelyard/announcement-schedule/node` has.
 *
 * @packageDocumentation
 */
export {
  type ConflictState,
  type ConflictStep,
  DEFEND_INTERVAL_MS,
  macToNumber,
  stepConflict,
} from './conflict/conflict.ts';
export {
  BPF_ANCILLARY_INTERFACE_INDEX,
  BPF_ANCILLARY_PACKET_TYPE,
  checkClassicBpf,
  type FilteredFrame,
  runClassicBpf,
} from './filter/interpreter.ts';
export {
  BPF_MAX_INSTRUCTIONS,
  type BpfInstruction,
  createProgramWriter,
  type Landing,
  type Place,
  type ProgramWriter,
} from './filter/program.ts';
export { coveringRanges, exactRanges, type ValueRange } from './filter/ranges.ts';
export { type WordRange, writeWordSearch } from './filter/word-search.ts';
export {
  type AnnouncementConfig,
  type AnnouncementEffect,
  type AnnouncementEvent,
  type AnnouncementState,
  type AnnouncementStep,
  checkAnnouncementConfig,
  DEFAULT_ANNOUNCEMENT_CONFIG,
  initialAnnouncementState,
  stepAnnouncements,
} from './schedule/schedule.ts';
