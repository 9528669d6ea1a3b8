/**
 * The gossip protocol of hashicorp/memberlist, octet for octet, without I/O: messages, packets, streams, and the state
 * machine of SWIM membership.
 *
 * @packageDocumentation
 */
export type { MemberlistConfig } from './configuration/configuration.ts';
export type { GossipDecodeCode } from './messages/decode-code.ts';
export { decodeMessage } from './messages/decode-message.ts';
export { encodeMessage } from './messages/encode-message.ts';
export type {
  Accusation,
  Endpoint,
  MemberRecord,
  MemberState,
  MemberStatus,
  PacketMessage,
  PingSource,
  StreamMessage,
} from './messages/message.ts';
export type { Member, ProtocolConfig, ProtocolEffect, ProtocolEvent } from './state/protocol.ts';
