import type { Link } from '@steelyard/linux-socket/link';
import type { NdpAnswer } from '../answer.ts';
import type { NdpAddressCounters } from './options.ts';
import type { NdpSocketStatistics } from './transport/transport.ts';

/** Counters of a responder since it was opened; those of an address since it is owned. */
export interface NdpResponderStatistics {
  readonly addresses: ReadonlyMap<string, Readonly<NdpAddressCounters>>;
  /** Frames that passed the kernel's filter, by what became of them. */
  readonly outcomes: Readonly<Partial<Record<NdpAnswer, number>>>;
  /** Frames by which another host claimed an address. */
  readonly conflicts: number;
  readonly filtersAttached: number;
  readonly socket: NdpSocketStatistics;
}

/** Answers and announces on one interface, which may come, go and change its MAC meanwhile. */
export interface NdpResponder extends AsyncDisposable {
  readonly interfaceName: string;
  /** The MAC that is answered with; `undefined` while there is no interface. */
  readonly mac: string | undefined;
  /** The interface's link-local address: without one, IPv6 is not in use there, and nothing is answered. */
  readonly linkLocalAddress: string | undefined;
  /** What is owned, in canonical text. */
  readonly addresses: ReadonlySet<string>;
  /**
   * Answers for an address from now on, and announces it. Owning it already is no error and announces nothing.
   *
   * @throws TypeError when `address` is no IPv6 address, or a group's.
   */
  own(address: string): void;
  /** Falls silent for an address and forgets its counters. */
  disown(address: string): void;
  /**
   * Announces an owned address from the first round on: for who cannot know what its neighbours have heard meanwhile.
   * One that is not owned is left alone.
   */
  announceAgain(address: string): void;
  /** Owns these addresses and no others. */
  setOwned(addresses: Iterable<string>): void;
  /** Tells how the interface is now; `undefined`: it is gone. Only for a responder that was opened with `link`. */
  linkChanged(link: Link | undefined): void;
  /** MACs of this host, whose claims are no conflicts; the interface's own need not be among them. */
  setHostMacs(macs: Iterable<string>): void;
  statistics(): NdpResponderStatistics;
  /** More than once is no error. No callback is called after it. */
  close(): Promise<void>;
}
