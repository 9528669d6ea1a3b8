import { type AddressRange, findOverlaps, goQuote, parseAddressRange } from '@steelyard/ipam';
import type { ResolvedBgpAdvertisement } from '../bgp/bgp-advertisement.ts';
import {
  attachAdvertisements,
  type ParsedL2Advertisement,
  type ResolvedL2Advertisement,
} from '../layer2/l2-advertisement.ts';
import { type Finding, type ObjectReference, type Problem, problemOf } from '../problem/problem.ts';
import {
  admitsService,
  type NamespaceView,
  readServiceAllocation,
  type ServiceAllocationRule,
  type ServiceIdentity,
} from './service-allocation.ts';

/** What announces the addresses of a pool of the old ConfigMap. */
export type LegacyProtocol = 'layer2' | 'bgp';

/** A pool of addresses, checked. */
export interface Pool {
  readonly name: string;
  readonly object: ObjectReference;
  readonly labels: ReadonlyMap<string, string>;
  /** As written, in order. Those that cannot be read are here too; `ranges` has the others. */
  readonly addresses: readonly string[];
  readonly ranges: readonly AddressRange[];
  readonly autoAssign: boolean;
  readonly avoidBuggyIps: boolean;
  readonly serviceAllocation?: ServiceAllocationRule | undefined;
  /** Only in the old ConfigMap; `unknown` if it names one that does not exist. */
  readonly protocol?: LegacyProtocol | 'unknown' | undefined;
  /** What announces the pool at layer 2. */
  readonly l2Advertisements: readonly ResolvedL2Advertisement[];
  /** What announces the pool by BGP, the older first. */
  readonly bgpAdvertisements: readonly ResolvedBgpAdvertisement[];
  /** The first error in the pool. */
  readonly invalid?: Problem | undefined;
  /**
   * Nothing new is given from the pool, and whoever holds an address from it keeps it: the pool is invalid, or whom it
   * admits is not known yet.
   */
  readonly frozen: boolean;
  /** Some of its addresses could not be read: a holder's address may be one of them though no range has it. */
  readonly incomplete: boolean;
}

/** A pool as it was found in an object, with nothing checked but the types of its fields. */
export interface PoolSource {
  readonly object: ObjectReference;
  /** Where its fields stand: `spec.`, or `address-pools[0].`. */
  readonly at: string;
  readonly nameField: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly addresses: unknown;
  readonly autoAssign: boolean;
  readonly avoidBuggyIps: boolean;
  readonly serviceAllocation: unknown;
  readonly protocol?: LegacyProtocol | 'unknown';
  /** What is known to be wrong already. */
  readonly findings: readonly Finding[];
}

/** Whether a Service may be given a new address from a pool. */
export function mayAllocateFrom(pool: Pool, service: ServiceIdentity): boolean {
  return !pool.frozen && admitsService(pool.serviceAllocation, service);
}

/** Whether a Service may keep an address that it has from a pool. */
export function mayHoldFrom(pool: Pool, service: ServiceIdentity): boolean {
  return pool.frozen || admitsService(pool.serviceAllocation, service);
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
export function buildPools(
  sources: readonly PoolSource[],
  namespaces: readonly NamespaceView[] | undefined,
  advertisements: readonly ParsedL2Advertisement[],
): BuiltPools {
  const problems: Problem[] = [];
  let lostPools = false;
  const drafts = new Map<string, { source: PoolSource; draft: Pool }>();
  for (const source of sources) {
    const { draft, found } = draftPool(source, namespaces);
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
  const attached = attachAdvertisements(
    advertisements,
    [...drafts.values()].map(({ draft }) => draft),
  );
  const pools = new Map<string, Pool>();
  for (const [name, { source, draft }] of drafts) {
    const overlap = overlaps.get(name);
    const problem =
      overlap &&
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
      l2Advertisements: attached.get(name) ?? [],
    });
  }
  return { pools, problems, lostPools };
}

function draftPool(
  source: PoolSource,
  namespaces: readonly NamespaceView[] | undefined,
): { readonly draft: Pool; readonly found: readonly Problem[] } {
  const found: Problem[] = [];
  const report = (finding: Finding): void => {
    const message = `parsing address pool ${source.name}: ${finding.message}`;
    found.push(problemOf(source.object, { ...finding, message }));
  };
  source.findings.forEach(report);
  const written = Array.isArray(source.addresses) ? source.addresses : [];
  const addresses = written.filter((text): text is string => typeof text === 'string');
  const ranges = addresses.length > 0 ? readRanges(source, written, report) : [];
  if (written.length === 0) {
    report({
      field: `${source.at}addresses`,
      value: source.addresses,
      code: 'ERR_CONFIG_NO_ADDRESSES',
      message: 'pool has no prefixes defined',
      remedy: 'name at least one CIDR or range',
    });
  }
  const serviceAllocation = readServiceAllocation(source.serviceAllocation, source.name, namespaces, report);
  const invalid = found.find(({ severity }) => severity === 'error');
  return {
    found,
    draft: {
      name: source.name,
      object: source.object,
      labels: source.labels,
      addresses,
      ranges,
      autoAssign: source.autoAssign,
      avoidBuggyIps: source.avoidBuggyIps,
      serviceAllocation,
      protocol: source.protocol,
      l2Advertisements: [],
      bgpAdvertisements: [],
      invalid,
      frozen: invalid !== undefined || serviceAllocation?.namespaces === 'unknown',
      incomplete: ranges.length < written.length || written.length === 0,
    },
  };
}

function readRanges(
  source: PoolSource,
  written: readonly unknown[],
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
      report({
        field: `${source.at}addresses[${i}]`,
        value: text,
        code: 'ERR_CONFIG_INVALID_RANGE',
        message: `invalid CIDR ${goQuote(text.slice(0, 256))} in pool ${goQuote(source.name)}: ${range.failure.message}`,
        remedy:
          'write a CIDR such as 192.0.2.0/24 (192.0.2.1/32 for one address) or a range such as 192.0.2.10-192.0.2.20',
      });
    }
  }
  return ranges;
}
