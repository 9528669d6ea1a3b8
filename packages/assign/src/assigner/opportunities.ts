import { type Allocation, type Ipam, UNSHARED } from '@steelyard/ipam';
import type { OrderedPools } from '../converge/pool-order.ts';
import { MEETING, type Need } from '../converge/wish.ts';
import { sharingOf } from '../service/service-sharing.ts';
import type { ServiceView } from '../service/service-view.ts';
import { createAgeQueue } from './age-queue.ts';
import type { InOrder } from './waiting-line.ts';
import type { HelpedLine, WaitingRoom } from './waiting-room.ts';

/** What has come free since it was last offered. */
export interface Opportunities {
  /** Notes what a change of one Service's allocation may make possible for others. */
  note(before: Allocation | undefined, after: Allocation | undefined): void;
  /**
   * Offers it, to the oldest that waits first, until it helps nobody any more. Before a Service is looked at, the
   * allocator is asked whether there is something: that costs a search in one pool, a look many.
   */
  offer(pools: OrderedPools, look: (key: string) => void): void;
  clear(): void;
}

/** Something that may have become possible. */
interface Opportunity {
  readonly address: string;
  readonly pool: string;
  /** Set where the address is still in use: only who has this key can join. */
  readonly sharingKey: string | undefined;
}

/** Services to which the same thing is offered, the oldest first. */
interface Offer {
  readonly services: InOrder;
  readonly pool: string;
  /** Whether the oldest of them can use it now. What does not help the oldest helps none behind it. */
  stands(service: ServiceView): boolean;
}

/** Connects what comes free with who waits. */
export function createOpportunities(ipam: Ipam, waiting: WaitingRoom): Opportunities {
  const noted: Opportunity[] = [];

  function add(address: string, sharingKey: string | undefined): void {
    const pool = ipam.poolOf([address]);
    if (pool !== undefined && waiting.size > 0) {
      noted.push({ address, pool, sharingKey });
    }
  }

  function hasRoom(pool: string, need: Need, sharing = UNSHARED): boolean {
    return MEETING[need].some((families) => ipam.hasRoom(pool, families, sharing));
  }

  function mayHelp(pool: string, need: Need | undefined, service: ServiceView): boolean {
    if (need !== undefined) {
      return hasRoom(pool, need, sharingOf(service));
    }
    const wish = waiting.wishOf(service.key);
    return wish?.kind === 'addresses' && ipam.available(service.key, wish.addresses, sharingOf(service));
  }

  /** To whom an opportunity is offered, of those in one line. */
  function* offersIn({ line, need }: HelpedLine, { pool, sharingKey }: Opportunity): Iterable<Offer> {
    const stands = (service: ServiceView) => mayHelp(pool, need, service);
    if (sharingKey !== undefined && sharingKey !== '') {
      for (const services of line.alike.get(sharingKey)?.values() ?? []) {
        yield { services, pool, stands };
      }
      return;
    }
    if (need !== undefined) {
      // An address that nobody has is anybody's, whatever their sharing keys are.
      yield { services: line.services, pool, stands: () => hasRoom(pool, need) };
    }
    // Who asks for two addresses may lack only one, and of a pair one may be had by sharing: each kind is another case.
    for (const lists of need === undefined || need === 'dual' ? line.alike.values() : []) {
      for (const services of lists.values()) {
        yield { services, pool, stands };
      }
    }
  }

  /** @returns Whether it may help the next of them too. */
  function resolve(oldest: ServiceView, { services, stands }: Offer, look: (key: string) => void): boolean {
    if (services[0] !== oldest) {
      return true; // it has been helped in another way
    }
    if (!stands(oldest)) {
      return false;
    }
    const place = waiting.placeOf(oldest.key);
    look(oldest.key);
    return waiting.placeOf(oldest.key) !== place;
  }

  return {
    note(before, after) {
      if (before === after) {
        return;
      }
      for (const address of before?.addresses ?? []) {
        if (after?.addresses.includes(address) !== true) {
          add(address, ipam.holdersOf(address).length === 0 ? undefined : before?.sharing.sharingKey);
        }
      }
      // Whoever has the same key may join it there, or use a port that it has given up; where others were before it
      // came, they could join already.
      const key = after?.sharing.sharingKey ?? '';
      for (const address of key === '' ? [] : (after?.addresses ?? [])) {
        if (before?.addresses.includes(address) === true || ipam.holdersOf(address).length === 1) {
          add(address, key);
        }
      }
    },
    offer(pools, look) {
      const queue = createAgeQueue<Offer>();
      const queued = new Map<InOrder, Set<string>>();
      const enter = (offer: Offer): void => {
        const [oldest] = offer.services;
        const inPools = queued.get(offer.services) ?? new Set();
        queued.set(offer.services, inPools);
        if (oldest !== undefined && !inPools.has(offer.pool)) {
          inPools.add(offer.pool);
          queue.push(oldest, offer);
        }
      };
      while (noted.length > 0 || queue.size > 0) {
        for (const opportunity of noted.splice(0)) {
          for (const line of waiting.helpedBy(opportunity.address, opportunity.pool, pools)) {
            for (const offer of offersIn(line, opportunity)) {
              enter(offer);
            }
          }
        }
        const next = queue.pop();
        if (next !== undefined) {
          const goesOn = resolve(next.service, next.item, look);
          queued.get(next.item.services)?.delete(next.item.pool);
          if (goesOn) {
            enter(next.item);
          }
        }
      }
    },
    clear() {
      noted.length = 0;
    },
  };
}
