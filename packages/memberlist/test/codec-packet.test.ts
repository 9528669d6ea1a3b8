import { describe, expect, test } from 'vitest';
import {
  createKeyring,
  decodePacket,
  encodeMessage,
  encodePacket,
  type GossipDecodeCode,
  type PacketCodec,
  type PacketMessage,
  packetOverheadOctets,
} from '../src/index.ts';
import { addChecksum } from '../src/packet/checksum.ts';
import { encodeCompound } from '../src/packet/compound.ts';
import { addCompression } from '../src/packet/compression.ts';
import { seal } from '../src/packet/seal.ts';
import { aead, KEY, nonce, OTHER_KEY, PLAIN, SEALED } from './codec-aead.ts';
import { fromHex, NOTHING } from './vectors.ts';

const pings = [1, 2, 3].map((sequence): PacketMessage => ({ type: 'ping', sequence, node: 'n2' }));
const parts = pings.map((ping) => encodeMessage(ping));
const [first = NOTHING] = parts;
const user: PacketMessage = { type: 'user', payload: new Uint8Array(300).fill(0x61) };

/** What a packet gives: its messages, or the code of its failure; and the codes of the parts that were dropped. */
function read(
  packet: Uint8Array,
  codec: PacketCodec,
): [messages: readonly PacketMessage[] | string, refused: string[]] {
  const refused: GossipDecodeCode[] = [];
  const messages = decodePacket(packet, { ...codec, onRefusedPart: ({ code }) => refused.push(code) });
  return [messages.ok ? messages.value : messages.failure.code, refused];
}

describe('a compound', () => {
  test('of three pings is three pings', () => {
    expect(read(encodePacket(parts, PLAIN), PLAIN)).toEqual([pings, []]);
  });

  test('may have octets after it', () => {
    expect(read(Uint8Array.of(...encodeCompound(parts), 1, 2, 3), PLAIN)).toEqual([pings, []]);
  });

  test('that is cut off keeps the messages before', () => {
    const cut = encodeCompound(parts).subarray(0, -1);
    expect(read(cut, PLAIN)).toEqual([pings.slice(0, 2), ['ERR_MEMBERLIST_TRUNCATED']]);
  });

  test('keeps what can be read beside what cannot', () => {
    const compound = encodeCompound([fromHex('ff'), first, NOTHING, fromHex('00c1'), fromHex('0a00'), fromHex('0d80')]);
    expect(read(compound, PLAIN)).toEqual([
      pings.slice(0, 1),
      [
        'ERR_MEMBERLIST_UNSUPPORTED_TYPE',
        'ERR_MEMBERLIST_TRUNCATED',
        'ERR_MEMBERLIST_MALFORMED',
        'ERR_MEMBERLIST_UNSUPPORTED_TYPE',
        'ERR_MEMBERLIST_UNSUPPORTED_TYPE',
      ],
    ]);
  });

  test('may hold what is compressed, and be compressed', () => {
    const inner = encodeCompound([addCompression(encodeMessage(user)), first]);
    expect(read(addCompression(inner), PLAIN)).toEqual([[user, pings[0]], []]);
  });

  test.for<[name: string, octets: string]>([
    ['a count', '07'],
    ['all lengths', '07 02 0001 00'],
  ])('without %s is refused', ([, octets]) => {
    expect(read(fromHex(octets), PLAIN)).toEqual(['ERR_MEMBERLIST_TRUNCATED', []]);
  });

  test('of none is nothing', () => {
    expect(read(fromHex('0700'), PLAIN)).toEqual([[], []]);
  });

  test('has at most 255 messages of at most 65,535 octets, and at least one', () => {
    expect(
      read(
        encodePacket(
          Array.from({ length: 255 }, () => first),
          PLAIN,
        ),
        PLAIN,
      )[0],
    ).toHaveLength(255);
    expect(() =>
      encodePacket(
        Array.from({ length: 256 }, () => first),
        PLAIN,
      ),
    ).toThrow(RangeError);
    expect(() => encodePacket([first, new Uint8Array(65_536)], PLAIN)).toThrow(RangeError);
    expect(() => encodePacket([], PLAIN)).toThrow(RangeError);
  });
});

