/**
 * AES-GCM with a nonce of 12 octets and a tag of 16, for keys of 16, 24 and 32 octets (NIST SP 800-38D).
 *
 * It is passed in: the core has no cryptography of its own.
 */
export interface Aead {
  /** The ciphertext and, behind it, the tag. */
  seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associatedData: Uint8Array): Uint8Array;
  /** The plaintext; undefined where the tag does not fit. It must not throw. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associatedData: Uint8Array): Uint8Array | undefined;
}
