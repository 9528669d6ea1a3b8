import { expect, test } from 'vitest';
import { parseGoDuration } from './go-duration.ts';

test.for<[text: string, milliseconds: number]>([
  ['0', 0],
  ['+0', 0],
  ['0s', 0],
  ['200ms', 200],
  ['1h2m3.5s', 3_723_500],
  ['.5s', 500],
  ['1.s', 1000],
  ['-1.5h', -5_400_000],
  ['0.3s', 300],
  ['1ns', 0.000001],
  ['1us', 0.001],
  ['1\u00b5s', 0.001],
  ['1\u03bcs', 0.001],
  ['1s1s', 2000],
  ['2540400h10m10s', 9_145_440_610_000],
])('%s is %d ms', ([text, milliseconds]) => {
  expect(parseGoDuration(text)).toEqual({ ok: true, milliseconds });
});

test.for<[text: string, message: string]>([
  ['', 'time: invalid duration ""'],
  ['-', 'time: invalid duration "-"'],
  ['s', 'time: invalid duration "s"'],
  ['.s', 'time: invalid duration ".s"'],
  ['1.2.3s', 'time: missing unit in duration "1.2.3s"'],
  ['5', 'time: missing unit in duration "5"'],
  ['1s5', 'time: missing unit in duration "1s5"'],
  ['1d', 'time: unknown unit "d" in duration "1d"'],
  ['1 s', 'time: unknown unit " s" in duration "1 s"'],
  ['--1s', 'time: invalid duration "--1s"'],
  ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
  ['1e9s', 'time: unknown unit "e" in duration "1e9s"'],
])('%j is refused in Go’s words', ([text, message]) => {
  expect(parseGoDuration(text)).toEqual({ ok: false, message });
});

test('what nobody writes is refused without being read', () => {
  expect(parseGoDuration('1s'.repeat(100_000))).toMatchObject({ ok: false });
});
