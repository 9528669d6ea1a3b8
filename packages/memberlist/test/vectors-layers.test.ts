import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  createStreamDecoder,
  decodePacket,
  deriveMetalLbKey,
  encodePacket,
  encodeStreamMessage,
  LIBRARY_STREAM_LIMITS,
  type PacketCodec,
  type PacketMessage,
  type StreamCodec,
  type StreamMessage,
} from '../src/index.ts';
import { addCompression, removeCompression } from '../src/packet/compression.ts';
import { acceptor, dialer, PLAIN, SEALED } from './codec-aead.ts';
import { hex, NODE_A, NOTHING, VERSIONS, vector, vectorNames } from './vectors.ts';

const ping: PacketMessage = { type: 'ping', sequence: 1, node: 'n2' };
const suspect: PacketMessage = { type: 'suspect', incarnation: 3, node: 'n2', from: 'n1' };
const PING_MIN = vector('ping-min');
/** The second part of the compound. */
const SUSPECT_MIN = vector('compound').subarray(-31);

const packets: [name: string, codec: PacketCodec, parts: Uint8Array[], messages: PacketMessage[]][] = [
  ['compound', PLAIN, [PING_MIN, SUSPECT_MIN], [ping, suspect]],
  ['crc', { ...PLAIN, checksum: true }, [PING_MIN], [ping]],
  ['label+ping', { ...PLAIN, label: 'blue' }, [PING_MIN], [ping]],
  ['enc1-nolabel', SEALED, [PING_MIN], [ping]],
];

describe('packets of hashicorp/memberlist v0.5.1', () => {
  test.for(packets)('%s is read', ([name, codec, , messages]) => {
    expect(decodePacket(vector(name), codec)).toEqual({ ok: true, value: messages });
  });

  test.for(packets)('%s is written the same', ([name, codec, parts]) => {
    expect(hex(encodePacket(parts, codec))).toBe(hex(vector(name)));
  });

  test('compress-100a is written the same, and read', () => {
    const plain = new Uint8Array(100).fill(0x61);
    expect(hex(addCompression(plain))).toBe(hex(vector('compress-100a')));
    expect(removeCompression(vector('compress-100a'), 100)).toEqual({ ok: true, value: plain });
  });
});

const streams: [name: string, codec: PacketCodec, message: StreamMessage][] = [
  [
    'pushpull',
    PLAIN,
    {
      type: 'pushPull',
      join: true,
      states: [
        {
          node: 'node-a',
          address: NODE_A,
          port: 7946,
          incarnation: 1,
          meta: NOTHING,
          versions: VERSIONS,
          status: 'alive',
        },
      ],
      userState: NOTHING,
    },
  ],
  ['user-tcp', PLAIN, { type: 'user', payload: Uint8Array.from(Buffer.from('hello')) }],
  ['err', PLAIN, { type: 'error', error: 'encryption is configured but remote state is not encrypted' }],
  [
    'tcp-ping-frame',
    { ...SEALED, compress: true },
    { type: 'ping', sequence: 42, node: 'node-b', sourceAddress: NODE_A, sourcePort: 7946, sourceNode: 'node-a' },
  ],
];

describe('streams of hashicorp/memberlist v0.5.1', () => {
  const both = (codec: PacketCodec): StreamCodec[] => [dialer(codec), acceptor(codec)];

  test.for(streams)('%s is read, at once and octet by octet', ([name, codec, message]) => {
    for (const each of both(codec)) {
      expect(createStreamDecoder(each, LIBRARY_STREAM_LIMITS).push(vector(name))).toEqual({ ok: true, value: message });
      const slowly = createStreamDecoder(each, LIBRARY_STREAM_LIMITS);
      const outcomes = [...vector(name)].map((octet) => slowly.push(Uint8Array.of(octet)));
      expect(outcomes.slice(0, -1).every((outcome) => outcome === 'need more')).toBe(true);
      expect(outcomes.at(-1)).toEqual({ ok: true, value: message });
    }
  });

  test.for(streams)('%s is written the same', ([name, codec, message]) => {
    for (const each of both(codec)) expect(hex(encodeStreamMessage(message, each))).toBe(hex(vector(name)));
  });
});

describe('the key of MetalLB', () => {
  const secret = Uint8Array.from(Buffer.from('AAECAwQFBgcICQoLDA0ODw'));
  const sha256 = (octets: Uint8Array): Uint8Array => createHash('sha256').update(octets).digest();

  test('is the secret, filled up with the SHA-256 of nothing', () => {
    expect(hex(deriveMetalLbKey(secret, sha256))).toBe(hex(vector('key32')));
  });

  test('had 16 octets up to MetalLB 0.13', () => {
    expect(hex(deriveMetalLbKey(secret, sha256, 16))).toBe(hex(vector('key32').subarray(0, 16)));
  });

  test('is nothing but the first 32 octets of a long secret', () => {
    const long = Uint8Array.from({ length: 40 }, (_, index) => index);
    expect(hex(deriveMetalLbKey(long, sha256))).toBe(hex(long.subarray(0, 32)));
  });

  test('has the line feed at the end of the file in it', () => {
    const withLineFeed = Uint8Array.of(...secret, 0x0a);
    expect(hex(deriveMetalLbKey(withLineFeed, sha256)).slice(0, 46)).toBe(hex(withLineFeed));
  });

  test('is not made of an empty secret, by which no encryption is meant', () => {
    expect(() => deriveMetalLbKey(NOTHING, sha256)).toThrow(RangeError);
  });
});

test('every vector is asked', () => {
  const messages = ['ping-min', 'ping-full', 'indirect', 'ack-nil', 'suspect', 'dead', 'alive', 'nack'];
  const asked = [...messages, ...packets.map(([name]) => name), ...streams.map(([name]) => name)];
  expect(new Set([...asked, 'compress-100a', 'key32'])).toEqual(new Set(vectorNames()));
});
