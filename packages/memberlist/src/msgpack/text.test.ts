import { expect, test } from 'vitest';
import { decodeText, encodeText } from './text.ts';

test.for<[octets: number[], text: string]>([
  [[], ''],
  [[0x6e, 0x32], 'n2'],
  [[0xc3, 0xa4], 'ä'],
  [[0xf0, 0x9f, 0x98, 0x80], '\u{1f600}'],
  [[0xef, 0xbb, 0xbf, 0x61], '\ufeffa'], // no byte order mark is swallowed
  [[0xff, 0x61], '\udcffa'],
  [[0xc3, 0x61], '\udcc3a'],
  [[0xc3, 0xa4, 0xc3], 'ä\udcc3'],
  [[0xed, 0xb2, 0x80], '\udced\udcb2\udc80'], // a surrogate is no UTF-8
  [[0xc0, 0x80], '\udcc0\udc80'], // nor is an overlong form
  [[0xf0, 0x9f, 0x98], '\udcf0\udc9f\udc98'],
])('%o is %j, and back', ([octets, text]) => {
  expect(decodeText(Uint8Array.from(octets))).toBe(text);
  expect([...encodeText(text)]).toEqual(octets);
});

test('a surrogate that stands for no octet is written as a replacement', () => {
  expect([...encodeText('\ud800')]).toEqual([0xef, 0xbf, 0xbd]);
});
