import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkClassicBpf, runClassicBpf } from './interpreter.ts';
import { createProgramWriter, type Landing } from './program.ts';
import { coveringRanges, exactRanges } from './ranges.ts';
import { writeWordSearch } from './word-search.ts';

const exact = (values: readonly number[]) =>
  exactRanges(
    values.toSorted((a, b) => a - b),
    (last, value) => value <= last + 1,
  );
const gap = (last: number, first: number): number => first - last;

describe('ranges', () => {
  test('neighbours and repetitions become one', () => {
    expect(exact([7, 1, 2, 3, 2, 9])).toEqual([
      { first: 1, last: 3 },
      { first: 7, last: 7 },
      { first: 9, last: 9 },
    ]);
  });

  test('those that lie closest together are merged first', () => {
    expect(coveringRanges(exact([1, 5, 100, 102, 300]), 3, gap)).toEqual([
      { first: 1, last: 5 },
      { first: 100, last: 102 },
      { first: 300, last: 300 },
    ]);
    expect(coveringRanges([], 1, gap)).toEqual([]);
    expect(() => coveringRanges(exact([1]), 0, gap)).toThrow(RangeError);
  });

  test('nothing is ever left out, and no more ranges are made than asked for', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(500)), fc.integer({ min: 1, max: 20 }), (values, limit) => {
        const covering = coveringRanges(exact(values), limit, gap);
        expect(covering.length).toBeLessThanOrEqual(limit);
        for (const value of values) {
          expect(covering.some(({ first, last }) => first <= value && value <= last)).toBe(true);
        }
      }),
    );
  });
});

test('a search finds for each word where to go on', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(3_000), { minLength: 1, maxLength: 600 }), (values) => {
      const program = createProgramWriter();
      const outside: Landing = { at: undefined, instruction: { ret: 0 } };
      const ranges = exact(values).map(({ first, last }) => {
        const inside: Landing = { at: undefined, instruction: { ret: first + 1 } };
        return { first, last, inside };
      });
      writeWordSearch(program, ranges, outside);
      program.loadWord(0);
      const written = program.finish();
      checkClassicBpf(written);
      for (let value = 0; value <= 3_001; value += 7) {
        const octets = Uint8Array.of(0, 0, value >> 8, value & 0xff);
        const range = ranges.find(({ first, last }) => first <= value && value <= last);
        expect(runClassicBpf(written, { octets, packetType: 0 })).toBe(range === undefined ? 0 : range.first + 1);
      }
    }),
    { numRuns: 30 },
  );
});
