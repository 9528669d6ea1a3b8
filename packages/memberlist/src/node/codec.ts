import { crc32 } from 'node:zlib';
import type { Decoded, DecodeFailure } from '@steelyard/wire';
import {
  createKeyring,
  createStreamDecoder,
  decodePacket,
  encodePacket,
  encodeStreamMessage,
  type GossipDecodeCode,
  type MemberlistConfig,
  type PacketCodec,
  type PacketMessage,
  packetOverheadOctets,
  type StreamCodec,
  type StreamMessage,
  streamLimitsFor,
} from '../index.ts';
import { createNodeAead, createNonceSource } from './aead.ts';

/** How a member writes and reads, with the keys that it has at a time. */
export interface GossipCodec {
  /** Octets that the label and encryption add to a packet. */
  readonly packetOverheadOctets: number;
  encodePacket(parts: readonly Uint8Array[], checksum: boolean): Uint8Array;
  decodePacket(packet: Uint8Array): Decoded<readonly PacketMessage[], GossipDecodeCode>;
  encodeStreamRequest(message: StreamMessage): Uint8Array;
  encodeStreamReply(message: StreamMessage): Uint8Array;
  /** For what a connection brings that another member opened. */
  streamReader(): StreamReader;
  /** For the answer on a connection that we opened, which begins without a label. */
  streamReplyReader(): StreamReader;
}

export interface StreamReader {
  push(octets: Uint8Array): 'need more' | Decoded<StreamMessage, GossipDecodeCode>;
  /** Nothing more comes, or is wanted: what was kept is given back. */
  end(): unknown;
}

export interface GossipCodecOptions {
  readonly config: MemberlistConfig;
  /** The first encrypts. */
  readonly keys: readonly Uint8Array[];
  /** Something came in that was sealed with this one of `keys`. */
  readonly keyHeard: (index: number) => void;
  readonly refusedPart: (failure: DecodeFailure<GossipDecodeCode>) => void;
}

/** @throws TypeError for a key that has not 16, 24 or 32 octets. */
export function createGossipCodec({ config, keys, keyHeard, refusedPart }: GossipCodecOptions): GossipCodec {
  const keyring = createKeyring(keys);
  const indexOf = new Map(
    keyring.keys.map((key) => [key, keys.findIndex((given) => Buffer.compare(given, key) === 0)]),
  );
  const plain: PacketCodec = {
    label: config.label,
    skipInboundLabelCheck: config.skipInboundLabelCheck,
    keyring,
    aead: createNodeAead((key) => keyHeard(indexOf.get(key) ?? 0)),
    nonce: createNonceSource(),
    verifyIncoming: config.gossipVerifyIncoming,
    verifyOutgoing: config.gossipVerifyOutgoing,
    compress: config.enableCompression,
    checksum: false,
    crc32,
    onRefusedPart: refusedPart,
  };
  const withChecksum: PacketCodec = { ...plain, checksum: true };
  const dialer: StreamCodec = { ...plain, role: 'dialer' };
  const acceptor: StreamCodec = { ...plain, role: 'acceptor' };
  const limits = streamLimitsFor(config.maxMembers);
  return {
    packetOverheadOctets: packetOverheadOctets(plain),
    encodePacket: (parts, checksum) => encodePacket(parts, checksum ? withChecksum : plain),
    decodePacket: (packet) => decodePacket(packet, plain),
    encodeStreamRequest: (message) => encodeStreamMessage(message, dialer),
    encodeStreamReply: (message) => encodeStreamMessage(message, acceptor),
    streamReader: () => createStreamDecoder(acceptor, limits),
    streamReplyReader: () => createStreamDecoder(dialer, limits),
  };
}
