import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createKeyring,
  createStreamDecoder,
  encodeStreamMessage,
  errorAnswerTo,
  type GossipDecodeCode,
  LIBRARY_STREAM_LIMITS,
  type PacketCodec,
  type StreamCodec,
  type StreamLimits,
  type StreamMessage,
  type StreamOutcome,
  streamLimitsFor,
} from '../src/index.ts';
import { addCompression } from '../src/packet/compression.ts';
import { seal } from '../src/packet/seal.ts';
import { acceptor, aead, dialer, nonce, OTHER_KEY, PLAIN, SEALED } from './codec-aead.ts';
import { fromHex, NODE_A, NOTHING, VERSIONS } from './vectors.ts';

const state = {
  node: 'node-a',
  address: NODE_A,
  port: 7946,
  incarnation: 300,
  meta: Uint8Array.of(1, 2),
  versions: VERSIONS,
  status: 'suspect',
} as const;
const pushPull: StreamMessage = {
  type: 'pushPull',
  join: false,
  states: Array.from({ length: 200 }, (_, index) => ({ ...state, node: `node-${index}` })),
  userState: new Uint8Array(1000).fill(9),
};
const ack: StreamMessage = { type: 'ack', sequence: 9, payload: NOTHING };

const LIMITS: StreamLimits = { frameOctets: 100_000, messageOctets: 100_000, states: 300, userOctets: 2_000 };

/** The outcome, or the code of the failure. */
function told(outcome: 'need more' | StreamOutcome | undefined): unknown {
  if (outcome === undefined || outcome === 'need more') return outcome;
  return outcome.ok ? outcome.value : outcome.failure.code;
}

function read(octets: Uint8Array, codec: StreamCodec, limits: StreamLimits = LIMITS): unknown {
  return told(createStreamDecoder(codec, limits).push(octets));
}

const blue: PacketCodec = { ...SEALED, compress: true, label: 'blue' };

const codecs: [name: string, codec: PacketCodec][] = [
  ['plain', PLAIN],
  ['compressed', { ...PLAIN, compress: true }],
  ['labelled', { ...PLAIN, label: 'blue' }],
  ['sealed', SEALED],
  ['sealed and padded', { ...SEALED, encryptionVersion: 0 }],
  ['labelled, sealed, compressed', blue],
];

describe('a push/pull', { timeout: 60_000 }, () => {
  test.for(codecs)('%s, is read in whatever pieces it comes, each way', ([, codec]) => {
    const request = encodeStreamMessage(pushPull, dialer(codec));
    const answer = encodeStreamMessage(pushPull, acceptor(codec));
    void fc.assert(
      fc.property(fc.array(fc.nat(request.length), { maxLength: 20 }), fc.boolean(), (cuts, isAnswer) => {
        const octets = isAnswer ? answer : request;
        const decoder = createStreamDecoder(isAnswer ? dialer(codec) : acceptor(codec), LIMITS);
        const places = [0, ...cuts.toSorted((a, b) => a - b), octets.length];
        const outcomes = places.map((place, index) => decoder.push(octets.subarray(places[index - 1] ?? 0, place)));
        expect(outcomes.at(-1)).toEqual({ ok: true, value: pushPull });
      }),
      { numRuns: 30 },
    );
  });

  test('of 4,000 members is read octet by octet', () => {
    const states = Array.from({ length: 4000 }, () => state);
    const octets = encodeStreamMessage({ ...pushPull, states }, dialer(PLAIN));
    const limits = { ...LIMITS, states: 4000, messageOctets: 1_000_000 };
    const decoder = createStreamDecoder(acceptor(PLAIN), limits);
    let outcome: unknown = 'need more';
    for (let at = 0; outcome === 'need more' && at < octets.length; at += 1) {
      outcome = decoder.push(octets.subarray(at, at + 1));
    }
    expect(outcome).toMatchObject({ ok: true, value: { states: { length: 4000 } } });
  });

  test('leaves out whom we could not keep', () => {
    const entry = (fields: string): string => `83 a5 5374617465 ${fields} a4 4e616d65 a1 6e`;
    const octets = fromHex(
      [
        '06 83 a4 4a6f696e c2 a5 4e6f646573 05 ac 5573657253746174654c656e 00',
        entry('04 a4 41646472 a4 0a000001'), // a state that does not exist
        entry('ff a4 41646472 a4 0a000001'), // -1
        entry('00 a4 41646472 a3 0a0000'), // no address
        entry('03 a4 41646472 a4 0a000001'),
        'c0', // nothing
      ].join(' '),
    );
    expect(read(octets, acceptor(PLAIN))).toMatchObject({
      type: 'pushPull',
      states: [{ node: 'n', status: 'left', address: NODE_A, port: 0 }],
    });
  });

  test('survives what follows it', () => {
    const decoder = createStreamDecoder(acceptor(PLAIN), LIMITS);
    const octets = encodeStreamMessage(ack, dialer(PLAIN));
    expect(told(decoder.push(Uint8Array.of(...octets, 1, 2, 3)))).toEqual(ack);
    expect(told(decoder.push(Uint8Array.of(4)))).toEqual(ack);
    expect(told(decoder.end())).toEqual(ack);
  });
});

