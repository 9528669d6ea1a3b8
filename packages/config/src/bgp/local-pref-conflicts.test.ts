import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ResolvedBgpAdvertisement } from './bgp-advertisement.ts';
import { findLocalPrefConflicts, findServiceConflict, type PoolFamilies } from './local-pref-conflicts.ts';

interface TestAdvertisement extends ResolvedBgpAdvertisement {
  readonly nodes: readonly string[];
}
const advertisement = (more: Partial<TestAdvertisement>): TestAdvertisement => ({
  name: 'ad',
  aggregationLength: 32,
  aggregationLengthV6: 128,
  localPref: 0,
  communities: [],
  peers: 'all',
  nodeSelectors: [],
  serviceSelectors: [],
  nodes: ['n1', 'n2'],
  ...more,
});
const nodesOf = (item: ResolvedBgpAdvertisement): readonly string[] => (item as TestAdvertisement).nodes;
const V4: PoolFamilies = { v4: true, v6: false };
const V6: PoolFamilies = { v4: false, v6: true };
const DUAL: PoolFamilies = { v4: true, v6: true };

describe('two advertisements with another LOCAL_PREF', () => {
  test.for<[name: string, more: Partial<TestAdvertisement>, families: PoolFamilies, conflict: boolean]>([
    ['conflict', {}, V4, true],
    ['do not where the IPv4 prefixes differ', { aggregationLength: 24 }, V4, false],
    ['do where only the IPv6 prefixes differ and there is no IPv6', { aggregationLengthV6: 64 }, V4, true],
    ['do not where the IPv6 prefixes differ', { aggregationLengthV6: 64 }, V6, false],
    ['do where one prefix differs and the pool has both', { aggregationLength: 24 }, DUAL, true],
    ['do not where both differ', { aggregationLength: 24, aggregationLengthV6: 64 }, DUAL, false],
    ['do where only one names peers', { peers: ['p'] }, V4, true],
    ['do not where no node is selected by both', { nodes: ['n3'] }, V4, false],
    ['do not where one selects no node', { nodes: [] }, V4, false],
    ['do where one node is', { nodes: ['n2', 'n3'] }, V4, true],
    ['do not in a pool without addresses', {}, { v4: false, v6: false }, false],
  ])('%s', ([, more, families, conflict]) => {
    const pair = [advertisement({ localPref: 1 }), advertisement({ localPref: 2, ...more })];
    expect(findLocalPrefConflicts(pair, families, nodesOf).size).toBe(conflict ? 1 : 0);
    expect(findLocalPrefConflicts(pair.toReversed(), families, nodesOf).size).toBe(conflict ? 1 : 0);
  });

  test('conflict where they name a peer in common, and not where they name none', () => {
    const conflicts = (a: string[], b: string[]) =>
      findLocalPrefConflicts(
        [advertisement({ localPref: 1, peers: a }), advertisement({ localPref: 2, peers: b })],
        V4,
        nodesOf,
      ).size;
    expect([conflicts(['p', 'q'], ['q', 'r']), conflicts(['p'], ['q'])]).toEqual([1, 0]);
  });

  test('leave the older in force, and what conflicts stands in no other’s way', () => {
    const [oldest, middle, newest] = [1, 2, 2].map((localPref, i) =>
      advertisement({ name: `${i}`, localPref, nodes: i === 0 ? ['n1'] : i === 1 ? ['n1', 'n2'] : ['n2'] }),
    );
    if (oldest === undefined || middle === undefined || newest === undefined) throw new Error('three');
    expect([...findLocalPrefConflicts([oldest, middle, newest], V4, nodesOf)]).toEqual([[middle, oldest]]);
  });
});

/** Each with each, as MetalLB does it. */
function pairwise(advertisements: readonly TestAdvertisement[], { v4, v6 }: PoolFamilies): Map<unknown, unknown> {
  const conflicts = new Map<unknown, unknown>();
  const standing: TestAdvertisement[] = [];
  for (const newer of advertisements) {
    const older = standing.find((other) => {
      const apart4 = other.aggregationLength !== newer.aggregationLength;
      const apart6 = other.aggregationLengthV6 !== newer.aggregationLengthV6;
      const prefixesDiffer = (!v4 && !v6) || (apart4 && !v6) || (apart6 && !v4) || (apart4 && apart6);
      const { peers } = newer;
      const peersDiffer = peers !== 'all' && other.peers !== 'all' && !other.peers.some((p) => peers.includes(p));
      const nodesDiffer = !newer.nodes.some((node) => other.nodes.includes(node));
      return other.localPref !== newer.localPref && !prefixesDiffer && !peersDiffer && !nodesDiffer;
    });
    if (older === undefined) standing.push(newer);
    else conflicts.set(newer, older);
  }
  return conflicts;
}

test('looking once for each node and peer finds what looking at each pair finds', () => {
  const item = fc.record({
    localPref: fc.nat(2),
    aggregationLength: fc.constantFrom(32, 24),
    aggregationLengthV6: fc.constantFrom(128, 64),
    peers: fc.oneof(fc.constant('all' as const), fc.subarray(['p', 'q', 'r'], { minLength: 1 })),
    nodes: fc.subarray(['n1', 'n2', 'n3']),
  });
  void fc.assert(
    fc.property(fc.array(item, { maxLength: 8 }), fc.constantFrom(V4, V6, DUAL), (items, families) => {
      const advertisements = items.map((more, i) => advertisement({ name: `${i}`, ...more }));
      expect(findLocalPrefConflicts(advertisements, families, nodesOf)).toEqual(pairwise(advertisements, families));
    }),
    { numRuns: 1000 },
  );
});

test('of one Service it is told which two conflict', () => {
  const ranges = [{ family: 4, first: 1n, last: 2n }] as const;
  const [a, b, c] = [1, 1, 2].map((localPref, i) => advertisement({ name: 'abc'[i] ?? '', localPref, nodes: [] }));
  if (a === undefined || b === undefined || c === undefined) throw new Error('three');
  expect(findServiceConflict([a, b, c], { ranges })).toEqual({
    older: a,
    newer: c,
    message: "advertisements 'a' and 'c' have conflicting LOCAL_PREF (1 vs 2)",
  });
  expect(findServiceConflict([a, b], { ranges })).toBeUndefined();
  expect(findServiceConflict([a, c], { ranges: [] })).toBeUndefined();
});
