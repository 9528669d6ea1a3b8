/** How Go's `strconv` and `time` read the values of flags, so that a manifest written for MetalLB means the same here. */

/** The outcome of reading a value: Go's own words when it cannot be read. */
export type GoValue<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Go's `strconv.ParseBool`: exactly these twelve words. */
export function parseGoBool(text: string): GoValue<boolean> {
  if (TRUE_WORDS.has(text)) return { ok: true, value: true };
  if (FALSE_WORDS.has(text)) return { ok: true, value: false };
  return { ok: false, why: 'parse error' };
}

const GO_INTEGER =
  /^(?<sign>[+-]?)(?:0[xX](?<hex>(?:_?[0-9a-fA-F])+)|0[bB](?<binary>(?:_?[01])+)|0[oO]?(?<octal>(?:_?[0-7])+)|(?<decimal>0|[1-9](?:_?[0-9])*))$/;

/** Go's `strconv.ParseInt(text, 0, 64)`: prefixes 0x, 0b, 0o, 0 and `_` between digits; here within the safe integers. */
export function parseGoInt(text: string): GoValue<number> {
  const groups = GO_INTEGER.exec(text)?.groups;
  if (groups === undefined) return { ok: false, why: 'parse error' };
  const digits = (name: string): string | undefined => groups[name]?.replaceAll('_', '');
  const [hex, binary, octal] = [digits('hex'), digits('binary'), digits('octal')];
  const magnitude =
    hex !== undefined
      ? Number(`0x${hex}`)
      : binary !== undefined
        ? Number(`0b${binary}`)
        : octal !== undefined
          ? Number(`0o${octal}`)
          : Number(digits('decimal'));
  if (!Number.isSafeInteger(magnitude)) return { ok: false, why: 'value out of range' };
  return { ok: true, value: groups['sign'] === '-' && magnitude !== 0 ? -magnitude : magnitude };
}

const NANOS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // U+00B5, micro sign
  μs: 1e3, // U+03BC, Greek letter mu
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const DURATION_PART = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/gy;
const MAX_DURATION_NANOS = 2 ** 63;

/** Go's `time.ParseDuration` ("1h15m30.918s", "-1.5h", "0"), in milliseconds. */
export function parseGoDuration(text: string): GoValue<number> {
  const negative = text.startsWith('-');
  const unsigned = negative || text.startsWith('+') ? text.slice(1) : text;
  if (unsigned === '0') return { ok: true, value: 0 };
  let nanos = 0;
  let end = 0;
  for (const part of unsigned.matchAll(DURATION_PART)) {
    nanos += Number(part[1]) * (NANOS_PER_UNIT[part[2] ?? ''] ?? Number.NaN);
    end = part.index + part[0].length;
  }
  if (end === 0 || end !== unsigned.length || nanos >= MAX_DURATION_NANOS) return { ok: false, why: 'parse error' };
  return { ok: true, value: (negative ? -nanos : nanos) / 1e6 };
}

/** Go's `Duration.String` for whole milliseconds, as `PrintDefaults` shows it: 1m30s, 500ms, 0s. */
export function formatGoDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : '';
  const magnitude = Math.abs(milliseconds);
  if (magnitude === 0) return '0s';
  if (magnitude < 1000) return `${sign}${magnitude}ms`;
  const hours = Math.floor(magnitude / 3_600_000);
  const minutes = Math.floor((magnitude % 3_600_000) / 60_000);
  const seconds = (magnitude % 60_000) / 1000;
  return `${sign}${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
