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

/** A Service with its surroundings, and what MetalLB v0.16.1 does on each node: see fixtures/metallb-owners.mjs. */
interface Answer {
  readonly asked: {
    readonly L2Advs: readonly unknown[];
    readonly Nodes: readonly unknown[];
    readonly Service: unknown;
    readonly Slices: readonly unknown[];
    readonly Ignore: boolean;
  };
  /** By node: why it does not announce; empty for the one that does. */
  readonly reasons: Readonly<Record<string, string>>;
}

const POOL = { metadata: { name: 'pool' }, spec: { addresses: ['192.0.2.0/24', '2001:db8::/64'] } };
const sha256 = (octets: Uint8Array): Uint8Array => createHash('sha256').update(octets).digest();
const answers = readFileSync(new URL('fixtures/metallb-owners.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Answer => JSON.parse(line));

/** What we do on each node, in MetalLB's words. */
function reasonsOf({ asked }: Answer): Record<string, string> {
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
  const reason = (name: string): string => {
    if (!decision.eligible) {
      return metalLbReason(decision.because);
    }
    const own = decideForNode(decision, name);
    if (!own.candidate) {
      return own.because === 'NoServingEndpointOnNode' ? 'notOwner' : metalLbReason(own.because);
    }
    const { candidates, electionAddress: address } = decision;
    return elect({ candidates, members: 'unknown', address, sha256 }).owner === name ? '' : 'notOwner';
  };
  return Object.fromEntries(nodes.map(({ name }) => [name, reason(name)]));
}

describe('MetalLB', () => {
  test.for(answers)('has the same owner of %#', (answer) => {
    const owner = (reasons: Readonly<Record<string, string>>) =>
      Object.keys(reasons).find((name) => reasons[name] === '');
    expect(owner(reasonsOf(answer))).toBe(owner(answer.reasons));
  });

  test('gives the same reasons, but for a node that is not advertised from where nobody can announce', () => {
    const different = answers.flatMap((answer) => {
      const ours = reasonsOf(answer);
      return Object.entries(answer.reasons).filter(([name, reason]) => ours[name] !== reason);
    });
    expect(new Set(different.map(([, reason]) => reason))).toEqual(new Set(['noMatchingAdvertisement']));
  });

  test('was asked about enough that is announced', () => {
    expect(answers.filter(({ reasons }) => Object.values(reasons).includes('')).length).toBeGreaterThan(50);
  });
});