describe('other messages of a stream', () => {
  test.for<[name: string, message: StreamMessage]>([
    ['a ping', { type: 'ping', sequence: 1, node: 'n', sourceAddress: NODE_A, sourcePort: 1, sourceNode: 'm' }],
    ['an ack', { type: 'ack', sequence: 70_000, payload: Uint8Array.of(1) }],
    ['a user message', { type: 'user', payload: new Uint8Array(500).fill(3) }],
    ['a user message of no octets', { type: 'user', payload: NOTHING }],
    ['an error', { type: 'error', error: 'x'.repeat(70_000) }],
  ])('%s', ([, message]) => {
    for (const [, codec] of codecs) {
      expect(read(encodeStreamMessage(message, dialer(codec)), acceptor(codec))).toEqual(message);
    }
  });
});

describe('limits are those of what is announced, before it comes', () => {
  const header = (nodes: string, userStateLength: string): Uint8Array =>
    fromHex(`06 83 a4 4a6f696e c2 a5 4e6f646573 ${nodes} ac 5573657253746174654c656e ${userStateLength}`);

  test.for<[name: string, octets: Uint8Array, code: GossipDecodeCode | 'need more']>([
    ['300 members', header('d1 012c', '00'), 'need more'],
    ['301 members', header('d1 012d', '00'), 'ERR_MEMBERLIST_LIMIT_EXCEEDED'],
    ['-1 member', header('ff', '00'), 'ERR_MEMBERLIST_OUT_OF_RANGE'],
    ['2,000 octets of user state', header('00', 'cd 07d0'), 'need more'],
    ['2,001 octets of user state', header('00', 'cd 07d1'), 'ERR_MEMBERLIST_LIMIT_EXCEEDED'],
    ['-1 octet of user state', header('00', 'ff'), 'ERR_MEMBERLIST_OUT_OF_RANGE'],
    [
      '2,001 octets of a user message',
      fromHex('08 81 aa 557365724d73674c656e cd 07d1'),
      'ERR_MEMBERLIST_LIMIT_EXCEEDED',
    ],
    ['-1 octet of a user message', fromHex('08 81 aa 557365724d73674c656e ff'), 'ERR_MEMBERLIST_OUT_OF_RANGE'],
    [
      'a member with a name of a megabyte',
      Uint8Array.of(...header('01', '00'), ...fromHex('81 a4 4e616d65 db 00100000')),
      'ERR_MEMBERLIST_LIMIT_EXCEEDED',
    ],
    ['an error of 4 gigabytes', fromHex('0d 81 a5 4572726f72 db ffffffff'), 'ERR_MEMBERLIST_LIMIT_EXCEEDED'],
    [
      'an unknown map of 8 thousand million values',
      fromHex('0d 81 a1 78 df ffffffff'),
      'ERR_MEMBERLIST_LIMIT_EXCEEDED',
    ],
    ['a compressed megabyte', fromHex('09 82 a4 416c676f 00 a3 427566 db 00100000'), 'ERR_MEMBERLIST_LIMIT_EXCEEDED'],
  ])('%s', ([, octets, outcome]) => {
    expect(read(octets, acceptor(PLAIN))).toBe(outcome);
  });

  test.for<[name: string, length: number, outcome: GossipDecodeCode | 'need more']>([
    ['100,000 octets', 100_000, 'need more'],
    ['100,001 octets', 100_001, 'ERR_MEMBERLIST_LIMIT_EXCEEDED'],
    ['4 gigabytes', 0xffff_ffff, 'ERR_MEMBERLIST_LIMIT_EXCEEDED'],
  ])('a sealed frame of %s', ([, length, outcome]) => {
    const octets = new Uint8Array(5);
    octets[0] = 10;
    new DataView(octets.buffer).setUint32(1, length);
    expect(read(octets, acceptor(SEALED))).toBe(outcome);
  });

  test('a bomb: what is more than the limit after decompression', () => {
    const compress = { ...SEALED, compress: true };
    const octets = encodeStreamMessage({ type: 'error', error: 'a'.repeat(100_000) }, dialer(compress));
    expect(octets.length).toBeLessThan(1000);
    expect(read(octets, acceptor(compress))).toBe('ERR_MEMBERLIST_LIMIT_EXCEEDED');
  });

  test('a stream that goes on within the limit of each part', () => {
    const limits = { ...LIMITS, messageOctets: 50_000 };
    const large = { ...state, meta: new Uint8Array(512) };
    const octets = encodeStreamMessage(
      { ...pushPull, states: Array.from({ length: 300 }, () => large) },
      dialer(PLAIN),
    );
    expect(read(octets, acceptor(PLAIN), limits)).toBe('ERR_MEMBERLIST_LIMIT_EXCEEDED');
  });

  test('grow with the members, but not beyond the library’s', () => {
    expect(streamLimitsFor(10)).toMatchObject({ states: 20 });
    const greatest = streamLimitsFor(2 ** 31);
    for (const [name, limit] of Object.entries(greatest)) {
      expect(LIBRARY_STREAM_LIMITS).toHaveProperty(name);
      expect(limit).toBeLessThanOrEqual(Math.max(...Object.values(LIBRARY_STREAM_LIMITS)));
    }
    expect(greatest.frameOctets).toBe(LIBRARY_STREAM_LIMITS.frameOctets);
    expect(() => streamLimitsFor(0)).toThrow(RangeError);
  });
});

