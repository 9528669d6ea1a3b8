import { hexadecimal } from '../hexadecimal.ts';
import type { ExplainedField } from './explained-field.ts';

/** At most so many octets are shown of a value that is only octets. */
const MAX_SHOWN_OCTETS = 32;

/** Octets for people. */
export function shownOctets(octets: Uint8Array): string {
  const shown = hexadecimal(octets.subarray(0, MAX_SHOWN_OCTETS));
  return octets.length > MAX_SHOWN_OCTETS ? `${shown}… (${octets.length} octets)` : shown;
}

/** Collects the fields of a message. Whatever lies beyond `end` does not exist. */
export interface Explanation {
  readonly octets: Uint8Array;
  readonly fields: readonly ExplainedField[];
  /** A field as it is. One without octets is left out. */
  add(offset: number, end: number, depth: number, name: string, value: string): void;
  /** A field of octets that mean nothing to us, or nothing more. */
  addOctets(offset: number, end: number, depth: number, name: string): void;
  /**
   * A field that is a number of 1 to 4 octets.
   *
   * @param words - What the number says; default: the number.
   * @returns Undefined where `end` comes first: what there is of the field is then shown as octets.
   */
  addNumber(
    offset: number,
    length: number,
    end: number,
    depth: number,
    name: string,
    words?: (value: number) => string,
  ): number | undefined;
}

/** Begins with no fields. */
export function createExplanation(octets: Uint8Array): Explanation {
  const fields: ExplainedField[] = [];
  const explanation: Explanation = {
    octets,
    fields,
    add(offset, end, depth, name, value) {
      if (end > offset) fields.push({ offset, length: end - offset, depth, name, value });
    },
    addOctets(offset, end, depth, name) {
      explanation.add(offset, end, depth, name, shownOctets(octets.subarray(offset, end)));
    },
    addNumber(offset, length, end, depth, name, words = String) {
      if (offset + length > end) {
        explanation.addOctets(offset, end, depth, name);
        return undefined;
      }
      let value = 0;
      for (let i = 0; i < length; i++) value = value * 256 + (octets[offset + i] ?? 0);
      explanation.add(offset, offset + length, depth, name, words(value));
      return value;
    },
  };
  return explanation;
}
