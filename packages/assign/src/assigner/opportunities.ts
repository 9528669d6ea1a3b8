import type { Allocation, Ipam } from '@steelyard/ipam';
import type { OrderedPools } from '../converge/pool-order.ts';
import { byAge, type ServiceView } from '../service/service-view.ts';
import type { Opportunity, WaitingQueue, WaitingRoom } from './waiting-room.ts';

/** What has come free since it was last offered. */
export interface Opportunities {
  /** Notes what a change of one Service's allocation may make possible for others. */
  note(before: Allocation | undefined, after: Allocation | undefined): void;
  /** Offers it, to the oldest that waits first, until it helps nobody any more. */
  offer(pools: OrderedPools, look: (key: string) => void): void;
}

/** Connects what comes free with who waits. */
export function createOpportunities(ipam: Ipam, waiting: WaitingRoom): Opportunities {
  const noted: Opportunity[] = [];

  function add(address: string, sharingKey: string | undefined): void {
    const pool = ipam.poolOf([address]);
    if (pool !== undefined && waiting.size > 0) {
      noted.push({ address, pool, ...(sharingKey === undefined ? {} : { sharingKey }) });
    }
  }

  function oldest(queues: Set<WaitingQueue>): { queue: WaitingQueue; service: ServiceView } | undefined {
    let found: { queue: WaitingQueue; service: ServiceView } | undefined;
    for (const queue of queues) {
      const [service] = queue.services;
      if (service === undefined) {
        queues.delete(queue);
      } else if (found === undefined || byAge(service, found.service) < 0) {
        found = { queue, service };
      }
    }
    return found;
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
      // Whoever has the same key may join it there, or use a port that it has given up.
      const key = after?.sharing.sharingKey ?? '';
      for (const address of key === '' ? [] : (after?.addresses ?? [])) {
        add(address, key);
      }
    },
    offer(pools, look) {
      const queues = new Set<WaitingQueue>();
      for (;;) {
        for (const opportunity of noted.splice(0)) {
          for (const queue of waiting.helpedBy(opportunity, pools)) {
            queues.add(queue);
          }
        }
        const next = oldest(queues);
        if (next === undefined) {
          return;
        }
        look(next.service.key);
        if (waiting.queueOf(next.service.key) === next.queue) {
          queues.delete(next.queue); // what did not help the oldest helps no one behind it
        }
      }
    },
  };
}
