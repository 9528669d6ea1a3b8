import { formatIpv6Address, parseIpv6Address } from '@steelyard/wire';
import { solicitedNodeGroup } from '../multicast.ts';
import type { NdpAddressCounters } from './options.ts';

/** One address of ours. */
export interface OwnedAddress {
  readonly octets: Uint8Array;
  readonly text: string;
  /** Its solicited-node group, which other addresses may share. */
  readonly group: Uint8Array;
  readonly counters: NdpAddressCounters;
}

/** Mixes the sixteen octets into a number; which addresses share one, no stranger decides: only ours are in the table. */
function hash(octets: Uint8Array, offset: number): number {
  let mixed = 0;
  for (let i = 0; i < 16; i++) mixed = (Math.imul(mixed, 31) + (octets[offset + i] ?? 0)) | 0;
  return mixed;
}

function isSame(a: Uint8Array, b: Uint8Array, bOffset: number): boolean {
  for (let i = 15; i >= 0; i--) if (a[i] !== b[bOffset + i]) return false;
  return true;
}

/** The addresses that a responder owns, by the octets that lie in a frame and by their text. Looking up allocates nothing. */
export class OwnedAddresses {
  /** Canonical texts. */
  readonly texts: Set<string> = new Set();
  readonly #all = new Set<OwnedAddress>();
  readonly #byHash = new Map<number, OwnedAddress[]>();
  readonly #countersFor: (address: string) => NdpAddressCounters;

  constructor(countersFor: ((address: string) => NdpAddressCounters) | undefined) {
    this.#countersFor = countersFor ?? (() => ({ requestsReceived: 0, responsesSent: 0, gratuitousSent: 0 }));
  }

  values(): Iterable<OwnedAddress> {
    return this.#all;
  }

  /** Of the octets, for the filter. */
  *octets(): Iterable<Uint8Array> {
    for (const owned of this.#all) yield owned.octets;
  }

  has(owned: OwnedAddress): boolean {
    return this.#all.has(owned);
  }

  at(octets: Uint8Array, offset: number): OwnedAddress | undefined {
    const candidates = this.#byHash.get(hash(octets, offset));
    if (candidates === undefined) return undefined;
    for (const owned of candidates) if (isSame(owned.octets, octets, offset)) return owned;
    return undefined;
  }

  /** @returns The address, or `undefined` when it is owned already. @throws TypeError when it is none. */
  add(text: string): OwnedAddress | undefined {
    const octets = parseIpv6Address(text);
    if (octets[0] === 0xff) throw new TypeError(`a group has no owner: ${JSON.stringify(text)}`);
    if (this.at(octets, 0) !== undefined) return undefined;
    const canonical = formatIpv6Address(octets);
    const owned = {
      octets,
      text: canonical,
      group: solicitedNodeGroup(octets),
      counters: this.#countersFor(canonical),
    };
    const key = hash(octets, 0);
    const sharing = this.#byHash.get(key);
    if (sharing === undefined) this.#byHash.set(key, [owned]);
    else sharing.push(owned);
    this.#all.add(owned);
    this.texts.add(canonical);
    return owned;
  }

  /** @returns The address, or `undefined` when it is not owned. @throws TypeError when it is none. */
  remove(text: string): OwnedAddress | undefined {
    const octets = parseIpv6Address(text);
    const owned = this.at(octets, 0);
    if (owned === undefined) return undefined;
    const key = hash(octets, 0);
    const others = (this.#byHash.get(key) ?? []).filter((one) => one !== owned);
    if (others.length === 0) this.#byHash.delete(key);
    else this.#byHash.set(key, others);
    this.#all.delete(owned);
    this.texts.delete(owned.text);
    return owned;
  }
}
