import { type Allocation, type Families, type Ipam, parseIp, type Sharing } from '@steelyard/ipam';

/** Addresses that a Service has had, the latest first. */
export type Memories = readonly (readonly string[])[];

/** What a Service may be given. */
export interface Wanted {
  /** What it can live with, best first. */
  readonly shapes: readonly Families[];
  readonly sharing: Sharing;
  readonly memories: Memories;
}

const ORDER: Readonly<Record<Families, readonly ('ipv4' | 'ipv6')[]>> = {
  ipv4: ['ipv4'],
  ipv6: ['ipv6'],
  dual: ['ipv4', 'ipv6'],
};

/**
 * Gives a Service what it had before, if that is of a pool that it may be given some of and nobody has it: whole or,
 * where only one shape will do, completed by the family that it had not, or the part of it that fits.
 */
export function reassign(
  holder: string,
  ipam: Ipam,
  mayBeFrom: (pool: string) => boolean,
  wanted: Wanted,
): readonly string[] | undefined {
  for (const had of wanted.memories) {
    const addresses = recall(holder, ipam, had, mayBeFrom, wanted);
    const result = addresses && ipam.assign(holder, addresses, wanted.sharing);
    if (result?.ok === true) {
      return result.value.addresses;
    }
  }
  return undefined;
}

/** What {@link reassign} would give of one memory; changes nothing. */
export function recall(
  holder: string,
  ipam: Ipam,
  had: readonly string[],
  mayBeFrom: (pool: string) => boolean,
  { shapes, sharing }: Omit<Wanted, 'memories'>,
): readonly string[] | undefined {
  const remembered = byFamily(had);
  const whole = remembered.size === 2 ? 'dual' : [...remembered.keys()][0];
  // Who has a choice of shapes gets what it had as it was, or whatever is best now.
  for (const shape of shapes.length === 1 ? shapes : shapes.filter((one) => one === whole)) {
    const known = ORDER[shape].flatMap((family) => remembered.get(family) ?? []);
    const pool = known.length === 0 ? undefined : ipam.poolOf(known);
    if (pool === undefined || !mayBeFrom(pool) || !ipam.available(holder, known, sharing)) {
      continue;
    }
    // Who has two families at once or none has its missing one from the same pool; who prefers two gets it later.
    const missing = ORDER[shape].filter((family) => !remembered.has(family));
    const found = missing.map((family) => ipam.lowestAvailable(pool, family, sharing));
    const added = found.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
    if (shape === whole && isAsWritten(had, known)) {
      return had;
    }
    if (added.length === missing.length) {
      return ORDER[shape].flatMap((family) => remembered.get(family) ?? added);
    }
  }
  return undefined;
}

/** The address of the other family that a holder had beside the one that it has, if it can have the two again. */
export function partnerOf(
  holder: string,
  ipam: Ipam,
  { addresses: [address = ''], pool }: Pick<Allocation, 'addresses' | 'pool'>,
  { memories, sharing }: Omit<Wanted, 'shapes'>,
): string | undefined {
  const pairs = memories.filter((had) => had.length === 2 && had.includes(address));
  return pairs
    .find((pair) => ipam.poolOf(pair) === pool && ipam.available(holder, pair, sharing))
    ?.find((other) => other !== address);
}

/** The first address of each family. */
function byFamily(addresses: readonly string[]): Map<'ipv4' | 'ipv6', string> {
  const first = new Map<'ipv4' | 'ipv6', string>();
  for (const address of addresses) {
    const parsed = parseIp(address);
    const family = parsed?.family === 6 ? 'ipv6' : 'ipv4';
    if (parsed !== undefined && !first.has(family)) {
      first.set(family, address);
    }
  }
  return first;
}

/** Nothing was left out, so that the order in which they were had may stay. */
function isAsWritten(had: readonly string[], known: readonly string[]): boolean {
  return had.length === known.length;
}
