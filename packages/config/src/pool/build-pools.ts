import { type AddressRange, findOverlaps, goQuote, parseAddressRange } from '@steelyard/ipam';
import { type Finding, type Problem, problemOf } from '../problem/problem.ts';
import { isEmptyRange, mixedRange } from './mixed-range.ts';
import type { Pool, PoolSource } from './pool.ts';
import { type NamespaceView, readServiceAllocation, type ServiceAllocationRule } from './service-allocation.ts';

/** What pools are built with. */
export interface PoolSurroundings {
  readonly namespaces: readonly NamespaceView[] | undefined;
  /** Pools of which only their list could not be read: they were there first. */
  readonly kept?: readonly Pool[] | undefined;
  readonly parity?: boolean | undefined;
}

/** What `buildPools` made of the sources. */
export interface BuiltPools {
  readonly pools: ReadonlyMap<string, Pool>;
  readonly problems: readonly Problem[];
  /** A pool was left out whole, because another has its name: what it held is in no pool. */
  readonly lostPools: boolean;
}

/**
 * Checks pools, the older first: of two that overlap or have one name, the one earlier in the list stands.
 *
 * @see MetalLB `internal/config/config.go`, `poolsFor`
 */
export function buildPools(sources: readonly PoolSource[], surroundings: PoolSurroundings): BuiltPools {
  const problems: Problem[] = [];
  let lostPools = false;
  const drafts = new Map<string, { readonly source?: PoolSource; readonly draft: Pool }>();
  const written = new Set(sources.map(({ name }) => name));
  for (const draft of surroundings.kept ?? []) {
    if (!written.has(draft.name)) {
      drafts.set(draft.name, { draft });
    }
  }
  for (const source of sources) {
    const { draft, found } = draftPool(source, surroundings);
    for (const problem of found) {
      problems.push(problem); // one by one: there may be more than a call takes arguments
    }
    if (drafts.has(source.name)) {
      lostPools = true;
      problems.push(
        problemOf(source.object, {
          field: source.nameField,
          value: source.name,
          code: 'ERR_CONFIG_DUPLICATE_POOL',
          message: `duplicate definition of pool ${goQuote(source.name)}`,
          remedy: 'give the second pool another name; until then only the first is in force',
        }),
      );
    } else {
      drafts.set(source.name, { source, draft });
    }
  }
  const overlaps = new Map(findOverlaps([...drafts.values()].map(({ draft }) => draft)).map((o) => [o.pool, o]));
  const pools = new Map<string, Pool>();
  for (const [name, { source, draft }] of drafts) {
    const overlap = overlaps.get(name);
    const problem =
      overlap &&
      source &&
      problemOf(source.object, {
        field: `${source.at}addresses`,
        value: draft.addresses,
        code: 'ERR_CONFIG_OVERLAP',
        message: overlap.message,
        remedy: `take the addresses out of one of the pools ${name} and ${overlap.definedIn}; until then the older stands`,
      });
    if (problem !== undefined) {
      problems.push(problem);
    }
    const invalid = draft.invalid ?? problem;
    pools.set(name, {
      ...draft,
      invalid,
      frozen: draft.frozen || invalid !== undefined,
    });
  }
  return { pools, problems, lostPools };
}

function draftPool(
  source: PoolSource,
  { namespaces, parity = false }: PoolSurroundings,
): { readonly draft: Pool; readonly found: readonly Problem[] } {
  const found: Problem[] = [];
  const report = (finding: Finding): void => {
    const message = `parsing address pool ${source.name}: ${finding.message}`;
    found.push(problemOf(source.object, { ...finding, message }));
  };
  source.findings.forEach(report);
  const written = Array.isArray(source.addresses) ? source.addresses : [];
  const texts = written.filter((text): text is string => typeof text === 'string');
  const addresses = parity ? texts.filter((text) => !isEmptyRange(text)) : texts;
  const ranges = texts.length > 0 ? readRanges(source, written, parity, report) : [];
  if (written.length === 0) {
    report({
      field: `${source.at}addresses`,
      value: source.addresses,
      code: 'ERR_CONFIG_NO_ADDRESSES',
      message: 'pool has no prefixes defined',
      remedy: 'name at least one CIDR or range',
    });
  }
  const allocation = readServiceAllocation(source.serviceAllocation, source.name, namespaces, report);
  const { serviceAllocation, autoAssign } = parity
    ? openedAsMetalLb(allocation, source.autoAssign)
    : { serviceAllocation: allocation, autoAssign: source.autoAssign };
  const invalid = found.find(({ severity }) => severity === 'error');
  return {
    found,
    draft: {
      name: source.name,
      object: source.object,
      labels: source.labels,
      addresses,
      ranges,
      autoAssign,
      avoidBuggyIps: source.avoidBuggyIps,
      serviceAllocation,
      protocol: source.protocol,
      l2Advertisements: [],
      bgpAdvertisements: [],
      invalid,
      frozen: invalid !== undefined || serviceAllocation?.namespaces === 'unknown',
      incomplete: ranges.length < written.length - (texts.length - addresses.length) || written.length === 0,
    },
  };
}

/**
 * Namespace selectors that match no namespace are forgotten by MetalLB: with Service selectors the pool serves what they
 * match in any namespace, without them whoever asks for it.
 *
 * @see MetalLB `internal/allocator/allocator.go`, `isCompatible`
 */
function openedAsMetalLb(
  rule: ServiceAllocationRule | undefined,
  autoAssign: boolean,
): { readonly serviceAllocation: ServiceAllocationRule | undefined; readonly autoAssign: boolean } {
  if (!(rule?.namespaces instanceof Set) || rule.namespaces.size > 0) {
    return { serviceAllocation: rule, autoAssign };
  }
  return {
    serviceAllocation: { ...rule, namespaces: 'any' },
    autoAssign: autoAssign && rule.serviceSelectors.length > 0,
  };
}

function readRanges(
  source: PoolSource,
  written: readonly unknown[],
  parity: boolean,
  report: (finding: Finding) => void,
): AddressRange[] {
  const ranges: AddressRange[] = [];
  for (const [i, text] of written.entries()) {
    if (typeof text !== 'string') {
      continue; // the schema's finding says so already
    }
    const range = parseAddressRange(text);
    if (range.ok) {
      ranges.push(range.value);
    } else {
      const taken = isEmptyRange(text);
      const why = mixedRange(text)?.refusal ?? range.failure.message;
      report({
        severity: taken && parity ? 'warning' : 'error',
        refusedByMetalLb: !taken,
        field: `${source.at}addresses[${i}]`,
        value: text,
        code: 'ERR_CONFIG_INVALID_RANGE',
        message: `invalid CIDR ${goQuote(text.slice(0, 256))} in pool ${goQuote(source.name)}: ${why}`,
        remedy:
          'write a CIDR such as 192.0.2.0/24 (192.0.2.1/32 for one address) or a range such as 192.0.2.10-192.0.2.20',
      });
    }
  }
  return ranges;
}
