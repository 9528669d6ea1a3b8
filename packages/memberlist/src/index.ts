/**
 * The gossip protocol of hashicorp/memberlist, octet for octet, without I/O: messages, packets, streams, and the state
 * machine of SWIM membership.
 *
 * @packageDocumentation
 */
export { checkMemberlistConfig } from './configuration/check.ts';
export type { MemberlistConfig } from './configuration/configuration.ts';
export { LAN_CONFIG, LOCAL_CONFIG, WAN_CONFIG } from './configuration/defaults.ts';
export { type MetalLbConfigOutcome, parseMetalLbMemberlistConfig } from './configuration/metallb-file.ts';
export { compressLzw } from './lzw/compress.ts';
export { decompressLzw } from './lzw/decompress.ts';
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
export type { Aead } from './packet/aead.ts';
export { CHECKSUM_HEADER_OCTETS } from './packet/checksum.ts';
export type { PacketCodec, SealCodec } from './packet/codec.ts';
export { COMPOUND_HEADER_OCTETS, COMPOUND_PART_OCTETS, GREATEST_COMPOUND_PARTS } from './packet/compound.ts';
export { decodePacket } from './packet/decode-packet.ts';
export { encodePacket, packetOverheadOctets } from './packet/encode-packet.ts';
export { createKeyring, installKey, type Keyring, removeKey, useKey } from './packet/keyring.ts';
export { deriveMetalLbKey } from './packet/metallb-key.ts';
export type { Member, ProtocolConfig, ProtocolEffect, ProtocolEvent } from './state/protocol.ts';
export { initialProtocolState, membersOf, type ProtocolState } from './state/protocol-state.ts';
export { type ProtocolStep, stepProtocol } from './state/step-protocol.ts';
export type { StreamCodec } from './stream/codec.ts';
export { encodeStreamMessage } from './stream/encode-stream-message.ts';
export { errorAnswerTo } from './stream/error-answer.ts';
export { LIBRARY_STREAM_LIMITS, type StreamLimits, streamLimitsFor } from './stream/limits.ts';
export { createStreamDecoder, type StreamDecoder, type StreamOutcome } from './stream/stream-decoder.ts';