describe('a bomb is refused as a whole', () => {
  const nested = (depth: number, innermost: Uint8Array): Uint8Array =>
    depth === 0 ? innermost : encodeCompound([nested(depth - 1, innermost)]);

  test('of layers', () => {
    expect(read(nested(4, first), PLAIN)).toEqual([pings.slice(0, 1), []]);
    expect(read(encodeCompound([first, nested(4, first)]), PLAIN)).toEqual(['ERR_MEMBERLIST_LIMIT_EXCEEDED', []]);
  });

  test('of messages', () => {
    const many = encodeCompound(Array.from({ length: 255 }, () => NOTHING));
    const [outcome] = read(encodeCompound(Array.from({ length: 10 }, () => many)), PLAIN);
    expect(outcome).toBe('ERR_MEMBERLIST_LIMIT_EXCEEDED');
  });

  test('of compression, at once or in parts', () => {
    const [fits, tooMuch] = [65_536, 65_537].map((length) => addCompression(new Uint8Array(length).fill(8)));
    expect(read(fits ?? NOTHING, PLAIN)[0]).toHaveLength(1);
    expect(read(tooMuch ?? NOTHING, PLAIN)).toEqual(['ERR_MEMBERLIST_LIMIT_EXCEEDED', []]);
    const half = addCompression(new Uint8Array(30_000).fill(8));
    expect(read(encodeCompound([half, half, half]), PLAIN)).toEqual(['ERR_MEMBERLIST_LIMIT_EXCEEDED', []]);
  });
});

describe('compression', () => {
  test('is used where it makes a packet shorter, and only there', () => {
    const compress = { ...PLAIN, compress: true };
    expect(encodePacket([first], compress)).toEqual(first);
    const packet = encodePacket([encodeMessage(user)], compress);
    expect([packet[0], packet.length < 100]).toEqual([9, true]);
    expect(read(packet, PLAIN)).toEqual([[user], []]);
  });

  test.for<[name: string, octets: string, code: GossipDecodeCode]>([
    ['another algorithm', '09 82 a4 416c676f 01 a3 427566 a3 000302', 'ERR_MEMBERLIST_COMPRESSION_UNSUPPORTED'],
    ['no end code', '09 82 a4 416c676f 00 a3 427566 a2 0003', 'ERR_MEMBERLIST_COMPRESSION_CORRUPT'],
    ['no octets', '09 80', 'ERR_MEMBERLIST_COMPRESSION_CORRUPT'],
    ['nothing compressed', '09 82 a4 416c676f 00 a3 427566 a3 000302', 'ERR_MEMBERLIST_TRUNCATED'],
    ['a body that is none', '09 c1', 'ERR_MEMBERLIST_MALFORMED'],
  ])('%s is refused', ([, octets, code]) => {
    expect(read(fromHex(octets), PLAIN)).toEqual([code, []]);
  });
});

describe('a CRC', () => {
  const checked = addChecksum(first);

  test('is taken off, whether the receiver writes one or not', () => {
    expect(read(checked, PLAIN)).toEqual([pings.slice(0, 1), []]);
    expect(checked).toHaveLength(first.length + 5);
  });

  test('that is wrong makes the packet nothing', () => {
    expect(read(checked.with(4, 0), PLAIN)).toEqual(['ERR_MEMBERLIST_CHECKSUM_MISMATCH', []]);
    expect(read(checked.with(9, 0), PLAIN)).toEqual(['ERR_MEMBERLIST_CHECKSUM_MISMATCH', []]);
  });

  test('is one layer: another one inside, or too few octets, is no message', () => {
    expect(read(addChecksum(checked), PLAIN)).toEqual(['ERR_MEMBERLIST_UNSUPPORTED_TYPE', []]);
    expect(read(fromHex('0c0000'), PLAIN)).toEqual(['ERR_MEMBERLIST_UNSUPPORTED_TYPE', []]);
  });

  test('may be computed by the system', () => {
    const crc32 = (): number => 0x0102_0304;
    expect([...encodePacket([first], { ...PLAIN, checksum: true, crc32 }).subarray(0, 5)]).toEqual([12, 1, 2, 3, 4]);
  });
});

