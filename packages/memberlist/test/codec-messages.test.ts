import { describe, expect, test } from 'vitest';
import { decodeMessage, encodeMessage, type GossipDecodeCode, type PacketMessage } from '../src/index.ts';
import { fromHex, hex, NODE_A, NOTHING, VERSIONS } from './vectors.ts';

const ping: PacketMessage = { type: 'ping', sequence: 1, node: 'n2' };
const SEQNO = 'a5 5365714e6f';
const NODE = 'a4 4e6f6465';

describe('a ping is read as tolerantly as by Go', () => {
  test.for<[name: string, octets: string, message: PacketMessage]>([
    ['keys in another order', `00 82 ${SEQNO} 01 ${NODE} a2 6e32`, ping],
    ['a key twice: the last one counts', `00 83 ${SEQNO} 05 ${NODE} a2 6e32 ${SEQNO} 01`, ping],
    [
      'an unknown key with a map',
      `00 83 ${SEQNO} 01 a1 78 82 01 02 a1 79 93 c0 ca 00000000 d4 05 00 ${NODE} a2 6e32`,
      ping,
    ],
    ['an unknown key with nested arrays', `00 83 a1 78 91 91 91 91 91 91 90 ${SEQNO} 01 ${NODE} a2 6e32`, ping],
    ['map16', `00 de 0002 ${SEQNO} 01 ${NODE} a2 6e32`, ping],
    ['map32', `00 df 00000002 ${SEQNO} 01 ${NODE} a2 6e32`, ping],
    ['nil for every field', `00 82 ${SEQNO} c0 ${NODE} c0`, { type: 'ping', sequence: 0, node: '' }],
    ['nothing at all', '00 80', { type: 'ping', sequence: 0, node: '' }],
    ['nil for the whole', '00 c0', { type: 'ping', sequence: 0, node: '' }],
    ['str8', `00 82 ${SEQNO} 01 ${NODE} d9 02 6e32`, ping],
    ['str32', `00 82 ${SEQNO} 01 ${NODE} db 00000002 6e32`, ping],
    ['bin8', `00 82 ${SEQNO} 01 ${NODE} c4 02 6e32`, ping],
    ['bin16', `00 82 ${SEQNO} 01 ${NODE} c5 0002 6e32`, ping],
    ['bin32', `00 82 ${SEQNO} 01 ${NODE} c6 00000002 6e32`, ping],
    ['an array of integers for octets', `00 82 ${SEQNO} 01 ${NODE} 92 6e cc 32`, ping],
    ['uint64', `00 82 ${SEQNO} cf 0000000000000001 ${NODE} a2 6e32`, ping],
    ['int8', `00 82 ${SEQNO} d0 01 ${NODE} a2 6e32`, ping],
    ['int64', `00 82 ${SEQNO} d3 0000000000000001 ${NODE} a2 6e32`, ping],
    ['an array in the order of declaration', '00 92 01 a2 6e32', ping],
    ['an array that is too long', '00 97 01 a2 6e32 c0 c0 c0 81 01 02 c3', ping],
    ['octets after the body', `00 82 ${SEQNO} 01 ${NODE} a2 6e32 ffff`, ping],
    [
      'the greatest sequence',
      `00 82 ${SEQNO} ce ffffffff ${NODE} a2 6e32`,
      { type: 'ping', sequence: 0xffff_ffff, node: 'n2' },
    ],
  ])('%s', ([, octets, message]) => {
    expect(decodeMessage(fromHex(octets))).toEqual({ ok: true, value: message });
  });

  test.for<[name: string, octets: string, nack: boolean]>([
    ['true', 'c3', true],
    ['1', '01', true],
    ['0', '00', false],
    ['nil', 'c0', false],
  ])('a boolean from %s', ([, octets, nack]) => {
    const message = decodeMessage(fromHex(`01 82 a4 4e61636b ${octets} a6 546172676574 a4 0a000002`));
    expect(message).toMatchObject({ ok: true, value: { type: 'indirectPing', nack } });
  });
});

