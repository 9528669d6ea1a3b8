import { goQuote } from '@steelyard/ipam';

/** The outcome of `parseGoDuration`. */
export type DurationOutcome =
  | { readonly ok: true; readonly nanoseconds: bigint }
  | { readonly ok: false; readonly message: string };

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n], // the micro sign
  ['\u03bcs', 1_000n], // the Greek letter
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
/** One past the largest int64. */
const LIMIT = 1n << 63n;
/** Longer than any duration that somebody wrote on purpose. */
const MAX_DURATION_CHARACTERS = 128;
/** A number with an optional fraction, and what follows it up to the next number: its unit. */
const PART = /([0-9]*)(\.([0-9]*))?([^0-9.]*)/y;

/**
 * Reads a duration as Go's `time.ParseDuration` does: `1h2m`, `1.5s`, `-300ms`, `0`.
 *
 * @returns Nanoseconds in the bounds of an int64, or Go's words. Never throws.
 */
export function parseGoDuration(text: string): DurationOutcome {
  const refuse = (what: string): DurationOutcome => ({
    ok: false,
    message: `time: ${what} ${goQuote(text.slice(0, MAX_DURATION_CHARACTERS))}`,
  });
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') {
    return { ok: true, nanoseconds: 0n };
  }
  if (unsigned === '' || text.length > MAX_DURATION_CHARACTERS) {
    return refuse('invalid duration');
  }
  let sum = 0n;
  PART.lastIndex = 0;
  while (PART.lastIndex < unsigned.length) {
    const [, whole = '', , fraction = '', unitText = ''] = PART.exec(unsigned) ?? [];
    if (whole === '' && fraction === '') {
      return refuse('invalid duration');
    }
    if (BigInt(whole || '0') > LIMIT) {
      return refuse('invalid duration');
    }
    if (unitText === '') {
      return refuse('missing unit in duration');
    }
    const unit = UNITS.get(unitText);
    if (unit === undefined) {
      return refuse(`unknown unit ${goQuote(unitText)} in duration`);
    }
    sum += BigInt(whole || '0') * unit + fractionOf(fraction, unit);
    if (sum > LIMIT) {
      return refuse('invalid duration');
    }
  }
  const negative = text.startsWith('-');
  return !negative && sum === LIMIT ? refuse('invalid duration') : { ok: true, nanoseconds: negative ? -sum : sum };
}

/**
 * A fraction of a unit in nanoseconds, by way of a float64 as in Go: a third of an hour, written with all its digits,
 * is twenty minutes. Digits beyond an int64 say nothing any more.
 */
function fractionOf(digits: string, unit: bigint): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (next >= LIMIT) {
      break;
    }
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** Writes a duration as Go's `Duration.String()` does: `1m30s`, `1.5s`, `300ms`, `0s`. */
export function formatGoDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) {
    return '0s';
  }
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000_000_000n) {
    const [unit, digits] = size < 1_000n ? ['ns', 0] : size < 1_000_000n ? ['\u00b5s', 3] : ['ms', 6];
    return `${sign}${decimal(size, Number(digits))}${unit}`;
  }
  const minutes = size / 60_000_000_000n;
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`;
  const hours = minutes / 60n;
  const before = hours > 0n ? `${hours}h${minutes % 60n}m` : minutes > 0n ? `${minutes}m` : '';
  return `${sign}${before}${seconds}`;
}

/** A number with so many digits after the point, without zeros at its end. */
function decimal(value: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const fraction = (value % scale).toString().padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' || digits === 0 ? `${value / scale}` : `${value / scale}.${fraction}`;
}
