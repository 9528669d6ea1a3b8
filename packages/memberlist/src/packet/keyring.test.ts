import { describe, expect, test } from 'vitest';
import { createKeyring, installKey, removeKey, useKey } from './keyring.ts';

const [a, b, c] = [16, 24, 32].map((length) => new Uint8Array(length).fill(length)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

describe('a keyring', () => {
  test('may be empty, by which nothing is encrypted', () => {
    expect(createKeyring([]).keys).toEqual([]);
  });

  test('encrypts with the first key, and has each key once', () => {
    expect(createKeyring([b, a, b]).keys).toEqual([b, a]);
  });

  test('takes a new key without using it', () => {
    expect(installKey(createKeyring([a]), c).keys).toEqual([a, c]);
    expect(installKey(createKeyring([a, c]), c).keys).toEqual([a, c]);
  });

  test('uses a key that it has, and no other', () => {
    expect(useKey(createKeyring([a, b, c]), c).keys).toEqual([c, a, b]);
    expect(() => useKey(createKeyring([a, b]), c)).toThrow(RangeError);
  });

  test('gives up a key that it does not use', () => {
    expect(removeKey(createKeyring([a, b, c]), b).keys).toEqual([a, c]);
    expect(removeKey(createKeyring([a]), b).keys).toEqual([a]);
    expect(() => removeKey(createKeyring([a, b]), a)).toThrow(RangeError);
  });

  test.for([0, 15, 17, 33])('has no key of %d octets', (length) => {
    expect(() => createKeyring([new Uint8Array(length)])).toThrow(TypeError);
  });

  test('does not change when the caller’s key does, nor when another one is made of it', () => {
    const mine = Buffer.alloc(16, 1);
    const keyring = createKeyring([mine]);
    mine.fill(2);
    installKey(keyring, c);
    expect(keyring.keys).toEqual([new Uint8Array(16).fill(1)]);
  });
});
