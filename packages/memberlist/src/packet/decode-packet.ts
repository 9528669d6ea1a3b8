import { type Decoded, type DecodeFailure, decoded, failed } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { decodeMessage } from '../messages/decode-message.ts';
import type { PacketMessage } from '../messages/message.ts';
import { MESSAGE_TYPE } from '../messages/message-type.ts';
import { octetsView } from '../messages/octets-view.ts';
import { removeChecksum } from './checksum.ts';
import type { PacketCodec } from './codec.ts';
import { decodeCompound } from './compound.ts';
import { removeCompression } from './compression.ts';
import { labelOctets, readLabel, refusedLabel } from './label.ts';
import { open } from './seal.ts';

/** Layers of compress and compound in each other: members nest two. */
const GREATEST_DEPTH = 4;

/** Messages of a packet, the empty and the unreadable ones among them: a compound of members has at most 255. */
const GREATEST_MESSAGES = 1024;

/** Octets that all of a packet's compressed layers make together: members fill 1400 before they compress. */
const GREATEST_DECOMPRESSED_OCTETS = 0x1_0000;

/**
 * Reads a packet: label, seal, CRC, compression, compound, messages.
 *
 * A compound's messages stand and fall alone, as in Go's library: those that cannot be read are told to
 * `onRefusedPart`. A packet that unpacks to more than members ever send is refused as a whole.
 *
 * @param datagram - Its payload. Payloads and targets of the messages may be views of it; what tells of a
 *   member is copied.
 * @returns The messages in the packet's order, or why there are none. Never throws for octets.
 * @throws TypeError for keys without a cipher.
 * @see hashicorp/memberlist `net.go`, `ingestPacket`
 */
export function decodePacket(
  datagram: Uint8Array,
  codec: PacketCodec,
): Decoded<readonly PacketMessage[], GossipDecodeCode> {
  const packet = octetsView(datagram);
  const label = readLabel(packet);
  if (label === 'need more') {
    return failed('ERR_MEMBERLIST_TRUNCATED', packet.length, 'the packet is empty, or its label is cut off');
  }
  if (!label.ok) return label;
  const refused = refusedLabel(label.value.label, codec);
  if (refused !== undefined) return refused;
  const plain = openPacket(packet.subarray(label.value.end), codec);
  if (!plain.ok) return plain;
  const checked = removeChecksum(plain.value, codec.crc32);
  if (!checked.ok) return checked;
  const unpacking: Unpacking = { messages: [], count: 0, decompressedOctets: 0, codec };
  const failure = unpack(checked.value, 0, unpacking);
  return failure === undefined ? decoded(unpacking.messages) : { ok: false, failure };
}

function openPacket(packet: Uint8Array, codec: PacketCodec): Decoded<Uint8Array, GossipDecodeCode> {
  if (codec.keyring.keys.length === 0) return decoded(packet);
  const plain = open(packet, labelOctets(codec.label), codec);
  // While a gossip is being changed over to encryption, either is good.
  return plain.ok || codec.verifyIncoming ? plain : decoded(packet);
}

interface Unpacking {
  readonly messages: PacketMessage[];
  count: number;
  decompressedOctets: number;
  readonly codec: PacketCodec;
}

type Failure = DecodeFailure<GossipDecodeCode>;

/** Adds the messages of a layer. What it returns makes the layer above drop this one, or all when a limit is reached. */
function unpack(octets: Uint8Array, depth: number, unpacking: Unpacking): Failure | undefined {
  const type = octets[0];
  if (type === MESSAGE_TYPE.compress || type === MESSAGE_TYPE.compound) {
    if (depth === GREATEST_DEPTH) return exceeded(`more than ${GREATEST_DEPTH} layers`);
    return type === MESSAGE_TYPE.compress
      ? unpackCompressed(octets, depth, unpacking)
      : unpackCompound(octets, depth, unpacking);
  }
  const message = decodeMessage(octets);
  if (!message.ok) return message.failure;
  unpacking.messages.push(message.value);
  return undefined;
}

function unpackCompressed(octets: Uint8Array, depth: number, unpacking: Unpacking): Failure | undefined {
  const plain = removeCompression(octets, GREATEST_DECOMPRESSED_OCTETS - unpacking.decompressedOctets);
  if (!plain.ok) return plain.failure;
  unpacking.decompressedOctets += plain.value.length;
  return unpack(plain.value, depth + 1, unpacking);
}

function unpackCompound(octets: Uint8Array, depth: number, unpacking: Unpacking): Failure | undefined {
  const compound = decodeCompound(octets);
  if (!compound.ok) return compound.failure;
  const { parts, truncatedParts } = compound.value;
  unpacking.count += parts.length;
  if (unpacking.count > GREATEST_MESSAGES) return exceeded(`more than ${GREATEST_MESSAGES} messages`);
  for (const part of parts) {
    const failure = unpack(part, depth + 1, unpacking);
    if (failure?.code === 'ERR_MEMBERLIST_LIMIT_EXCEEDED') return failure;
    if (failure !== undefined) unpacking.codec.onRefusedPart?.(failure);
  }
  if (truncatedParts > 0) {
    unpacking.codec.onRefusedPart?.({
      code: 'ERR_MEMBERLIST_TRUNCATED',
      offset: octets.length,
      message: `${truncatedParts} messages of a compound are cut off`,
    });
  }
  return undefined;
}

function exceeded(message: string): Failure {
  return { code: 'ERR_MEMBERLIST_LIMIT_EXCEEDED', offset: 0, message };
}
