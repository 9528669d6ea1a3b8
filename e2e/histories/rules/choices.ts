import type { StoredService } from '../world/objects.ts';
import type { JudgedPool, JudgedPools } from './pools.ts';
import { familiesOf, familiesOfAddresses, poolAskedBy, requestOf } from './services.ts';

/** Whether nobody, or nobody who would mind, has an address. */
export type IsFree = (address: string) => boolean;

function pick(pool: JudgedPool, family: string, isFree: IsFree): string | undefined {
  return pool.addresses.find((address) => address.includes(':') === (family === '6') && isFree(address));
}

function fromPool(pool: JudgedPool, families: string, isFree: IsFree): readonly string[] | undefined {
  const found = [...families].map((family) => pick(pool, family, isFree));
  return found.every((address) => address !== undefined) ? found : undefined;
}

/** What a Service could have now, by the order of metallb-behaviour 3.3; undefined if there is nothing. */
export function firstChoice(service: StoredService, pools: JudgedPools, isFree: IsFree): readonly string[] | undefined {
  const families = familiesOf(service);
  const asked = requestOf(service);
  const { ipFamilyPolicy, ipFamilies } = service.spec;
  if (families === undefined || asked === undefined) return undefined;
  if (ipFamilyPolicy === 'RequireDualStack' && families !== '46') return undefined;
  const named = poolAskedBy(service);
  if (asked.length > 0) {
    const pool = pools.inForce.find(({ addresses }) => asked.every((address) => addresses.includes(address)));
    const fits =
      familiesOfAddresses(asked) === families &&
      pool?.admits(service) === true &&
      (named === '' || pool.name === named);
    return fits && asked.every(isFree) ? asked : undefined;
  }
  const open = pools.inForce.filter((pool) => pool.admits(service));
  const groups =
    named === ''
      ? [true, false].map((pinned) => open.filter((pool) => pool.autoAssign && pool.pinned === pinned))
      : [open.filter(({ name }) => name === named)];
  for (const group of groups) {
    for (const shape of shapesOf(families, ipFamilyPolicy, ipFamilies[0] === 'IPv6')) {
      for (const pool of group) {
        const found = fromPool(pool, shape, isFree);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

/** Two families are had together, or, where they are only preferred, one at least (metallb-behaviour 2.7). */
function shapesOf(families: string, policy: string, ipv6First: boolean): readonly string[] {
  if (families !== '46' || policy === 'RequireDualStack') return [families];
  if (policy !== 'PreferDualStack') return [];
  return ipv6First ? ['46', '6', '4'] : ['46', '4', '6'];
}

/** The address of its other family that a Service which prefers two and has one could get of its own pool. */
export function secondFamily(
  service: StoredService,
  has: readonly string[],
  pools: JudgedPools,
  isFree: IsFree,
): string | undefined {
  const [address] = has;
  if (has.length !== 1 || address === undefined || service.spec.ipFamilyPolicy !== 'PreferDualStack') return undefined;
  if (familiesOf(service) !== '46') return undefined;
  // Who came by it from a pool that does not stand any more is in that one still.
  if (pools.frozen.some((one) => one.addresses.includes(address))) return undefined;
  const pool = pools.inForce.find((one) => one.addresses.includes(address));
  return pool?.admits(service) === true ? pick(pool, address.includes(':') ? '4' : '6', isFree) : undefined;
}