describe('encryption', () => {
  const bothKeys: PacketCodec = { ...SEALED, keyring: createKeyring([OTHER_KEY, KEY]) };
  const otherKey: PacketCodec = { ...SEALED, keyring: createKeyring([OTHER_KEY]) };
  const padding: PacketCodec = { ...SEALED, encryptionVersion: 0 };

  test('of version 1 adds 29 octets, and that of version 0 fills the blocks', () => {
    expect(encodePacket([first], SEALED)).toHaveLength(first.length + 29);
    expect(encodePacket([first], padding)).toHaveLength(29 + 32);
    expect(encodePacket([new Uint8Array(16).fill(8)], padding)).toHaveLength(29 + 32);
    expect([SEALED, padding, PLAIN].map(packetOverheadOctets)).toEqual([29, 45, 0]);
    expect(packetOverheadOctets({ ...SEALED, label: 'blue' })).toBe(29 + 6);
    expect(packetOverheadOctets({ ...SEALED, verifyOutgoing: false })).toBe(0);
  });

  test('of either version is read', () => {
    expect(read(encodePacket(parts, padding), SEALED)).toEqual([pings, []]);
    expect(read(encodePacket(parts, SEALED), padding)).toEqual([pings, []]);
  });

  test('is undone by any key of the ring, and done by the first', () => {
    expect(read(encodePacket(parts, SEALED), bothKeys)).toEqual([pings, []]);
    expect(read(encodePacket(parts, bothKeys), otherKey)).toEqual([pings, []]);
    expect(read(encodePacket(parts, bothKeys), SEALED)).toEqual(['ERR_MEMBERLIST_DECRYPTION_FAILED', []]);
  });

  test('makes plaintext unacceptable', () => {
    expect(read(encodePacket(parts, PLAIN), SEALED)[0]).toBe('ERR_MEMBERLIST_ENCRYPTION_UNSUPPORTED');
    expect(read(first, SEALED)).toEqual(['ERR_MEMBERLIST_TRUNCATED', []]);
  });

  test('can be brought in step by step', () => {
    const transition: PacketCodec = { ...SEALED, verifyIncoming: false, verifyOutgoing: false };
    expect(encodePacket([first], transition)).toEqual(first);
    expect(read(first, transition)).toEqual([pings.slice(0, 1), []]);
    expect(read(encodePacket(parts, SEALED), transition)).toEqual([pings, []]);
  });

  test('binds the label', () => {
    const blue = { ...SEALED, label: 'blue' };
    const packet = encodePacket(parts, blue);
    expect(read(packet, blue)).toEqual([pings, []]);
    const relabelled = Uint8Array.of(...fromHex('f4 03 726564'), ...packet.subarray(6));
    expect(read(relabelled, { ...SEALED, label: 'red' })).toEqual(['ERR_MEMBERLIST_DECRYPTION_FAILED', []]);
    expect(read(packet.subarray(6), { ...blue, skipInboundLabelCheck: true })).toEqual([pings, []]);
  });

  test.for<[name: string, padded: Uint8Array]>([
    ['0', new Uint8Array(16)],
    ['more than a block', new Uint8Array(32).fill(17)],
    ['octets that differ', Uint8Array.of(...new Uint8Array(12), 3, 4, 4, 4)],
  ])('padding of %s is refused', ([, padded]) => {
    expect(read(seal(padded, NOTHING, SEALED).with(0, 0), SEALED)).toEqual(['ERR_MEMBERLIST_DECRYPTION_FAILED', []]);
  });

  test.for<[name: string, packet: Uint8Array, code: GossipDecodeCode]>([
    ['nothing', NOTHING, 'ERR_MEMBERLIST_TRUNCATED'],
    ['version 2', encodePacket(parts, SEALED).with(0, 2), 'ERR_MEMBERLIST_ENCRYPTION_UNSUPPORTED'],
    ['28 octets of version 1', new Uint8Array(28).fill(1), 'ERR_MEMBERLIST_TRUNCATED'],
    ['44 octets of version 0', new Uint8Array(44), 'ERR_MEMBERLIST_TRUNCATED'],
    ['a sealed nothing', seal(NOTHING, NOTHING, SEALED), 'ERR_MEMBERLIST_TRUNCATED'],
  ])('refuses %s', ([, packet, code]) => {
    expect(read(packet, SEALED)).toEqual([code, []]);
  });

  test('needs a cipher and nonces of 12 octets, which is the caller’s matter', () => {
    const { keyring } = SEALED;
    expect(() => encodePacket(parts, { ...PLAIN, keyring, nonce })).toThrow(TypeError);
    expect(() => encodePacket(parts, { ...PLAIN, keyring, aead })).toThrow(TypeError);
    expect(() => encodePacket(parts, { ...SEALED, nonce: () => new Uint8Array(11) })).toThrow(TypeError);
    expect(() => decodePacket(encodePacket(parts, SEALED), { ...PLAIN, keyring })).toThrow(TypeError);
  });
});

