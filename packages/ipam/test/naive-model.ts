import { type AddressRange, formatIp, type IpAddress, type PoolSpec, parsePool, type Sharing } from '../src/index.ts';

/** The allocator as one would write it without a thought for speed: every question is a scan over every address. */
export interface NaiveModel {
  readonly held: Map<string, { addresses: string[]; pool: string; sharing: Sharing }>;
  setPools(pools: readonly PoolSpec[]): void;
  mayUse(holder: string, address: string, sharing: Sharing): boolean;
  poolOf(addresses: readonly string[]): string | undefined;
  assign(holder: string, addresses: readonly string[], sharing: Sharing): boolean;
  allocate(holder: string, pool: string, families: readonly (4 | 6)[], sharing: Sharing): string[] | undefined;
  assigned(pool: string, family: 4 | 6): bigint;
  capacity(pool: string, family: 4 | 6): bigint;
}

interface NaivePool {
  readonly name: string;
  readonly frozen: boolean;
  readonly addresses: readonly IpAddress[];
  readonly texts: readonly string[];
}

function buggy(address: IpAddress): boolean {
  return address.family === 4 && [0n, 255n].includes(address.value % 256n);
}

function everyAddress(spec: PoolSpec): IpAddress[] {
  const ranges = parsePool(spec);
  const addresses: IpAddress[] = [];
  for (const range of ranges.ok ? ranges.value : ([] as AddressRange[])) {
    for (let value = range.first; value <= range.last; value++) {
      addresses.push({ family: range.family, value });
    }
  }
  return addresses.filter((address) => !(spec.avoidBuggyIPs === true && spec.frozen !== true && buggy(address)));
}

export function createNaiveModel(): NaiveModel {
  let pools: NaivePool[] = [];
  const held: NaiveModel['held'] = new Map();
  const family = (text: string) => (text.includes(':') ? 6 : 4);
  const texts = (pool: NaivePool) => pool.texts;

  function containing(addresses: readonly string[], frozen: boolean): string | undefined {
    return pools.find((p) => p.frozen === frozen && addresses.every((address) => texts(p).includes(address)))?.name;
  }

  const model: NaiveModel = {
    held,
    setPools(specs) {
      pools = specs.map((spec) => {
        const addresses = everyAddress(spec);
        return { name: spec.name, frozen: spec.frozen === true, addresses, texts: addresses.map(formatIp) };
      });
      for (const [holder, holding] of [...held]) {
        const staysFrozen = pools.some(
          (p) => p.frozen && p.name === holding.pool && holding.addresses.every((text) => p.texts.includes(text)),
        );
        const pool = staysFrozen ? holding.pool : model.poolOf(holding.addresses);
        if (pool === undefined) {
          held.delete(holder);
        } else {
          held.set(holder, { ...holding, pool });
        }
      }
    },
    poolOf: (addresses) => containing(addresses, false) ?? containing(addresses, true),
    mayUse(holder, address, sharing) {
      const others = [...held].filter(([other, holding]) => other !== holder && holding.addresses.includes(address));
      return others.every(
        ([, { sharing: theirs }]) =>
          theirs.sharingKey !== '' &&
          theirs.sharingKey === sharing.sharingKey &&
          theirs.backendKey === sharing.backendKey &&
          !theirs.ports.some((a) => sharing.ports.some((b) => a.protocol === b.protocol && a.port === b.port)),
      );
    },
    assign(holder, addresses, sharing) {
      const mine = held.get(holder);
      const pool = addresses.every((address) => mine?.addresses.includes(address))
        ? mine?.pool
        : containing(addresses, false);
      if (pool === undefined || !addresses.every((address) => model.mayUse(holder, address, sharing))) {
        return false;
      }
      held.set(holder, { addresses: [...addresses], pool, sharing });
      return true;
    },
    allocate(holder, name, families, sharing) {
      const mine = held.get(holder);
      const pool = pools.find((p) => p.name === name && !p.frozen);
      if (
        mine?.pool === name &&
        mine.addresses.length === families.length &&
        mine.addresses.every((address) => families.some((f) => f === family(address))) &&
        mine.addresses.every((address) => model.mayUse(holder, address, sharing))
      ) {
        held.set(holder, { ...mine, sharing });
        return mine.addresses;
      }
      const found = families.map((wanted) =>
        (pool ? texts(pool) : []).find((text) => family(text) === wanted && model.mayUse(holder, text, sharing)),
      );
      if (pool === undefined || found.includes(undefined)) {
        return undefined;
      }
      const addresses = found.filter((text) => text !== undefined);
      held.set(holder, { addresses, pool: name, sharing });
      return addresses;
    },
    assigned(name, wanted) {
      const pool = pools.find((p) => p.name === name);
      const used = new Set([...held.values()].flatMap((holding) => holding.addresses));
      return BigInt((pool ? texts(pool) : []).filter((text) => family(text) === wanted && used.has(text)).length);
    },
    capacity(name, wanted) {
      const pool = pools.find((p) => p.name === name);
      return BigInt((pool?.addresses ?? []).filter((address) => address.family === wanted).length);
    },
  };
  return model;
}
