import fc from 'fast-check';
import { expect, test } from 'vitest';
import { internetChecksum } from './internet-checksum.ts';
import { createOctetReader } from './octet-reader.ts';
import { createOctetWriter } from './octet-writer.ts';

test('what a writer wrote, a reader reads', () => {
  const octets = createOctetWriter(1)
    .uint8(1)
    .uint16(2)
    .uint32(0xffff_fffe)
    .uint64(5n)
    .octets(Uint8Array.of(7, 8))
    .patchUint16(1, 9)
    .finish();
  const reader = createOctetReader(octets);
  expect([reader.uint8(), reader.uint16(), reader.uint32(), reader.uint64(), ...reader.octets(2)]).toEqual([
    1,
    9,
    0xffff_fffe,
    5n,
    7,
    8,
  ]);
  expect([reader.remaining, reader.offset, reader.overrun]).toEqual([0, 17, false]);
});

test('a read past the end gives nothing, says so, and so does every later one', () => {
  const reader = createOctetReader(Uint8Array.of(1, 2, 3));
  reader.skip(1);
  expect(reader.uint32()).toBe(0);
  expect(reader.overrun).toBe(true);
  expect(reader.uint8()).toBe(0);
  expect(reader.octets(1)).toHaveLength(0);
});

test('a reader reads a view into a larger buffer', () => {
  expect(createOctetReader(Uint8Array.of(9, 1, 2, 9).subarray(1, 3)).uint16()).toBe(0x0102);
});

test.for<[string, () => unknown]>([
  ['a value too large', () => createOctetWriter().uint8(256)],
  ['a negative value', () => createOctetWriter().uint32(-1)],
  ['a fraction', () => createOctetWriter().uint16(1.5)],
  ['65 bits', () => createOctetWriter().uint64(1n << 64n)],
  ['a patch beyond what was written', () => createOctetWriter().uint16(1).patchUint16(1, 1)],
  ['a negative length', () => createOctetReader(new Uint8Array(4)).octets(-1)],
])('%s is the caller’s mistake', ([, mistake]) => {
  expect(mistake).toThrow(RangeError);
});

test('RFC 1071, section 3: the example sums to ddf2', () => {
  expect(internetChecksum(Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7))).toBe(~0xddf2 & 0xffff);
});

test('octets that hold their own checksum sum to zero', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => {
      const even = payload.length % 2 === 0 ? payload : Uint8Array.from([...payload, 0]);
      const sum = internetChecksum(even);
      expect(internetChecksum(Uint8Array.from([...even, sum >> 8, sum & 255]))).toBe(0);
    }),
  );
});
