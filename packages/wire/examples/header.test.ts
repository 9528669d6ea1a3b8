import { expect, test } from 'vitest';
import { decodeHeader } from './header.ts';

test('a whole header is a value', () => {
  expect(decodeHeader(Uint8Array.of(4, 192, 0, 2, 1))).toEqual({
    ok: true,
    value: { version: 4, sender: '192.0.2.1' },
  });
});

test('a short header is a value too', () => {
  expect(decodeHeader(Uint8Array.of(4, 192))).toMatchObject({
    ok: false,
    failure: { code: 'ERR_HEADER_TRUNCATED', offset: 2 },
  });
});
