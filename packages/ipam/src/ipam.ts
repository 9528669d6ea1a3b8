import { type Family, formatIp, type IpAddress, parseIp } from './address/address.ts';
import { goQuote, goQuoteList } from './address/go-quote.ts';
import type { Allocation } from './allocation.ts';
import type { OperationCounter } from './collections/ordered-tree.ts';
import type { PoolCounters } from './counters.ts';
import { done, type IpamFailure, type Outcome, refused } from './failure.ts';
import { createHoldings, type WrittenAddress } from './holdings.ts';
import type { PoolSpec } from './pools/pool.ts';
import { createPoolSet, type Pool, type PoolProblem } from './pools/pool-set.ts';
import { type Sharing, sameSharing, whyNotShared } from './sharing.ts';

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
  /** Whether a holder could use all of these addresses beside those who use them now, whatever pool they are of. */
  available(holder: string, addresses: readonly string[], sharing: Sharing): boolean;
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

function textsOf(addresses: readonly WrittenAddress[]): string[] {
  return addresses.map(({ text }) => text);
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

function written(address: IpAddress): WrittenAddress {
  return { family: address.family, value: address.value, text: formatIp(address) };
}

const FAMILIES: Readonly<Record<Families, readonly Family[]>> = { ipv4: [4], ipv6: [6], dual: [4, 6] };

/** Creates an allocator without pools. */
export function createIpam(): Ipam {
  const operations: OperationCounter = { count: 0 };
  const holdings = createHoldings(operations);
  let partial = false;

  /** The pool in force that has all of some addresses. */
  function inForce(addresses: readonly IpAddress[]): Pool | undefined {
    const found = new Set(addresses.map((address) => holdings.pools.placeOf(address)?.pool));
    return found.size === 1 ? [...found][0] : undefined;
  }

  function frozenPool(addresses: readonly IpAddress[]): Pool | undefined {
    const found = new Set(addresses.map((address) => holdings.pools.frozenPoolOf(address)));
    return found.size === 1 ? [...found][0] : undefined;
  }

  /**
   * The pool for addresses that somebody has already: the one they came from goes before any other while it is frozen,
   * and where not everything could be read nobody loses an address because it is not seen.
   */
  function poolOnRecord(addresses: readonly IpAddress[], from: string | undefined): { name: string } | undefined {
    const named = from === undefined ? undefined : holdings.pools.byName.get(from);
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
    const elsewhere = addresses.some((address) => holdings.pools.placeOf(address) !== undefined);
    return partial && !elsewhere ? { name: from ?? '' } : undefined;
  }

  function parseAddresses(texts: readonly string[]): Outcome<readonly WrittenAddress[]> {
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
      const held = holdings.at(address);
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
    const current = holdings.of(holder)?.allocation;
    const addresses = textsOf(parsed);
    if (
      current?.pool === pool.name &&
      sameTexts(current.addresses, addresses) &&
      sameSharing(current.sharing, sharing)
    ) {
      return done(current);
    }
    holdings.drop(holder);
    const allocation: Allocation = { holder, addresses, pool: pool.name, sharing };
    holdings.take({ allocation, parsed });
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
    const before = [...holdings.all()];
    partial = options?.partial === true;
    holdings.startOver(next);
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
      holdings.take({
        parsed,
        allocation: pool.name === allocation.pool ? allocation : { ...allocation, pool: pool.name },
      });
    }
    return { relabelled, lost, problems: next.problems };
  }

  function counters(name: string): PoolCounters | undefined {
    const pool = holdings.pools.byName.get(name);
    if (pool === undefined) {
      return undefined;
    }
    if (pool.frozen) {
      const texts = [...holdings.frozenAddresses(name)];
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
        vastIpv6: pool.vastIpv6,
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
      vastIpv6: pool.vastIpv6,
    };
  }

  return {
    get operations() {
      return operations.count;
    },
    setPools,
    assign(holder, addresses, sharing, options) {
      const current = holdings.of(holder);
      const known = current !== undefined && sameTexts(current.allocation.addresses, addresses);
      const parsed = known ? done(current.parsed) : parseAddresses(addresses);
      if (!parsed.ok) {
        return parsed;
      }
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
      const pool = holdings.pools.byName.get(name);
      if (pool === undefined) {
        return unknownPool(name);
      }
      const wanted = FAMILIES[families];
      const current = holdings.of(holder);
      if (
        current?.allocation.pool === name &&
        current.parsed.length === wanted.length &&
        current.parsed.every((address) => wanted.includes(address.family)) &&
        conflict(holder, current.parsed, sharing) === undefined
      ) {
        return give(holder, current.parsed, pool, sharing);
      }
      const dropped = current && holdings.drop(holder);
      const found = search(pool, wanted, sharing);
      if (found === undefined) {
        if (dropped !== undefined) {
          holdings.take(dropped);
        }
        return { ok: false, failure: exhausted(name) };
      }
      return give(holder, found, pool, sharing);
    },
    lowestAvailable(name, family, sharing) {
      const pool = holdings.pools.byName.get(name);
      if (pool === undefined) {
        return unknownPool(name);
      }
      const [found] = search(pool, FAMILIES[family], sharing) ?? [];
      return found === undefined
        ? refused('ERR_IPAM_POOL_EXHAUSTED', `no available IPs in pool ${name} for ${family} IPFamily`)
        : done(found.text);
    },
    hasRoom(name, families, sharing) {
      const lines = holdings.pools.byName.get(name)?.lines;
      return (
        lines !== undefined &&
        FAMILIES[families].every((family) => {
          const line = lines[family];
          return line.held.size < line.capacity || line.candidates.lowest(sharing, line.capacity) !== undefined;
        })
      );
    },
    available(holder, addresses, sharing) {
      const parsed = parseAddresses(addresses);
      return parsed.ok && conflict(holder, parsed.value, sharing) === undefined;
    },
    release: (holder) => holdings.drop(holder) !== undefined,
    allocationOf: (holder) => holdings.of(holder)?.allocation,
    holdersOf(text) {
      const address = parseIp(text);
      const held = address && holdings.at(address);
      return held === undefined ? [] : [...held.holders.keys()];
    },
    poolOf(texts) {
      const parsed = parseAddresses(texts);
      return parsed.ok ? (inForce(parsed.value) ?? frozenPool(parsed.value))?.name : undefined;
    },
    counters,
    *allocations() {
      for (const holding of holdings.all()) {
        yield holding.allocation;
      }
    },
  };
}
