import type { DumpKind } from './requests.ts';
import type { AddressOfLink, LinkAddress, LinkAttributes } from './rtnetlink.ts';

/** An interface with its addresses. */
export interface Link extends LinkAttributes {
  readonly addresses: readonly LinkAddress[];
}

/** The interfaces of a network namespace and where its default routes lead. A new object for each change; links that did not change stay the same objects. */
export interface NetworkView {
  /** By index. */
  readonly links: ReadonlyMap<number, Link>;
  /** Next hops of the default routes of all routing tables, without repetition, sorted as text. */
  readonly gateways: readonly string[];
}

/** A fact that a message of the kernel states. */
export type NetworkFact =
  | { readonly type: 'link'; readonly link: LinkAttributes }
  | { readonly type: 'linkGone'; readonly index: number }
  | { readonly type: 'address'; readonly of: AddressOfLink }
  | { readonly type: 'addressGone'; readonly of: AddressOfLink }
  | { readonly type: 'defaultRoute'; readonly family: 4 | 6; readonly gateways: readonly string[] };

/** What the kernel has said so far. */
export interface NetworkTable {
  /** Starts to collect a dump. What was known of the kind stays in force until {@link NetworkTable.endDump}. */
  beginDump(kind: DumpKind): void;
  /** A fact from the dump that was begun last. */
  addDumped(fact: NetworkFact): void;
  /** What was not in the dump is gone. */
  endDump(): void;
  /** A fact that came by itself. It is also part of a dump that is being collected. @returns What is no longer known after it. */
  apply(fact: NetworkFact): readonly DumpKind[];
  /** True once after each change. */
  takeChanged(): boolean;
  view(): NetworkView;
}

interface Collected {
  readonly links: Map<number, LinkAttributes>;
  /** By interface, then by address and prefix length: an interface may have an address with several. */
  readonly addresses: Map<number, Map<string, LinkAddress>>;
  readonly gateways: Set<string>;
}

/** Makes an empty table. */
export function createNetworkTable(): NetworkTable {
  const links = new Map<number, LinkAttributes>();
  const addresses = new Map<number, Map<string, LinkAddress>>();
  const gateways = new Map<4 | 6, ReadonlySet<string>>();
  const views = new Map<number, Link>();
  let dump: { readonly kind: DumpKind; readonly collected: Collected } | undefined;
  let changed = false;

  /** An interface looks different from now on. */
  function touch(index: number): void {
    views.delete(index);
    changed = true;
  }

  function setLink(link: LinkAttributes): readonly DumpKind[] {
    const before = links.get(link.index);
    if (before !== undefined && isSame(before, link)) return [];
    links.set(link.index, link);
    touch(link.index);
    return before?.up === true && !link.up ? silentlyRemoved : [];
  }

  function removeLink(index: number): readonly DumpKind[] {
    addresses.delete(index);
    if (!links.delete(index)) return [];
    touch(index);
    return silentlyRemoved;
  }

  function setAddress({ linkIndex, address }: AddressOfLink): void {
    const ofLink = addresses.get(linkIndex) ?? new Map<string, LinkAddress>();
    const before = ofLink.get(addressKey(address));
    if (before !== undefined && isSame(before, address)) return;
    addresses.set(linkIndex, ofLink.set(addressKey(address), address));
    touch(linkIndex);
  }

  function removeAddress({ linkIndex, address }: AddressOfLink): readonly DumpKind[] {
    if (!(addresses.get(linkIndex)?.delete(addressKey(address)) ?? false)) return [];
    touch(linkIndex);
    return silentlyRemoved;
  }

  function apply(fact: NetworkFact): readonly DumpKind[] {
    switch (fact.type) {
      case 'link':
        return setLink(fact.link);
      case 'linkGone':
        return removeLink(fact.index);
      case 'address':
        setAddress(fact.of);
        return [];
      case 'addressGone':
        return removeAddress(fact.of);
      case 'defaultRoute':
        // A replaced route is not reported as gone: only a dump tells which next hops are left.
        return [fact.family === 4 ? 'ipv4Routes' : 'ipv6Routes'];
    }
  }

  function replaceLinks(collected: Collected): void {
    for (const index of [...links.keys()]) if (!collected.links.has(index)) removeLink(index);
    for (const link of collected.links.values()) setLink(link);
  }

  function replaceAddresses(collected: Collected): void {
    for (const [linkIndex, ofLink] of addresses) {
      const found = collected.addresses.get(linkIndex);
      for (const [key, address] of [...ofLink]) if (!found?.has(key)) removeAddress({ linkIndex, address });
    }
    for (const [linkIndex, ofLink] of collected.addresses) {
      for (const address of ofLink.values()) setAddress({ linkIndex, address });
    }
  }

  function replaceGateways(family: 4 | 6, found: ReadonlySet<string>): void {
    const before = gateways.get(family) ?? new Set();
    if (before.size === found.size && [...before].every((gateway) => found.has(gateway))) return;
    gateways.set(family, found);
    changed = true;
  }

  return {
    beginDump(kind) {
      dump = { kind, collected: { links: new Map(), addresses: new Map(), gateways: new Set() } };
    },
    addDumped(fact) {
      if (dump !== undefined) collect(dump.collected, fact);
    },
    endDump() {
      if (dump === undefined) return;
      const { kind, collected } = dump;
      dump = undefined;
      if (kind === 'links') replaceLinks(collected);
      else if (kind === 'addresses') replaceAddresses(collected);
      else replaceGateways(kind === 'ipv4Routes' ? 4 : 6, collected.gateways);
    },
    apply(fact) {
      // A route that came or went is no list of next hops: another dump follows.
      if (dump !== undefined && fact.type !== 'defaultRoute') collect(dump.collected, fact);
      return apply(fact);
    },
    takeChanged() {
      const was = changed;
      changed = false;
      return was;
    },
    view() {
      for (const link of links.values()) {
        if (views.has(link.index)) continue;
        views.set(link.index, { ...link, addresses: [...(addresses.get(link.index)?.values() ?? [])] });
      }
      for (const index of [...views.keys()]) if (!links.has(index)) views.delete(index);
      return {
        links: new Map([...views].sort(([a], [b]) => a - b)),
        gateways: [...new Set([...gateways.values()].flatMap((found) => [...found]))].sort((a, b) => (a < b ? -1 : 1)),
      };
    },
  };
}

/** Routes that the kernel removes without a word when their interface or their source address goes away. */
const silentlyRemoved: readonly DumpKind[] = ['ipv4Routes', 'ipv6Routes'];

function collect(into: Collected, fact: NetworkFact): void {
  switch (fact.type) {
    case 'link':
      into.links.set(fact.link.index, fact.link);
      break;
    case 'linkGone':
      into.links.delete(fact.index);
      break;
    case 'address': {
      const { linkIndex, address } = fact.of;
      const ofLink = into.addresses.get(linkIndex) ?? new Map<string, LinkAddress>();
      into.addresses.set(linkIndex, ofLink.set(addressKey(address), address));
      break;
    }
    case 'addressGone':
      into.addresses.get(fact.of.linkIndex)?.delete(addressKey(fact.of.address));
      break;
    case 'defaultRoute':
      for (const gateway of fact.gateways) into.gateways.add(gateway);
      break;
  }
}

function addressKey({ address, prefixLength }: LinkAddress): string {
  return `${address}/${prefixLength}`;
}

function isSame<T extends object>(a: T, b: T): boolean {
  return (Object.keys(a) as (keyof T)[]).every((key) => a[key] === b[key]);
}
