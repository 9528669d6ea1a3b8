import { describe, expect, test } from 'vitest';
import type { Member } from '../protocol.ts';
import { areSaneVersions, greatestVersion, incompatibility, keptVersions } from './versions.ts';

type Triple = readonly [least: number, greatest: number, current: number];

function members(triples: readonly Triple[], where: 'protocol' | 'delegate'): Member[] {
  return triples.map((triple, index) => ({
    node: `node ${index}`,
    address: Uint8Array.of(192, 0, 2, index),
    port: 7946,
    incarnation: 1,
    meta: new Uint8Array(),
    versions: Uint8Array.from(where === 'protocol' ? [...triple, 0, 0, 0] : [0, 0, 0, ...triple]),
    status: 'alive',
  }));
}

describe('hashicorp/memberlist state.go, verifyProtocol', () => {
  test.for<[name: string, one: Triple[], other: Triple[], compatible: boolean]>([
    ['all the same', [[0, 0, 0]], [[0, 0, 0]], true],
    ['one understands a newer one', [[0, 0, 0]], [[0, 1, 0]], true],
    ['one speaks outside the range', [[0, 0, 0]], [[1, 1, 1]], false],
    [
      'outside by way of a third',
      [
        [0, 1, 0],
        [0, 2, 1],
      ],
      [[1, 3, 1]],
      false,
    ],
    [
      'many',
      [
        [0, 3, 2],
        [0, 2, 0],
      ],
      [
        [0, 2, 1],
        [0, 5, 0],
      ],
      true,
    ],
    [
      'MetalLB',
      [[1, 5, 2]],
      [
        [1, 5, 2],
        [1, 5, 2],
      ],
      true,
    ],
  ])('%s', ([, one, other, compatible]) => {
    for (const where of ['protocol', 'delegate'] as const) {
      expect(incompatibility(members(one, where), members(other, where)) === undefined).toBe(compatible);
      expect(incompatibility(members(other, where), members(one, where)) === undefined).toBe(compatible);
    }
  });

  test('the dead do not narrow the range, but must lie within it', () => {
    const dead = members([[3, 3, 3]], 'protocol').map((member) => ({ ...member, status: 'dead' as const }));
    expect(incompatibility(members([[1, 5, 2]], 'protocol'), dead)).toBeUndefined();
    const foreign = members([[6, 6, 6]], 'protocol').map((member) => ({ ...member, status: 'dead' as const }));
    expect(incompatibility(members([[1, 5, 2]], 'protocol'), foreign)).toBe(
      'node "node 0" protocol version (6) is incompatible: [1, 5]',
    );
  });

  test('who says nothing of its versions speaks 0', () => {
    const [silent] = members([[1, 5, 2]], 'protocol');
    if (silent === undefined) throw new Error('no member');
    const remote = [{ ...silent, versions: new Uint8Array() }];
    expect(incompatibility(members([[1, 5, 2]], 'protocol'), remote)).toContain('(0) is incompatible: [1, 5]');
  });
});

test.for<[versions: number[], sane: boolean]>([
  [[1, 5, 2, 0, 0, 0], true],
  [[0, 5, 2, 0, 0, 0], false],
  [[1, 0, 2, 0, 0, 0], false],
  [[3, 2, 2, 0, 0, 0], false],
  [[0, 0, 0], false],
  [[0, 0], true],
  [[], true],
])('versions %j are believed: %j', ([versions, sane]) => {
  expect(areSaneVersions(Uint8Array.from(versions))).toBe(sane);
});

test('less than six octets of versions say nothing', () => {
  const before = Uint8Array.of(1, 5, 2, 0, 0, 0);
  expect(keptVersions(Uint8Array.of(1, 4, 2), before)).toBe(before);
  expect(keptVersions(Uint8Array.of(1, 4, 2, 0, 0, 0), before)).toEqual(Uint8Array.of(1, 4, 2, 0, 0, 0));
  expect(greatestVersion({ versions: Uint8Array.of(1, 5) })).toBe(0);
});
