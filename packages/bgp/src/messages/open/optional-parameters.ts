import { EXTENDED_LENGTH, OPEN_OFFSET } from './layout.ts';

/** Where the optional parameters of an OPEN are, and how long their lengths are. */
export interface ParametersLayout {
  /** RFC 9072: lengths have two octets. */
  readonly extended: boolean;
  /** Of the first parameter. */
  readonly offset: number;
  /** What the message says that they have. */
  readonly length: number;
}

/**
 * Finds the optional parameters: RFC 4271, section 4.2; RFC 9072, section 2.
 *
 * A first type of 255 is what decides about the long form, not the length before it; a length of 0 rules it out.
 *
 * @returns Undefined when the message ends inside the lengths.
 */
export function layoutOfParameters(octets: Uint8Array): ParametersLayout | undefined {
  const length = octets[OPEN_OFFSET.parametersLength];
  if (length === undefined) return undefined;
  if (length === 0 || octets[OPEN_OFFSET.parameters] !== EXTENDED_LENGTH) {
    return { extended: false, offset: OPEN_OFFSET.parameters, length };
  }
  const [high, low] = octets.subarray(OPEN_OFFSET.parameters + 1, OPEN_OFFSET.parameters + 3);
  if (high === undefined || low === undefined) return undefined;
  return { extended: true, offset: OPEN_OFFSET.parameters + 3, length: (high << 8) | low };
}

/** One optional parameter, or one capability: they have the same shape but for the length. */
export interface TypeLengthValue {
  readonly type: number;
  /** Of the first octet, in the message. */
  readonly offset: number;
  readonly valueOffset: number;
  /** Of the octet behind the value. */
  readonly end: number;
}

/**
 * Reads type and length at `offset`.
 *
 * @returns Undefined when it does not end before `end`.
 */
export function typeLengthValueAt(
  octets: Uint8Array,
  offset: number,
  end: number,
  extended: boolean,
): TypeLengthValue | undefined {
  const valueOffset = offset + (extended ? 3 : 2);
  if (valueOffset > end) return undefined;
  const first = octets[offset + 1] ?? 0;
  const length = extended ? (first << 8) | (octets[offset + 2] ?? 0) : first;
  if (valueOffset + length > end) return undefined;
  return { type: octets[offset] ?? 0, offset, valueOffset, end: valueOffset + length };
}