describe('a label', () => {
  const blue: PacketCodec = { ...PLAIN, label: 'blue' };
  const skipping: PacketCodec = { ...blue, skipInboundLabelCheck: true };
  const longest = 'a'.repeat(255);

  test.for<[name: string, packet: Uint8Array, codec: PacketCodec, outcome: unknown]>([
    ['that fits', encodePacket(parts, blue), blue, pings],
    ['of 255 octets', encodePacket(parts, { ...PLAIN, label: longest }), { ...PLAIN, label: longest }, pings],
    ['that is missing', encodePacket(parts, PLAIN), blue, 'ERR_MEMBERLIST_LABEL_MISMATCH'],
    ['that nobody expects', encodePacket(parts, blue), PLAIN, 'ERR_MEMBERLIST_LABEL_MISMATCH'],
    ['of others', encodePacket(parts, { ...PLAIN, label: 'red' }), blue, 'ERR_MEMBERLIST_LABEL_MISMATCH'],
    ['that was taken off before us', encodePacket(parts, PLAIN), skipping, pings],
    ['that should have been', encodePacket(parts, blue), skipping, 'ERR_MEMBERLIST_LABEL_MISMATCH'],
    [
      'twice',
      Uint8Array.of(...fromHex('f4 04 626c7565'), ...encodePacket(parts, blue)),
      blue,
      'ERR_MEMBERLIST_UNSUPPORTED_TYPE',
    ],
    ['without a length', fromHex('f4'), blue, 'ERR_MEMBERLIST_TRUNCATED'],
    ['that is cut off', fromHex('f4 02 62'), blue, 'ERR_MEMBERLIST_TRUNCATED'],
    ['of no octets', fromHex('f4 00 62'), blue, 'ERR_MEMBERLIST_LABEL_INVALID'],
    ['and nothing else', fromHex('f4 04 626c7565'), blue, 'ERR_MEMBERLIST_TRUNCATED'],
  ])('%s', ([, packet, codec, outcome]) => {
    expect(read(packet, codec)).toEqual([outcome, []]);
  });

  test('of 256 octets is the caller’s mistake', () => {
    expect(() => encodePacket(parts, { ...PLAIN, label: `${longest}a` })).toThrow(RangeError);
  });
});
