import { prefixOf } from './prefix.ts';

/** Services of which it cannot be told by what they are announced, if at all. */
export interface Undecided {
  readonly size: number;
  /** @param addresses - Those that may be announced; none once it can be told. */
  set(serviceKey: string, addresses: readonly string[]): void;
  /** The prefixes of addresses that belonged to such a Service, and now belong to none. */
  takeEnded(): ReadonlySet<string>;
}

/** An address by itself: an aggregate may be announced for others. */
const ALONE = { aggregationLength: 32, aggregationLengthV6: 128 };

export function createUndecided(): Undecided {
  const addressesOf = new Map<string, readonly string[]>();
  const ended = new Set<string>();
  return {
    get size() {
      return addressesOf.size;
    },
    set(serviceKey, addresses) {
      for (const address of addressesOf.get(serviceKey) ?? []) {
        if (!addresses.includes(address)) {
          ended.add(address);
        }
      }
      if (addresses.length > 0) {
        addressesOf.set(serviceKey, addresses);
      } else {
        addressesOf.delete(serviceKey);
      }
    },
    takeEnded() {
      if (ended.size === 0) {
        return ended;
      }
      for (const address of [...addressesOf.values()].flat()) {
        ended.delete(address); // it is shared
      }
      const prefixes = new Set(Array.from(ended, (address) => prefixOf(address, ALONE)));
      ended.clear();
      return prefixes;
    },
  };
}
