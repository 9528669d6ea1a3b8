import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compressLzw,
  createStreamDecoder,
  decodeMessage,
  decodePacket,
  decompressLzw,
  encodeMessage,
  encodePacket,
  encodeStreamMessage,
  type PacketCodec,
  type PacketMessage,
  type StreamLimits,
  type StreamMessage,
} from '../src/index.ts';
import { MESSAGE_TYPE } from '../src/messages/message-type.ts';
import { decodeText, encodeText } from '../src/msgpack/text.ts';
import { addChecksum } from '../src/packet/checksum.ts';
import { encodeCompound } from '../src/packet/compound.ts';
import { addCompression } from '../src/packet/compression.ts';
import { seal } from '../src/packet/seal.ts';
import { sealedFrameHeader } from '../src/stream/frame.ts';
import { acceptor, dialer, PLAIN, SEALED } from './codec-aead.ts';
import { NOTHING } from './vectors.ts';

/** How long they take depends on what else the machine does. */
const PATIENT = { timeout: 60_000 };

const octets = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
const uint32 = fc.oneof(fc.nat(300), fc.integer({ min: 0, max: 0xffff_ffff }));
const uint16 = fc.oneof(fc.nat(300), fc.nat(0xffff));
const address = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
);
/** Any octets are a name. */
const name = fc.oneof(
  octets(40).map(decodeText),
  fc.string({ maxLength: 300 }).map((text) => text.toWellFormed()),
);
const versions = octets(6);

/** What is zero is left out and so reads as missing. */
const source = fc.record(
  {
    sourceAddress: address,
    sourcePort: uint16.filter((port) => port > 0),
    sourceNode: name.filter((text) => text !== ''),
  },
  { requiredKeys: [] },
);

const record = fc.record({ node: name, incarnation: uint32, address, port: uint16, meta: octets(512), versions });

const packetMessage: fc.Arbitrary<PacketMessage> = fc.oneof(
  fc.tuple(fc.record({ type: fc.constant('ping' as const), sequence: uint32, node: name }), source).map(merged),
  fc
    .tuple(
      fc.record({
        type: fc.constant('indirectPing' as const),
        sequence: uint32,
        target: address,
        port: uint16,
        node: name,
        nack: fc.boolean(),
      }),
      source,
    )
    .map(merged),
  fc.record({ type: fc.constant('ack' as const), sequence: uint32, payload: octets(300) }),
  fc.record({ type: fc.constant('nack' as const), sequence: uint32 }),
  fc.record({
    type: fc.constantFrom('suspect' as const, 'dead' as const),
    incarnation: uint32,
    node: name,
    from: name,
  }),
  record.map((fields) => ({ type: 'alive' as const, ...fields })),
  fc.record({ type: fc.constant('user' as const), payload: octets(300) }),
);

const status = fc.constantFrom('alive' as const, 'suspect' as const, 'dead' as const, 'left' as const);
const state = fc.tuple(record, fc.record({ status })).map(merged);

const streamMessage: fc.Arbitrary<StreamMessage> = fc.oneof(
  fc.tuple(fc.record({ type: fc.constant('ping' as const), sequence: uint32, node: name }), source).map(merged),
  fc.record({ type: fc.constant('ack' as const), sequence: uint32, payload: octets(300) }),
  fc.record({
    type: fc.constant('pushPull' as const),
    join: fc.boolean(),
    states: fc.array(state, { maxLength: 5 }),
    userState: octets(300),
  }),
  fc.record({ type: fc.constant('user' as const), payload: octets(300) }),
  fc.record({ type: fc.constant('error' as const), error: name }),
);

function merged<A, B>([a, b]: [A, B]): A & B {
  return { ...a, ...b };
}

const codec: fc.Arbitrary<PacketCodec> = fc
  .record({
    sealed: fc.boolean(),
    label: fc.constantFrom('', 'blue', 'a'.repeat(255)),
    compress: fc.boolean(),
    checksum: fc.boolean(),
    encryptionVersion: fc.constantFrom(0 as const, 1 as const),
  })
  .map(({ sealed, ...options }) => ({ ...(sealed ? SEALED : PLAIN), ...options }));

const LIMITS: StreamLimits = { frameOctets: 200_000, messageOctets: 100_000, states: 10, userOctets: 1_000 };

describe('decoding undoes encoding', PATIENT, () => {
  test('of names, which may be any octets', () => {
    void fc.assert(
      fc.property(octets(100), (name) => {
        expect(encodeText(decodeText(name))).toEqual(name);
      }),
    );
    void fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        expect(decodeText(encodeText(text.toWellFormed()))).toBe(text.toWellFormed());
      }),
    );
  });

  test('of compressed octets', () => {
    const input = fc.oneof(
      octets(5000),
      fc.array(fc.constantFrom(0, 1), { maxLength: 5000 }).map((bits) => Uint8Array.from(bits)),
    );
    void fc.assert(
      fc.property(input, (plain) => {
        expect(decompressLzw(compressLzw(plain), plain.length)).toEqual({ ok: true, value: plain });
      }),
    );
  });

  test('of packets, in whatever layers', () => {
    void fc.assert(
      fc.property(fc.array(packetMessage, { minLength: 1, maxLength: 5 }), codec, (messages, options) => {
        const packet = encodePacket(messages.map(encodeMessage), options);
        expect(decodePacket(packet, options)).toEqual({ ok: true, value: messages });
      }),
    );
  });

  test('of streams, in whatever layers', () => {
    void fc.assert(
      fc.property(streamMessage, codec, (message, options) => {
        const stream = encodeStreamMessage(message, dialer(options));
        expect(createStreamDecoder(acceptor(options), LIMITS).push(stream)).toEqual({ ok: true, value: message });
      }),
    );
  });
});

