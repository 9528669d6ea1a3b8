/**
 * JSON whose integers keep every digit. Go's int64 counts to 2^63 − 1, JavaScript's numbers are exact to 2^53 − 1: an integer
 * beyond that is a bigint here.
 */

/** What ES2025 adds to JSON ("JSON.parse source text access"), as far as it is used here. */
interface JsonWithSource {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}
const JSON_WITH_SOURCE = JSON as unknown as JsonWithSource;

/** int64 has 19 digits; what is longer is no integer of Kubernetes, and turning a million digits into a bigint costs seconds. */
const INTEGER = /^-?\d{16,20}$/;
/** Is there a number at all that may not be safe? Most texts have none, and need no reviver. */
const LONG_NUMBER = /\d{16}/;

/** As `JSON.stringify`, with bigints as integers. A value without any costs nothing more. */
export function stringifyExact(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // JSON.stringify throws at a bigint. Whatever else it threw at, it throws again.
    return JSON.stringify(value, (_key, item: unknown) =>
      typeof item === 'bigint' ? JSON_WITH_SOURCE.rawJSON(item.toString()) : item,
    );
  }
}

/** As `JSON.parse`, with a bigint for each integer that a number cannot hold exactly. */
export function parseExact(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  return JSON_WITH_SOURCE.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && INTEGER.test(source)
      ? BigInt(source)
      : value,
  );
}
