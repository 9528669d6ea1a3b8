import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';

function split(chunks: readonly string[], maxOctets = 1000): string[] {
  const lines: string[] = [];
  const splitter = createLineSplitter(
    maxOctets,
    (line) => lines.push(new TextDecoder().decode(line)),
    () => new Error('too long'),
  );
  const buffer = new Uint8Array(10_000);
  for (const chunk of chunks) {
    // One buffer for all, as a socket may use one: what is kept must have been copied.
    const { written } = new TextEncoder().encodeInto(chunk, buffer);
    splitter.push(buffer.subarray(0, written));
    buffer.fill(0);
  }
  return lines;
}

test('lines come out whole however they were cut, and an unfinished one not at all', () => {
  expect(split(['{"a', '":1}\n{"b":2}\n\n', '{"c', '":3', '}', '\n{"d'])).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
});

test('any cutting of any text yields the same lines', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'ß', '\n', '€') });
  fc.assert(
    fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
      const chunks: string[] = [];
      let rest = whole;
      for (const cut of cuts) {
        chunks.push(rest.slice(0, cut));
        rest = rest.slice(cut);
      }
      expect(split([...chunks, rest])).toEqual(split([whole]));
      expect(split([`${whole}\n`])).toEqual(whole.split('\n').filter((line) => line !== ''));
    }),
  );
});

test.for<[name: string, chunks: string[]]>([
  ['in one piece', ['x'.repeat(11)]],
  ['in many', ['xxxxx', 'xxxxx', 'x']],
  ['with its end in sight', [`${'x'.repeat(11)}\n`]],
])('a line over the bound is refused, %s', ([, chunks]) => {
  expect(() => split(chunks, 10)).toThrow('too long');
  expect(split([`${'x'.repeat(10)}\n`], 10)).toHaveLength(1);
});
