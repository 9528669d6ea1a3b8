import { goQuote, goQuoteList, type Ipam } from '@steelyard/ipam';
import { ADDRESS_POOL, annotation, deprecatedAnnotations } from '../service/annotations.ts';
import { familiesOfService } from '../service/ip-families.ts';
import { requestedAddresses, sameAddresses } from '../service/requested-addresses.ts';
import { sharingOf } from '../service/service-sharing.ts';
import type { ServiceView } from '../service/service-view.ts';
import { statusWrite } from '../service/status-write.ts';
import { type AllocationOutcome, allocateFor } from './allocation.ts';
import type { Because, BecauseCode, Convergence, ServiceEvent } from './convergence.ts';
import { claimCurrent, recordedAddresses } from './current-addresses.ts';
import { type Habits, OWN_HABITS } from './habits.ts';
import { admits, type OrderedPools } from './pool-order.ts';
import { type Memories, partnerOf } from './reassignment.ts';
import type { Wish } from './wish.ts';

/** How one look ends, apart from what the allocator holds. */
interface Ending {
  readonly because: Because;
  readonly events?: readonly ServiceEvent[] | undefined;
  readonly wish?: Wish | undefined;
}

function ending(code: BecauseCode, message: string, rest: Omit<Ending, 'because'> = {}): Ending {
  return { because: { code, message }, ...rest };
}

/** What else a look depends on. */
export interface ConvergeOptions {
  /** What the Service had until the configuration took it away, the latest first. */
  readonly memories?: Memories;
  /** Ours if missing. */
  readonly habits?: Habits;
  /** Our last write is on its way, so that the Service's status may be older than it. */
  readonly writing?: boolean;
}

/**
 * Looks at one Service and gives it the addresses that it should have: MetalLB's decisions, in MetalLB's order.
 *
 * A pure function of its arguments but for `ipam`, which it changes. Looking again changes nothing.
 *
 * @param pools - `undefined` while the configuration is not known: then nothing is decided, and nothing taken away.
 * @see MetalLB `controller/service.go`, `convergeBalancer`
 */
export function converge(
  service: ServiceView,
  ipam: Ipam,
  pools: OrderedPools | undefined,
  options: ConvergeOptions = {},
): Convergence {
  if (pools === undefined) {
    return {
      addresses: service.ingress.map(({ ip }) => ip).filter((ip) => ip !== ''),
      pool: undefined,
      write: undefined,
      events: [],
      because: { code: 'ConfigurationUnknown', message: 'the configuration has not been read yet' },
      wish: undefined,
    };
  }
  const end = unserved(service, pools);
  if (end !== undefined) {
    return clear(service, ipam, end);
  }
  const { because, events, wish } = serve(service, ipam, pools, options);
  const held = ipam.allocationOf(service.key);
  return conclude(service, { because, events, wish, addresses: held?.addresses ?? [], pool: held?.pool });
}

/** Takes from a Service what it has, and from its status what it shows. */
export function clear(service: ServiceView, ipam: Ipam, end: Ending): Convergence {
  ipam.release(service.key);
  return conclude(service, { ...end, addresses: [], pool: undefined });
}

function conclude(
  service: ServiceView,
  end: Ending & { readonly addresses: readonly string[]; readonly pool: string | undefined },
): Convergence {
  const { addresses, pool, because, wish } = end;
  const write = statusWrite(service, addresses, pool);
  const deprecated = write === undefined ? [] : deprecatedAnnotations(service.annotations);
  return {
    addresses,
    pool,
    write,
    because,
    wish,
    events: [
      ...(end.events ?? []),
      ...deprecated.map((name): ServiceEvent => {
        return {
          type: 'Warning',
          reason: 'deprecatedAnnotation',
          message: `Service uses deprecated annotation ${name}`,
        };
      }),
    ],
  };
}

/** Why a Service has no business with an address at all. */
function unserved(service: ServiceView, pools: OrderedPools): Ending | undefined {
  const { clusterIP, clusterIPs } = service;
  if (service.type !== 'LoadBalancer') {
    return ending('NotLoadBalancer', `its type is ${service.type}`);
  }
  if (pools.byName.size === 0 && pools.complete) {
    return ending('NoPools', 'there are no address pools');
  }
  if (clusterIPs.length === 0 && clusterIP === '') {
    return ending('NoClusterIPs', 'it has no cluster IPs');
  }
  if (service.ipFamilyPolicy === 'RequireDualStack' && clusterIPs.length < 2) {
    const message = `Service requires dual stack but not enough clusterips [${clusterIPs.join(' ')}]`;
    return ending('NotEnoughClusterIPs', message, {
      events: [{ type: 'Warning', reason: 'not enough clusterips', message }],
    });
  }
  return undefined;
}

