import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createProjectionCache } from './projection-cache.ts';

function openCache(equal: (a: number, b: number) => boolean = Object.is) {
  const told: string[] = [];
  const cache = createProjectionCache<number>({
    equal,
    onUpsert: (key, value, previous) => told.push(`${key}=${value} was ${previous}`),
    onDelete: (key, previous) => told.push(`${key} gone, was ${previous}`),
  });
  const replace = (complete: Record<string, number>): number => {
    const steps = cache.replace(new Map(Object.entries(complete)));
    let count = 1;
    while (!steps.next().done) count++;
    return count;
  };
  return { cache, told, replace };
}

test('what does not change is not told; what changes, with what it was', () => {
  const { cache, told } = openCache();
  cache.upsert('a', 1);
  cache.upsert('a', 1);
  cache.upsert('a', 2);
  cache.remove('a');
  cache.remove('a');
  expect(told).toEqual(['a=1 was undefined', 'a=2 was 1', 'a gone, was 2']);
});

test('what the caller calls equal is not told, but kept', () => {
  const { cache, told } = openCache((a, b) => Math.floor(a) === Math.floor(b));
  cache.upsert('a', 1.1);
  cache.upsert('a', 1.2);
  expect(told).toHaveLength(1);
  expect(cache.values.get('a')).toBe(1.2);
});

test('a list tells deletions first, then the differences', () => {
  const { told, replace } = openCache();
  replace({ a: 1, b: 2, c: 3 });
  told.length = 0;
  replace({ a: 1, c: 4, d: 5 });
  expect(told).toEqual(['b gone, was 2', 'c=4 was 3', 'd=5 was undefined']);
});

test('ten thousand differences are told in steps', () => {
  const { cache, replace } = openCache();
  const steps = replace(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i])));
  expect(steps).toBe(40);
  expect(cache.values.size).toBe(10_000);
});

test('after any history the cache holds the last list, and replaying what was told gives the same', () => {
  const lists = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(3)));
  fc.assert(
    fc.property(lists, (history) => {
      const replayed = new Map<string, number>();
      const cache = createProjectionCache<number>({
        equal: Object.is,
        onUpsert: (key, value, previous) => {
          expect(replayed.get(key)).toBe(previous);
          expect(previous).not.toBe(value);
          replayed.set(key, value);
        },
        onDelete: (key, previous) => {
          expect(replayed.get(key)).toBe(previous);
          replayed.delete(key);
        },
      });
      for (const list of history) {
        const complete = new Map(Object.entries(list));
        const steps = cache.replace(complete);
        while (!steps.next().done);
        expect(Object.fromEntries(cache.values)).toEqual(Object.fromEntries(complete));
        expect(replayed).toEqual(cache.values);
      }
    }),
  );
});
