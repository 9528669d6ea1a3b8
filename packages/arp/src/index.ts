/**
 * ARP (RFC 826) and IPv4 address conflict detection (RFC 5227): packets, what to answer, when to announce, conflicts,
 * and the filter by which the kernel drops what is of no interest. It does no I/O; the door `@steelyard/arp/node` does.
 *
 * @packageDocumentation
 */
export {
  type AnnouncementConfig,
  type AnnouncementEffect,
  type AnnouncementEvent,
  type AnnouncementState,
  type AnnouncementStep,
  BPF_MAX_INSTRUCTIONS,
  type BpfInstruction,
  type ConflictState,
  type ConflictStep,
  checkAnnouncementConfig,
  DEFAULT_ANNOUNCEMENT_CONFIG,
  DEFEND_INTERVAL_MS,
  initialAnnouncementState,
  macToNumber,
  stepAnnouncements,
  stepConflict,
} from '@steelyard/announcement-schedule';
export { writeArpAnnouncement } from './announcement.ts';
export { type ArpAnswer, type ArpIdentity, answerFor } from './answer.ts';
export { isConflict } from './conflict.ts';
export { compileArpFilter, MAX_FILTER_RANGES } from './filter/compile.ts';
export {
  ARP_FRAME_LENGTH,
  ARP_PACKET_LENGTH,
  ARP_REPLY,
  ARP_REQUEST,
  type ArpDecodeCode,
  type ArpFrame,
  type ArpPacket,
  decodeArpFrame,
  decodeArpPacket,
  ETHERTYPE_ARP,
  encodeArpFrame,
} from './packet.ts';
