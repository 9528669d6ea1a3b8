import type { Pool } from '@steelyard/config';
import { type Families, goQuote, goQuoteList, type Ipam, type Sharing } from '@steelyard/ipam';
import { ADDRESS_POOL, annotation } from '../service/annotations.ts';
import { familiesByPreference, familiesOf, familiesOfService } from '../service/ip-families.ts';
import { requestedAddresses } from '../service/requested-addresses.ts';
import { sharingOf } from '../service/service-sharing.ts';
import type { ServiceView } from '../service/service-view.ts';
import { admits, type OrderedPools } from './pool-order.ts';
import { type Memories, reassign, recall } from './reassignment.ts';
import type { Need, Wish } from './wish.ts';

/** The outcome of looking for addresses for a Service. */
export type AllocationOutcome =
  | { readonly ok: true; readonly addresses: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly wish: Wish | undefined };

function hopeless(message: string): AllocationOutcome {
  return { ok: false, message, wish: undefined };
}

/**
 * Finds addresses for a Service: those it asks for, else some of the pool it names, else of pools that are pinned to
 * it, else of a general pool. If there are none it keeps what it has.
 *
 * @param memories - What it had before: the first choice where it is free to choose.
 * @see MetalLB `controller/service.go`, `allocateIPs`, and `internal/allocator/allocator.go`, `Allocate`
 */
export function allocateFor(
  service: ServiceView,
  ipam: Ipam,
  pools: OrderedPools,
  memories: Memories,
): AllocationOutcome {
  const families = familiesOfService(service);
  if (!families.ok) {
    return hopeless(families.message);
  }
  const requested = requestedAddresses(service);
  if (!requested.ok) {
    return hopeless(requested.message);
  }
  const poolName = annotation(service.annotations, ADDRESS_POOL);
  if (requested.value.length > 0) {
    return assignRequested(service, ipam, pools, { addresses: requested.value, families: families.value, poolName });
  }
  const free: FreeChoice = { ...wantedFamilies(service, families.value), sharing: sharingOf(service), memories };
  if (poolName !== '') {
    return allocateFromNamed(service, ipam, pools, poolName, free);
  }
  const pinned = pools.pinnedFor(service);
  const found =
    reassign(service.key, ipam, mayBeGiven(service, pools), free) ??
    firstOf(service.key, ipam, pinned.pools, free) ??
    firstOf(service.key, ipam, pools.general, free);
  if (found !== undefined) {
    return { ok: true, addresses: found };
  }
  const message = 'no available IPs';
  return free.need === undefined
    ? hopeless(message)
    : { ok: false, message, wish: { kind: 'any', need: free.need, pinned: pinned.names } };
}

/** From which pools a Service that asks for no addresses may be given some. */
function mayBeGiven(service: ServiceView, pools: OrderedPools): (name: string) => boolean {
  const wanted = annotation(service.annotations, ADDRESS_POOL);
  return (name) => {
    const pool = pools.byName.get(name);
    return pool !== undefined && (wanted === '' ? pool.autoAssign : name === wanted) && admits(pool, service);
  };
}

/** Whether {@link allocateFor} would give a Service the addresses that it had, or those of them that it can use. */
export function mayHaveAgain(service: ServiceView, had: readonly string[], ipam: Ipam, pools: OrderedPools): boolean {
  const families = familiesOfService(service);
  const requested = requestedAddresses(service);
  if (service.type !== 'LoadBalancer' || !families.ok || !requested.ok || requested.value.length > 0) {
    return false;
  }
  const { shapes } = wantedFamilies(service, families.value);
  const wanted = { shapes, sharing: sharingOf(service) };
  return recall(service.key, ipam, had, mayBeGiven(service, pools), wanted) !== undefined;
}

/** What a Service can be given if it does not ask for particular addresses. */
interface FreeChoice {
  /** What it can live with, best first. */
  readonly shapes: readonly Families[];
  /** The families to name where there is nothing. */
  readonly families: Families;
  /** What would help it; nothing helps where no shape will do. */
  readonly need: Need | undefined;
  readonly sharing: Sharing;
  readonly memories: Memories;
}

