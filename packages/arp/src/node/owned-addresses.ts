import { formatIpv4Address, ipv4ToNumber, parseIpv4Address } from '@steelyard/wire';
import type { ArpAddressCounters } from './options.ts';

/** One address of ours. */
export interface OwnedAddress {
  readonly address: number;
  readonly text: string;
  readonly counters: ArpAddressCounters;
}

/** The addresses that a responder owns, by the number that lies in a frame and by their text. */
export class OwnedAddresses {
  /** Canonical texts. */
  readonly texts: Set<string> = new Set();
  readonly #byNumber = new Map<number, OwnedAddress>();
  readonly #countersFor: (address: string) => ArpAddressCounters;

  constructor(countersFor: ((address: string) => ArpAddressCounters) | undefined) {
    this.#countersFor = countersFor ?? (() => ({ requestsReceived: 0, responsesSent: 0, gratuitousSent: 0 }));
  }

  /** Of the numbers, for the filter. */
  numbers(): Iterable<number> {
    return this.#byNumber.keys();
  }

  values(): Iterable<OwnedAddress> {
    return this.#byNumber.values();
  }

  has(address: number): boolean {
    return this.#byNumber.has(address);
  }

  get(address: number): OwnedAddress | undefined {
    return this.#byNumber.get(address);
  }

  /** @returns The number, or `undefined` when it is owned already. */
  add(text: string): number | undefined {
    const octets = parseIpv4Address(text);
    const address = ipv4ToNumber(octets);
    if (this.#byNumber.has(address)) return undefined;
    const canonical = formatIpv4Address(octets);
    this.#byNumber.set(address, { address, text: canonical, counters: this.#countersFor(canonical) });
    this.texts.add(canonical);
    return address;
  }

  /** @returns The number, or `undefined` when it is not owned. */
  remove(text: string): number | undefined {
    const address = ipv4ToNumber(parseIpv4Address(text));
    const owned = this.#byNumber.get(address);
    if (owned === undefined) return undefined;
    this.#byNumber.delete(address);
    this.texts.delete(owned.text);
    return address;
  }
}
