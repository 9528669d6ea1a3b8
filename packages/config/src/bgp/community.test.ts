import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BgpCommunity,
  compareCommunities,
  formatCommunity,
  parseCommunity,
  sortedCommunities,
} from './community.ts';

describe('a community is', () => {
  test.for<[text: string, value: BgpCommunity, written: string]>([
    ['64512:100', { kind: 'legacy', upper: 64512, lower: 100 }, '64512:100'],
    ['0:0', { kind: 'legacy', upper: 0, lower: 0 }, '0:0'],
    ['65535:65535', { kind: 'legacy', upper: 65535, lower: 65535 }, '65535:65535'],
    ['064512:0100', { kind: 'legacy', upper: 64512, lower: 100 }, '64512:100'],
    [
      'large:4294967295:1:2',
      { kind: 'large', globalAdministrator: 4294967295, localData1: 1, localData2: 2 },
      '4294967295:1:2',
    ],
  ])('%s', ([text, value, written]) => {
    expect(parseCommunity(text)).toEqual({ ok: true, value });
    expect(formatCommunity(value)).toBe(written);
  });
});

describe('no community is', () => {
  test.for<[text: string, kind: 'format' | 'value', message: string]>([
    ['', 'format', 'invalid community format: '],
    ['100', 'format', 'invalid community format: 100'],
    ['no-export', 'format', 'invalid community format: no-export'],
    ['1:2:3', 'format', 'invalid community format: 1:2:3'],
    ['large:1:2:3:4', 'format', 'invalid community format: large:1:2:3:4'],
    [
      '65536:1',
      'value',
      'invalid community value: invalid section "65536" of community "65536:1", err: "strconv.ParseUint: parsing \\"65536\\": value out of range"',
    ],
    [
      'a:1',
      'value',
      'invalid community value: invalid section "a" of community "a:1", err: "strconv.ParseUint: parsing \\"a\\": invalid syntax"',
    ],
    [
      '1:',
      'value',
      'invalid community value: invalid section "" of community "1:", err: "strconv.ParseUint: parsing \\"\\": invalid syntax"',
    ],
    ['+1:2', 'value', 'invalid community value: invalid section "+1" of community "+1:2"'],
    ['1_0:2', 'value', 'invalid community value: invalid section "1_0" of community "1_0:2"'],
    ['large:1:2:4294967296', 'value', 'invalid community value: invalid section "4294967296"'],
    [
      'huge:1:2:3',
      'value',
      'invalid community value: invalid marker for large community, expected community to be of format large:<uint32>:<uint32>:<uint32> but got "huge:1:2:3" instead',
    ],
  ])('%s', ([text, kind, message]) => {
    expect(parseCommunity(text)).toMatchObject({
      ok: false,
      failure: { kind, message: expect.stringContaining(message) },
    });
  });
});

test('a legacy community sorts as the number that it makes up', () => {
  const parse = (text: string): BgpCommunity => {
    const parsed = parseCommunity(text);
    if (!parsed.ok) throw new Error(text);
    return parsed.value;
  };
  const texts = ['large:65536:0:1', '1:1', 'large:1:0:0', '0:2', 'large:65537:0:0', 'large:1:0:0', '1:0'];
  expect(sortedCommunities(texts.map(parse)).map(formatCommunity)).toEqual([
    '1:0:0',
    '0:2',
    '1:0',
    '65536:0:1',
    '1:1',
    '65537:0:0',
  ]);
  expect(compareCommunities(parse('0:1'), parse('large:1:0:0'))).toBe(-1); // equal for MetalLB
});

test('writing undoes reading, and any text returns', () => {
  const octets = fc.nat(0xffff);
  void fc.assert(
    fc.property(octets, octets, (upper, lower) => {
      expect(parseCommunity(`${upper}:${lower}`)).toEqual({ ok: true, value: { kind: 'legacy', upper, lower } });
    }),
  );
  void fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...':09a-large'), maxLength: 24 }), (text) => {
      const parsed = parseCommunity(text);
      expect(parsed.ok ? formatCommunity(parsed.value) : parsed.failure.message).toMatch(/./);
    }),
  );
});
