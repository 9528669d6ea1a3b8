import { expect, test } from 'vitest';
import { withHeardKey, withOfferedKey } from './keys.ts';

const key = (octet: number): Uint8Array => new Uint8Array(32).fill(octet);

test('a new key is accepted at once, and encrypts once somebody uses it', () => {
  const both = withOfferedKey([key(1)], key(2));
  expect(both).toEqual([key(1), key(2)]);
  expect(withHeardKey(both ?? [], 0)).toBeUndefined();
  expect(withHeardKey(both ?? [], 1)).toEqual([key(2), key(1)]);
});

test('a key that changes again replaces the one that nobody has used', () => {
  expect(withOfferedKey([key(1), key(2)], key(3))).toEqual([key(1), key(3)]);
});

test('the same key is no change, and a gossip without encryption stays so', () => {
  expect(withOfferedKey([key(1)], key(1))).toBeUndefined();
  expect(withOfferedKey([], key(1))).toBeUndefined();
  expect(withHeardKey([key(1)], 5)).toBeUndefined();
});
