import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatGoDuration, parseGoBool, parseGoDuration, parseGoInt } from './go-values.ts';

describe('booleans are the twelve words of strconv.ParseBool', () => {
  test.for<[text: string, value: boolean | undefined]>([
    ['1', true],
    ['t', true],
    ['T', true],
    ['TRUE', true],
    ['true', true],
    ['True', true],
    ['0', false],
    ['f', false],
    ['F', false],
    ['FALSE', false],
    ['false', false],
    ['False', false],
    ['', undefined],
    ['yes', undefined],
    ['tRUE', undefined],
    [' true', undefined],
  ])('%j', ([text, value]) => {
    expect(parseGoBool(text)).toEqual(value === undefined ? { ok: false, why: 'parse error' } : { ok: true, value });
  });
});

describe('integers are those of strconv.ParseInt with base 0', () => {
  test.for<[text: string, value: number | string]>([
    ['0', 0],
    ['-0', 0],
    ['+17472', 17472],
    ['-1', -1],
    ['0x1F', 31],
    ['0b101', 5],
    ['0o17', 15],
    ['017', 15],
    ['1_000', 1000],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 'value out of range'],
    ['', 'parse error'],
    ['1.5', 'parse error'],
    ['1e3', 'parse error'],
    ['08', 'parse error'],
    ['_1', 'parse error'],
    ['1__0', 'parse error'],
    ['0x', 'parse error'],
    ['١', 'parse error'],
    ['7 ', 'parse error'],
  ])('%j', ([text, expected]) => {
    expect(parseGoInt(text)).toEqual(
      typeof expected === 'number' ? { ok: true, value: expected } : { ok: false, why: expected },
    );
  });
});

describe('durations are those of time.ParseDuration', () => {
  test.for<[text: string, milliseconds: number | undefined]>([
    ['0', 0],
    ['+0', 0],
    ['1h15m30.918s', 4_530_918],
    ['-1.5h', -5_400_000],
    ['.5s', 500],
    ['1.s', 1000],
    ['3µs', 0.003],
    ['3μs', 0.003],
    ['100ns', 0.0001],
    ['1m1ms', 60_001],
    ['', undefined],
    ['5', undefined],
    ['s', undefined],
    ['.s', undefined],
    ['1d', undefined],
    ['1s ', undefined],
    ['1s-1s', undefined],
    ['9999999999h', undefined],
  ])('%j', ([text, milliseconds]) => {
    expect(parseGoDuration(text)).toEqual(
      milliseconds === undefined ? { ok: false, why: 'parse error' } : { ok: true, value: milliseconds },
    );
  });

  test('what is shown is read back as the same duration', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (milliseconds) => {
        expect(parseGoDuration(formatGoDuration(milliseconds))).toEqual({ ok: true, value: milliseconds });
      }),
    );
  });
});
