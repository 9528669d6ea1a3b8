/** The pod addresses of one node: one per range, in order, each to one pod at a time. */

export interface PodAddresses {
  /** Addresses for a new pod, one of each range. */
  next(): string[];
  /** Addresses that pods have already. */
  take(addresses: readonly string[]): void;
  release(addresses: readonly string[]): void;
}

/** The first address of a range is the node's own. */
const FIRST_POD = 2;
const LAST_POD = 254;

/** @param cidrs - an IPv4 range that ends in 0, an IPv6 range that ends in `::`. */
export function createPodAddresses(cidrs: readonly string[]): PodAddresses {
  const taken = new Set<string>();
  const addressIn = (cidr: string, number: number): string => {
    const [network = ''] = cidr.split('/');
    if (network.includes(':')) return `${network}${number.toString(16)}`;
    return `${network.split('.').slice(0, 3).join('.')}.${number}`;
  };
  return {
    next: () => {
      for (let number = FIRST_POD; number <= LAST_POD; number++) {
        const addresses = cidrs.map((cidr) => addressIn(cidr, number));
        if (addresses.some((address) => taken.has(address))) continue;
        for (const address of addresses) taken.add(address);
        return addresses;
      }
      throw new RangeError(`no pod address is left in ${cidrs.join(' and ')}`);
    },
    take: (addresses) => {
      for (const address of addresses) taken.add(address);
    },
    release: (addresses) => {
      for (const address of addresses) taken.delete(address);
    },
  };
}
