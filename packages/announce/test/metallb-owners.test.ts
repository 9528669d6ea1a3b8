import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseConfiguration } from '@steelyard/config';
import { elect } from '@steelyard/election';
import { describe, expect, test } from 'vitest';
import {
  decideForNode,
  decideLayer2,
  mergeEndpointSlices,
  metalLbReason,
  projectEndpointSlice,
  projectNode,
  projectServiceForAnnouncement,
} from '../src/index.ts';
import { CASES, type OwnerCase, ownerCase, POOL_ADDRESSES } from './fixtures/owner-cases.ts';

/**
 * By node: why MetalLB v0.16.1 does not announce from there, nothing for the one that does; a colon; where it would: `all`,
 * names with commas between, or nothing.
 */
type Answer = Readonly<Record<string, string>>;

const POOL = { metadata: { name: 'pool' }, spec: { addresses: POOL_ADDRESSES } };
const sha256 = (octets: Uint8Array): Uint8Array => createHash('sha256').update(octets).digest();
const answers = readFileSync(new URL('fixtures/metallb-owners.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Answer => JSON.parse(line));

/** What we do on each node, in MetalLB's words. */
function ourAnswer(asked: OwnerCase): Answer {
  const nodes = asked.Nodes.flatMap((object) => projectNode(object) ?? []);
  const service = projectServiceForAnnouncement(asked.Service);
  if (service === undefined) {
    throw new Error('the Service has a name');
  }
  const decision = decideLayer2({
    service,
    endpoints: mergeEndpointSlices(asked.Slices.flatMap((object) => projectEndpointSlice(object) ?? [])),
    nodes: new Map(nodes.map((node) => [node.name, node])),
    config: parseConfiguration({ ipAddressPools: [POOL], l2Advertisements: asked.L2Advs }).config,
    options: { ignoreExcludeLb: asked.Ignore },
  });
  const members = asked.Members === undefined ? 'unknown' : new Set(asked.Members);
  return Object.fromEntries(
    nodes.map(({ name }) => {
      if (!decision.eligible) {
        return [name, `${metalLbReason(decision.because)}:`];
      }
      const own = decideForNode(decision, name);
      if (!own.candidate) {
        return [name, `${own.because === 'NoServingEndpointOnNode' ? 'notOwner' : metalLbReason(own.because)}:`];
      }
      const { candidates, electionAddress: address } = decision;
      const wins = elect({ candidates, members, address, sha256 }).owner === name;
      return [name, `${wins ? '' : 'notOwner'}:${own.interfaces}`];
    }),
  );
}

describe('MetalLB', () => {
  const pairs = answers.map((theirs, number) => ({ number, theirs, ours: ourAnswer(ownerCase(number)) }));
  const ownersOf = (answer: Answer) => Object.entries(answer).filter(([, words]) => words.startsWith(':'));
  const reasonOf = (words: string | undefined) => words?.split(':')[0];

  test('was asked as often as there are cases, and often enough about what is announced', () => {
    expect(answers).toHaveLength(CASES);
    const announced = answers.filter((answer) => ownersOf(answer).length > 0);
    expect(announced.length).toBeGreaterThan(CASES / 4);
    const several = announced.filter((answer) => Object.keys(answer).length > 2);
    expect(several.length).toBeGreaterThan(CASES / 8);
  });

  test('has the same owner of each, and announces on the same interfaces', () => {
    const different = pairs.filter(({ theirs, ours }) => String(ownersOf(theirs)) !== String(ownersOf(ours)));
    expect(different).toEqual([]);
  });

  test('has one owner or none, as we do', () => {
    expect(pairs.filter(({ theirs, ours }) => ownersOf(theirs).length > 1 || ownersOf(ours).length > 1)).toEqual([]);
  });

  test('gives the same reasons, but for a node that is not advertised from where nobody can announce', () => {
    const different = pairs.flatMap(({ theirs, ours }) =>
      Object.entries(theirs).filter(([name, words]) => reasonOf(ours[name]) !== reasonOf(words)),
    );
    expect(new Set(different.map(([, words]) => reasonOf(words)))).toEqual(new Set(['noMatchingAdvertisement']));
  });
});
