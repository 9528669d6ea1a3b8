import { type AddressRange, cidrsOf, type Family, parseAddressRange } from '@steelyard/ipam';
import { type AdvertisedPool, attachToPools } from '../advertisement/attach.ts';
import { selectsNode } from '../advertisement/reach.ts';
import type { NodeView } from '../configuration-input.ts';
import { compareTexts } from '../objects/compare-texts.ts';
import { type Finding, type Problem, problemOf } from '../problem/problem.ts';
import type { ParsedBgpAdvertisement, ResolvedBgpAdvertisement } from './bgp-advertisement.ts';
import { findLocalPrefConflicts } from './local-pref-conflicts.ts';

/** What attaching needs to know of a pool. */
export interface BgpAdvertisedPool extends AdvertisedPool {
  /** As written: each entry is judged by itself. */
  readonly addresses: readonly string[];
}

/** Which advertisements announce which pool. */
export interface AttachedBgpAdvertisements {
  /** By the name of the pool; the older first. */
  readonly byPool: ReadonlyMap<string, readonly ResolvedBgpAdvertisement[]>;
  readonly problems: readonly Problem[];
}

/** The entry of a pool that allows the least aggregation: that whose largest block is the smallest. */
interface Tightest {
  readonly prefixLength: number;
  readonly address: string;
}

/** As many problems of one advertisement as are looked for: more than anybody is told. */
const MAX_PROBLEMS_OF_AN_ADVERTISEMENT = 100;

/**
 * Finds the BGP advertisements of each pool. One whose aggregation length does not fit a pool, or that conflicts there
 * with an older one, is not attached to that pool, and to all others it is.
 *
 * @param advertisements - The older first.
 * @param nodes - All Nodes; without them two advertisements are only found to meet if both are for all nodes.
 * @see MetalLB `internal/config/config.go`, `setBGPAdvertisementsToPools` and `validateBGPAdvPerPool`
 */
export function attachBgpAdvertisements(
  advertisements: readonly ParsedBgpAdvertisement[],
  pools: readonly BgpAdvertisedPool[],
  nodes: readonly NodeView[] | undefined,
): AttachedBgpAdvertisements {
  const problems: Problem[] = [];
  const told = new Map<ResolvedBgpAdvertisement, number>();
  const objectOf = new Map(advertisements.map(({ resolved, object }) => [resolved, object]));
  const report = (advertisement: ResolvedBgpAdvertisement, find: () => Finding): void => {
    const count = (told.get(advertisement) ?? 0) + 1;
    told.set(advertisement, count);
    const object = objectOf.get(advertisement);
    if (object !== undefined && count <= MAX_PROBLEMS_OF_AN_ADVERTISEMENT) {
      problems.push(problemOf(object, find()));
    }
  };
  const judge = rememberJudgements(rememberNodes(nodes));
  const byPool = new Map<string, readonly ResolvedBgpAdvertisement[]>();
  const poolByName = new Map(pools.map((pool) => [pool.name, pool]));
  for (const [name, attached] of attachToPools(advertisements, pools)) {
    const pool = poolByName.get(name);
    if (attached.length === 0 || pool === undefined) {
      byPool.set(name, []);
      continue;
    }
    const tightest = tightestOf(pool.addresses);
    const { fitting, misfits, conflicts } = judge(attached, tightest);
    for (const [advertisement, family] of misfits) {
      report(advertisement, () => misfit(advertisement, family, tightest.get(family), name));
    }
    for (const [newer, older] of conflicts) {
      report(newer, () => localPrefConflict(newer, older, name));
    }
    byPool.set(name, fitting);
  }
  return { byPool, problems };
}

function misfit(
  { aggregationLength, aggregationLengthV6 }: ResolvedBgpAdvertisement,
  family: Family,
  { prefixLength, address }: Tightest = { prefixLength: 0, address: '' },
  pool: string,
): Finding {
  const length = family === 4 ? aggregationLength : aggregationLengthV6;
  return {
    field: family === 4 ? 'spec.aggregationLength' : 'spec.aggregationLengthV6',
    value: length,
    code: 'ERR_CONFIG_CONFLICT',
    message: `invalid aggregation length ${length}: prefix ${prefixLength} in this pool is more specific than the aggregation length for addresses ${address}`,
    remedy: `write ${prefixLength} or more; until then the pool ${pool} is not announced by it`,
  };
}

