import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomFillSync } from 'node:crypto';
import type { Aead } from '../packet/aead.ts';

/** Of AES-GCM as memberlist uses it: hashicorp/memberlist `security.go`. */
export const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
/** Asked of the system at once: a call for each packet costs as much as sealing it. */
const POOLED_NONCES = 256;

type AesGcm = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';

interface PreparedKey {
  readonly object: KeyObject;
  readonly cipher: AesGcm;
}

const prepared = new WeakMap<Uint8Array, PreparedKey>();

function prepare(key: Uint8Array): PreparedKey {
  let known = prepared.get(key);
  if (known === undefined) {
    known = { object: createSecretKey(key), cipher: `aes-${key.length * 8}-gcm` as AesGcm };
    prepared.set(key, known);
  }
  return known;
}

/**
 * AES-GCM of `node:crypto`.
 *
 * @param onOpened - Told which key something genuine was sealed with.
 */
export function createNodeAead(onOpened: (key: Uint8Array) => void): Aead {
  return {
    seal(key, nonce, plaintext, associatedData) {
      const { object, cipher: name } = prepare(key);
      const cipher = createCipheriv(name, object, nonce);
      cipher.setAAD(associatedData);
      const sealed = new Uint8Array(plaintext.length + TAG_OCTETS);
      sealed.set(cipher.update(plaintext));
      cipher.final(); // a stream cipher holds nothing back
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },
    open(key, nonce, sealed, associatedData) {
      const end = sealed.length - TAG_OCTETS;
      if (end < 0) return undefined;
      const { object, cipher: name } = prepare(key);
      const decipher = createDecipheriv(name, object, nonce, { authTagLength: TAG_OCTETS });
      decipher.setAAD(associatedData);
      decipher.setAuthTag(sealed.subarray(end));
      const plaintext = decipher.update(sealed.subarray(0, end));
      try {
        decipher.final();
      } catch {
        return undefined; // sealed with another key, or changed
      }
      onOpened(key);
      return plaintext;
    },
  };
}

/** Nonces of the system's generator. Random ones are safe for 2^32 packets a key: NIST SP 800-38D, section 8.3. */
export function createNonceSource(): () => Uint8Array {
  const pool = new Uint8Array(POOLED_NONCES * NONCE_OCTETS);
  let offset = pool.length;
  return () => {
    if (offset === pool.length) {
      randomFillSync(pool);
      offset = 0;
    }
    offset += NONCE_OCTETS;
    return pool.slice(offset - NONCE_OCTETS, offset); // never the pool itself: whoever keeps it would see it change
  };
}
