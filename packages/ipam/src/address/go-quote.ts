/** What Go's `strconv.IsPrint` lets through: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/** Texts that need no escape at all, as nearly all do: printable ASCII without quotes and backslashes. */
const PLAIN = /^[ !#-[\]-~]*$/;

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

function quoteCharacter(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) {
    return short;
  }
  if (PRINTABLE.test(character)) {
    return character;
  }
  const codePoint = character.codePointAt(0) ?? 0;
  if (codePoint < 0x80) {
    return `\\x${codePoint.toString(16).padStart(2, '0')}`;
  }
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) {
    return '\\ufffd'; // half a surrogate pair is no character; Go's decoder yields the replacement character
  }
  return codePoint < 0x10000
    ? `\\u${codePoint.toString(16).padStart(4, '0')}`
    : `\\U${codePoint.toString(16).padStart(8, '0')}`;
}

/**
 * Writes a text as Go's `%q` does (`strconv.Quote`): MetalLB's messages are full of it, and people grep for them.
 *
 * @see {@link https://pkg.go.dev/strconv#Quote}
 */
export function goQuote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : `"${Array.from(text, quoteCharacter).join('')}"`;
}

/** Writes a list as Go's `%q` of a slice does: `["192.0.2.10" "2001:db8::10"]`. */
export function goQuoteList(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`;
}
