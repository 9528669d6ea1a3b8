import { readFileSync } from 'node:fs';
import { cidrsOf, formatCidr } from '@steelyard/ipam';
import { describe, expect, test } from 'vitest';
import { advertisesFromNode, type ParsedConfig, parseConfiguration } from '../src/index.ts';

/** One configuration, and what MetalLB v0.16.1 made of it: see fixtures/metallb-verdicts.mjs. */
interface Verdict {
  readonly configured: {
    readonly Pools: readonly unknown[];
    readonly L2Advs: readonly unknown[];
    readonly Nodes: readonly {
      readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
    }[];
    readonly Namespaces: readonly {
      readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
    }[];
  };
  readonly verdict: { readonly Error: string; readonly Pools: Readonly<Record<string, VerdictPool>> };
}
interface VerdictPool {
  readonly CIDRs: readonly string[];
  readonly AutoAssign: boolean;
  readonly Buggy: boolean;
  readonly Namespaces: readonly string[];
  readonly Ads: readonly {
    readonly Nodes: readonly string[];
    readonly Interfaces: readonly string[];
    readonly All: boolean;
  }[];
}

const verdicts = readFileSync(new URL('fixtures/metallb-verdicts.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line): Verdict => JSON.parse(line));
const parse = ({ configured }: Verdict) =>
  parseConfiguration({
    ipAddressPools: configured.Pools,
    l2Advertisements: configured.L2Advs,
    namespaces: configured.Namespaces.map(({ metadata }) => metadata),
  });

/** Our pools in the words of the verdict. */
function poolsOf(config: ParsedConfig, { configured }: Verdict): Record<string, VerdictPool> {
  const entries = [...config.pools].map(([name, pool]): [string, VerdictPool] => {
    const namespaces = pool.serviceAllocation?.namespaces;
    const advertisements = pool.l2Advertisements.map((advertisement) => ({
      Nodes: configured.Nodes.filter(({ metadata }) => advertisesFromNode(advertisement, metadata.labels)).map(
        ({ metadata }) => metadata.name,
      ),
      Interfaces:
        advertisement.interfaces === 'all' ? [] : [...advertisement.interfaces].toSorted((a, b) => (a < b ? -1 : 1)),
      All: advertisement.interfaces === 'all',
    }));
    return [
      name,
      {
        CIDRs: pool.ranges.flatMap((range) => cidrsOf(range).map(formatCidr)),
        AutoAssign: pool.autoAssign,
        Buggy: pool.avoidBuggyIps,
        Namespaces: namespaces instanceof Set ? [...namespaces].toSorted((a, b) => (a < b ? -1 : 1)) : [],
        Ads: distinct(advertisements),
      },
    ];
  });
  return Object.fromEntries(entries);
}

/** Sorted, and without those that cannot be told apart by nodes and interfaces. */
function distinct<T>(items: readonly T[]): readonly T[] {
  const texts = [...new Set(items.map((item) => JSON.stringify(item)))].toSorted((a, b) => (a < b ? -1 : 1));
  return texts.map((text): T => JSON.parse(text));
}

describe('MetalLB', () => {
  test(`takes and refuses the same of ${verdicts.length} configurations`, () => {
    const ours = verdicts.map((verdict) => parse(verdict).config.acceptedByMetalLb);
    expect(ours).toEqual(verdicts.map(({ verdict }) => verdict.Error === ''));
    expect(ours.filter(Boolean).length).toBeGreaterThan(50);
  });

  test.for(verdicts.filter(({ verdict }) => verdict.Error === ''))('makes the same of %#', (verdict) => {
    const theirs = Object.entries(verdict.verdict.Pools).map(([name, pool]) => [
      name,
      { ...pool, Ads: distinct(pool.Ads) },
    ]);
    expect(poolsOf(parse(verdict).config, verdict)).toEqual(Object.fromEntries(theirs));
  });

  test.for(verdicts.filter(({ verdict }) => verdict.Error !== ''))(
    'says of %# what we say, among other things',
    (verdict) => {
      const messages = parse(verdict).problems.map(({ message }) => message);
      expect(messages.join('\n')).toContain(verdict.verdict.Error.replaceAll('\n', ': '));
    },
  );
});
