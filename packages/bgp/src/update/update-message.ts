import type { AfiSafi } from '../messages/address-family.ts';
import type { BgpDecodeFailure } from '../messages/decode-failure.ts';

/** A path attribute as it came: read by `readPathAttribute` when somebody asks. */
export interface RawPathAttribute {
  readonly code: number;
  readonly flags: number;
  /** A view into the message, no copy. */
  readonly value: Uint8Array;
  /** Of the attribute's first octet in the message. */
  readonly offset: number;
}

/** Prefixes of one family in an UPDATE. */
export interface UpdatePrefixes extends AfiSafi {
  /** How many prefixes: costs no text. 0 for families that the session does not have. */
  readonly count: number;
  /**
   * `192.0.2.1/32`, without host bits; empty for families that the session does not have. Their text is made when it is
   * first asked for, from the octets of the message.
   */
  readonly prefixes: readonly string[];
  /** RFC 7911: as many as prefixes, where the session has ADD-PATH; else empty. */
  readonly pathIds: readonly number[];
  /** Of MP_REACH_NLRI, or NEXT_HOP: its octets. */
  readonly nextHop?: Uint8Array | undefined;
}

/** RFC 4271, section 4.3, with RFC 4760 in it. */
export interface UpdateMessage {
  readonly type: 'update';
  readonly withdrawn: readonly UpdatePrefixes[];
  /** Empty where `failures` has one of scope `withdraw`: those prefixes are then among `withdrawn`. */
  readonly announced: readonly UpdatePrefixes[];
  readonly attributes: readonly RawPathAttribute[];
  /** The family whose initial routes are complete: RFC 4724, section 2. */
  readonly endOfRib?: AfiSafi | undefined;
  /** Of scope `withdraw` and `discard` only. */
  readonly failures: readonly BgpDecodeFailure[];
}
