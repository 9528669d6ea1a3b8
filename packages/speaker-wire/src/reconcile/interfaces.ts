import type { Link, NetworkView } from '@steelyard/linux-socket/link';

/** Of an address. */
export type Family = 'ipv4' | 'ipv6';

/** Why nothing is announced on an interface. */
export type InterfaceRefusal = 'Excluded' | 'Slave' | 'NoArp' | 'NoBroadcast' | 'NoMac' | 'NoLinkLocal';

export const FAMILIES: readonly Family[] = ['ipv4', 'ipv6'];

/** By name, where addresses of a family may be announced. */
export type UsableInterfaces = Readonly<Record<Family, ReadonlyMap<string, Link>>>;

/** What the reconciliation needs to know of the network. */
export interface NetworkFacts {
  /** Names of all interfaces that are not excluded, usable or not: what an advertisement may name. */
  readonly names: ReadonlySet<string>;
  /** Interfaces to announce on. Whether they are up is the responder's business, which waits for it. */
  readonly usable: UsableInterfaces;
  /** Addresses that this host answers for by itself. */
  readonly localAddresses: ReadonlySet<string>;
  readonly gateways: ReadonlySet<string>;
  readonly macs: ReadonlySet<string>;
}

export const NO_NETWORK: NetworkFacts = {
  names: new Set(),
  usable: { ipv4: new Map(), ipv6: new Map() },
  localAddresses: new Set(),
  gateways: new Set(),
  macs: new Set(),
};

/** The family that an address in canonical text is of. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}

/**
 * Judges one interface as MetalLB does (`internal/layer2/announcer.go`, `updateInterfaces`): not excluded, no bond
 * slave, bridge port or member of a VRF, no NOARP; for ARP able to broadcast, for NDP with a link-local address. Bridges, VLANs and bonds themselves are used.
 *
 * @returns Why it is not used, or `undefined`.
 */
export function refuseInterface(
  link: Link,
  family: Family,
  isExcluded: (interfaceName: string) => boolean,
): InterfaceRefusal | undefined {
  if (isExcluded(link.name)) return 'Excluded';
  if (link.masterIndex !== undefined) return 'Slave';
  if (link.noArp) return 'NoArp';
  if (family === 'ipv4' && !link.broadcast) return 'NoBroadcast';
  if (link.mac === undefined) return 'NoMac';
  return family === 'ipv6' && !hasLinkLocal(link) ? 'NoLinkLocal' : undefined;
}

/** One that is still being checked for duplicates counts: nothing is sent from it. */
function hasLinkLocal({ addresses }: Link): boolean {
  return addresses.some(({ family, scope, duplicate }) => family === 6 && scope === 'link' && !duplicate);
}

/**
 * Sums up what the kernel says.
 *
 * An address counts as the host's own unless it lies on a loopback or NOARP interface: kube-proxy's IPVS mode puts
 * every service address onto `kube-ipvs0`, and direct server return puts them onto `lo`; there the host holds them
 * for the sake of being announced.
 *
 * @param isExcluded - MetalLB's `announcedInterfacesToExclude`, asked about names.
 */
export function factsOf(view: NetworkView, isExcluded: (interfaceName: string) => boolean): NetworkFacts {
  const names = new Set<string>();
  const usable = { ipv4: new Map<string, Link>(), ipv6: new Map<string, Link>() };
  const localAddresses = new Set<string>();
  const macs = new Set<string>();
  for (const link of view.links.values()) {
    if (!isExcluded(link.name)) names.add(link.name);
    for (const family of FAMILIES) {
      if (refuseInterface(link, family, isExcluded) === undefined) usable[family].set(link.name, link);
    }
    if (link.mac !== undefined) macs.add(link.mac);
    if (!link.loopback && !link.noArp) for (const { address } of link.addresses) localAddresses.add(address);
  }
  return { names, usable, localAddresses, gateways: new Set(view.gateways), macs };
}

/** Whether two views lead to the same decisions; what else changed in a link concerns its responder only. */
export function decideAlike(a: NetworkFacts, b: NetworkFacts): boolean {
  return (
    equalSets(a.names, b.names) &&
    FAMILIES.every((family) => equalSets(new Set(a.usable[family].keys()), new Set(b.usable[family].keys()))) &&
    equalSets(a.localAddresses, b.localAddresses) &&
    equalSets(a.gateways, b.gateways)
  );
}

function equalSets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const one of a) if (!b.has(one)) return false;
  return true;
}
