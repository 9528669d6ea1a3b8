import { MAX_NOTIFICATION_DATA_LENGTH } from './framing/limits.ts';

/** What is to be done about octets that are wrong: RFC 7606, section 2. */
export type FailureScope =
  /** The session ends with a NOTIFICATION of `errorCode`, `errorSubcode` and `data`. */
  | 'session'
  /** What the UPDATE announces is treated as withdrawn. */
  | 'withdraw'
  /** The attribute is left out, and the rest of the UPDATE counts. */
  | 'discard';

/** Stable: match on it, never on `message`. */
export type BgpDecodeCode =
  | 'ERR_BGP_HEADER'
  | 'ERR_BGP_OPEN'
  | 'ERR_BGP_UPDATE'
  | 'ERR_BGP_ATTRIBUTE'
  | 'ERR_BGP_ROUTE_REFRESH'
  | 'ERR_BGP_NOTIFICATION';

/** Why octets were refused, and what the RFCs want to be done about it. */
export interface BgpDecodeFailure {
  readonly code: BgpDecodeCode;
  readonly scope: FailureScope;
  /** RFC 4271, section 4.5: 1 Message Header, 2 OPEN Message, 3 UPDATE Message, 7 ROUTE-REFRESH (RFC 7313). */
  readonly errorCode: number;
  readonly errorSubcode: number;
  /** What the NOTIFICATION is to carry. */
  readonly data: Uint8Array;
  /** Where in the message it went wrong, in octets from its first. */
  readonly offset: number;
  /** The path attribute that is wrong, if one is. */
  readonly attributeCode?: number | undefined;
  /** For people: what was found, and what was expected. */
  readonly message: string;
}

/** The outcome of decoding. An UPDATE may be read in spite of failures; these are then in the message itself. */
export type BgpDecoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: BgpDecodeFailure };

/** Says why there is no value. The data is cut to what a NOTIFICATION of 4,096 octets can carry. */
export function refused(failure: BgpDecodeFailure): { readonly ok: false; readonly failure: BgpDecodeFailure } {
  if (failure.data.length <= MAX_NOTIFICATION_DATA_LENGTH) return { ok: false, failure };
  return { ok: false, failure: { ...failure, data: failure.data.subarray(0, MAX_NOTIFICATION_DATA_LENGTH) } };
}
