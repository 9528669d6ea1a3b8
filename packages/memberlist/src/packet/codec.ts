import type { DecodeFailure } from '@steelyard/wire';
import type { GossipDecodeCode } from '../messages/decode-code.ts';
import type { Aead } from './aead.ts';
import type { Keyring } from './keyring.ts';

/** What packets and streams have in common: whose gossip it is, and how it is sealed. */
export interface SealCodec {
  /** Every member has the same. Empty: none. At most 255 octets of UTF-8. */
  readonly label: string;
  /** Accept what has no label, and nothing else: somebody before us took the label off. */
  readonly skipInboundLabelCheck?: boolean | undefined;
  /** Without keys nothing is encrypted. */
  readonly keyring: Keyring;
  /** Needed where there are keys. */
  readonly aead?: Aead | undefined;
  /** Needed where there are keys: 12 octets that were never used with this key before. */
  readonly nonce?: (() => Uint8Array) | undefined;
  /** Whether a key makes plaintext unacceptable. */
  readonly verifyIncoming: boolean;
  /** Whether a key makes us encrypt. */
  readonly verifyOutgoing: boolean;
  /** 0 pads to 16 octets, as members of protocol version 1 expect; 1 by default. Either is read. */
  readonly encryptionVersion?: 0 | 1 | undefined;
  readonly compress: boolean;
}

/** How packets are written and read. */
export interface PacketCodec extends SealCodec {
  /** Whether what is written gets a CRC: for members that speak protocol version 5 or later. It is always read. */
  readonly checksum: boolean;
  /** CRC-32 of IEEE 802.3; there is one inside, but the system may have a faster one. */
  readonly crc32?: ((octets: Uint8Array) => number) | undefined;
  /** A part of a compound that was dropped while the others were kept. It must not throw. */
  readonly onRefusedPart?: ((failure: DecodeFailure<GossipDecodeCode>) => void) | undefined;
}
