import { parseCommunity } from '@steelyard/config';
import { describe, expect, test } from 'vitest';
import type { BgpPath } from './bgp-entry.ts';
import { type BgpLocalPrefConflict, type BgpOffer, mergePaths } from './merge-paths.ts';
import { sortedTexts } from './sorted-texts.ts';

const offer = (name: string, rest: Partial<BgpOffer> = {}, ...communities: string[]): BgpOffer => ({
  name,
  localPref: 0,
  peers: 'all',
  communities: communities.flatMap((text) => {
    const parsed = parseCommunity(text);
    return parsed.ok ? parsed.value : [];
  }),
  ...rest,
});
const path = (peers: string[], rest: Partial<BgpPath> = {}): BgpPath => ({
  peers,
  localPref: undefined,
  communities: [],
  largeCommunities: [],
  ...rest,
});
const community = (upper: number, lower: number) => upper * 65_536 + lower;
const large = (globalAdministrator: number, localData1: number, localData2: number) => ({
  globalAdministrator,
  localData1,
  localData2,
});

describe('what is offered for a prefix becomes', () => {
  test.for<[name: string, offers: BgpOffer[], paths: BgpPath[]]>([
    ['nothing, where nothing is offered', [], []],
    ['one path for all peers', [offer('a')], [path(['p', 'q', 'r'])]],
    ['one path for the peers that are named', [offer('a', { peers: ['r', 'p'] })], [path(['p', 'r'])]],
    ['nothing for names that no peer has', [offer('a', { peers: ['x'] })], []],
    [
      'communities of all advertisements together, each once and in order',
      [offer('a', {}, '65535:65281', '64512:2', '64512:1'), offer('b', {}, '64512:2', '64512:3')],
      [
        path(['p', 'q', 'r'], {
          communities: [community(64512, 1), community(64512, 2), community(64512, 3), 0xffff_ff01],
        }),
      ],
    ],
    [
      'large communities apart, in the order of their three numbers',
      [offer('a', {}, 'large:2:1:1', 'large:1:10:1'), offer('b', {}, 'large:1:9:2', 'large:1:9:1', 'large:2:1:1')],
      [
        path(['p', 'q', 'r'], {
          largeCommunities: [large(1, 9, 1), large(1, 9, 2), large(1, 10, 1), large(2, 1, 1)],
        }),
      ],
    ],
    [
      'a path for each set of peers that is told otherwise',
      [offer('a', { peers: ['p'] }, '64512:1'), offer('b', { peers: ['q'] }, '64512:2')],
      [path(['p'], { communities: [community(64512, 1)] }), path(['q'], { communities: [community(64512, 2)] })],
    ],
    [
      'one path for peers that are told the same by different advertisements',
      [offer('a', { peers: ['r'] }, '64512:1'), offer('b', { peers: ['p'] }, '64512:1')],
      [path(['p', 'r'], { communities: [community(64512, 1)] })],
    ],
    [
      'a LOCAL_PREF, which is none where it is 0',
      [offer('a', { localPref: 300, peers: ['p'] }), offer('b', { localPref: 0, peers: ['q'] })],
      [path(['p'], { localPref: 300 }), path(['q'])],
    ],
    [
      'the LOCAL_PREF of the first, with the communities of both',
      [offer('a', { localPref: 300 }, '64512:1'), offer('b', { localPref: 200 }, '64512:2')],
      [path(['p', 'q', 'r'], { localPref: 300, communities: [community(64512, 1), community(64512, 2)] })],
    ],
    [
      'the LOCAL_PREF of the second, for a peer that the first is not for',
      [offer('a', { localPref: 300, peers: ['q'] }), offer('b', { localPref: 200 })],
      [path(['p', 'r'], { localPref: 200 }), path(['q'], { localPref: 300 })],
    ],
  ])('%s', ([, offers, paths]) => {
    const merged = mergePaths(offers, ['p', 'q', 'r']);
    expect(merged.paths).toEqual(paths);
    expect(merged.peers).toEqual(sortedTexts(paths.flatMap(({ peers }) => peers)));
  });
});

describe('two that differ in LOCAL_PREF are', () => {
  const said = (advertisement: string, localPref: number) => ({ advertisement, localPref });
  test.for<[name: string, offers: BgpOffer[], conflicts: BgpLocalPrefConflict[]]>([
    [
      'no conflict where they are for other peers',
      [offer('a', { localPref: 1, peers: ['p'] }), offer('b', { localPref: 2, peers: ['q'] })],
      [],
    ],
    [
      'a conflict for the peers that both are for',
      [offer('a', { localPref: 1, peers: ['p', 'q'] }), offer('b', { localPref: 2, peers: ['q', 'r'] })],
      [{ kept: said('a', 1), dropped: said('b', 2), peers: ['q'] }],
    ],
    [
      'a conflict too where one gives none',
      [offer('a'), offer('b', { localPref: 100 })],
      [{ kept: said('a', 0), dropped: said('b', 100), peers: ['p', 'q', 'r'] }],
    ],
    [
      'told once for all peers, whatever else these are told',
      [offer('a', { localPref: 1 }), offer('b', { localPref: 2 }), offer('c', { localPref: 1, peers: ['q'] }, '1:1')],
      [{ kept: said('a', 1), dropped: said('b', 2), peers: ['p', 'q', 'r'] }],
    ],
    [
      'told each with the one that stands',
      [offer('a', { localPref: 1 }), offer('b', { localPref: 2 }), offer('c', { localPref: 3 })],
      [
        { kept: said('a', 1), dropped: said('b', 2), peers: ['p', 'q', 'r'] },
        { kept: said('a', 1), dropped: said('c', 3), peers: ['p', 'q', 'r'] },
      ],
    ],
  ])('%s', ([, offers, conflicts]) => {
    expect(mergePaths(offers, ['p', 'q', 'r']).conflicts).toEqual(conflicts);
  });
});