/** Two cluster IPs and a policy of one stack are a contradiction. */
function wantedFamilies(service: ServiceView, families: Families): Pick<FreeChoice, 'shapes' | 'families' | 'need'> {
  if (families !== 'dual' || service.ipFamilyPolicy === 'RequireDualStack') {
    return { shapes: [families], families, need: families };
  }
  return service.ipFamilyPolicy === 'PreferDualStack'
    ? { shapes: ['dual', ...familiesByPreference(service)], families, need: 'either' }
    : { shapes: [], families, need: undefined };
}

function assignRequested(
  service: ServiceView,
  ipam: Ipam,
  pools: OrderedPools,
  request: { readonly addresses: readonly string[]; readonly families: Families; readonly poolName: string },
): AllocationOutcome {
  const { addresses, families, poolName } = request;
  const shown = goQuoteList(addresses);
  const requestedFamilies = familiesOf(addresses);
  if (!requestedFamilies.ok || requestedFamilies.value !== families) {
    return hopeless(`requested loadBalancer IP(s) ${shown} does not match the ipFamily of the service`);
  }
  const pool = pools.byName.get(ipam.poolOf(addresses) ?? '');
  if (pool !== undefined && !pool.frozen && !admits(pool, service)) {
    return hopeless(`pool ${pool.name} not compatible for ip assignment`);
  }
  if (pool !== undefined && poolName !== '' && pool.name !== poolName) {
    return hopeless(`requested loadBalancer IP(s) ${shown} is not compatible with requested address pool ${poolName}`);
  }
  const result = ipam.assign(service.key, addresses, sharingOf(service));
  if (result.ok) {
    return { ok: true, addresses: result.value.addresses };
  }
  const taken = result.failure.code === 'ERR_IPAM_SHARING_KEY' || result.failure.code === 'ERR_IPAM_PORT_IN_USE';
  return { ok: false, message: result.failure.message, wish: taken ? { kind: 'addresses', addresses } : undefined };
}

function allocateFromNamed(
  service: ServiceView,
  ipam: Ipam,
  pools: OrderedPools,
  poolName: string,
  free: FreeChoice,
): AllocationOutcome {
  const pool = pools.byName.get(poolName);
  if (pool === undefined) {
    return hopeless(`unknown pool ${goQuote(poolName)}`);
  }
  if (!pool.frozen && !admits(pool, service)) {
    return hopeless(`pool ${poolName} not compatible for ip assignment`);
  }
  const found =
    reassign(service.key, ipam, mayBeGiven(service, pools), free) ?? firstOf(service.key, ipam, [pool], free);
  if (found !== undefined) {
    return { ok: true, addresses: found };
  }
  const { need, families, sharing } = free;
  const hasOther = ipam.hasRoom(poolName, 'ipv4', sharing) || ipam.hasRoom(poolName, 'ipv6', sharing);
  const message = `no available IPs in pool ${poolName}${hasOther ? ` for ${families} IPFamily` : ''}`;
  return need === undefined ? hopeless(message) : { ok: false, message, wish: { kind: 'pool', need, pool: poolName } };
}

/** The best that any pool has, and of those that have it what the Service had before, or the first pool's. */
function firstOf(
  holder: string,
  ipam: Ipam,
  pools: readonly Pool[],
  { shapes, sharing, memories }: FreeChoice,
): readonly string[] | undefined {
  for (const families of shapes) {
    const isOfThese = (name: string) => pools.some((pool) => pool.name === name && !pool.frozen);
    const again = reassign(holder, ipam, isOfThese, { shapes: [families], sharing, memories });
    if (again !== undefined) {
      return again;
    }
    const pool = pools.find(({ name }) => ipam.hasRoom(name, families, sharing));
    const result = pool && ipam.allocate(holder, { pool: pool.name, families, sharing });
    if (result?.ok === true) {
      return result.value.addresses;
    }
  }
  return undefined;
}
