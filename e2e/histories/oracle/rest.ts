import type { Cluster } from '../history/cluster.ts';
import { firstChoice, type IsFree, secondFamily } from '../rules/choices.ts';
import { type JudgedPools, judgePools, mayHold } from '../rules/pools.ts';
import {
  familiesOf,
  familiesOfAddresses,
  isServed,
  mayShare,
  poolAskedBy,
  requestOf,
  sameAddresses,
} from '../rules/services.ts';
import { FROM_POOL, keyOf, type StoredService, shownBy } from '../world/objects.ts';
import { demand } from './violation.ts';

/** Judges what all Services show when nothing is on its way and one of our controllers serves. */
export function judgeRest({ server }: Cluster): void {
  const all = [...server.services.items.values()];
  const served = all.filter(isServed);
  const pools = judgePools(server.pools.items.values(), server.namespaces.items);
  for (const service of all) {
    if (service.spec.type !== 'LoadBalancer') {
      demand(shownBy(service).length === 0, () => `${keyOf(service)} is no LoadBalancer and shows ${shownBy(service)}`);
    }
  }
  for (const service of served) {
    const others = served.filter((other) => other !== service);
    judgeShared(service, others);
    judgePlace(service, pools);
    judgeFamilies(service);
    judgeWaiting(service, pools, (address) =>
      others.every((other) => !shownBy(other).includes(address) || mayShare(service, other)),
    );
  }
}

/** No address is held by two Services that may not share it. */
function judgeShared(service: StoredService, others: readonly StoredService[]): void {
  for (const other of others) {
    const common = shownBy(service).filter((ip) => shownBy(other).includes(ip));
    demand(
      common.length === 0 || mayShare(service, other),
      () => `${keyOf(service)} and ${keyOf(other)} both have ${common}`,
    );
  }
}

/** No address is outside its pool, and the annotation names that pool. */
function judgePlace(service: StoredService, pools: JudgedPools): void {
  const has = shownBy(service);
  if (has.length === 0) return;
  const named = service.metadata.annotations[FROM_POOL];
  demand(mayHold(service, has, named, pools), () => `${keyOf(service)} has ${has}, which is in no pool for it`);
  if (pools.frozen.length > 0) return;
  const pool = pools.inForce.find(({ addresses }) => addresses.includes(has[0] ?? ''));
  demand(named === pool?.name, () => `${keyOf(service)} has ${has} of pool ${pool?.name} and names ${named}`);
}

function judgeFamilies(service: StoredService): void {
  const has = shownBy(service);
  const families = familiesOf(service);
  const fits =
    has.length === 0 ||
    (familiesOfAddresses(has) === families && has.length === families.length) ||
    (has.length === 1 && families === '46' && service.spec.ipFamilyPolicy === 'PreferDualStack');
  demand(fits, () => `${keyOf(service)} is of the families ${families} and has ${has}`);
}

function isOf(name: string, has: readonly string[], { inForce }: JudgedPools): boolean {
  return inForce.some((pool) => pool.name === name && has.every((ip) => pool.addresses.includes(ip)));
}

/** Nobody waits for what could be had. */
function judgeWaiting(service: StoredService, pools: JudgedPools, isFree: IsFree): void {
  const has = shownBy(service);
  const asked = requestOf(service);
  const named = poolAskedBy(service);
  if (asked === undefined) return;
  const asksElsewhere =
    (asked.length > 0 && !sameAddresses(asked, has)) ||
    (named !== '' && service.metadata.annotations[FROM_POOL] !== named && !isOf(named, has, pools));
  // Of a pool that overlaps another it keeps what it has, and its own addresses are not free to it in that other one.
  if (has.length > 0 && pools.frozen.some(({ addresses }) => has.some((ip) => addresses.includes(ip)))) return;
  if (has.length === 0 || asksElsewhere) {
    const found = firstChoice(service, pools, isFree);
    // The same of another pool: what is frozen keeps its holders.
    const better = found !== undefined && found.join() !== has.join();
    demand(!better, () => `${keyOf(service)} has ${has.join() || 'nothing'} and could have ${found}`);
  } else {
    const second = secondFamily(service, has, pools, isFree);
    demand(second === undefined, () => `${keyOf(service)} has ${has} and could have ${second} too`);
  }
}