describe('layers of a stream', () => {
  const request = encodeStreamMessage(ack, dialer(blue));
  const frame = (plaintext: Uint8Array): Uint8Array => {
    const header = new Uint8Array(5);
    header[0] = 10;
    new DataView(header.buffer).setUint32(1, plaintext.length + 29);
    return Uint8Array.of(...header, ...seal(plaintext, header, SEALED));
  };

  test.for<[name: string, octets: Uint8Array, codec: StreamCodec, outcome: unknown]>([
    [
      'plaintext, where there is a key',
      encodeStreamMessage(ack, dialer(PLAIN)),
      acceptor(SEALED),
      'ERR_MEMBERLIST_NOT_ENCRYPTED',
    ],
    [
      'plaintext, while encryption is brought in',
      encodeStreamMessage(ack, dialer(PLAIN)),
      acceptor({ ...SEALED, verifyIncoming: false }),
      ack,
    ],
    [
      'sealed, where there is no key',
      encodeStreamMessage(ack, dialer(SEALED)),
      acceptor(PLAIN),
      'ERR_MEMBERLIST_ENCRYPTED_WITHOUT_KEY',
    ],
    [
      'a foreign key',
      encodeStreamMessage(ack, dialer({ ...SEALED, keyring: createKeyring([OTHER_KEY]), aead, nonce })),
      acceptor(SEALED),
      'ERR_MEMBERLIST_DECRYPTION_FAILED',
    ],
    [
      'a length that was changed',
      encodeStreamMessage(ack, dialer(SEALED)).with(4, 46),
      acceptor(SEALED),
      'ERR_MEMBERLIST_DECRYPTION_FAILED',
    ],
    ['a frame of nothing', fromHex('0a 00000000'), acceptor(SEALED), 'ERR_MEMBERLIST_TRUNCATED'],
    ['a sealed nothing, which panics Go', frame(NOTHING), acceptor(SEALED), 'ERR_MEMBERLIST_TRUNCATED'],
    ['a sealed half of a message', frame(fromHex('02 82')), acceptor(SEALED), 'ERR_MEMBERLIST_TRUNCATED'],
    [
      'compressed twice',
      frame(addCompression(addCompression(fromHex('02 80')))),
      acceptor(SEALED),
      'ERR_MEMBERLIST_UNSUPPORTED_TYPE',
    ],
    [
      'sealed twice',
      frame(encodeStreamMessage(ack, dialer(SEALED))),
      acceptor(SEALED),
      'ERR_MEMBERLIST_UNSUPPORTED_TYPE',
    ],
    ['a gossip message', fromHex('04 80'), acceptor(PLAIN), 'ERR_MEMBERLIST_UNSUPPORTED_TYPE'],
    ['no MessagePack', fromHex('02 c1'), acceptor(PLAIN), 'ERR_MEMBERLIST_MALFORMED'],
    ['compressed, but no MessagePack', fromHex('09 c1'), acceptor(PLAIN), 'ERR_MEMBERLIST_MALFORMED'],
    ['compressed nothing', addCompression(NOTHING), acceptor(PLAIN), 'ERR_MEMBERLIST_TRUNCATED'],
    ['the label', request, acceptor(blue), ack],
    ['no label', request.subarray(6), acceptor(blue), 'ERR_MEMBERLIST_LABEL_MISMATCH'],
    ['a label taken off before us', request.subarray(6), acceptor({ ...blue, skipInboundLabelCheck: true }), ack],
    [
      'a label that should have been',
      request,
      acceptor({ ...blue, skipInboundLabelCheck: true }),
      'ERR_MEMBERLIST_LABEL_MISMATCH',
    ],
    ['a label of no octets', fromHex('f4 00'), acceptor(blue), 'ERR_MEMBERLIST_LABEL_INVALID'],
    ['a label in an answer', request, dialer({ ...blue, verifyIncoming: false }), 'ERR_MEMBERLIST_UNSUPPORTED_TYPE'],
  ])('%s', ([, octets, codec, outcome]) => {
    expect(read(octets, codec)).toEqual(outcome);
  });

  test('a connection that ends without an octet is silent', () => {
    expect(createStreamDecoder(acceptor(SEALED), LIMITS).end()).toBeUndefined();
  });

  test('a connection that ends early is not', () => {
    const decoder = createStreamDecoder(acceptor(blue), LIMITS);
    expect(decoder.push(request.subarray(0, -1))).toBe('need more');
    expect(told(decoder.end())).toBe('ERR_MEMBERLIST_TRUNCATED');
    expect(told(decoder.push(request.subarray(-1)))).toBe('ERR_MEMBERLIST_TRUNCATED');
  });
});

describe('an answer', () => {
  test('is given in Go’s words where a layer cannot be read', () => {
    const outcome = createStreamDecoder(acceptor(SEALED), LIMITS).push(encodeStreamMessage(ack, dialer(PLAIN)));
    expect(outcome !== 'need more' && !outcome.ok && errorAnswerTo(outcome.failure)).toEqual({
      type: 'error',
      error: 'Encryption is configured but remote state is not encrypted',
    });
  });

  test.for<[code: GossipDecodeCode, answered: boolean]>([
    ['ERR_MEMBERLIST_ENCRYPTED_WITHOUT_KEY', true],
    ['ERR_MEMBERLIST_DECRYPTION_FAILED', true],
    ['ERR_MEMBERLIST_COMPRESSION_CORRUPT', true],
    ['ERR_MEMBERLIST_LABEL_MISMATCH', false],
    ['ERR_MEMBERLIST_LABEL_INVALID', false],
    ['ERR_MEMBERLIST_MALFORMED', false],
  ])('to %s: %s', ([code, answered]) => {
    expect(errorAnswerTo({ code, offset: 0, message: 'x' }) !== undefined).toBe(answered);
  });
});
