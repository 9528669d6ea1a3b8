import type { AddressRange } from '@steelyard/ipam';
import type { ResolvedBgpAdvertisement } from '../bgp/bgp-advertisement.ts';
import type { ResolvedL2Advertisement } from '../layer2/l2-advertisement.ts';
import type { Finding, ObjectReference, Problem } from '../problem/problem.ts';
import { admitsService, type ServiceAllocationRule, type ServiceIdentity } from './service-allocation.ts';

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
