import type { Cluster } from '../history/cluster.ts';
import type { Touch } from '../history/edits.ts';
import { type JudgedPools, judgePools, mustKeep } from '../rules/pools.ts';
import { annotation, familiesOf, isServed, poolAskedBy, requestOf, sameAddresses } from '../rules/services.ts';
import {
  ADDRESS_POOL,
  ALLOW_SHARED_IP,
  FROM_POOL,
  keyOf,
  LOAD_BALANCER_IPS,
  type StoredService,
  shownBy,
} from '../world/objects.ts';
import { demand } from './violation.ts';

/** What happened from one rest to the next, to judge who may have lost what he had. */
export interface Chronicle {
  touched(uid: string, touch: Touch): void;
  metalLbCame(): void;
  /** Judges, and begins anew from what is now. */
  judgeLosses(): void;
}

interface Interval {
  readonly before: readonly StoredService[];
  readonly touches: Map<string, Set<Touch>>;
  /** The uids of those who showed an address, by the address. */
  readonly shownBy: Map<string, Set<string>>;
  readonly poolsSeen: Cluster['server']['pools']['items'][];
  readonly namespacesSeen: Cluster['server']['namespaces']['items'][];
  withMetalLb: boolean;
}

/** A Service that any controller treats alike: it asks for nothing, shares nothing and is of one family. */
function isPlain(service: StoredService): boolean {
  const { annotations } = service.metadata;
  const asks = [ALLOW_SHARED_IP, ADDRESS_POOL, LOAD_BALANCER_IPS].some((name) => annotations[name] !== undefined);
  return !asks && service.spec.loadBalancerIP === undefined && familiesOf(service)?.length === 1;
}

/** It has an address by grace: it asks for another, and goes there when it can. */
function asksForOther(service: StoredService): boolean {
  const asked = requestOf(service) ?? [];
  const has = shownBy(service);
  const named = poolAskedBy(service);
  return (
    (asked.length > 0 && !sameAddresses(asked, has)) ||
    (named !== '' && service.metadata.annotations[FROM_POOL] !== named)
  );
}

/** Whether addresses may be taken for those of another pool than this one. */
function mayBeOfAnother(name: string, has: readonly string[], { inForce, frozen }: JudgedPools): boolean {
  return [...inForce, ...frozen].some((pool) => pool.name !== name && has.some((ip) => pool.addresses.includes(ip)));
}

export function keepChronicle({ server, metalLbs }: Cluster): Chronicle {
  let interval = begin();

  function begin(): Interval {
    const shown = new Map<string, Set<string>>();
    const before = [...server.services.items.values()];
    const next: Interval = {
      before,
      touches: new Map(),
      shownBy: shown,
      poolsSeen: [new Map(server.pools.items)],
      namespacesSeen: [new Map(server.namespaces.items)],
      withMetalLb: metalLbs.length > 0,
    };
    for (const service of before) noteShown(next, service);
    return next;
  }

  function noteShown(to: Interval, service: StoredService): void {
    for (const ip of shownBy(service)) {
      const uids = to.shownBy.get(ip) ?? new Set();
      to.shownBy.set(ip, uids.add(service.metadata.uid));
    }
  }

  server.services.subscribe(({ value }) => {
    if (value !== undefined) noteShown(interval, value);
  });
  server.pools.subscribe(() => interval.poolsSeen.push(new Map(server.pools.items)));
  server.namespaces.subscribe(() => interval.namespacesSeen.push(new Map(server.namespaces.items)));

  /** Every configuration that a controller may have seen: pools and Namespaces come by watches of their own. */
  function configurations(): JudgedPools[] {
    return interval.poolsSeen.flatMap((pools) =>
      interval.namespacesSeen.map((namespaces) => judgePools(pools.values(), namespaces)),
    );
  }

  function touchesOf(uid: string): ReadonlySet<Touch> {
    return interval.touches.get(uid) ?? new Set();
  }

  /** Another showed one of its addresses, and somebody changed one of the two: which of them keeps it is another matter. */
  function isContested({ metadata: { uid } }: StoredService, has: readonly string[]): boolean {
    const others = new Set(has.flatMap((ip) => [...(interval.shownBy.get(ip) ?? [])]));
    others.delete(uid);
    return [...others].some((other) => touchesOf(uid).size + touchesOf(other).size > 0);
  }

  function judge(before: StoredService, configs: readonly JudgedPools[]): void {
    const now = server.services.items.get(keyOf(before));
    const has = shownBy(before);
    const touches = touchesOf(before.metadata.uid);
    if (now?.metadata.uid !== before.metadata.uid || has.length === 0 || !isServed(before) || !isServed(now)) return;
    if (touches.has('kind') || touches.has('status') || isContested(before, has)) return;
    const named = annotation(before, FROM_POOL);
    const from = configs.some((pools) => mayBeOfAnother(named, has, pools)) ? undefined : named;
    const asked = poolAskedBy(before);
    const isLed = (pools: JudgedPools): boolean => asked !== '' && mayBeOfAnother(asked, has, pools);
    if (!configs.every((pools) => mustKeep(before, has, from, pools) && !isLed(pools))) return;
    if (interval.withMetalLb) {
      const whole = configs.every(({ frozen }) => frozen.length === 0);
      if (!whole || touches.size > 0 || !isPlain(before)) return;
    }
    if (touches.has('request') || asksForOther(before)) {
      const isOpen = configs.length > 1; // it may have gone where nothing is any more
      demand(isOpen || shownBy(now).length > 0, () => `${keyOf(now)} asks for another address and has lost ${has}`);
      return;
    }
    const kept = shownBy(now).slice(0, has.length);
    demand(kept.join() === has.join(), () => `${keyOf(now)} had ${has} and has ${shownBy(now).join() || 'nothing'}`);
  }

  return {
    touched(uid, touch) {
      interval.touches.set(uid, new Set([...touchesOf(uid), touch]));
    },
    metalLbCame() {
      interval.withMetalLb = true;
    },
    judgeLosses() {
      const configs = configurations();
      for (const before of interval.before) judge(before, configs);
      interval = begin();
    },
  };
}
