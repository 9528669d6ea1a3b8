import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatGoDuration, parseGoDuration } from './duration.ts';

const [US, MS, S, M, H] = [1_000n, 1_000_000n, 1_000_000_000n, 60_000_000_000n, 3_600_000_000_000n];

describe('a duration is read as Go reads it', () => {
  test.for<[text: string, nanoseconds: bigint]>([
    ['0', 0n],
    ['-0', 0n],
    ['+0', 0n],
    ['0s', 0n],
    ['5s', 5n * S],
    ['+5s', 5n * S],
    ['-5s', -5n * S],
    ['1478s', 1478n * S],
    ['5.0s', 5n * S],
    ['5.6s', 5n * S + 600n * MS],
    ['5.s', 5n * S],
    ['.5s', 500n * MS],
    ['1.004s', S + 4n * MS],
    ['100.00100s', 100n * S + MS],
    ['10ns', 10n],
    ['11us', 11n * US],
    ['12\u00b5s', 12n * US],
    ['12\u03bcs', 12n * US],
    ['13ms', 13n * MS],
    ['15m', 15n * M],
    ['16h', 16n * H],
    ['1h2m', H + 2n * M],
    ['3h30m', 3n * H + 30n * M],
    ['10.5s4m', 4n * M + 10n * S + 500n * MS],
    ['-2m3.4s', -(2n * M + 3n * S + 400n * MS)],
    ['1h2m3s4ms5us6ns', H + 2n * M + 3n * S + 4n * MS + 5n * US + 6n],
    ['52763797000ns', 52_763_797_000n],
    ['0.3333333333333333333h', 20n * M], // by way of a float64
    ['9007199254740993ns', 9_007_199_254_740_993n], // more than a float64 can count
    ['9223372036854775807ns', (1n << 63n) - 1n],
    ['-9223372036854775808ns', -(1n << 63n)],
    ['0.100000000000000000000h', 6n * M],
    ['0.830103483285477580700h', 49n * M + 48n * S + 372_539_827n],
  ])('%s', ([text, nanoseconds]) => {
    expect(parseGoDuration(text)).toEqual({ ok: true, nanoseconds });
  });
});

describe('what Go refuses is refused in its words', () => {
  test.for<[text: string, message: string]>([
    ['', 'time: invalid duration ""'],
    ['3', 'time: missing unit in duration "3"'],
    ['1.5', 'time: missing unit in duration "1.5"'],
    ['-', 'time: invalid duration "-"'],
    ['s', 'time: invalid duration "s"'],
    ['.', 'time: invalid duration "."'],
    ['-.', 'time: invalid duration "-."'],
    ['.s', 'time: invalid duration ".s"'],
    ['+.s', 'time: invalid duration "+.s"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1 s', 'time: unknown unit " s" in duration "1 s"'],
    ['--5s', 'time: invalid duration "--5s"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
    ['-9223372036854775809ns', 'time: invalid duration "-9223372036854775809ns"'],
    ['9223372036854775810ns', 'time: invalid duration "9223372036854775810ns"'],
    ['3000000h', 'time: invalid duration "3000000h"'],
    ['9223372036854775.808us', 'time: invalid duration "9223372036854775.808us"'],
    ['9223372036854ms775us808ns', 'time: invalid duration "9223372036854ms775us808ns"'],
  ])('%s', ([text, message]) => {
    expect(parseGoDuration(text)).toEqual({ ok: false, message });
  });
});

describe('a duration is written as Go writes it', () => {
  test.for<[nanoseconds: bigint, text: string]>([
    [0n, '0s'],
    [1n, '1ns'],
    [1100n, '1.1\u00b5s'],
    [2_200_000n, '2.2ms'],
    [3n * S + 300n * MS, '3.3s'],
    [5n * M + 5n * S, '5m5s'],
    [5n * M + 5n * S + MS, '5m5.001s'],
    [6n * H + M + 5n * S + MS, '6h1m5.001s'],
    [8n * M + 1n, '8m0.000000001s'],
    [H, '1h0m0s'],
    [90n * S, '1m30s'],
    [-(3n * S), '-3s'],
    [(1n << 63n) - 1n, '2562047h47m16.854775807s'],
    [-(1n << 63n), '-2562047h47m16.854775808s'],
  ])('%s is %s', ([nanoseconds, text]) => {
    expect(formatGoDuration(nanoseconds)).toBe(text);
  });
});

test('reading undoes writing, to the precision of a float64 below the second', () => {
  void fc.assert(
    fc.property(fc.bigInt({ min: -(1n << 62n), max: 1n << 62n }), (nanoseconds) => {
      const read = parseGoDuration(formatGoDuration(nanoseconds));
      expect(read.ok && (read.nanoseconds - nanoseconds) ** 2n).toBeLessThanOrEqual(1n);
    }),
  );
});

test('any text returns, however long', () => {
  void fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('1', '.', 'h', 's', '-', '9', '\u00b5', 'x'), maxLength: 200 }),
      (text) => {
        const read = parseGoDuration(text);
        expect(
          read.ok ? read.nanoseconds <= (1n << 63n) - 1n && read.nanoseconds >= -(1n << 63n) : read.message,
        ).toBeTruthy();
      },
    ),
  );
  expect(parseGoDuration('9'.repeat(1_000_000)).ok).toBe(false);
});
