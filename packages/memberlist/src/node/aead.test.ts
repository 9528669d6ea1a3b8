import { expect, test } from 'vitest';
import { createNodeAead, createNonceSource, NONCE_OCTETS } from './aead.ts';

const octets = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

// "The Galois/Counter Mode of Operation (GCM)", McGrew and Viega, appendix B: test cases 4, 10 and 16.
const PLAINTEXT =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
const ASSOCIATED_DATA = 'feedfacedeadbeeffeedfacedeadbeefabaddad2';
const NONCE = 'cafebabefacedbaddecaf888';
const KEY = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308';

test.for<[octetsOfKey: number, ciphertext: string, tag: string]>([
  [
    16,
    '42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091',
    '5bc94fbc3221a5db94fae95ae7121a47',
  ],
  [
    24,
    '3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710',
    '2519498e80f1478f37ba55bd6d27618c',
  ],
  [
    32,
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
    '76fc6ece0f4e1768cddf8853bb2d551b',
  ],
])('seals with a key of %i octets as the authors of GCM do, and opens it again', ([length, ciphertext, tag]) => {
  const opened: Uint8Array[] = [];
  const aead = createNodeAead((key) => opened.push(key));
  const key = octets(KEY).subarray(0, length);
  const sealed = aead.seal(key, octets(NONCE), octets(PLAINTEXT), octets(ASSOCIATED_DATA));
  expect(Buffer.from(sealed).toString('hex')).toBe(ciphertext + tag);
  const plain = aead.open(key, octets(NONCE), sealed, octets(ASSOCIATED_DATA));
  expect(Buffer.from(plain ?? []).toString('hex')).toBe(PLAINTEXT);
  expect(opened).toEqual([key]);
});

test('what was changed, cut off or sealed otherwise is no plaintext, and no key was heard', () => {
  const opened: Uint8Array[] = [];
  const aead = createNodeAead((key) => opened.push(key));
  const key = octets(KEY);
  const [nonce, data] = [octets(NONCE), octets(ASSOCIATED_DATA)];
  const sealed = aead.seal(key, nonce, octets(PLAINTEXT), data);
  for (let at = 0; at < sealed.length; at += 1) {
    expect(
      aead.open(
        key,
        nonce,
        sealed.map((octet, i) => (i === at ? octet ^ 1 : octet)),
        data,
      ),
    ).toBeUndefined();
    expect(aead.open(key, nonce, sealed.subarray(0, at), data)).toBeUndefined();
  }
  expect(
    aead.open(
      key.map((octet) => octet ^ 1),
      nonce,
      sealed,
      data,
    ),
  ).toBeUndefined();
  expect(aead.open(key, nonce, sealed, data.subarray(1))).toBeUndefined();
  expect(opened).toEqual([]);
});

test('no two nonces of a thousand are the same, and none changes when others are asked for', () => {
  const next = createNonceSource();
  const nonces = Array.from({ length: 1_000 }, next);
  const texts = nonces.map((nonce) => Buffer.from(nonce).toString('hex'));
  expect(new Set(texts).size).toBe(1_000);
  expect(nonces.every(({ length }) => length === NONCE_OCTETS)).toBe(true);
});
