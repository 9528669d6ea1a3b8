import { expect, test } from 'vitest';
import { encodeUpdate } from './encode-update.ts';

const MARKER: string = 'ff'.repeat(16);

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

test('what is said is written, field by field', () => {
  const message = encodeUpdate({
    withdrawn: ['198.51.100.0/24'],
    attributes: [
      { code: 1, flags: 0x40, value: Uint8Array.of(0) },
      { code: 99, flags: 0xf0, value: Uint8Array.of(7) },
    ],
    announced: ['192.0.2.1/32'],
  });
  const fields = ['0029 02', '0004 18c63364', '0009', '40 01 01 00', 'f0 63 0001 07', '20 c0000201'];
  expect(hexOf(message)).toBe(MARKER + fields.join('').replaceAll(' ', ''));
});

test('nothing is End-of-RIB', () => {
  expect(hexOf(encodeUpdate({}))).toBe(`${MARKER}00170200000000`);
});

test('a long value makes its length long, though the flags do not say so', () => {
  const message = encodeUpdate({ attributes: [{ code: 8, flags: 0xc0, value: new Uint8Array(256) }] });
  expect(hexOf(message.subarray(19, 27))).toBe('00000104d0080100');
});

test('more than fits is the caller’s mistake', () => {
  const attributes = [{ code: 8, flags: 0xc0, value: new Uint8Array(4100) }];
  expect(() => encodeUpdate({ attributes })).toThrow(RangeError);
  expect(encodeUpdate({ attributes }, 65_535).length).toBe(4127);
  expect(() =>
    encodeUpdate({ attributes: [...attributes, { code: 9, flags: 0xc0, value: new Uint8Array(65_000) }] }, 65_535),
  ).toThrow(RangeError);
});
