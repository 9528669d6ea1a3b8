import { type AddressRange, cidrsOf } from './address/address-range.ts';

/** How full a pool is; exact at any size. */
export interface PoolCounters {
  readonly assignedIpv4: bigint;
  readonly assignedIpv6: bigint;
  readonly availableIpv4: bigint;
  readonly availableIpv6: bigint;
  readonly capacityIpv4: bigint;
  readonly capacityIpv6: bigint;
  /** One of its CIDRs has 62 host bits or more: MetalLB counts that as the greatest int64. */
  readonly vastIpv6: boolean;
}

/** What a pool's status and metrics show: never above the greatest int64, never below zero. Named as in the object. */
export interface PoolStatusCounters {
  readonly assignedIPv4: bigint;
  readonly assignedIPv6: bigint;
  readonly availableIPv4: bigint;
  readonly availableIPv6: bigint;
}

/** The same with what is only a metric. */
export interface PoolInt64Counters extends PoolStatusCounters {
  readonly capacityIPv4: bigint;
  readonly capacityIPv6: bigint;
  /** Of both families together. */
  readonly capacity: bigint;
}

/** The greatest value of the int64 fields of `IPAddressPool.status`. */
export const MAX_INT64: bigint = 2n ** 63n - 1n;
const VAST: bigint = 2n ** 62n;

/** Whether MetalLB takes a range for one that never runs out: one of the CIDRs that it consists of has 62 host bits. */
export function isVast(range: AddressRange): boolean {
  return range.last - range.first + 1n >= VAST && cidrsOf(range).some(({ first, last }) => last - first + 1n >= VAST);
}

function saturated(value: bigint): bigint {
  return value > MAX_INT64 ? MAX_INT64 : value < 0n ? 0n : value;
}

/**
 * The counters of a pool as an int64 can show them: what MetalLB would say where it does not overflow.
 *
 * A capacity that is vast is the greatest int64, and what is assigned is subtracted from that; where MetalLB's sum
 * wraps around (a vast CIDR before another one), this one stays at the greatest.
 *
 * @see MetalLB `internal/allocator/allocator.go`, `poolCount` and `updatePoolStats`
 */
export function poolInt64Counters(counters: PoolCounters): PoolInt64Counters {
  const capacityIPv4 = saturated(counters.capacityIpv4);
  const capacityIPv6 = counters.vastIpv6 ? MAX_INT64 : saturated(counters.capacityIpv6);
  // What cannot be given out is not available, however large the pool is: it is frozen.
  const frozen = counters.availableIpv4 + counters.availableIpv6 === 0n;
  return {
    assignedIPv4: saturated(counters.assignedIpv4),
    assignedIPv6: saturated(counters.assignedIpv6),
    availableIPv4: saturated(counters.availableIpv4),
    availableIPv6: frozen ? 0n : saturated(capacityIPv6 - counters.assignedIpv6),
    capacityIPv4,
    capacityIPv6,
    capacity: saturated(capacityIPv4 + capacityIPv6),
  };
}

/** The counters of a pool as `IPAddressPool.status` shows them; see {@link poolInt64Counters}. */
export function poolStatusCounters(counters: PoolCounters): PoolStatusCounters {
  const { assignedIPv4, assignedIPv6, availableIPv4, availableIPv6 } = poolInt64Counters(counters);
  return { assignedIPv4, assignedIPv6, availableIPv4, availableIPv6 };
}
