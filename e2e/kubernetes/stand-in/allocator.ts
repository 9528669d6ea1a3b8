/** What the stand-in reads of an IPAddressPool. */
export interface PoolObject {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly addresses?: readonly string[]; readonly autoAssign?: boolean };
}

/** Who holds which address, in memory, as MetalLB's allocator has it. */
export interface Allocator {
  /** Holders of what is in no pool any more lose it. */
  setPools(pools: readonly PoolObject[]): void;
  readonly hasPools: boolean;
  poolOf(address: string): string | undefined;
  /** Says that a Service holds an address; false where no pool has it, or another Service holds it. */
  assign(service: string, address: string): boolean;
  /** Finds an address, in one pool or in those that give by themselves, lowest first. */
  allocate(service: string, pool: string | undefined): string | undefined;
  /** Returns whether there was something to free. */
  free(service: string): boolean;
}

interface Pool {
  readonly name: string;
  readonly autoAssign: boolean;
  readonly addresses: ReadonlySet<string>;
}

/** Pools are of tests: a bound that none of them reaches. */
const MAX_ADDRESSES = 65_536;

export function createAllocator(): Allocator {
  let pools: readonly Pool[] = [];
  const holders = new Map<string, string>();
  const held = new Map<string, string>();
  const free = (service: string): boolean => {
    const address = held.get(service);
    if (address === undefined) return false;
    held.delete(service);
    holders.delete(address);
    return true;
  };
  const self: Allocator = {
    setPools(objects) {
      pools = objects.map(({ metadata, spec = {} }) => ({
        name: metadata.name,
        autoAssign: spec.autoAssign !== false,
        addresses: new Set((spec.addresses ?? []).flatMap(addressesOf)),
      }));
      for (const [service, address] of held) if (self.poolOf(address) === undefined) free(service);
    },
    get hasPools() {
      return pools.length > 0;
    },
    poolOf: (address) => pools.find(({ addresses }) => addresses.has(address))?.name,
    assign(service, address) {
      const holder = holders.get(address);
      if (self.poolOf(address) === undefined || (holder !== undefined && holder !== service)) return false;
      if (held.get(service) !== address) free(service);
      held.set(service, address);
      holders.set(address, service);
      return true;
    },
    allocate(service, name) {
      const asked = pools.filter((pool) => (name === undefined ? pool.autoAssign : pool.name === name));
      for (const { addresses } of asked) {
        for (const address of addresses) if (!holders.has(address) && self.assign(service, address)) return address;
      }
      return undefined;
    },
    free,
  };
  return self;
}

/** The IPv4 addresses of a CIDR or of `first-last`. */
function addressesOf(range: string): readonly string[] {
  const [first = '', last] = range.split('-').map((text) => text.trim());
  const [network = '', prefixLength] = first.split('/');
  if (network.includes(':')) return []; // tests with the stand-in are of IPv4
  const size = 2 ** (32 - Number(prefixLength));
  const from = last === undefined ? Math.floor(numberOf(network) / size) * size : numberOf(first);
  const to = last === undefined ? from + size - 1 : numberOf(last);
  if (!(to >= from && to - from < MAX_ADDRESSES)) throw new RangeError(`not a range of a test: ${range}`);
  return Array.from({ length: to - from + 1 }, (_, i) => textOf(from + i));
}

const numberOf = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);

const textOf = (number: number): string =>
  [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(number / unit) % 256).join('.');
