import { type AnsweredRequest, type ArpConflict, type ArpResponder, openArpResponder } from '@steelyard/arp/node';
import type { Link } from '@steelyard/linux-socket/link';
import { type AnsweredSolicitation, type NdpConflict, type NdpResponder, openNdpResponder } from '@steelyard/ndp/node';
import { SharedCounters } from '../counters/shared-counters.ts';
import { type Family, familyOf } from '../reconcile/interfaces.ts';
import { FamilyResponders } from './family-responders.ts';

/** Who is told of what the responders meet. */
export interface RespondersOptions {
  readonly announce: NonNullable<Parameters<typeof openArpResponder>[0]['announce']>;
  readonly defend: boolean;
  readonly conflictGraceMs: number;
  /** For each frame by which another host says that it has an address. */
  onClaim(interfaceName: string, address: string): void;
  onConflict(conflict: ArpConflict | NdpConflict): void;
  onOpened(family: Family, interfaceName: string, mac: string | undefined): void;
  onClosed(family: Family, interfaceName: string): void;
  /** For every question that is answered, where somebody wants to know. */
  readonly onRequest: ((family: Family, request: AnsweredRequest | AnsweredSolicitation) => void) | undefined;
  onError(family: Family, interfaceName: string, error: Error): void;
}

/** A responder for ARP and one for neighbour discovery on each interface that may have them. */
export class Responders {
  readonly counters: SharedCounters = new SharedCounters();
  readonly #arp: FamilyResponders<ArpResponder>;
  readonly #ndp: FamilyResponders<NdpResponder>;

  constructor(options: RespondersOptions) {
    const { counters } = this;
    const { onRequest } = options;
    const shared = (family: Family, interfaceName: string, link: Link) => ({
      interfaceName,
      link,
      announce: options.announce,
      defend: options.defend,
      conflictGraceMs: options.conflictGraceMs,
      countersFor: (address: string) => counters.of(address),
      onConflict: (conflict: ArpConflict | NdpConflict) => options.onConflict(conflict),
      ...(onRequest === undefined
        ? {}
        : { onRequest: (request: AnsweredRequest | AnsweredSolicitation) => onRequest(family, request) }),
      onClaim: (address: string) => options.onClaim(interfaceName, address),
      onError: (error: Error) => options.onError(family, interfaceName, error),
    });
    const told = (family: Family) => ({
      counters,
      onOpened: (interfaceName: string, mac: string | undefined) => options.onOpened(family, interfaceName, mac),
      onClosed: (interfaceName: string) => options.onClosed(family, interfaceName),
      onError: (interfaceName: string, error: Error) => options.onError(family, interfaceName, error),
    });
    this.#arp = new FamilyResponders({
      open: (interfaceName, link) => openArpResponder(shared('ipv4', interfaceName, link)),
      ...told('ipv4'),
    });
    this.#ndp = new FamilyResponders({
      open: (interfaceName, link) => openNdpResponder(shared('ipv6', interfaceName, link)),
      ...told('ipv6'),
    });
  }

  get arp(): Iterable<ArpResponder> {
    return this.#arp;
  }

  get ndp(): Iterable<NdpResponder> {
    return this.#ndp;
  }

  of(family: Family): FamilyResponders<ArpResponder> | FamilyResponders<NdpResponder> {
    return family === 'ipv4' ? this.#arp : this.#ndp;
  }

  own(interfaceName: string, address: string): void {
    this.of(familyOf(address)).own(interfaceName, address);
  }

  disown(interfaceName: string, address: string): void {
    this.of(familyOf(address)).disown(interfaceName, address);
  }

  announceAgain(interfaceName: string, address: string): void {
    this.of(familyOf(address)).announceAgain(interfaceName, address);
  }

  setHostMacs(macs: ReadonlySet<string>): void {
    this.#arp.setHostMacs(macs);
    this.#ndp.setHostMacs(macs);
  }

  async closeAll(): Promise<void> {
    await Promise.all([this.#arp.closeAll(), this.#ndp.closeAll()]);
  }
}
