import { type Decoded, decoded, failed } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import { octetsView } from '../messages/octets-view.ts';
import type { Aead } from './aead.ts';
import type { SealCodec } from './codec.ts';

const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
const BLOCK_OCTETS = 16;
const HEADER_OCTETS = 1 + NONCE_OCTETS;

/** Octets that sealing adds at most, by version: its number, nonce and tag, and with version 0 up to a block of padding. */
const OVERHEAD_OCTETS: Readonly<Record<0 | 1, number>> = {
  0: HEADER_OCTETS + TAG_OCTETS + BLOCK_OCTETS,
  1: HEADER_OCTETS + TAG_OCTETS,
};

/** Octets that sealing adds at most: 0 where nothing is sealed. */
export function sealOverheadOctets(codec: SealCodec): number {
  return seals(codec) ? OVERHEAD_OCTETS[codec.encryptionVersion ?? 1] : 0;
}

/** Whether what is sent is encrypted. */
export function seals(codec: SealCodec): boolean {
  return codec.keyring.keys.length > 0 && codec.verifyOutgoing;
}

/** Octets of a sealed plaintext. */
export function sealedLength(plaintextOctets: number, codec: SealCodec): number {
  const padding = codec.encryptionVersion === 0 ? BLOCK_OCTETS - (plaintextOctets % BLOCK_OCTETS) : 0;
  return HEADER_OCTETS + plaintextOctets + padding + TAG_OCTETS;
}

/**
 * Encrypts with the keyring's first key: `version | nonce | ciphertext | tag`.
 *
 * @throws TypeError for a codec that has keys, but nothing to seal with.
 * @see hashicorp/memberlist `security.go`, `encryptPayload`
 */
export function seal(plaintext: Uint8Array, associatedData: Uint8Array, codec: SealCodec): Uint8Array {
  const [key] = codec.keyring.keys;
  const nonce = codec.nonce?.();
  if (key === undefined || nonce === undefined) throw new TypeError('sealing needs a key and a source of nonces');
  if (nonce.length !== NONCE_OCTETS) throw new TypeError(`a nonce has ${NONCE_OCTETS} octets, not ${nonce.length}`);
  const version = codec.encryptionVersion ?? 1;
  const padded = version === 0 ? pad(plaintext) : plaintext;
  const ciphertext = cipherOf(codec).seal(key, nonce, padded, associatedData);
  const sealed = new Uint8Array(HEADER_OCTETS + ciphertext.length);
  sealed[0] = version;
  sealed.set(nonce, 1);
  sealed.set(ciphertext, HEADER_OCTETS);
  return sealed;
}

/**
 * Decrypts with whichever key fits. The version is not authenticated, so the padding of version 0 is checked as if it
 * were the network's, which Go's library does not do.
 *
 * @see hashicorp/memberlist `security.go`, `decryptPayload`
 */
export function open(
  sealed: Uint8Array,
  associatedData: Uint8Array,
  codec: SealCodec,
): Decoded<Uint8Array, GossipDecodeCode> {
  const version = sealed[0];
  if (version !== 0 && version !== 1) {
    return version === undefined
      ? failed('ERR_MEMBERLIST_TRUNCATED', 0, 'what is sealed begins with the version of its encryption')
      : failed('ERR_MEMBERLIST_ENCRYPTION_UNSUPPORTED', 0, `encryption version ${version} is neither 0 nor 1`);
  }
  if (sealed.length < OVERHEAD_OCTETS[version]) {
    return failed(
      'ERR_MEMBERLIST_TRUNCATED',
      sealed.length,
      `${OVERHEAD_OCTETS[version]} octets are the least that is sealed, got ${sealed.length}`,
    );
  }
  const cipher = cipherOf(codec);
  const nonce = sealed.subarray(1, HEADER_OCTETS);
  for (const key of codec.keyring.keys) {
    const plaintext = cipher.open(key, nonce, sealed.subarray(HEADER_OCTETS), associatedData);
    if (plaintext !== undefined) return version === 0 ? unpad(octetsView(plaintext)) : decoded(octetsView(plaintext));
  }
  return failed('ERR_MEMBERLIST_DECRYPTION_FAILED', HEADER_OCTETS, 'no key of the keyring decrypts it');
}

function cipherOf(codec: SealCodec): Aead {
  if (codec.aead === undefined) throw new TypeError('a keyring with keys needs a cipher');
  return codec.aead;
}

/** PKCS #7 (RFC 5652, section 6.3) to 16 octets; an aligned plaintext gets a whole block. */
function pad(plaintext: Uint8Array): Uint8Array {
  const padding = BLOCK_OCTETS - (plaintext.length % BLOCK_OCTETS);
  const padded = new Uint8Array(plaintext.length + padding).fill(padding, plaintext.length);
  padded.set(plaintext);
  return padded;
}

function unpad(padded: Uint8Array): Decoded<Uint8Array, GossipDecodeCode> {
  const padding = padded.at(-1) ?? 0;
  const end = padded.length - padding;
  const isPadding = padding >= 1 && padding <= BLOCK_OCTETS && end >= 0;
  if (!isPadding || padded.subarray(end).some((octet) => octet !== padding)) {
    return failed('ERR_MEMBERLIST_DECRYPTION_FAILED', padded.length, 'the padding is not that of PKCS #7');
  }
  return decoded(padded.subarray(0, end));
}
