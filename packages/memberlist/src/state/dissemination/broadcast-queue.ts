import { createIndexedHeap, type HeapItem, type IndexedHeap } from '../timing/indexed-heap.ts';

/** A message on its way to everybody. */
export interface Broadcast extends HeapItem {
  /** Whom it is about: a newer message about the same member takes its place. */
  readonly about: string;
  readonly octets: Uint8Array;
  readonly order: number;
  transmits: number;
  /** Sent as often as the limit says, or replaced, or dropped. */
  finished: boolean;
}

/** What one packet has room for. */
export interface BroadcastRoom {
  readonly octets: number;
  /** What each message costs besides its own octets. */
  readonly overheadOctets: number;
  readonly messages: number;
}

/** Messages that all shall hear, each sent a limited number of times. */
export interface BroadcastQueue {
  readonly size: () => number;
  readonly add: (about: string, octets: Uint8Array) => Broadcast;
  /**
   * Takes what one packet carries: what was sent least often first; among those the longest that still fits; among equally
   * long ones the newest. Nothing is taken twice for one packet.
   */
  readonly take: (room: BroadcastRoom, transmitLimit: number) => Uint8Array[];
}

/** Messages sent equally often: by length, and the newest of each length on top. */
interface Tier {
  /** Ascending; only those that have a message. */
  readonly lengths: number[];
  readonly byLength: Map<number, IndexedHeap<Broadcast>>;
}

/**
 * A queue of at most `capacity` messages. When it is full, one of those that were sent most often makes room.
 *
 * @see hashicorp/memberlist `queue.go`
 */
export function createBroadcastQueue(capacity: number): BroadcastQueue {
  const byName = new Map<string, Broadcast>();
  const tiers: Tier[] = [];
  let order = 0;

  const insert = (broadcast: Broadcast): void => {
    while (tiers.length <= broadcast.transmits) tiers.push({ lengths: [], byLength: new Map() });
    const tier = tiers[broadcast.transmits];
    if (tier === undefined) return;
    const length = broadcast.octets.length;
    let heap = tier.byLength.get(length);
    if (heap === undefined) {
      heap = createIndexedHeap<Broadcast>((one, other) => one.order > other.order);
      tier.byLength.set(length, heap);
      tier.lengths.splice(lengthsUpTo(tier.lengths, length), 0, length);
    }
    heap.add(broadcast);
  };

  const withdraw = (broadcast: Broadcast): void => {
    const tier = tiers[broadcast.transmits];
    const length = broadcast.octets.length;
    const heap = tier?.byLength.get(length);
    if (tier === undefined || heap === undefined) return;
    heap.remove(broadcast);
    if (heap.size() > 0) return;
    tier.byLength.delete(length);
    tier.lengths.splice(lengthsUpTo(tier.lengths, length) - 1, 1);
  };

  const finish = (broadcast: Broadcast): void => {
    broadcast.finished = true;
    byName.delete(broadcast.about);
    if (byName.size > 0) return;
    tiers.length = 0;
    order = 0;
  };

  const makeRoom = (): void => {
    for (let index = tiers.length - 1; index >= 0; index -= 1) {
      const tier = tiers[index];
      const victim = tier === undefined ? undefined : tier.byLength.get(tier.lengths[0] ?? -1)?.first();
      if (victim === undefined) continue;
      withdraw(victim);
      finish(victim);
      return;
    }
  };

  const longestUpTo = (tier: Tier, octets: number): Broadcast | undefined => {
    const length = tier.lengths[lengthsUpTo(tier.lengths, octets) - 1];
    return length === undefined ? undefined : tier.byLength.get(length)?.first();
  };

  return {
    size: () => byName.size,
    add: (about, octets) => {
      const replaced = byName.get(about);
      if (replaced !== undefined) {
        withdraw(replaced);
        finish(replaced);
      } else if (byName.size >= capacity) {
        makeRoom();
      }
      order += 1;
      const broadcast: Broadcast = { about, octets, order, transmits: 0, finished: false, heapIndex: -1 };
      byName.set(about, broadcast);
      insert(broadcast);
      return broadcast;
    },
    take: (room, transmitLimit) => {
      const taken: Uint8Array[] = [];
      const again: Broadcast[] = [];
      let usedOctets = 0;
      let transmits = 0;
      while (taken.length < room.messages) {
        const freeOctets = room.octets - usedOctets - room.overheadOctets;
        const tier = tiers[transmits];
        if (freeOctets <= 0 || tier === undefined) break;
        const broadcast = longestUpTo(tier, freeOctets);
        if (broadcast === undefined) {
          transmits += 1;
          continue;
        }
        withdraw(broadcast);
        taken.push(broadcast.octets);
        usedOctets += room.overheadOctets + broadcast.octets.length;
        if (broadcast.transmits + 1 >= transmitLimit) {
          finish(broadcast);
        } else {
          // Put back only when the packet is full: else the same search would meet it again.
          broadcast.transmits += 1;
          again.push(broadcast);
        }
      }
      for (const broadcast of again) insert(broadcast);
      return taken;
    },
  };
}

/** How many of the ascending lengths are at most `limit`. */
function lengthsUpTo(lengths: readonly number[], limit: number): number {
  let low = 0;
  let high = lengths.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lengths[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
