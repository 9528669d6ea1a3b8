import type { Link } from '@steelyard/linux-socket/link';
import type { SharedCounters } from '../counters/shared-counters.ts';

/** What a responder for ARP and one for neighbour discovery have in common. */
export interface Responder {
  readonly mac: string | undefined;
  own(address: string): void;
  disown(address: string): void;
  announceAgain(address: string): void;
  setOwned(addresses: Iterable<string>): void;
  linkChanged(link: Link | undefined): void;
  setHostMacs(macs: Iterable<string>): void;
  close(): Promise<void>;
}

export interface FamilyRespondersOptions<R extends Responder> {
  /** Opens one. What it rejects with is told, and tried again. */
  open(interfaceName: string, link: Link): Promise<R>;
  readonly counters: SharedCounters;
  onOpened(interfaceName: string, mac: string | undefined): void;
  onClosed(interfaceName: string): void;
  onError(interfaceName: string, error: Error): void;
}

interface Held<R> {
  link: Link;
  /** Canonical texts; what the responder is to own once it is open. */
  readonly addresses: Set<string>;
  responder: R | undefined;
  retry: NodeJS.Timeout | undefined;
  attempts: number;
}

const FIRST_RETRY_MS = 500;
const MAX_RETRY_DOUBLINGS = 6;

/** One responder of a family per interface, each opened as often as it takes. */
export class FamilyResponders<R extends Responder> {
  readonly #options: FamilyRespondersOptions<R>;
  readonly #held = new Map<string, Held<R>>();
  readonly #closing = new Set<Promise<void>>();
  #hostMacs: ReadonlySet<string> = new Set();
  #closed: boolean = false;

  constructor(options: FamilyRespondersOptions<R>) {
    this.#options = options;
  }

  open(interfaceName: string, link: Link): void {
    const held: Held<R> = { link, addresses: new Set(), responder: undefined, retry: undefined, attempts: 0 };
    this.#held.set(interfaceName, held);
    void this.#tryToOpen(interfaceName, held);
  }

  linkChanged(interfaceName: string, link: Link): void {
    const held = this.#held.get(interfaceName);
    if (held === undefined) return;
    held.link = link;
    held.responder?.linkChanged(link);
  }

  close(interfaceName: string): void {
    const held = this.#held.get(interfaceName);
    if (held === undefined) return;
    this.#held.delete(interfaceName);
    clearTimeout(held.retry);
    this.#end(held.responder);
    if (held.responder !== undefined && !this.#closed) this.#options.onClosed(interfaceName);
    for (const address of held.addresses) this.#options.counters.release(address);
  }

  own(interfaceName: string, address: string): void {
    const held = this.#held.get(interfaceName);
    if (held === undefined || held.addresses.has(address)) return;
    held.addresses.add(address);
    this.#options.counters.acquire(address);
    held.responder?.own(address);
  }

  disown(interfaceName: string, address: string): void {
    const held = this.#held.get(interfaceName);
    if (held === undefined || !held.addresses.delete(address)) return;
    held.responder?.disown(address);
    this.#options.counters.release(address);
  }

  announceAgain(interfaceName: string, address: string): void {
    this.#held.get(interfaceName)?.responder?.announceAgain(address);
  }

  setHostMacs(macs: ReadonlySet<string>): void {
    this.#hostMacs = macs;
    for (const responder of this) responder.setHostMacs(macs);
  }

  /** The open ones. */
  *[Symbol.iterator](): Iterator<R> {
    for (const { responder } of this.#held.values()) if (responder !== undefined) yield responder;
  }

  async closeAll(): Promise<void> {
    this.#closed = true;
    for (const interfaceName of [...this.#held.keys()]) this.close(interfaceName);
    await Promise.all(this.#closing);
  }

  async #tryToOpen(interfaceName: string, held: Held<R>): Promise<void> {
    const isCurrent = (): boolean => !this.#closed && this.#held.get(interfaceName) === held;
    try {
      const responder = await this.#options.open(interfaceName, held.link);
      if (!isCurrent()) {
        this.#end(responder);
        return;
      }
      held.responder = responder;
      responder.setHostMacs(this.#hostMacs);
      responder.linkChanged(held.link);
      responder.setOwned(held.addresses);
      this.#options.onOpened(interfaceName, responder.mac);
    } catch (error) {
      if (!isCurrent()) return;
      this.#options.onError(interfaceName, error instanceof Error ? error : new Error(String(error)));
      const pauseMs = FIRST_RETRY_MS * 2 ** Math.min(held.attempts, MAX_RETRY_DOUBLINGS);
      held.attempts += 1;
      held.retry = setTimeout(() => void this.#tryToOpen(interfaceName, held), pauseMs);
      held.retry.unref();
    }
  }

  #end(responder: R | undefined): void {
    if (responder === undefined) return;
    const closing = responder.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}