describe('refuses', () => {
  test.for<[name: string, octets: string, code: GossipDecodeCode, offset: number]>([
    ['nothing', '', 'ERR_MEMBERLIST_TRUNCATED', 0],
    ['a type without a body', '00', 'ERR_MEMBERLIST_TRUNCATED', 1],
    ['a body that is cut off', `00 82 ${SEQNO} 01 ${NODE} a2 6e`, 'ERR_MEMBERLIST_TRUNCATED', 16],
    ['an unknown value that is cut off', '00 81 a1 78 92 01', 'ERR_MEMBERLIST_TRUNCATED', 6],
    ['a map of 4 thousand million entries', '00 df ffffffff', 'ERR_MEMBERLIST_TRUNCATED', 6],
    ['an unknown array of 4 thousand million', '00 81 a1 78 dd ffffffff', 'ERR_MEMBERLIST_TRUNCATED', 9],
    ['octets as an array of 4 thousand million', `00 81 ${NODE} dd ffffffff`, 'ERR_MEMBERLIST_TRUNCATED', 12],
    ['a string of 4 thousand million octets', `00 81 ${NODE} db ffffffff`, 'ERR_MEMBERLIST_TRUNCATED', 12],
    ['a negative sequence', `00 81 ${SEQNO} ff`, 'ERR_MEMBERLIST_OUT_OF_RANGE', 8],
    ['a sequence of 33 bits', `00 81 ${SEQNO} cf 0000000100000000`, 'ERR_MEMBERLIST_OUT_OF_RANGE', 8],
    ['an octet that is none', `00 81 ${NODE} 91 cd 0100`, 'ERR_MEMBERLIST_OUT_OF_RANGE', 8],
    ['a sequence that is a string', `00 81 ${SEQNO} a1 31`, 'ERR_MEMBERLIST_MALFORMED', 8],
    ['a sequence that is a float', `00 81 ${SEQNO} ca 3f800000`, 'ERR_MEMBERLIST_MALFORMED', 8],
    ['a name that is a map', `00 81 ${NODE} 80`, 'ERR_MEMBERLIST_MALFORMED', 7],
    ['a boolean that is 2', '01 81 a4 4e61636b 02', 'ERR_MEMBERLIST_MALFORMED', 7],
    ['a key that is an integer', '00 81 01 01', 'ERR_MEMBERLIST_MALFORMED', 2],
    ['an empty key', '00 81 a0 01', 'ERR_MEMBERLIST_MALFORMED', 2],
    ['a body that is a string', '00 a1 78', 'ERR_MEMBERLIST_MALFORMED', 1],
    ['0xc1', '00 c1', 'ERR_MEMBERLIST_MALFORMED', 1],
    ['0xc1 inside of an unknown value', '00 81 a1 78 91 c1', 'ERR_MEMBERLIST_MALFORMED', 4],
    ['a push/pull', '06 80', 'ERR_MEMBERLIST_UNSUPPORTED_TYPE', 0],
    ['a compound', '07 00', 'ERR_MEMBERLIST_UNSUPPORTED_TYPE', 0],
    ['an error', '0d 80', 'ERR_MEMBERLIST_UNSUPPORTED_TYPE', 0],
    ['a type that nobody knows', 'ff', 'ERR_MEMBERLIST_UNSUPPORTED_TYPE', 0],
    ['an alive without an address', '04 80', 'ERR_MEMBERLIST_MALFORMED', 0],
    ['an alive with an address of 5 octets', '04 81 a4 41646472 a5 0102030405', 'ERR_MEMBERLIST_MALFORMED', 0],
    ['an indirect ping of nobody', '01 80', 'ERR_MEMBERLIST_MALFORMED', 0],
    ['a source address of 3 octets', '00 81 aa 536f7572636541646472 a3 0a0000', 'ERR_MEMBERLIST_MALFORMED', 0],
  ])('%s', ([, octets, code, offset]) => {
    expect(decodeMessage(fromHex(octets))).toMatchObject({ ok: false, failure: { code, offset } });
  });

  test('meta data of more than 512 octets, and a name of more than 1024', () => {
    const alive = { type: 'alive', incarnation: 1, node: 'n', address: NODE_A, port: 1, versions: VERSIONS } as const;
    const code = 'ERR_MEMBERLIST_LIMIT_EXCEEDED';
    expect(decodeMessage(encodeMessage({ ...alive, meta: new Uint8Array(512).fill(1) }))).toMatchObject({ ok: true });
    expect(decodeMessage(encodeMessage({ ...alive, meta: new Uint8Array(513) }))).toMatchObject({ failure: { code } });
    expect(decodeMessage(encodeMessage({ ...alive, node: 'n'.repeat(1025), meta: NOTHING }))).toMatchObject({
      failure: { code },
    });
  });
});

describe('writes', () => {
  test('what is zero of a source is left out', () => {
    const octets = hex(encodeMessage({ ...ping, sourceAddress: NOTHING, sourcePort: 0, sourceNode: '' }));
    expect(octets).toBe(hex(encodeMessage(ping)));
  });

  test('a user message as it is', () => {
    expect(hex(encodeMessage({ type: 'user', payload: Uint8Array.of(0x68, 0x69) }))).toBe('086869');
  });

  test.for<[name: string, message: PacketMessage]>([
    ['a sequence of 33 bits', { ...ping, sequence: 2 ** 32 }],
    ['a negative sequence', { type: 'nack', sequence: -1 }],
    ['half an incarnation', { type: 'dead', incarnation: 0.5, node: 'n', from: 'n' }],
    ['a port of 17 bits', { ...ping, sourcePort: 65_536 }],
  ])('no %s', ([, message]) => {
    expect(() => encodeMessage(message)).toThrow(RangeError);
  });
});

test('what tells of a member does not hold the datagram it came in', () => {
  const datagram = Buffer.from(
    encodeMessage({
      type: 'alive',
      incarnation: 1,
      node: 'n',
      address: NODE_A,
      port: 7946,
      meta: Uint8Array.of(7),
      versions: VERSIONS,
    }),
  );
  const message = decodeMessage(datagram);
  datagram.fill(0xff);
  expect(message).toMatchObject({ ok: true, value: { address: NODE_A, meta: Uint8Array.of(7), versions: VERSIONS } });
});
