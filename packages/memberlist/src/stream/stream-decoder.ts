import { type Decoded, decoded, failed } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import type { StreamMessage } from '../messages/message.ts';
import { MESSAGE_TYPE } from '../messages/message-type.ts';
import { createBoundedValue } from '../msgpack/bounded-value.ts';
import { removeCompression } from '../packet/compression.ts';
import { withHeader } from '../packet/encode-packet.ts';
import { GREATEST_LABEL_OCTETS, LABEL_HEADER_OCTETS, labelOctets, readLabel, refusedLabel } from '../packet/label.ts';
import { open } from '../packet/seal.ts';
import type { StreamCodec } from './codec.ts';
import { SEALED_FRAME_HEADER_OCTETS } from './frame.ts';
import type { StreamLimits } from './limits.ts';
import { createMessageParser } from './message-parser.ts';
import { createStreamBuffer } from './stream-buffer.ts';

export type StreamOutcome = Decoded<StreamMessage, GossipDecodeCode>;

/** Reads the one message that comes over a connection. */
export interface StreamDecoder {
  /**
   * Takes the next octets.
   *
   * @param octets - Copied.
   * @returns The message, or why there is none; the same ever after. Octets after it are ignored.
   */
  push(octets: Uint8Array): 'need more' | StreamOutcome;
  /**
   * The peer sends no more.
   *
   * @returns What {@link StreamDecoder.push} gave last, if anything; else a failure; undefined where not one octet came,
   *   as from somebody who only looks whether the port is open.
   */
  end(): StreamOutcome | undefined;
}

/**
 * Starts reading a connection: label, sealed frame, compression, message. Lengths are compared with the limits before
 * what they announce is waited for, and what comes is looked at once, in however many pieces.
 *
 * @throws TypeError for keys without a cipher, as soon as one is needed.
 * @see hashicorp/memberlist `net.go`, `handleConn`, `readStream`
 */
export function createStreamDecoder(codec: StreamCodec, limits: StreamLimits): StreamDecoder {
  const buffer = createStreamBuffer(
    LABEL_HEADER_OCTETS +
      GREATEST_LABEL_OCTETS +
      SEALED_FRAME_HEADER_OCTETS +
      Math.max(limits.frameOctets, limits.messageOctets),
  );
  let body: ((octets: Uint8Array, length: number) => StreamOutcome | 'need more') | undefined;
  let outcome: StreamOutcome | undefined;

  const advance = (): StreamOutcome | 'need more' => {
    if (body === undefined) {
      const start = readHeader(buffer.octets.subarray(0, buffer.length), codec);
      if (start === 'need more' || !start.ok) return start;
      const first = buffer.octets[start.value];
      if (start.value >= buffer.length || first === undefined) return 'need more';
      const fault = refusedLayer(first, start.value, codec);
      if (fault !== undefined) return fault;
      body = bodyReader(first, start.value, codec, limits);
    }
    return body(buffer.octets, buffer.length);
  };

  return {
    push(octets) {
      if (outcome !== undefined) return outcome;
      buffer.append(octets);
      const next = advance();
      if (next !== 'need more') outcome = next;
      else if (buffer.full)
        outcome = failed('ERR_MEMBERLIST_LIMIT_EXCEEDED', buffer.length, 'the stream goes on and on');
      if (outcome !== undefined) buffer.clear();
      return outcome ?? 'need more';
    },
    end() {
      if (outcome === undefined && buffer.length > 0) {
        outcome = failed('ERR_MEMBERLIST_TRUNCATED', buffer.length, 'the stream ended before its message did');
        buffer.clear();
      }
      return outcome;
    },
  };
}

/** Where the label ends. Only who opened the connection sends one. */
function readHeader(octets: Uint8Array, codec: StreamCodec): Decoded<number, GossipDecodeCode> | 'need more' {
  if (codec.role === 'dialer') return decoded(0);
  const label = readLabel(octets);
  if (label === 'need more' || !label.ok) return label;
  return refusedLabel(label.value.label, codec) ?? decoded(label.value.end);
}

function refusedLayer(first: number, offset: number, codec: StreamCodec): StreamOutcome | undefined {
  const hasKeys = codec.keyring.keys.length > 0;
  if (first === MESSAGE_TYPE.encrypt) {
    return hasKeys
      ? undefined
      : failed('ERR_MEMBERLIST_ENCRYPTED_WITHOUT_KEY', offset, 'it is encrypted, and there is no key');
  }
  if (!(hasKeys && codec.verifyIncoming)) return undefined;
  return failed('ERR_MEMBERLIST_NOT_ENCRYPTED', offset, 'there are keys, but it is not encrypted');
}

function bodyReader(
  first: number,
  start: number,
  codec: StreamCodec,
  limits: StreamLimits,
): (octets: Uint8Array, length: number) => StreamOutcome | 'need more' {
  if (first === MESSAGE_TYPE.encrypt) return (octets, length) => readSealed(octets, start, length, codec, limits);
  if (first !== MESSAGE_TYPE.compress) {
    const parser = createMessageParser(start, limits);
    return (octets, length) => parser.parse(octets, length);
  }
  const container = createBoundedValue(start + 1, start + limits.frameOctets);
  return (octets, length) => {
    const end = container.find(octets, length);
    return end === 'need more' || !end.ok ? end : readWhole(octets.subarray(start, end.value), limits);
  };
}

function readSealed(
  octets: Uint8Array,
  start: number,
  length: number,
  codec: StreamCodec,
  limits: StreamLimits,
): StreamOutcome | 'need more' {
  const contentStart = start + SEALED_FRAME_HEADER_OCTETS;
  if (length < contentStart) return 'need more';
  const announced = new DataView(octets.buffer, octets.byteOffset).getUint32(start + 1);
  if (announced > limits.frameOctets) {
    return failed(
      'ERR_MEMBERLIST_LIMIT_EXCEEDED',
      start + 1,
      `a sealed frame of ${announced} octets, more than ${limits.frameOctets}`,
    );
  }
  if (length < contentStart + announced) return 'need more';
  const associatedData = withHeader(octets.slice(start, contentStart), labelOctets(codec.label));
  const plain = open(octets.subarray(contentStart, contentStart + announced), associatedData, codec);
  return plain.ok ? readWhole(plain.value, limits) : plain;
}

/** Reads what has come as a whole: one compressed layer at most, then the message. */
function readWhole(octets: Uint8Array, limits: StreamLimits): StreamOutcome {
  if (octets[0] !== MESSAGE_TYPE.compress) return parseWhole(octets, limits);
  const plain = removeCompression(octets, limits.messageOctets);
  return plain.ok ? parseWhole(plain.value, limits) : plain;
}

function parseWhole(octets: Uint8Array, limits: StreamLimits): StreamOutcome {
  const message = createMessageParser(0, limits).parse(octets, octets.length);
  if (message !== 'need more') return message;
  return failed('ERR_MEMBERLIST_TRUNCATED', octets.length, 'the message ends before what it announces');
}
