import fc from 'fast-check';
import { expect, test } from 'vitest';
import { structurallyEqual } from './structural-equality.ts';

test.for<[a: unknown, b: unknown, equal: boolean]>([
  [{ a: [1, { b: 2n }] }, { a: [1, { b: 2n }] }, true],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{ a: undefined }, {}, false],
  [[1, 2], [2, 1], false],
  [[], {}, false],
  [Number.NaN, Number.NaN, true],
  [new Map([['a', [1]]]), new Map([['a', [1]]]), true],
  [new Map([['a', [1]]]), new Map([['a', [2]]]), false],
  [new Set(['a']), new Set(['b']), false],
  [new Uint8Array([1]), new Uint8Array([1]), true],
  [new Uint8Array([1]), new Uint8Array([2]), false],
  [null, {}, false],
  [{ toString: 1 }, {}, false],
])('%o, %o: %s', ([a, b, equal]) => {
  expect(structurallyEqual(a, b)).toBe(equal);
});

test('a copy is equal, and two values are equal exactly when their canonical JSON is', () => {
  const canonical = (value: unknown): string =>
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    );
  const json = fc.json().map((text): unknown => JSON.parse(text));
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(structurallyEqual(a, structuredClone(a))).toBe(true);
      if (!canonical([a, b]).includes('-0')) expect(structurallyEqual(a, b)).toBe(canonical(a) === canonical(b));
    }),
  );
});