/** Octets that begin as a message does, then as a map with a key that exists, and then as they please. */
const halfGarbage = fc
  .tuple(
    fc.constantFrom(...Object.values(MESSAGE_TYPE)),
    fc.constantFrom('SeqNo', 'Node', 'Addr', 'Target', 'Buf', 'Nodes', 'UserMsgLen', 'Error'),
    octets(60),
  )
  .map(([type, key, rest]) => Uint8Array.of(type, 0x83, 0xa0 | key.length, ...Buffer.from(key), ...rest));

/** A message of which some octets were changed, and perhaps the end was cut off. */
const mutated = (whole: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(whole, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }), fc.nat(20))
    .map(([message, changes, cut]) => {
      const changed = Uint8Array.from(message);
      for (const [at, octet] of changes) if (changed.length > 0) changed[at % changed.length] = octet;
      return cut < 10 ? changed : changed.subarray(0, changed.length - cut + 10);
    });

const garbage = fc.oneof(octets(200), halfGarbage, mutated(packetMessage.map(encodeMessage)));

/** Garbage in layers that are right. */
const layered: fc.Arbitrary<Uint8Array> = fc.letrec<{ octets: Uint8Array }>((tie) => ({
  octets: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    garbage,
    tie('octets').map(addCompression),
    fc
      .array(tie('octets'), { maxLength: 4 })
      .map((parts) => encodeCompound(parts.filter(({ length }) => length < 65_536))),
    tie('octets').map((inner) => addChecksum(inner)),
    octets(100).map(compressedGarbage),
  ),
})).octets;

/** A container that is right around LZW that is none. */
function compressedGarbage(lzw: Uint8Array): Uint8Array {
  const [type, ...header] = addCompression(NOTHING);
  return Uint8Array.of(type ?? 0, ...header.slice(0, -4), 0xda, 0, lzw.length, ...lzw);
}

describe('whatever comes', PATIENT, () => {
  test('as a message is one that survives a round trip, or a value that says why not', () => {
    void fc.assert(
      fc.property(garbage, (input) => {
        const message = decodeMessage(input);
        if (!message.ok) {
          expect(message.failure.code).toMatch(/^ERR_MEMBERLIST_/);
          expect(message.failure.offset).toBeLessThanOrEqual(input.length);
          return;
        }
        expect(decodeMessage(encodeMessage(message.value))).toEqual(message);
      }),
      { numRuns: 500 },
    );
  });

  test('as a packet is messages or a value, bounded in number', () => {
    void fc.assert(
      fc.property(layered, fc.boolean(), (input, sealed) => {
        const options = sealed ? SEALED : PLAIN;
        const packet = decodePacket(sealed ? seal(input, NOTHING, options) : input, options);
        if (packet.ok) expect(packet.value.length).toBeLessThanOrEqual(1024);
        else expect(packet.failure.code).toMatch(/^ERR_MEMBERLIST_/);
      }),
      { numRuns: 500 },
    );
  });

  test('as compressed octets is at most what was allowed', () => {
    void fc.assert(
      fc.property(octets(200), fc.nat(300), (input, greatest) => {
        // A clear code first, else most end at once.
        const plain = decompressLzw(Uint8Array.of(0, ...input), greatest);
        if (plain.ok) expect(plain.value.length).toBeLessThanOrEqual(greatest);
      }),
      { numRuns: 500 },
    );
  });

  test('by a connection is a message or a value, the same in whatever pieces it comes', () => {
    const streams = fc.oneof(
      garbage,
      mutated(streamMessage.map((message) => encodeStreamMessage(message, dialer(PLAIN)))),
      mutated(streamMessage.map((message) => encodeStreamMessage(message, dialer({ ...PLAIN, compress: true })))),
      garbage.map(addCompression),
      octets(100).map(compressedGarbage),
    );
    void fc.assert(
      fc.property(streams, fc.boolean(), fc.nat(50), (input, sealed, size) => {
        const options = acceptor(sealed ? SEALED : PLAIN);
        const stream = sealed ? sealedFrame(input) : input;
        const whole = createStreamDecoder(options, LIMITS);
        whole.push(stream);
        const inPieces = createStreamDecoder(options, LIMITS);
        for (let at = 0; at < stream.length; at += size + 1) inPieces.push(stream.subarray(at, at + size + 1));
        expect(told(inPieces.end())).toEqual(told(whole.end()));
      }),
      { numRuns: 500 },
    );
  });
});

function sealedFrame(plaintext: Uint8Array): Uint8Array {
  const header = sealedFrameHeader(plaintext.length + 29);
  return Uint8Array.of(...header, ...seal(plaintext, header, SEALED));
}

/** Where it went wrong may depend on how much had come. */
function told(outcome: ReturnType<ReturnType<typeof createStreamDecoder>['end']>): unknown {
  return outcome === undefined || outcome.ok ? outcome : outcome.failure.code;
}