function serve(service: ServiceView, ipam: Ipam, pools: OrderedPools, options: ConvergeOptions): Ending {
  const habits = options.habits ?? OWN_HABITS;
  const before = ipam.allocationOf(service.key)?.addresses ?? recordedAddresses(service);
  const statusRules = !habits.correctsStatus && options.writing !== true;
  const current = claimCurrent(service, ipam, pools, habits, statusRules);
  const { events } = current;
  if (current.clusterIPsUnclear !== undefined) {
    return ending('ClusterIPsUnclear', current.clusterIPsUnclear, { events });
  }
  const requested = requestedAddresses(service);
  if (current.considered && !requested.ok) {
    // As in MetalLB: who has an address keeps it until the request can be read.
    const message = `invalid requested loadbalancer IPs: ${requested.message}`;
    return ending('InvalidRequest', message, {
      events: [...events, { type: 'Warning', reason: 'LoadBalancerFailed', message }],
    });
  }
  const held = ipam.allocationOf(service.key);
  const wantedPool = annotation(service.annotations, ADDRESS_POOL);
  const asked = requested.ok ? requested.value : [];
  const elsewhere =
    held === undefined ||
    (wantedPool !== '' && held.pool !== wantedPool) ||
    (asked.length > 0 && !sameAddresses(held.addresses, asked));
  if (elsewhere) {
    if (!habits.keepsWhileAsking) {
      ipam.release(service.key);
    }
    const keeps = ipam.allocationOf(service.key) !== undefined;
    const memories = habits.remembers ? [before, ...(options.memories ?? [])] : [];
    return settle(service, allocateFor(service, ipam, pools, memories), keeps, events);
  }
  if (asked.length > 0 && !habits.keepsOrder) {
    const sorted = [...held.addresses].sort((a, b) => (a < b ? -1 : 1));
    ipam.assign(service.key, sorted, held.sharing);
  }
  if (held.addresses.length === 1 && service.ipFamilyPolicy === 'PreferDualStack') {
    return topUp(service, ipam, pools, { events, memories: options.memories ?? [] });
  }
  return ending('Assigned', `it has ${goQuoteList(held.addresses)} of pool ${held.pool}`, { events });
}

/** What came of looking for other addresses. A Service that has some keeps them where MetalLB would leave it with none. */
function settle(
  service: ServiceView,
  found: AllocationOutcome,
  keeps: boolean,
  events: readonly ServiceEvent[],
): Ending {
  if (found.ok) {
    const message = `Assigned IP ${goQuoteList(found.addresses)}`;
    return ending('Assigned', message, { events: [...events, { type: 'Normal', reason: 'IPAllocated', message }] });
  }
  const message = `Failed to allocate IP for ${goQuote(service.key)}: ${found.message}`;
  return ending(keeps ? 'RequestRefused' : 'AllocationFailed', message, {
    events: [...events, { type: 'Warning', reason: 'AllocationFailed', message }],
    wish: found.wish,
  });
}

/**
 * Adds the missing family to a Service that prefers two and has one, from the pool that it is in and no other.
 *
 * What it had beside this one, if it can have that again, else the lowest. MetalLB tries also for a Service with a
 * single cluster IP, and takes the address away again a look later.
 */
function topUp(
  service: ServiceView,
  ipam: Ipam,
  pools: OrderedPools,
  { events, memories }: { readonly events: readonly ServiceEvent[]; readonly memories: Memories },
): Ending {
  const held = ipam.allocationOf(service.key);
  const [address = ''] = held?.addresses ?? [];
  const poolName = held?.pool ?? '';
  const families = familiesOfService(service);
  const assigned = ending('Assigned', `it has ${goQuote(address)} of pool ${poolName}`, { events });
  if (!families.ok || families.value !== 'dual') {
    return assigned;
  }
  const pool = pools.byName.get(poolName);
  const sharing = sharingOf(service);
  const family = address.includes(':') ? 'ipv4' : 'ipv6';
  const had = held && partnerOf(service.key, ipam, held, { memories, sharing });
  const second =
    had === undefined ? ipam.lowestAvailable(poolName, family, sharing) : ({ ok: true, value: had } as const);
  const allowed = pool !== undefined && admits(pool, service);
  const result = second.ok && allowed ? ipam.assign(service.key, [address, second.value], sharing) : undefined;
  if (second.ok && result?.ok === true) {
    const message = `Assigned additional IP ${goQuote(second.value)}`;
    return ending('Assigned', message, { events: [...events, { type: 'Normal', reason: 'IPAllocated', message }] });
  }
  const why = second.ok ? `pool ${poolName} not compatible for ip assignment` : second.failure.message;
  const message = `cannot assign additional IP in PreferDualStack: ${why}`;
  return ending('SecondFamilyUnavailable', message, {
    events: [...events, { type: 'Normal', reason: 'AdditionalAssignFailed', message }],
    wish: { kind: 'pool', need: family, pool: poolName },
  });
}
