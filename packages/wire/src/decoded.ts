/**
 * Why octets were refused.
 *
 * @typeParam Code - The stable codes that a decoder may give, `ERR_<PACKAGE>_<WHAT>`.
 */
export interface DecodeFailure<Code extends string = string> {
  /** Stable: match on it, never on `message`. */
  readonly code: Code;
  /** Where in the input it went wrong, in octets from its start. */
  readonly offset: number;
  /** For people: what was found and what was expected. */
  readonly message: string;
}

/**
 * The outcome of decoding: the value, or the reason there is none.
 *
 * A neighbour on the wire may send nonsense a thousand times a second, so bad octets are values and never exceptions.
 */
export type Decoded<T, Code extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: DecodeFailure<Code> };

/** Wraps a decoded value. */
export function decoded<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** Says why there is no value. */
export function failed<Code extends string>(
  code: Code,
  offset: number,
  message: string,
): { readonly ok: false; readonly failure: DecodeFailure<Code> } {
  return { ok: false, failure: { code, offset, message } };
}
