/** Codes below are octets. */
export const CLEAR = 256;
/** The last code of every stream. */
export const END = 257;
/** Bits of a code after a clear. */
export const FIRST_WIDTH = 9;
/** Bits of a code at most. */
export const LAST_WIDTH = 12;
/** Codes at most. */
export const CODES: number = 1 << LAST_WIDTH;
