import { type Families, goQuote, goQuoteList, type Ipam } from '@steelyard/ipam';
import { annotation, IP_ALLOCATED_FROM_POOL } from '../service/annotations.ts';
import { familiesOf, familiesOfService } from '../service/ip-families.ts';
import { sharingOf } from '../service/service-sharing.ts';
import type { ServiceView } from '../service/service-view.ts';
import type { ServiceEvent } from './convergence.ts';
import type { Habits } from './habits.ts';
import { mayKeep, type OrderedPools } from './pool-order.ts';

/** What became of the addresses that a Service has. If it may keep them the allocator holds them for it now. */
export interface CurrentAddresses {
  /** It had addresses of the right family, whether it may keep them or not. */
  readonly considered: boolean;
  readonly events: readonly ServiceEvent[];
  /** Why its cluster IPs do not say what it needs: then it keeps what it has. */
  readonly clusterIPsUnclear?: string;
}

/** The addresses in a Service's status. */
export function recordedAddresses(service: ServiceView): string[] {
  return service.ingress.map(({ ip }) => ip).filter((ip) => ip !== '');
}

/**
 * Claims for a Service what it has on record, if it still may have that; gives no new address and takes none away.
 *
 * @returns Whether the Service now holds what it has on record.
 */
export function claimRecorded(service: ServiceView, ipam: Ipam, pools: OrderedPools, habits: Habits): boolean {
  const recorded = recordedAddresses(service);
  const families = familiesOfService(service);
  if (service.type !== 'LoadBalancer' || recorded.length === 0 || ipam.allocationOf(service.key) !== undefined) {
    return false;
  }
  const kept = families.ok ? addressesToKeep(recorded, families.value, service.ipFamilyPolicy, habits) : recorded;
  return kept.length > 0 && whyNotKept(service, kept, ipam, pools) === undefined;
}

/**
 * Judges what a Service has: what the allocator holds for it, else what its status says.
 *
 * What the allocator holds goes before the status: that may be older than our last write, or somebody may have edited it.
 *
 * @param statusRules - The status is no older than our last write, and is taken for the truth.
 */
export function claimCurrent(
  service: ServiceView,
  ipam: Ipam,
  pools: OrderedPools,
  habits: Habits,
  statusRules: boolean,
): CurrentAddresses {
  const events: ServiceEvent[] = [];
  const recorded = recordedAddresses(service);
  const held = statusRules ? undefined : ipam.allocationOf(service.key)?.addresses;
  const recordedFamilies = familiesOf(recorded);
  const families = familiesOfService(service);
  if (recorded.length > 0 && !recordedFamilies.ok) {
    const message = `Failed to retrieve LBIPs IPFamily for ${goQuoteList(recorded)}: ${recordedFamilies.message}`;
    events.push({ type: 'Warning', reason: 'nolbIPsIPFamily', message });
  }
  const had = held ?? (recordedFamilies.ok ? recorded : []);
  if (!families.ok) {
    if (had.length === 0) {
      return { considered: false, events };
    }
    claimRecorded(service, ipam, pools, habits);
    const shown = `${goQuoteList(service.clusterIPs)} ${service.clusterIP}`;
    const message = `Failed to retrieve ClusterIPs IPFamily for ${shown}: ${families.message}`;
    events.push({ type: 'Warning', reason: 'noclusterIPsIPFamily', message });
    return { considered: true, events, clusterIPsUnclear: message };
  }
  const kept = addressesToKeep(had, families.value, service.ipFamilyPolicy, habits);
  if (kept.length === 0) {
    ipam.release(service.key);
    return { considered: false, events };
  }
  const why = whyNotKept(service, kept, ipam, pools);
  if (why !== undefined) {
    ipam.release(service.key);
    const start = `current IP for ${goQuote(service.key)} not allowed by config`;
    const message = `${start}, will attempt for new IP assignment: ${why}`;
    events.push({ type: 'Normal', reason: 'ClearAssignment', message });
  }
  return { considered: true, events };
}

/**
 * Which of its addresses still fit a Service's family: all, none, or, if it had two and now is of one family, that one
 * (MetalLB drops both). A Service that prefers two families may have one.
 */
function addressesToKeep(
  had: readonly string[],
  families: Families,
  policy: string,
  habits: Habits,
): readonly string[] {
  const hadFamilies = familiesOf(had);
  if (!hadFamilies.ok) {
    return [];
  }
  if (hadFamilies.value === families || (families === 'dual' && policy === 'PreferDualStack')) {
    return had;
  }
  if (!habits.keepsFamily) {
    return [];
  }
  return had.filter((address) => families !== 'dual' && address.includes(':') === (families === 'ipv6'));
}

/** Claims addresses that a Service has. Repeating it is harmless. */
function whyNotKept(
  service: ServiceView,
  addresses: readonly string[],
  ipam: Ipam,
  pools: OrderedPools,
): string | undefined {
  const recordedPool = annotation(service.annotations, IP_ALLOCATED_FROM_POOL);
  const before = ipam.allocationOf(service.key);
  const onRecord = { pool: before?.pool ?? (recordedPool === '' ? undefined : recordedPool) };
  const result = ipam.assign(service.key, addresses, sharingOf(service), { onRecord });
  if (!result.ok) {
    return result.failure.message;
  }
  if (!mayKeep(pools.byName.get(result.value.pool), service)) {
    ipam.release(service.key);
    return `pool ${result.value.pool} not compatible for ip assignment`;
  }
  return undefined;
}
