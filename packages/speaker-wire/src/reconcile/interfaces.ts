import type { Link, NetworkView } from '@steelyard/linux-socket/link';

/** Why nothing is announced on an interface. */
export type InterfaceRefusal = 'Excluded' | 'Slave' | 'NoArp' | 'NoBroadcast' | 'NoMac';

/** What the reconciliation needs to know of the network. */
export interface NetworkFacts {
  /** Names of all interfaces that are not excluded, usable or not: what an advertisement may name. */
  readonly names: ReadonlySet<string>;
  /** Interfaces to announce on. Whether they are up is the responder's business, which waits for it. */
  readonly usable: ReadonlyMap<string, Link>;
  /** Addresses that this host answers for by itself. */
  readonly localAddresses: ReadonlySet<string>;
  readonly gateways: ReadonlySet<string>;
  readonly macs: ReadonlySet<string>;
}

export const NO_NETWORK: NetworkFacts = {
  names: new Set(),
  usable: new Map(),
  localAddresses: new Set(),
  gateways: new Set(),
  macs: new Set(),
};

/**
 * Judges one interface as MetalLB does (`internal/layer2/announcer.go`, `updateInterfaces`): not excluded, no bond
 * slave, bridge port or member of a VRF, no NOARP, and able to broadcast. Bridges, VLANs and bonds themselves are used.
 *
 * @returns Why it is not used, or `undefined`.
 */
export function refuseInterface(link: Link, excluded: readonly RegExp[]): InterfaceRefusal | undefined {
  if (excluded.some((pattern) => pattern.test(link.name))) return 'Excluded';
  if (link.masterIndex !== undefined) return 'Slave';
  if (link.noArp) return 'NoArp';
  if (!link.broadcast) return 'NoBroadcast';
  return link.mac === undefined ? 'NoMac' : undefined;
}

/**
 * Sums up what the kernel says.
 *
 * An address counts as the host's own unless it lies on a loopback or NOARP interface: kube-proxy's IPVS mode puts
 * every service address onto `kube-ipvs0`, and direct server return puts them onto `lo`; there the host holds them
 * for the sake of being announced.
 *
 * @param excluded - MetalLB's `announcedInterfacesToExclude`: not anchored, without the flags `g` and `y`.
 */
export function factsOf(view: NetworkView, excluded: readonly RegExp[]): NetworkFacts {
  const names = new Set<string>();
  const usable = new Map<string, Link>();
  const localAddresses = new Set<string>();
  const macs = new Set<string>();
  for (const link of view.links.values()) {
    const refusal = refuseInterface(link, excluded);
    if (refusal !== 'Excluded') names.add(link.name);
    if (refusal === undefined) usable.set(link.name, link);
    if (link.mac !== undefined) macs.add(link.mac);
    if (!link.loopback && !link.noArp) for (const { address } of link.addresses) localAddresses.add(address);
  }
  return { names, usable, localAddresses, gateways: new Set(view.gateways), macs };
}

/** Whether two views lead to the same decisions; what else changed in a link concerns its responder only. */
export function decideAlike(a: NetworkFacts, b: NetworkFacts): boolean {
  return (
    equalSets(a.names, b.names) &&
    equalSets(new Set(a.usable.keys()), new Set(b.usable.keys())) &&
    equalSets(a.localAddresses, b.localAddresses) &&
    equalSets(a.gateways, b.gateways)
  );
}

function equalSets(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.size !== b.size) return false;
  for (const one of a) if (!b.has(one)) return false;
  return true;
}
