import { createCipheriv, createDecipheriv } from 'node:crypto';
import { type Aead, createKeyring, deriveMetalLbKey, type PacketCodec, type StreamCodec } from '../src/index.ts';
import { vector } from './vectors.ts';

type Cipher = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';

const cipherOf = (key: Uint8Array): Cipher => `aes-${key.length * 8}-gcm` as Cipher;

/** AES-GCM of the system, for tests. */
export const aead: Aead = {
  seal(key, nonce, plaintext, associatedData) {
    const cipher = createCipheriv(cipherOf(key), key, nonce, { authTagLength: 16 });
    cipher.setAAD(associatedData);
    return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  },
  open(key, nonce, sealed, associatedData) {
    const decipher = createDecipheriv(cipherOf(key), key, nonce, { authTagLength: 16 });
    decipher.setAAD(associatedData).setAuthTag(sealed.subarray(-16));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    } catch {
      return undefined;
    }
  },
};

export const KEY: Uint8Array = vector('key32');
export const OTHER_KEY: Uint8Array = deriveMetalLbKey(Uint8Array.of(1, 2, 3), () => new Uint8Array(32), 16);

/** 00 01 … 0b, as in the vectors. */
export const nonce = (): Uint8Array => Uint8Array.from({ length: 12 }, (_, index) => index);

/** Neither key nor label nor anything else. */
export const PLAIN: PacketCodec = {
  label: '',
  keyring: createKeyring([]),
  verifyIncoming: true,
  verifyOutgoing: true,
  compress: false,
  checksum: false,
};

/** As MetalLB's speakers. */
export const SEALED: PacketCodec = { ...PLAIN, keyring: createKeyring([KEY]), aead, nonce };

export function dialer(codec: PacketCodec): StreamCodec {
  return { ...codec, role: 'dialer' };
}

export function acceptor(codec: PacketCodec): StreamCodec {
  return { ...codec, role: 'acceptor' };
}
