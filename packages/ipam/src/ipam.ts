import { type Family, formatIp, type IpAddress, parseIp } from './address/address.ts';
import { goQuote, goQuoteList } from './address/go-quote.ts';
import type { OperationCounter } from './collections/ordered-tree.ts';
import { createReusingMap, type ReusingMap } from './collections/reusing-map.ts';
import { done, type IpamFailure, type Outcome, refused } from './failure.ts';
import type { PoolSpec } from './pools/pool.ts';
import { createPoolSet, type Place, type Pool, type PoolProblem, type PoolSet } from './pools/pool-set.ts';
import { formatPort, type HeldAddress, type Sharing, sameSharing, whyNotShared } from './sharing.ts';

/** What one holder has. */
export interface Allocation {
  readonly holder: string;
  /** Canonical text, in the order in which they were asked for; IPv4 first where they were allocated. */
  readonly addresses: readonly string[];
  readonly pool: string;
  readonly sharing: Sharing;
}

/** The outcome of asking for addresses. */
export type AssignResult = Outcome<Allocation>;

/** Which families {@link Ipam.allocate} is to find; `dual` is one address of each, from the same pool. */
export type Families = 'ipv4' | 'ipv6' | 'dual';

/** What {@link Ipam.allocate} is to find. */
export interface AllocateRequest {
  readonly pool: string;
  readonly families: Families;
  readonly sharing: Sharing;
}

/** How {@link Ipam.assign} treats pools that are not in force. */
export interface AssignOptions {
  /**
   * The holder has these addresses on record from before a restart: a frozen pool honours that, by its ranges or, where
   * they cannot all be read, by its name.
   */
  readonly onRecord?: { readonly pool: string | undefined };
}

/** How {@link Ipam.setPools} takes the list. */
export interface SetPoolsOptions {
  /** There are pools that could not be read at all: who holds an address that is in no pool keeps it. */
  readonly partial?: boolean;
}

/** What {@link Ipam.setPools} did to those who hold addresses; everybody else keeps what they have. */
export interface PoolsChange {
  /** Same addresses, another pool: one was renamed, merged or split. */
  readonly relabelled: readonly { readonly holder: string; readonly from: string; readonly to: string }[];
  /** Addresses that no pool has any more; they are released. */
  readonly lost: readonly Allocation[];
  /** Pools that could not come into force and were frozen instead. */
  readonly problems: readonly PoolProblem[];
}

/** How full a pool is; exact at any size. */
export interface PoolCounters {
  readonly assignedIpv4: bigint;
  readonly assignedIpv6: bigint;
  readonly availableIpv4: bigint;
  readonly availableIpv6: bigint;
  readonly capacityIpv4: bigint;
  readonly capacityIpv6: bigint;
}

/** An allocator of addresses. Deterministic: the same calls give the same answers. */
export interface Ipam {
  /** Steps taken by searches so far: a measure of work without a clock. */
  readonly operations: number;
  /**
   * Replaces all pools and judges every allocation anew. Where two pools overlap the earlier in the list stands.
   * @throws RangeError if two pools have one name.
   */
  setPools(pools: readonly PoolSpec[], options?: SetPoolsOptions): PoolsChange;
  /**
   * Gives exactly these addresses to a holder, in place of what it has. Repeating it is harmless. If it is refused the
   * holder keeps what it had.
   */
  assign(holder: string, addresses: readonly string[], sharing: Sharing, options?: AssignOptions): AssignResult;
  /**
   * Gives a holder the first addresses of a pool that are free or that it may share. A holder that has such addresses
   * from this pool keeps them; if it is refused it keeps what it had.
   */
  allocate(holder: string, request: AllocateRequest): AssignResult;
  /** The address that {@link Ipam.allocate} would find for somebody new; gives nothing. */
  lowestAvailable(pool: string, family: 'ipv4' | 'ipv6', sharing: Sharing): Outcome<string>;
  /** Whether {@link Ipam.allocate} would find something for somebody new. Cheap where a pool is full. */
  hasRoom(pool: string, families: Families, sharing: Sharing): boolean;
  /** @returns Whether the holder had anything. */
  release(holder: string): boolean;
  allocationOf(holder: string): Allocation | undefined;
  /** Who uses an address, in no particular order. */
  holdersOf(address: string): readonly string[];
  /** The pool in whose ranges all these addresses are; one in force before a frozen one. */
  poolOf(addresses: readonly string[]): string | undefined;
  /** `undefined` for a pool that is not there. A frozen pool has nothing available. */
  counters(pool: string): PoolCounters | undefined;
  /** Everything that is held, in no particular order. */
  allocations(): Iterable<Allocation>;
}

