import { expect, test } from 'vitest';
import { decodeHierarchicalLimit, decodeMemoryLimit, readMemoryLimit } from './memory-limit.ts';

test.for<[text: string, octets: number | undefined]>([
  ['104857600\n', 104_857_600],
  ['max\n', undefined],
  ['9223372036854771712\n', undefined], // v1 without a limit, pages of 4 KiB
  ['9223372036854710272\n', undefined], // pages of 64 KiB
  ['0\n', undefined],
  ['-1\n', undefined],
  ['1e9', undefined],
  ['', undefined],
])('%j is a limit of %s octets', ([text, octets]) => {
  expect(decodeMemoryLimit(text)).toBe(octets);
});

test('v1 says in memory.stat what the groups around it allow, those it cannot see among them', () => {
  const stat = (limit: string): string => `cache 9728000\nrss 16343040\nhierarchical_memory_limit ${limit}\nswap 0\n`;
  expect(decodeHierarchicalLimit(stat('67108864'))).toBe(67_108_864);
  expect(decodeHierarchicalLimit(stat('9223372036854771712'))).toBeUndefined();
  expect(decodeHierarchicalLimit('cache 1\n')).toBeUndefined();
});

test('this process has a limit or none, and asking costs nobody anything', () => {
  expect([undefined, expect.any(Number)]).toContainEqual(readMemoryLimit());
});
