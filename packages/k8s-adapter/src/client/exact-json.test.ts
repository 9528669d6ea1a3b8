import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseExact, stringifyExact } from './exact-json.ts';

test.for<[text: string, value: unknown]>([
  ['9223372036854775807', 9223372036854775807n],
  ['-9223372036854775808', -9223372036854775808n],
  ['9007199254740991', 9007199254740991],
  ['-9007199254740991', -9007199254740991],
  ['9007199254740992', 9007199254740992n],
  ['{"a":[1,9223372036854775806]}', { a: [1, 9223372036854775806n] }],
  ['"9223372036854775807"', '9223372036854775807'],
  ['1e30', 1e30],
  ['0.1234567890123456789', Number('0.1234567890123456789')],
  [`1${'0'.repeat(400)}`, Number.POSITIVE_INFINITY],
])('%s is read with every digit, and as a number where that is exact or it is no int64', ([text, value]) => {
  expect(parseExact(text)).toEqual(value);
});

test('bigints are written as integers, beside all else that JSON knows', () => {
  const value = { a: 9223372036854775807n, b: [0n, -1n], c: 'x', d: undefined, e: { toJSON: () => 5 } };
  expect(stringifyExact(value)).toBe('{"a":9223372036854775807,"b":[0,-1],"c":"x","e":5}');
});

test('what JSON cannot say is still an error', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(() => stringifyExact(circle)).toThrow(TypeError);
  expect(() => parseExact('{"a": 12345678901234567890')).toThrow(SyntaxError);
});

test('any int64 comes back as it was', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (n) => {
      const parsed = parseExact(stringifyExact({ n })) as { n: number | bigint };
      return BigInt(parsed.n) === n;
    }),
  );
});
