import { parseIp } from '@steelyard/ipam';
import type { ParsedBfdProfile } from './bgp/bfd-profile.ts';
import type { ParsedBgpAdvertisement } from './bgp/bgp-advertisement.ts';
import type { ParsedBgpPeer } from './bgp/bgp-peer.ts';
import type { BgpCommunity } from './bgp/community.ts';
import type { OutOfForce } from './bgp/out-of-force.ts';
import type { ParsedL2Advertisement, ResolvedL2Advertisement } from './layer2/l2-advertisement.ts';
import type { Pool } from './pool/pool.ts';
import { createRangeIndex, type RangeIndex } from './pool/range-index.ts';
import type { ConfigurationScope } from './problem/problem.ts';

/**
 * How much may be concluded from what is *not* in a configuration.
 *
 * - `complete`: everything that was written is here. An address in no pool belongs to none.
 * - `partial`: some pools could not be read, or only in part (`Pool.incomplete`). An address in no pool may be one of
 *   theirs: who holds it keeps it and it stays announced; nothing is concluded from its absence.
 * - `unknown`: nothing could be read (a ConfigMap that is no YAML, a list that failed). A configuration that was in
 *   force before stays in force (`configurationInForce`). After a restart there is none: nobody loses an address,
 *   nobody gets one, and what Services hold is announced by `unplacedL2Advertisements`.
 */
export type Completeness = 'complete' | 'partial' | 'unknown';

/** The configuration in force: whatever was valid in the objects. */
export interface ParsedConfig {
  readonly source: 'crds' | 'legacy' | 'none' | 'unknown';
  readonly completeness: Completeness;
  /** By name, in order of precedence: the older pool first. */
  readonly pools: ReadonlyMap<string, Pool>;
  readonly l2Advertisements: readonly ParsedL2Advertisement[];
  /**
   * What announces an address that somebody holds and that belongs to a pool which cannot be read. Of the old
   * ConfigMap this is layer 2 from every node: it knows no other restriction. Else nothing.
   */
  readonly unplacedL2Advertisements: readonly ResolvedL2Advertisement[];
  /** By name. Of a speaker that knows its node only those for this node. */
  readonly bgpPeers: ReadonlyMap<string, ParsedBgpPeer>;
  /** The older first. Of a speaker that knows its node only those for this node. */
  readonly bgpAdvertisements: readonly ParsedBgpAdvertisement[];
  /** By name. */
  readonly bfdProfiles: ReadonlyMap<string, ParsedBfdProfile>;
  /** By alias. */
  readonly communities: ReadonlyMap<string, BgpCommunity>;
  /** Kinds of which not all is known, because their list failed: nothing follows from what is absent of them. */
  readonly unknownKinds: ReadonlySet<string>;
  /** What is wrong, and not known from before: nothing follows from that it is not in force. */
  readonly outOfForce: OutOfForce;
  /** Whether MetalLB's own process, in the same mode, would take all that it reads of this. */
  readonly acceptedBy: Readonly<Record<ConfigurationScope, boolean>>;
  /**
   * MetalLB's counterpart of the reader would take all of this. If not, it keeps what it had before or, after a restart, does nothing: beside its
   * speakers only a configuration that is accepted may be acted on, so that all elect alike.
   */
  readonly acceptedByMetalLb: boolean;
}

/** Where the addresses that a Service holds belong. */
export type Placement =
  /** All are in this pool, or may be since not all of it could be read and the Service says that they came from it. */
  | { readonly kind: 'pool'; readonly pool: Pool }
  /** In no range, but perhaps in a part that cannot be read: of `pool`, if any pool is there in part. They are kept. */
  | { readonly kind: 'unplaced'; readonly pool: Pool | undefined }
  /** No single pool has them. */
  | { readonly kind: 'none' };

interface PoolIndex {
  readonly inForce: RangeIndex<Pool>;
  readonly frozen: RangeIndex<Pool>;
}

/** Made once for each configuration, when it is first asked. */
const indexes = new WeakMap<ParsedConfig, PoolIndex>();

/**
 * Finds the pool of the addresses that a Service holds: first the frozen pool that they came from, then the one in
 * force that has them, then a frozen one that has them, then the one that they came from if not all of it could be
 * read, then whatever could not be read. The same as `@steelyard/ipam` judges addresses on record.
 *
 * @param addresses - IP addresses in any spelling.
 * @param allocatedFrom - The pool that the annotation `metallb.io/ip-allocated-from-pool` names, if any.
 */
export function placeAddresses(
  config: ParsedConfig,
  addresses: readonly string[],
  allocatedFrom?: string | undefined,
): Placement {
  const index = indexOf(config);
  const named = allocatedFrom === undefined ? undefined : config.pools.get(allocatedFrom);
  const parsed = addresses.map(parseIp);
  const inForce = parsed.map((address) => address && index.inForce.find(address));
  const frozen = onlyOne(parsed.map((address) => address && index.frozen.find(address)));
  const seen = frozen !== undefined && frozen === named ? named : (onlyOne(inForce) ?? frozen);
  if (seen !== undefined) {
    return { kind: 'pool', pool: seen };
  }
  if (named?.incomplete === true) {
    return { kind: 'pool', pool: named };
  }
  if (config.completeness === 'complete' || inForce.some((pool) => pool !== undefined)) {
    return { kind: 'none' };
  }
  return { kind: 'unplaced', pool: [...config.pools.values()].find(({ incomplete }) => incomplete) };
}

/**
 * The configuration to act on when a new one was read: the new one, unless nothing in it could be read and there is
 * one to keep.
 */
export function configurationInForce(previous: ParsedConfig | undefined, next: ParsedConfig): ParsedConfig {
  return next.completeness === 'unknown' && previous !== undefined ? previous : next;
}

function indexOf(config: ParsedConfig): PoolIndex {
  let index = indexes.get(config);
  if (index === undefined) {
    const rangesOf = (frozen: boolean) =>
      createRangeIndex(
        [...config.pools.values()]
          .filter((pool) => pool.frozen === frozen)
          .flatMap((owner) => owner.ranges.map((range) => ({ range, owner }))),
      );
    index = { inForce: rangesOf(false), frozen: rangesOf(true) };
    indexes.set(config, index);
  }
  return index;
}

function onlyOne(pools: readonly (Pool | undefined)[]): Pool | undefined {
  return pools.every((pool) => pool === pools[0]) ? pools[0] : undefined;
}
