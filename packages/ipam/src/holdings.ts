import type { Family, IpAddress } from './address/address.ts';
import type { Allocation } from './allocation.ts';
import type { OperationCounter } from './collections/ordered-tree.ts';
import { createReusingMap, type ReusingMap } from './collections/reusing-map.ts';
import { createPoolSet, type Place, type PoolSet } from './pools/pool-set.ts';
import { formatPort, type HeldAddress, type Sharing } from './sharing.ts';

/** An address and its canonical text. */
export interface WrittenAddress extends IpAddress {
  readonly text: string;
}

/** What one holder has, and the numbers of its addresses. */
export interface Holding {
  readonly allocation: Allocation;
  readonly parsed: readonly WrittenAddress[];
}

/** Who has what, on the lines of the pools in force and beside them. Whether it may be so is not asked here. */
export interface Holdings {
  readonly pools: PoolSet;
  of(holder: string): Holding | undefined;
  at(address: IpAddress): HeldAddress | undefined;
  all(): Iterable<Holding>;
  take(holding: Holding): void;
  drop(holder: string): Holding | undefined;
  /** The addresses in use of a pool that is not in force. */
  frozenAddresses(pool: string): Iterable<string>;
  /** Other pools, on which nobody has anything yet. */
  startOver(pools: PoolSet): void;
}

/** Creates holdings of nothing. */
export function createHoldings(operations: OperationCounter): Holdings {
  const holdings = createReusingMap<string, Holding>();
  const inUse: Record<Family, ReusingMap<bigint, HeldAddress>> = { 4: createReusingMap(), 6: createReusingMap() };
  /** For frozen pools, which have no line: how many users each address has. */
  let frozenUse = new Map<string, Map<string, number>>();
  let pools: PoolSet = createPoolSet([], operations);

  /** Puts an address where a pool in force has it, whatever pool its holders have it from. */
  function mark(place: Place | undefined, held: HeldAddress): void {
    place?.line.held.add(place.rank);
    place?.line.candidates.put(place.rank, held);
  }

  function countFrozen({ pool, addresses }: Allocation, by: 1 | -1): void {
    if (pools.byName.get(pool)?.frozen !== true) {
      return;
    }
    const uses = frozenUse.get(pool) ?? new Map<string, number>();
    frozenUse.set(pool, uses);
    for (const address of addresses) {
      const users = (uses.get(address) ?? 0) + by;
      if (users > 0) {
        uses.set(address, users);
      } else {
        uses.delete(address);
      }
    }
  }

  function use(holder: string, address: WrittenAddress, sharing: Sharing): void {
    const place = pools.placeOf(address);
    let held = inUse[address.family].get(address.value);
    if (held === undefined) {
      held = { text: address.text, holders: new Map(), ports: new Map(), sharingKey: '', backendKey: '' };
      inUse[address.family].set(address.value, held);
    } else {
      place?.line.candidates.remove(place.rank, held);
    }
    held.holders.set(holder, sharing);
    held.sharingKey = sharing.sharingKey;
    held.backendKey = sharing.backendKey;
    for (const port of sharing.ports) {
      held.ports.set(formatPort(port), holder);
    }
    mark(place, held);
  }

  function leave(holder: string, address: IpAddress): void {
    const held = inUse[address.family].get(address.value);
    if (held === undefined) {
      return;
    }
    const place = pools.placeOf(address);
    place?.line.candidates.remove(place.rank, held);
    for (const port of held.holders.get(holder)?.ports ?? []) {
      held.ports.delete(formatPort(port));
    }
    held.holders.delete(holder);
    if (held.holders.size === 0) {
      inUse[address.family].delete(address.value);
      place?.line.held.delete(place.rank);
    } else {
      mark(place, held);
    }
  }

  return {
    get pools() {
      return pools;
    },
    of: (holder) => holdings.get(holder),
    at: ({ family, value }) => inUse[family].get(value),
    all: () => holdings.values(),
    take(holding) {
      const { allocation, parsed } = holding;
      holdings.set(allocation.holder, holding);
      for (const address of parsed) {
        use(allocation.holder, address, allocation.sharing);
      }
      countFrozen(allocation, 1);
    },
    drop(holder) {
      const holding = holdings.get(holder);
      if (holding !== undefined) {
        holdings.delete(holder);
        for (const address of holding.parsed) {
          leave(holder, address);
        }
        countFrozen(holding.allocation, -1);
      }
      return holding;
    },
    frozenAddresses: (pool) => frozenUse.get(pool)?.keys() ?? [],
    startOver(next) {
      pools = next;
      frozenUse = new Map();
      holdings.clear();
      inUse[4].clear();
      inUse[6].clear();
    },
  };
}
