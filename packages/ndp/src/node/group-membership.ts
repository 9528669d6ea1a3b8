import { type MulticastGroups, openMulticastGroups } from '@steelyard/linux-socket/icmpv6';
import type { OwnedAddress } from './owned-addresses.ts';
import { asError, codeOf } from './transport/transport.ts';

/**
 * Groups joined and left in one turn of the event loop: the kernel looks through all groups of the interface for each,
 * and others want the thread too.
 */
const MAX_CHANGES_PER_TURN = 128;

/** The solicited-node groups of a responder's addresses on its interface: RFC 4861, section 7.2.1. */
export class GroupMembership {
  readonly #onError: (error: Error) => void;
  #groups: MulticastGroups | undefined;
  readonly #joined = new Set<OwnedAddress>();
  readonly #waiting = new Set<OwnedAddress>();
  readonly #refused = new Set<OwnedAddress>();
  readonly #leaving = new Set<OwnedAddress>();
  /** The code of what was told last; what goes on being refused is not told again and again. */
  #told: unknown;

  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** Whether a join was refused, so that `retry` makes sense. */
  get incomplete(): boolean {
    return this.#refused.size > 0;
  }

  /**
   * Begins anew on an interface: the kernel forgets memberships when an interface goes or loses IPv6 for a while.
   *
   * @throws A system error.
   */
  open(interfaceIndex: number, addresses: Iterable<OwnedAddress>): void {
    this.close();
    this.#told = undefined;
    this.#groups = openMulticastGroups({ interfaceIndex });
    for (const owned of addresses) this.#waiting.add(owned);
  }

  /** Whether groups are still to be left. */
  get leaving(): boolean {
    return this.#leaving.size > 0;
  }

  /** Its group is joined by a `changeSome`. */
  add(owned: OwnedAddress): void {
    if (this.#groups !== undefined) this.#waiting.add(owned);
  }

  /** Its group is left by a `changeSome`, unless another address is in it. */
  remove(owned: OwnedAddress): void {
    this.#waiting.delete(owned);
    this.#refused.delete(owned);
    if (this.#joined.delete(owned)) this.#leaving.add(owned);
  }

  /** Joins some of the groups that wait; if all are joined, leaves some. @returns Whether all are joined. */
  changeSome(): boolean {
    let changes = 0;
    for (const owned of this.#waiting) {
      if (changes === MAX_CHANGES_PER_TURN) return false;
      changes += 1;
      this.#waiting.delete(owned);
      this.#join(owned);
    }
    for (const owned of this.#leaving) {
      if (changes === MAX_CHANGES_PER_TURN) break;
      changes += 1;
      this.#leaving.delete(owned);
      this.#groups?.leave(owned.group);
    }
    return true;
  }

  /** Lets those wait again that were refused. */
  retry(): void {
    for (const owned of this.#refused) this.#waiting.add(owned);
    this.#refused.clear();
  }

  close(): void {
    void this.#groups?.close();
    this.#groups = undefined;
    this.#joined.clear();
    this.#waiting.clear();
    this.#refused.clear();
    this.#leaving.clear();
  }

  #join(owned: OwnedAddress): void {
    try {
      this.#groups?.join(owned.group);
      this.#joined.add(owned);
    } catch (error) {
      this.#refused.add(owned);
      if (codeOf(error) === this.#told) return;
      this.#told = codeOf(error);
      this.#onError(asError(error));
    }
  }
}
