/** Every failure that this package returns. The README lists them. */
export type IpamFailureCode =
  | 'ERR_IPAM_INVALID_RANGE'
  | 'ERR_IPAM_INVALID_POOL'
  | 'ERR_IPAM_OVERLAP'
  | 'ERR_IPAM_UNKNOWN_POOL'
  | 'ERR_IPAM_POOL_EXHAUSTED'
  | 'ERR_IPAM_NOT_ALLOWED'
  | 'ERR_IPAM_INVALID_ADDRESS'
  | 'ERR_IPAM_TOO_MANY_ADDRESSES'
  | 'ERR_IPAM_SAME_FAMILY'
  | 'ERR_IPAM_SHARING_KEY'
  | 'ERR_IPAM_PORT_IN_USE';

/** Why something was refused: a stable code, and MetalLB's words for it. */
export interface IpamFailure {
  readonly code: IpamFailureCode;
  readonly message: string;
}

/** The outcome of something that bad input can make fail. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: IpamFailure };

/** A success. */
export function done<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

/** A refusal. */
export function refused(code: IpamFailureCode, message: string): { readonly ok: false; readonly failure: IpamFailure } {
  return { ok: false, failure: { code, message } };
}
