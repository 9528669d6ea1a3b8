/** What a pool counts, named as `IPAddressPool.status` shows it; what `poolStatusCounters` of `@steelyard/ipam` makes fits. */
export type PoolCounters = PoolStatus;

/** The status as the API has it: all int64, all required. */
export interface PoolStatus {
  readonly assignedIPv4: bigint;
  readonly assignedIPv6: bigint;
  readonly availableIPv4: bigint;
  readonly availableIPv6: bigint;
}

const FIELDS = ['assignedIPv4', 'assignedIPv6', 'availableIPv4', 'availableIPv6'] as const;
const MAX_INT64 = 2n ** 63n - 1n;

/** MetalLB counts a CIDR of 62 host bits or more as 2^63 − 1 and lets sums wrap; here a count ends there (metallb-behaviour 3.7). */
function saturated(count: bigint): bigint {
  if (count < 0n) return 0n;
  return count > MAX_INT64 ? MAX_INT64 : count;
}

export function poolStatusOf(counters: PoolCounters): PoolStatus {
  return {
    assignedIPv4: saturated(counters.assignedIPv4),
    assignedIPv6: saturated(counters.assignedIPv6),
    availableIPv4: saturated(counters.availableIPv4),
    availableIPv6: saturated(counters.availableIPv6),
  };
}

function countOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (value === undefined || value === null) return 0n; // Go's zero: MetalLB writes no status that says nothing
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

/** Reads what an object has for its status; undefined for what is no status at all, which equals none. */
export function parsePoolStatus(status: unknown): PoolStatus | undefined {
  const fields: Readonly<Record<string, unknown>> = typeof status === 'object' && status !== null ? { ...status } : {};
  const [assignedIPv4, assignedIPv6, availableIPv4, availableIPv6] = FIELDS.map((field) => countOf(fields[field]));
  if (assignedIPv4 === undefined || assignedIPv6 === undefined) return undefined;
  if (availableIPv4 === undefined || availableIPv6 === undefined) return undefined;
  return { assignedIPv4, assignedIPv6, availableIPv4, availableIPv6 };
}

export function samePoolStatus(a: PoolStatus | undefined, b: PoolStatus): boolean {
  return a !== undefined && FIELDS.every((field) => a[field] === b[field]);
}
