import { readFileSync } from 'node:fs';
import { parseConfiguration } from '@steelyard/config';
import { describe, expect, test } from 'vitest';
import {
  type Announcer,
  createAnnouncer,
  metalLbBgpReason,
  projectEndpointSlice,
  projectNode,
  projectServiceForAnnouncement,
} from '../src/index.ts';
import { BGP_CASES, type BgpCase, bgpCase } from './fixtures/bgp-cases.ts';

const sorted = (texts: Iterable<string>): string[] => [...texts].toSorted((a, b) => (a < b ? -1 : 1));

/** What MetalLB v0.16.1 does on one node. */
interface NodeAnswer {
  /** By Service: why it is not announced, nothing for one that is. */
  readonly reasons: readonly string[];
  /** By peers, commas between: all that they are told, before it is put together. `prefix LOCAL_PREF communities|…` */
  readonly told: Readonly<Record<string, string>>;
  /** By Service: the peers of its ServiceBGPStatus, commas between. */
  readonly peersFor: readonly string[];
}
/** By node; nothing where MetalLB takes no such configuration: its advertisements of one pool conflict. */
type Answer = Readonly<Record<string, NodeAnswer>> | null;

const answers = readFileSync(new URL('fixtures/metallb-bgp.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Answer => JSON.parse(line));

function announcerOf(asked: BgpCase, node: string): Announcer {
  const announcer = createAnnouncer({ node, ignoreExcludeLb: asked.Ignore });
  const { config } = parseConfiguration({
    ipAddressPools: asked.Pools,
    l2Advertisements: [],
    bgpAdvertisements: asked.BGPAdvs,
    bgpPeers: asked.Peers,
    communities: asked.Communities,
    nodes: asked.Nodes.flatMap((object) => projectNode(object) ?? []),
    nodeName: node,
  });
  announcer.step({ type: 'configChanged', config });
  for (const object of asked.Nodes) {
    const view = projectNode(object);
    if (view !== undefined) announcer.step({ type: 'nodeChanged', node: view });
  }
  for (const { Service, Slices } of asked.Services) {
    const service = projectServiceForAnnouncement(Service);
    if (service !== undefined) announcer.step({ type: 'serviceChanged', service });
    for (const object of Slices) {
      const slice = projectEndpointSlice(object);
      if (slice !== undefined) announcer.step({ type: 'sliceChanged', slice });
    }
  }
  announcer.step({ type: 'synced' });
  return announcer;
}

/** By peer and prefix, `64512:1,64512:1:2`: in no order that counts. */
type Told = Readonly<
  Record<string, { readonly localPrefs: readonly number[]; readonly communities: readonly string[] }>
>;

/** Puts together what a session of MetalLB is told, as its native mode does. */
function theirTold({ told }: NodeAnswer): Told {
  const merged: Record<string, { localPrefs: number[]; communities: string[] }> = {};
  for (const [peers, words] of Object.entries(told)) {
    for (const line of words === '' ? [] : words.split('|')) {
      const [prefix = '', localPref, communities = ''] = line.split(' ');
      for (const peer of peers.split(',')) {
        const own = merged[`${peer} ${prefix}`] ?? { localPrefs: [], communities: [] };
        merged[`${peer} ${prefix}`] = own;
        own.localPrefs.push(Number(localPref));
        own.communities.push(...(communities === '' ? [] : communities.split(',')));
      }
    }
  }
  return Object.fromEntries(
    Object.entries(merged).map(([key, { localPrefs, communities }]) => [
      key,
      { localPrefs: [...new Set(localPrefs)], communities: sorted(new Set(communities)) },
    ]),
  );
}

function ourTold(announcer: Announcer): Told {
  const told: Record<string, { localPrefs: number[]; communities: string[] }> = {};
  for (const { prefix, paths } of announcer.routes()) {
    for (const { peers, localPref, communities, largeCommunities } of paths) {
      const texts = [
        ...communities.map((community) => `${community >>> 16}:${community & 0xffff}`),
        ...largeCommunities.map((large) => `${large.globalAdministrator}:${large.localData1}:${large.localData2}`),
      ];
      for (const peer of peers) {
        expect(told[`${peer} ${prefix}`]).toBeUndefined(); // in one path only
        told[`${peer} ${prefix}`] = { localPrefs: [localPref ?? 0], communities: sorted(texts) };
      }
    }
  }
  return told;
}

describe('MetalLB', () => {
  const pairs = answers.flatMap((answer, number) => {
    const asked = bgpCase(number);
    return Object.entries(answer ?? {}).map(([node, theirs]) => ({
      at: `${number} ${node}`,
      asked,
      theirs,
      ours: announcerOf(asked, node),
    }));
  });

  test('was asked as often as there are cases, and often enough about what is announced and merged', () => {
    expect(answers).toHaveLength(BGP_CASES);
    expect(pairs.length).toBeGreaterThan(BGP_CASES);
    const reasons = pairs.flatMap(({ theirs }) => theirs.reasons);
    expect(reasons.filter((reason) => reason === '').length).toBeGreaterThan(BGP_CASES);
    expect(new Set(reasons).size).toBe(8);
    const words = pairs.flatMap(({ theirs }) => Object.values(theirTold(theirs)));
    expect(words.filter(({ communities }) => communities.length > 1).length).toBeGreaterThan(BGP_CASES);
    expect(words.filter(({ localPrefs }) => localPrefs.length > 1).length).toBeGreaterThan(20);
  });

  test('gives the same reasons', () => {
    const reasonsOf = (ours: Announcer, asked: BgpCase) =>
      asked.Services.map(({ Key }) => {
        const decision = ours.bgpDecisionOf(Key);
        if (decision === undefined) return 'undecided';
        return decision.eligible ? '' : metalLbBgpReason(decision.because);
      });
    const different = pairs
      .map(({ at, asked, theirs, ours }) => ({ at, theirs: theirs.reasons, ours: reasonsOf(ours, asked) }))
      .filter((each) => String(each.theirs) !== String(each.ours));
    expect(different).toEqual([]);
  });

  test('tells each peer of the same prefixes, with the same communities', () => {
    const communitiesOf = (told: Told) =>
      sorted(Object.entries(told).map(([key, { communities }]) => `${key} ${communities}`));
    for (const { theirs, ours } of pairs) {
      expect(communitiesOf(ourTold(ours))).toEqual(communitiesOf(theirTold(theirs)));
    }
  });

  test('tells the same LOCAL_PREF, or one of several as it happens where ours is told as a conflict', () => {
    for (const { theirs, ours } of pairs) {
      const conflicts = new Set(
        [...ours.localPrefConflicts()].flatMap(({ prefix, conflicts: found }) =>
          found.flatMap(({ peers }) => peers.map((peer) => `${peer} ${prefix}`)),
        ),
      );
      const told = ourTold(ours);
      for (const [key, { localPrefs }] of Object.entries(theirTold(theirs))) {
        expect(localPrefs).toContain(told[key]?.localPrefs[0]);
        expect(conflicts.has(key)).toBe(localPrefs.length > 1);
      }
    }
  });

  test('has the same peers in its ServiceBGPStatus', () => {
    for (const { asked, theirs, ours } of pairs) {
      expect(asked.Services.map(({ Key }) => ours.peersOf(Key).join())).toEqual(theirs.peersFor);
    }
  });
});
