import { describe, expect, test } from 'vitest';
import { type GoScalar, goScalarText, resolveGoScalar } from './go-scalar.ts';

// The texts are those that MetalLB's converter made of these scalars: test/fixtures/configmaptocrs.jsonl has more.
describe('a plain scalar is what yaml/v2 makes of it', () => {
  test.for<[written: string, value: GoScalar, text: string | undefined]>([
    ['off', false, 'false'],
    ['Yes', true, 'true'],
    ['oN', 'oN', 'oN'],
    ['~', null, undefined],
    ['', null, undefined],
    ['010', 8n, '8'],
    ['089', 89, '89'],
    ['0o17', 15n, '15'],
    ['0b11', 3n, '3'],
    ['-0x1F', -31n, '-31'],
    ['64_500', 64_500n, '64500'],
    ['64512:12', '64512:12', '64512:12'],
    ['1:30', '1:30', '1:30'],
    ['2024-01-01', '2024-01-01', '2024-01-01'],
    ['9223372036854775807', 9_223_372_036_854_775_807n, '9223372036854775807'],
    ['18446744073709551615', 18_446_744_073_709_551_615n, '18446744073709551615'],
    ['18446744073709551616', 2 ** 64, '1.8446744e+19'],
    ['+18446744073709551615', 2 ** 64, '1.8446744e+19'],
    ['-9223372036854775808', -(1n << 63n), '-9223372036854775808'],
    ['1e5', 100_000, '100000'],
    ['1e6', 1_000_000, '1e+06'],
    ['.00001', 0.00001, '1e-05'],
    ['1.10', 1.1, '1.1'],
    ['123456789.5', 123_456_789.5, '1.2345679e+08'],
    ['1e300', 1e300, '+Inf'],
    ['1e400', '1e400', '1e400'],
    ['-.inf', Number.NEGATIVE_INFINITY, '-Inf'],
    ['.nan', Number.NaN, 'NaN'],
    ['.', '.', '.'],
    ['._1', '._1', '._1'],
    ['0x', '0x', '0x'],
    ['<<', '<<', '<<'],
  ])('%s', ([written, value, text]) => {
    expect(resolveGoScalar(written)).toBe(value);
    expect(goScalarText(value)).toBe(text);
  });
});

test('a number of a million digits is only large', () => {
  expect(resolveGoScalar('9'.repeat(1_000_000))).toBe('9'.repeat(1_000_000));
});
