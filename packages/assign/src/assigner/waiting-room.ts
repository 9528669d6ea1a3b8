import type { Wish } from '../converge/allocation.ts';
import type { OrderedPools } from '../converge/pool-order.ts';
import { sharingOf } from '../service/service-sharing.ts';
import { byAge, type ServiceView } from '../service/service-view.ts';

/**
 * Services for which the same thing would have to come free. What does not help the oldest helps none of them, so that
 * one address that comes free is offered to one Service of each queue, not to thousands.
 */
export interface WaitingQueue {
  readonly wish: Wish;
  readonly sharingKey: string;
  /** The oldest first. */
  readonly services: ServiceView[];
}

/** Something that may have become possible. */
export interface Opportunity {
  readonly address: string;
  readonly pool: string;
  /** Set where the address is still in use: only who has this key can join. */
  readonly sharingKey?: string;
}

/** Everybody who lacks something that an address could mend. */
export interface WaitingRoom {
  readonly size: number;
  /** Replaces whatever the Service waited for. */
  wait(service: ServiceView, wish: Wish): void;
  leave(key: string): void;
  queueOf(key: string): WaitingQueue | undefined;
  /** The queues whose members an opportunity may help. */
  helpedBy(opportunity: Opportunity, pools: OrderedPools): Iterable<WaitingQueue>;
}

/** Where among `services` a Service stands or would stand. */
function position(services: readonly ServiceView[], service: ServiceView): number {
  let low = 0;
  let high = services.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = services[middle];
    if (other !== undefined && byAge(other, service) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** What makes two waiting Services alike. Ports and backends matter only to those who share. */
function likeness(service: ServiceView, wish: Wish): string {
  const sharing = sharingOf(service);
  const shared =
    sharing.sharingKey === ''
      ? []
      : [
          sharing.sharingKey,
          sharing.backendKey,
          ...sharing.ports.map((port) => `${port.protocol}/${port.port}`).sort(byText),
        ];
  const families = [service.ipFamilyPolicy, service.ipFamilies[0] ?? '', ...service.clusterIPs.map(family)];
  return JSON.stringify([wish, families, shared]);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function family(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

function mayBe(address: string, wanted: 'ipv4' | 'ipv6' | undefined): boolean {
  return wanted === undefined || (wanted === 'ipv6') === address.includes(':');
}

/** Creates an empty room. */
export function createWaitingRoom(): WaitingRoom {
  const queues = new Map<string, WaitingQueue>();
  const places = new Map<string, { readonly service: ServiceView; readonly likeness: string }>();
  const index = {
    addresses: new Map<string, Set<WaitingQueue>>(),
    pool: new Map<string, Set<WaitingQueue>>(),
    any: new Set<WaitingQueue>(),
  };

  function* shelves(wish: Wish): Iterable<Set<WaitingQueue>> {
    if (wish.kind === 'any') {
      yield index.any;
      return;
    }
    const names = wish.kind === 'pool' ? [wish.pool] : wish.addresses;
    for (const name of names) {
      const shelf = index[wish.kind].get(name) ?? new Set<WaitingQueue>();
      index[wish.kind].set(name, shelf);
      yield shelf;
    }
  }

  function open(service: ServiceView, wish: Wish): WaitingQueue {
    const queue: WaitingQueue = { wish, sharingKey: sharingOf(service).sharingKey, services: [] };
    for (const shelf of shelves(wish)) {
      shelf.add(queue);
    }
    return queue;
  }

  function close(queue: WaitingQueue): void {
    for (const shelf of shelves(queue.wish)) {
      shelf.delete(queue);
    }
    const { wish } = queue;
    if (wish.kind !== 'any') {
      for (const name of wish.kind === 'pool' ? [wish.pool] : wish.addresses) {
        if (index[wish.kind].get(name)?.size === 0) {
          index[wish.kind].delete(name);
        }
      }
    }
  }

  function leave(key: string): void {
    const place = places.get(key);
    const queue = place && queues.get(place.likeness);
    if (place === undefined || queue === undefined) {
      return;
    }
    places.delete(key);
    queue.services.splice(position(queue.services, place.service), 1);
    if (queue.services.length === 0) {
      queues.delete(place.likeness);
      close(queue);
    }
  }

  return {
    get size() {
      return places.size;
    },
    wait(service, wish) {
      const like = likeness(service, wish);
      if (places.get(service.key)?.likeness === like) {
        return;
      }
      leave(service.key);
      const queue = queues.get(like) ?? open(service, wish);
      queues.set(like, queue);
      queue.services.splice(position(queue.services, service), 0, service);
      places.set(service.key, { service, likeness: like });
    },
    leave,
    queueOf(key) {
      const place = places.get(key);
      return place && queues.get(place.likeness);
    },
    *helpedBy({ address, pool, sharingKey }, pools) {
      const found = pools.byName.get(pool);
      const general = found?.autoAssign === true && found.serviceAllocation === undefined;
      const candidates = [
        ...(index.addresses.get(address) ?? []),
        ...[...(index.pool.get(pool) ?? [])].filter(({ wish }) => wish.kind === 'pool' && mayBe(address, wish.family)),
        ...[...index.any].filter(({ wish }) => general || (wish.kind === 'any' && wish.pinned.includes(pool))),
      ];
      for (const queue of candidates) {
        if (sharingKey === undefined || sharingKey === queue.sharingKey) {
          yield queue;
        }
      }
    },
  };
}