function localPrefConflict(newer: ResolvedBgpAdvertisement, older: ResolvedBgpAdvertisement, pool: string): Finding {
  return {
    field: 'spec.localPref',
    value: newer.localPref,
    code: 'ERR_CONFIG_CONFLICT',
    message: `invalid local preference ${newer.localPref}: local preferernce ${older.localPref} was already set for the same type of BGP update. Check existing BGP advertisements with common pools and aggregation lengths`,
    remedy: `give it the localPref of ${older.name}, or other peers or nodes; until then the pool ${pool} is announced by ${older.name}`,
  };
}

function tightestOf(addresses: readonly string[]): ReadonlyMap<Family, Tightest> {
  const tightest = new Map<Family, Tightest>();
  for (const address of addresses) {
    const range = parseAddressRange(address);
    if (range.ok) {
      const prefixLength = largestBlockOf(range.value);
      const { family } = range.value;
      if (prefixLength > (tightest.get(family)?.prefixLength ?? -1)) {
        tightest.set(family, { prefixLength, address });
      }
    }
  }
  return tightest;
}

function largestBlockOf(range: AddressRange): number {
  return cidrsOf(range).reduce((least, { prefixLength }) => Math.min(least, prefixLength), 128);
}

/** Where it is not known which nodes there are, all of them count as one. */
function rememberNodes(
  nodes: readonly NodeView[] | undefined,
): (advertisement: ResolvedBgpAdvertisement) => readonly string[] {
  const found = new Map<ResolvedBgpAdvertisement, readonly string[]>();
  const inOrder = [...(nodes ?? [])].sort((a, b) => compareTexts(a.name, b.name));
  return (advertisement) => {
    let own = found.get(advertisement);
    if (own === undefined) {
      own =
        nodes === undefined
          ? ['all'].slice(advertisement.nodeSelectors.length)
          : inOrder.filter(({ labels }) => selectsNode(advertisement, labels)).map(({ name }) => name);
      found.set(advertisement, own);
    }
    return own;
  };
}

/** What is said of the advertisements of a pool. It is the same for all pools of the same shape. */
interface Judgement {
  /** What announces the pool. */
  readonly fitting: readonly ResolvedBgpAdvertisement[];
  readonly misfits: ReadonlyMap<ResolvedBgpAdvertisement, Family>;
  readonly conflicts: ReadonlyMap<ResolvedBgpAdvertisement, ResolvedBgpAdvertisement>;
}

/** Many pools have the same advertisements and the same smallest blocks: what follows is found once. */
function rememberJudgements(
  nodesOf: (advertisement: ResolvedBgpAdvertisement) => readonly string[],
): (attached: readonly ParsedBgpAdvertisement[], tightest: ReadonlyMap<Family, Tightest>) => Judgement {
  const found = new WeakMap<readonly ParsedBgpAdvertisement[], Map<string, Judgement>>();
  return (attached, tightest) => {
    const own = found.get(attached) ?? new Map<string, Judgement>();
    found.set(attached, own);
    const [v4, v6] = [tightest.get(4)?.prefixLength, tightest.get(6)?.prefixLength];
    const key = `${v4} ${v6}`;
    let judgement = own.get(key);
    if (judgement === undefined) {
      const misfits = new Map<ResolvedBgpAdvertisement, Family>();
      for (const { resolved } of attached) {
        if (v4 !== undefined && resolved.aggregationLength < v4) {
          misfits.set(resolved, 4);
        } else if (v6 !== undefined && resolved.aggregationLengthV6 < v6) {
          misfits.set(resolved, 6);
        }
      }
      const sized = attached.map(({ resolved }) => resolved).filter((resolved) => !misfits.has(resolved));
      const judged = sized.filter(({ serviceSelectors }) => serviceSelectors.length === 0); // else a speaker judges
      const conflicts = findLocalPrefConflicts(judged, { v4: v4 !== undefined, v6: v6 !== undefined }, nodesOf);
      judgement = { fitting: sized.filter((resolved) => !conflicts.has(resolved)), misfits, conflicts };
      own.set(key, judgement);
    }
    return judgement;
  };
}
