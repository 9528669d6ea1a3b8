import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AddressRange } from '../address/address-range.ts';
import { findOverlaps } from './overlaps.ts';
import { parsePool } from './pool.ts';

function pools(specs: Record<string, string[]>): { name: string; ranges: AddressRange[] }[] {
  return Object.entries(specs).map(([name, addresses]) => {
    const ranges = parsePool({ name, addresses });
    return { name, ranges: ranges.ok ? ranges.value : [] };
  });
}

describe('overlapping pools', () => {
  test.for<[name: string, specs: Record<string, string[]>, messages: string[]]>([
    ['disjoint', { a: ['192.0.2.0/25'], b: ['192.0.2.128/25', '2001:db8::/64'] }, []],
    [
      'the later is named',
      { a: ['192.0.2.0/24'], b: ['192.0.2.64/26'] },
      ['CIDR "192.0.2.64/26" in pool "b" overlaps with already defined CIDR "192.0.2.0/24"'],
    ],
    [
      'the CIDR of a range is named, not the range',
      { a: ['192.0.2.10-192.0.2.20'], b: ['192.0.2.16/28'] },
      ['CIDR "192.0.2.16/28" in pool "b" overlaps with already defined CIDR "192.0.2.16/30"'],
    ],
    [
      'a pool may not overlap itself',
      { a: ['192.0.2.0/24', '192.0.2.1/32'] },
      ['CIDR "192.0.2.1/32" in pool "a" overlaps with already defined CIDR "192.0.2.0/24"'],
    ],
    [
      'a loser takes nobody with it',
      { a: ['192.0.2.0/25'], b: ['192.0.2.0/24'], c: ['192.0.2.128/25'] },
      ['CIDR "192.0.2.0/24" in pool "b" overlaps with already defined CIDR "192.0.2.0/25"'],
    ],
    [
      'of several met, the first defined is named',
      { a: ['192.0.2.128/25'], b: ['192.0.2.0/25'], c: ['192.0.2.0/24'] },
      ['CIDR "192.0.2.0/24" in pool "c" overlaps with already defined CIDR "192.0.2.128/25"'],
    ],
  ])('%s', ([, specs, messages]) => {
    expect(findOverlaps(pools(specs)).map((overlap) => overlap.message)).toEqual(messages);
  });

  test('are exactly those that comparing all pairs finds', () => {
    const range = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 6 }), fc.constantFrom(4 as const, 6 as const))
      .map(([first, size, family]): AddressRange => ({ family, first: BigInt(first), last: BigInt(first + size) }));
    void fc.assert(
      fc.property(fc.array(fc.array(range, { minLength: 1, maxLength: 4 }), { maxLength: 8 }), (lists) => {
        const standing: AddressRange[] = [];
        const losers: string[] = [];
        for (const [index, ranges] of lists.entries()) {
          const meets = (r: AddressRange, others: AddressRange[]) =>
            others.some((o) => o.family === r.family && o.first <= r.last && r.first <= o.last);
          if (ranges.some((r, i) => meets(r, standing) || meets(r, ranges.slice(0, i)))) {
            losers.push(String(index));
          } else {
            standing.push(...ranges);
          }
        }
        const found = findOverlaps(lists.map((ranges, index) => ({ name: String(index), ranges })));
        expect(found.map((overlap) => overlap.pool)).toEqual(losers);
      }),
    );
  });
});
