/** What Go's YAML reader makes of a scalar. Whole numbers are bigint, all others are float64. */
export type GoScalar = string | bigint | number | boolean | null;

/** The words that are no texts. `<<` is not among them: it merges only as a key. */
const WORDS: ReadonlyMap<string, GoScalar> = new Map<string, GoScalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, false] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF'].flatMap(
    (word) => [[word, Infinity] as const, [`+${word}`, Infinity] as const, [`-${word}`, -Infinity] as const] as const,
  ),
]);

const MIN_INT64 = -(1n << 63n);
const MAX_UINT64 = (1n << 64n) - 1n;
/** Longer than any number whose value is kept: what is longer takes quadratic time, and only says that it is large. */
const MAX_WHOLE_CHARACTERS = 128;

/** After the first: nine digits tell any two float32 apart. */
const MAX_FLOAT32_DIGITS = 8;

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const WHOLE = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;

/**
 * The value of a plain scalar without a tag, as `go.yaml.in/yaml/v2` resolves it: `010` is eight, `off` is false. `1:30`
 * is a text, because that reader has no sexagesimals, and so is `2024-01-01` to who asks for a text.
 *
 * @see yaml/v2 `resolve.go`
 */
export function resolveGoScalar(text: string): GoScalar {
  const word = WORDS.get(text);
  if (word !== undefined) {
    return word;
  }
  if (!/^[-+.0-9]/.test(text)) {
    return text;
  }
  // A point at the start: no underscores are taken out, and only a float is possible.
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  return wholeOf(plain) ?? floatOf(plain) ?? text;
}

function wholeOf(plain: string): bigint | undefined {
  if (plain.length > MAX_WHOLE_CHARACTERS) {
    return undefined;
  }
  const [, sign, digits = ''] = WHOLE.exec(plain) ?? [];
  if (sign === undefined) {
    return undefined;
  }
  const size = BigInt(digits.replace(/^0[oO]?(?=[0-7])/, '0o'));
  const value = sign === '-' ? -size : size;
  // Go parses a signed number first, then an unsigned one, which has no sign.
  const largest = sign === '' ? MAX_UINT64 : -MIN_INT64 - 1n;
  return value >= MIN_INT64 && value <= largest ? value : undefined;
}

function floatOf(plain: string): number | undefined {
  const value = FLOAT.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : undefined; // out of range is no float to Go
}

/**
 * A scalar where a text is wanted: `sigs.k8s.io/yaml` writes numbers and booleans out, floats with the precision of a
 * float32. Null stays what it is.
 */
export function goScalarText(value: GoScalar): string | undefined {
  if (value === null) {
    return undefined;
  }
  return typeof value === 'number' ? float32Text(value) : String(value);
}

/** As Go's `strconv.FormatFloat(value, 'g', -1, 32)`. */
function float32Text(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  }
  const wanted = Math.fround(value);
  if (!Number.isFinite(wanted)) {
    return value > 0 ? '+Inf' : '-Inf';
  }
  if (wanted === 0) {
    return Object.is(wanted, -0) ? '-0' : '0';
  }
  const [mantissa = '', exponentText = '0'] = shortestExponential(wanted).split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  return String(Number(`${mantissa}e${exponent}`));
}

/** The fewest digits that mean this float32 and no other. */
function shortestExponential(wanted: number): string {
  for (let digits = 0; digits < MAX_FLOAT32_DIGITS; digits++) {
    const text = wanted.toExponential(digits);
    if (Math.fround(Number(text)) === wanted) {
      return text;
    }
  }
  return wanted.toExponential(MAX_FLOAT32_DIGITS);
}
