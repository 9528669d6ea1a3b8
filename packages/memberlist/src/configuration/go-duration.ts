/** The outcome of reading a duration. */
export type DurationOutcome =
  | { readonly ok: true; readonly milliseconds: number }
  | { readonly ok: false; readonly message: string };

const MILLISECONDS: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['\u00b5s', 1e-3], // the micro sign
  ['\u03bcs', 1e-3], // the Greek letter
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** An int64 of nanoseconds. */
const GREATEST_MS = 2 ** 63 / 1e6;

/** Longer than what anybody writes. */
const GREATEST_LENGTH = 128;

/** A number, with a digit before or after the point, and all up to the next number: its unit. */
const PART = /(\d+\.?\d*|\.\d+)([^\d.]*)/y;

/**
 * Reads a duration as Go's `time.ParseDuration` does: `1h2m`, `1.5s`, `-300ms`, `0`.
 *
 * @returns Milliseconds, a nanosecond being 1e-6, or Go's words. Never throws.
 * @see golang/go `src/time/format.go`
 */
export function parseGoDuration(text: string): DurationOutcome {
  const refuse = (what: string): DurationOutcome => ({
    ok: false,
    message: `time: ${what} ${JSON.stringify(text.slice(0, GREATEST_LENGTH))}`,
  });
  const unsigned = text.replace(/^[-+]/, '');
  if (unsigned === '0') return { ok: true, milliseconds: 0 };
  if (unsigned === '' || text.length > GREATEST_LENGTH) return refuse('invalid duration');
  let sum = 0;
  for (PART.lastIndex = 0; PART.lastIndex < unsigned.length; ) {
    const [, number, unit] = PART.exec(unsigned) ?? [];
    if (number === undefined || unit === undefined) return refuse('invalid duration');
    if (unit === '') return refuse('missing unit in duration');
    const milliseconds = MILLISECONDS.get(unit);
    if (milliseconds === undefined) return refuse(`unknown unit ${JSON.stringify(unit)} in duration`);
    sum += Number(number) * milliseconds;
  }
  if (sum >= GREATEST_MS) return refuse('invalid duration');
  const milliseconds = Math.round(sum * 1e6) / 1e6;
  return { ok: true, milliseconds: text.startsWith('-') ? -milliseconds : milliseconds };
}
