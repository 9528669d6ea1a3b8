import type { Pool } from '@steelyard/config';
import { type Families, goQuote, goQuoteList, type Ipam, type Sharing } from '@steelyard/ipam';
import { ADDRESS_POOL, annotation } from '../service/annotations.ts';
import { familiesByPreference, familiesOf, familiesOfService } from '../service/ip-families.ts';
import { requestedAddresses } from '../service/requested-addresses.ts';
import { sharingOf } from '../service/service-sharing.ts';
import type { ServiceView } from '../service/service-view.ts';
import { admits, type OrderedPools } from './pool-order.ts';

/** What would help a Service that got less than it wants: one of these coming free. */
export type Wish =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | {
      readonly kind: 'pool';
      readonly pool: string;
      /** Set where it has the other one already. */
      readonly family?: 'ipv4' | 'ipv6';
    }
  /** A general pool, or one of the pinned ones that admit it. */
  | { readonly kind: 'any'; readonly pinned: readonly string[] };

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
 * @param remembered - Addresses that it had until their pool went away: the first choice where it is free to choose.
 * @see MetalLB `controller/service.go`, `allocateIPs`, and `internal/allocator/allocator.go`, `Allocate`
 */
export function allocateFor(
  service: ServiceView,
  ipam: Ipam,
  pools: OrderedPools,
  remembered: readonly string[],
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
  const shapes = wantedFamilies(service, families.value);
  if (shapes.length === 0) {
    return hopeless(`no suitable pool for ${families.value} IPFamily`);
  }
  const free: FreeChoice = { shapes, sharing: sharingOf(service), remembered };
  if (poolName !== '') {
    return allocateFromNamed(service, ipam, pools, poolName, free);
  }
  const pinned = pools.pinned.filter((pool) => admits(pool, service));
  const found =
    reassign(service, ipam, [pinned, pools.general], free) ??
    firstOf(service.key, ipam, pinned, free) ??
    firstOf(service.key, ipam, pools.general, free);
  return found === undefined
    ? { ok: false, message: 'no available IPs', wish: { kind: 'any', pinned: pinned.map((pool) => pool.name) } }
    : { ok: true, addresses: found };
}

/** What a Service can live with, best first. Two cluster IPs and a policy of one stack are a contradiction. */
function wantedFamilies(service: ServiceView, families: Families): readonly Families[] {
  if (families !== 'dual' || service.ipFamilyPolicy === 'RequireDualStack') {
    return [families];
  }
  return service.ipFamilyPolicy === 'PreferDualStack' ? ['dual', ...familiesByPreference(service)] : [];
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

/** What a Service can be given if it does not ask for particular addresses. */
interface FreeChoice {
  readonly shapes: readonly Families[];
  readonly sharing: Sharing;
  readonly remembered: readonly string[];
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
  const found = reassign(service, ipam, [[pool]], free) ?? firstOf(service.key, ipam, [pool], free);
  return found === undefined
    ? { ok: false, message: `no available IPs in pool ${poolName}`, wish: { kind: 'pool', pool: poolName } }
    : { ok: true, addresses: found };
}

/** The addresses that a Service had before, if they are of a pool that it may be given some of and nobody has them. */
function reassign(
  service: ServiceView,
  ipam: Ipam,
  candidates: readonly (readonly Pool[])[],
  { shapes, sharing, remembered }: FreeChoice,
): readonly string[] | undefined {
  const had = familiesOf(remembered);
  if (!had.ok || !shapes.includes(had.value)) {
    return undefined;
  }
  const name = ipam.poolOf(remembered);
  if (!candidates.some((pools) => pools.some((pool) => pool.name === name))) {
    return undefined;
  }
  const result = ipam.assign(service.key, remembered, sharing);
  return result.ok ? result.value.addresses : undefined;
}

/** The best that any pool has, and of those that have it the first pool's. */
function firstOf(
  holder: string,
  ipam: Ipam,
  pools: readonly Pool[],
  { shapes, sharing }: FreeChoice,
): readonly string[] | undefined {
  for (const families of shapes) {
    const pool = pools.find(({ name }) => ipam.hasRoom(name, families, sharing));
    const result = pool && ipam.allocate(holder, { pool: pool.name, families, sharing });
    if (result?.ok === true) {
      return result.value.addresses;
    }
  }
  return undefined;
}
