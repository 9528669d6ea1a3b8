import type { Interfaces } from '@steelyard/announce';
import type { WireReport } from '../protocol/report.ts';

/** What this node announces, as the wire thread has reported it. */
export interface AnnouncedServices {
  /** @returns The Service of which this node announces something else now than before; `undefined`: nothing changed. */
  take(report: WireReport): string | undefined;
  /** The addresses of a Service, each with the interfaces that it is announced on; `undefined` where this node announces none. */
  of(serviceKey: string): ReadonlyMap<string, Interfaces> | undefined;
  all(): Iterable<readonly [serviceKey: string, addresses: ReadonlyMap<string, Interfaces>]>;
}

export function createAnnouncedServices(): AnnouncedServices {
  const services = new Map<string, Map<string, Interfaces>>();
  return {
    take(report) {
      switch (report.type) {
        case 'announced': {
          const { serviceKey, address, interfaces } = report;
          const addresses = services.get(serviceKey) ?? new Map<string, Interfaces>();
          const before = addresses.get(address);
          services.set(serviceKey, addresses.set(address, interfaces));
          return before !== undefined && String(before) === String(interfaces) ? undefined : serviceKey;
        }
        case 'withdrawn':
        case 'interfaceMissing': {
          const addresses = services.get(report.serviceKey);
          if (addresses?.delete(report.address) !== true) return undefined;
          if (addresses.size === 0) services.delete(report.serviceKey);
          return report.serviceKey;
        }
        case 'bgpService':
        case 'bgpSession':
        case 'conflict':
        case 'state':
          return undefined;
      }
    },
    of: (serviceKey) => services.get(serviceKey),
    all: () => services,
  };
}

/** The interfaces that a status names: none where an address is announced on all, else each once, sorted. */
export function namedInterfaces(addresses: ReadonlyMap<string, Interfaces>): readonly string[] {
  const named = new Set<string>();
  for (const interfaces of addresses.values()) {
    if (interfaces === 'all') return [];
    for (const name of interfaces) named.add(name);
  }
  return [...named].sort((a, b) => (a < b ? -1 : 1));
}
