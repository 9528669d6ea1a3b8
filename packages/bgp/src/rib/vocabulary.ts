import type { AddressFamily } from '../messages/address-family.ts';
import type { AdvertisementContext, Route } from '../update/route.ts';

/** What changes in what a peer is told. */
export interface RoutePatch {
  /** New, or with other attributes: replaced in one step, never withdrawn first. */
  readonly add?: Iterable<Route> | undefined;
  /** Prefixes. One that is not there is no error. */
  readonly remove?: Iterable<string> | undefined;
}

/** RFC 4271, section 3.2: what one peer has been told, and what it is still to be told. */
export interface AdjRibOut {
  /** Wanted is exactly this from now on; what did not change is not sent. @throws TypeError for a prefix that is none. */
  set(routes: Iterable<Route>): void;
  /** @throws TypeError for a prefix that is none. */
  patch(patch: RoutePatch): void;
  /** A session begins: everything is to be sent, and an End-of-RIB for each family after it. */
  begin(context: AdvertisementContext): void;
  /** The session is over: nothing was ever sent. */
  end(): void;
  /** The peer asks for all of a family again: RFC 2918; between BoRR and EoRR where `enhanced`: RFC 7313. */
  refresh(family: AddressFamily, enhanced: boolean): void;
  /**
   * The next UPDATEs (and markers), as octets that go out in one write; empty when there is nothing to send.
   *
   * Withdrawals first. Each message has as many prefixes as fit. What changes before it was taken goes out once, in its
   * last form.
   *
   * @param maxOctets - About as much, at least one message.
   */
  take(maxOctets: number): readonly Uint8Array[];
  /** Whether there is anything to take. */
  readonly pending: boolean;
  /** Routes wanted, routes sent and not withdrawn, and changes still to be sent. */
  readonly counts: { readonly wanted: number; readonly announced: number; readonly pending: number };
  /** Wanted prefixes that this session cannot carry, with the reason: another family, no next hop. */
  readonly unsendable: { readonly count: number; readonly because: string | undefined };
}