/** An address and its canonical text. */
interface WrittenAddress extends IpAddress {
  readonly text: string;
}

interface Holding {
  readonly allocation: Allocation;
  readonly parsed: readonly WrittenAddress[];
}

function textsOf(addresses: readonly WrittenAddress[]): string[] {
  return addresses.map(({ text }) => text);
}

function written(address: IpAddress): WrittenAddress {
  return { family: address.family, value: address.value, text: formatIp(address) };
}

const FAMILIES: Readonly<Record<Families, readonly Family[]>> = { ipv4: [4], ipv6: [6], dual: [4, 6] };

/** Creates an allocator without pools. */
export function createIpam(): Ipam {
  const operations: OperationCounter = { count: 0 };
  const holdings = createReusingMap<string, Holding>();
  const inUse: Record<Family, ReusingMap<bigint, HeldAddress>> = { 4: createReusingMap(), 6: createReusingMap() };
  /** For frozen pools, which have no line: how many users each address has. */
  let frozenUse = new Map<string, Map<string, number>>();
  let pools: PoolSet = createPoolSet([], operations);
  let partial = false;

  /** Puts an address where a pool in force has it, whatever pool its holders have it from. */
  function mark(place: Place | undefined, held: HeldAddress): void {
    place?.line.held.add(place.rank);
    place?.line.candidates.put(place.rank, held);
  }

  function countFrozen(pool: string, address: string, by: 1 | -1): void {
    const uses = frozenUse.get(pool) ?? new Map<string, number>();
    frozenUse.set(pool, uses);
    const users = (uses.get(address) ?? 0) + by;
    if (users > 0) {
      uses.set(address, users);
    } else {
      uses.delete(address);
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

  function take(holding: Holding): void {
    const { allocation, parsed } = holding;
    holdings.set(allocation.holder, holding);
    for (const address of parsed) {
      use(allocation.holder, address, allocation.sharing);
      if (pools.byName.get(allocation.pool)?.frozen === true) {
        countFrozen(allocation.pool, address.text, 1);
      }
    }
  }

  function drop(holder: string): Holding | undefined {
    const holding = holdings.get(holder);
    if (holding !== undefined) {
      holdings.delete(holder);
      for (const address of holding.parsed) {
        leave(holder, address);
      }
      if (pools.byName.get(holding.allocation.pool)?.frozen === true) {
        for (const text of holding.allocation.addresses) {
          countFrozen(holding.allocation.pool, text, -1);
        }
      }
    }
    return holding;
  }

  function inForce(addresses: readonly IpAddress[]): Pool | undefined {
    const found = new Set(addresses.map((address) => pools.placeOf(address)?.pool));
    return found.size === 1 ? [...found][0] : undefined;
  }

  function frozenPool(addresses: readonly IpAddress[]): Pool | undefined {
    const found = new Set(addresses.map((address) => pools.frozenPoolOf(address)));
    return found.size === 1 ? [...found][0] : undefined;
  }

  /**
   * The pool for addresses that somebody has already: the one they came from goes before any other while it is frozen,
   * and where not everything could be read nobody loses an address because it is not seen.
   */
  function poolOnRecord(addresses: readonly IpAddress[], from: string | undefined): { name: string } | undefined {
    const named = from === undefined ? undefined : pools.byName.get(from);
    const frozen = frozenPool(addresses);
    if (named?.frozen === true && frozen === named) {
      return named;
    }
    const seen = inForce(addresses) ?? frozen;
    if (seen !== undefined) {
      return seen;
    }
    if (named?.incomplete === true) {
      return named;
    }
    const elsewhere = addresses.some((address) => pools.placeOf(address) !== undefined);
    return partial && !elsewhere ? { name: from ?? '' } : undefined;
  }

  function parseAddresses(texts: readonly string[]): Outcome<WrittenAddress[]> {
    const parsed: WrittenAddress[] = [];
    for (const text of texts) {
      const address = parseIp(text);
      if (address === undefined) {
        return refused('ERR_IPAM_INVALID_ADDRESS', `invalid IP address ${goQuote(text)}`);
      }
      parsed.push(written(address));
    }
    const [first, second] = parsed;
    if (first === undefined) {
      return refused('ERR_IPAM_INVALID_ADDRESS', 'no addresses');
    }
    if (parsed.length > 2) {
      return refused('ERR_IPAM_TOO_MANY_ADDRESSES', `more than two addresses ${goQuoteList(textsOf(parsed))}`);
    }
    if (first.family === second?.family) {
      return refused('ERR_IPAM_SAME_FAMILY', `${textsOf(parsed).map(goQuote).join(' ')} has the same family`);
    }
    return done(parsed);
  }

  /** Why `holder` may not use one of the addresses beside those who use it already. */
  function conflict(holder: string, addresses: readonly IpAddress[], sharing: Sharing): IpamFailure | undefined {
    for (const address of addresses) {
      const held = inUse[address.family].get(address.value);
      const failure = held && whyNotShared(held, holder, sharing);
      if (failure !== undefined) {
        return failure;
      }
    }
    return undefined;
  }

  function give(
    holder: string,
    parsed: readonly WrittenAddress[],
    pool: { readonly name: string },
    sharing: Sharing,
  ): AssignResult {
    const current = holdings.get(holder)?.allocation;
    const addresses = textsOf(parsed);
    if (
      current?.pool === pool.name &&
      current.addresses.join() === addresses.join() &&
      sameSharing(current.sharing, sharing)
    ) {
      return done(current);
    }
    drop(holder);
    const allocation: Allocation = { holder, addresses, pool: pool.name, sharing };
    take({ allocation, parsed });
    return done(allocation);
  }

  function exhausted(pool: string): IpamFailure {
    return refused('ERR_IPAM_POOL_EXHAUSTED', `no available IPs in pool ${pool}`).failure;
  }

  function unknownPool(pool: string) {
    return refused('ERR_IPAM_UNKNOWN_POOL', `unknown pool ${goQuote(pool)}`);
  }

  function search(pool: Pool, families: readonly Family[], sharing: Sharing): WrittenAddress[] | undefined {
    const found: WrittenAddress[] = [];
    for (const family of families) {
      const line = pool.lines[family];
      const rank = line.lowestAvailable(sharing);
      if (rank === undefined) {
        return undefined;
      }
      found.push(written({ family, value: line.addressAt(rank) }));
    }
    return found;
  }

  function setPools(specs: readonly PoolSpec[], options?: SetPoolsOptions): PoolsChange {
    const next = createPoolSet(specs, operations);
    const before = [...holdings.values()];
    pools = next;
    partial = options?.partial === true;
    frozenUse = new Map();
    holdings.clear();
    inUse[4].clear();
    inUse[6].clear();
    const relabelled: { holder: string; from: string; to: string }[] = [];
    const lost: Allocation[] = [];
    for (const { allocation, parsed } of before) {
      const pool = poolOnRecord(parsed, allocation.pool);
      if (pool === undefined) {
        lost.push(allocation);
        continue;
      }
      if (pool.name !== allocation.pool) {
        relabelled.push({ holder: allocation.holder, from: allocation.pool, to: pool.name });
      }
      take({ parsed, allocation: pool.name === allocation.pool ? allocation : { ...allocation, pool: pool.name } });
    }
    return { relabelled, lost, problems: next.problems };
  }

  function counters(name: string): PoolCounters | undefined {
    const pool = pools.byName.get(name);
    if (pool === undefined) {
      return undefined;
    }
    if (pool.frozen) {
      const texts = [...(frozenUse.get(name)?.keys() ?? [])];
      const assignedIpv6 = BigInt(texts.filter((text) => text.includes(':')).length);
      const size = (family: Family) =>
        pool.ranges.reduce((sum, range) => (range.family === family ? sum + range.last - range.first + 1n : sum), 0n);
      return {
        assignedIpv4: BigInt(texts.length) - assignedIpv6,
        assignedIpv6,
        availableIpv4: 0n,
        availableIpv6: 0n,
        capacityIpv4: size(4),
        capacityIpv6: size(6),
      };
    }
    const { 4: ipv4, 6: ipv6 } = pool.lines;
    return {
      assignedIpv4: ipv4.held.size,
      assignedIpv6: ipv6.held.size,
      availableIpv4: ipv4.capacity - ipv4.held.size,
      availableIpv6: ipv6.capacity - ipv6.held.size,
      capacityIpv4: ipv4.capacity,
      capacityIpv6: ipv6.capacity,
    };
  }

  return {
    get operations() {
      return operations.count;
    },
    setPools,
    assign(holder, addresses, sharing, options) {
      const parsed = parseAddresses(addresses);
      if (!parsed.ok) {
        return parsed;
      }
      const current = holdings.get(holder);
      const has = (text: string) => current?.allocation.addresses.includes(text) === true;
      const onRecord = textsOf(parsed.value).every(has) ? { pool: current?.allocation.pool } : options?.onRecord;
      const pool = onRecord === undefined ? inForce(parsed.value) : poolOnRecord(parsed.value, onRecord.pool);
      if (pool === undefined) {
        const shown = goQuoteList(textsOf(parsed.value));
        return refused('ERR_IPAM_NOT_ALLOWED', `${shown} is not allowed in config`);
      }
      const failure = conflict(holder, parsed.value, sharing);
      return failure === undefined ? give(holder, parsed.value, pool, sharing) : { ok: false, failure };
    },
    allocate(holder, { pool: name, families, sharing }) {
      const pool = pools.byName.get(name);
      if (pool === undefined) {
        return unknownPool(name);
      }
      const wanted = FAMILIES[families];
      const current = holdings.get(holder);
      if (
        current?.allocation.pool === name &&
        current.parsed.length === wanted.length &&
        current.parsed.every((address) => wanted.includes(address.family)) &&
        conflict(holder, current.parsed, sharing) === undefined
      ) {
        return give(holder, current.parsed, pool, sharing);
      }
      const dropped = current && drop(holder);
      const found = search(pool, wanted, sharing);
      if (found === undefined) {
        if (dropped !== undefined) {
          take(dropped);
        }
        return { ok: false, failure: exhausted(name) };
      }
      return give(holder, found, pool, sharing);
    },
    lowestAvailable(name, family, sharing) {
      const pool = pools.byName.get(name);
      if (pool === undefined) {
        return unknownPool(name);
      }
      const [found] = search(pool, FAMILIES[family], sharing) ?? [];
      return found === undefined
        ? refused('ERR_IPAM_POOL_EXHAUSTED', `no available IPs in pool ${name} for ${family} IPFamily`)
        : done(found.text);
    },
    hasRoom(name, families, sharing) {
      const lines = pools.byName.get(name)?.lines;
      return (
        lines !== undefined &&
        FAMILIES[families].every((family) => {
          const line = lines[family];
          return line.held.size < line.capacity || line.candidates.lowest(sharing, line.capacity) !== undefined;
        })
      );
    },
    release: (holder) => drop(holder) !== undefined,
    allocationOf: (holder) => holdings.get(holder)?.allocation,
    holdersOf(text) {
      const address = parseIp(text);
      const held = address && inUse[address.family].get(address.value);
      return held === undefined ? [] : [...held.holders.keys()];
    },
    poolOf(texts) {
      const parsed = parseAddresses(texts);
      return parsed.ok ? (inForce(parsed.value) ?? frozenPool(parsed.value))?.name : undefined;
    },
    counters,
    *allocations() {
      for (const holding of holdings.values()) {
        yield holding.allocation;
      }
    },
  };
}
