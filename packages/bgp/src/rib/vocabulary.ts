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
  /**
   * Wanted is exactly this from now on; what did not change is not sent. Of two routes with the same prefix the last
   * counts.
   *
   * @throws TypeError or RangeError, before anything changes, for a prefix that is none, or attributes that no message
   *   can carry. Attributes that only this session cannot carry are no error: see `unsendable`.
   */
  set(routes: Iterable<Route>): void;
  /** Adding wins over removing. @throws TypeError or RangeError as `set` does, before anything changes. */
  patch(patch: RoutePatch): void;
  /**
   * A session begins: everything is to be sent, and an End-of-RIB for each family after it.
   *
   * @throws TypeError or RangeError for an address or an AS number that is none; the session before it goes on.
   */
  begin(context: AdvertisementContext): void;
  /** The session is over: nothing was ever sent. */
  end(): void;
  /**
   * The peer asks for all of a family again: RFC 2918; between BoRR and EoRR where `enhanced`: RFC 7313.
   *
   * While it is under way, however many requests come are one more. A family that the session does not have is ignored.
   */
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
  /** Whether there is anything to take: never without a session. */
  readonly pending: boolean;
  /** Routes wanted, routes sent and not withdrawn, and changes still to be sent: without a session all that is wanted. */
  readonly counts: { readonly wanted: number; readonly announced: number; readonly pending: number };
  /** Wanted prefixes that this session cannot carry, with the reason: another family, no next hop. */
  readonly unsendable: { readonly count: number; readonly because: string | undefined };
}
