import { macToNumber } from '../conflict/conflict.ts';

/** What a responder needs to know of its interface: a `Link` of `@steelyard/linux-socket` has all of it. */
export interface InterfaceFacts {
  readonly index: number;
  /** The MAC address, as Linux writes it. */
  readonly mac: string | undefined;
  readonly up: boolean;
  /** It has a carrier. */
  readonly running: boolean;
  /** How often it lost its carrier since it exists. */
  readonly carrierDownCount: number;
}

/** What follows an interface for a responder, and what the responder does about it. */
export interface InterfaceHost<Link extends InterfaceFacts> {
  /** Six octets. */
  parseMac(text: string): Uint8Array;
  /** Whether the protocol is in use on an interface that has a MAC. */
  isUsable(link: Link): boolean;
  /** Of the interface under the open socket; `undefined` while none is open. */
  socketIndex(): number | undefined;
  /** Opens the socket, which replaces an older one. @throws What the system refuses. */
  openSocket(interfaceIndex: number): void;
  closeSocket(): void;
  /** The interface can send (again), or its MAC is another: everything is to be announced anew. */
  ready(): void;
  /** Nothing can be sent until `ready`. */
  lost(): void;
  onError(error: Error): void;
}

/** An interface that may come, go and change its MAC, and the socket on it. */
export interface FollowedInterface<Link extends InterfaceFacts> {
  /** As it was told last. */
  readonly link: Link | undefined;
  /** The MAC that is answered with, six octets; those of the last interface while there is none. */
  readonly mac: Uint8Array;
  /** Whether a MAC, as an integer of 48 bits, is the interface's, was so before, or is another one of this host. */
  isOwnMac(mac: number): boolean;
  /** MACs of this host; the interface's own need not be among them. */
  setHostMacs(macs: Iterable<string>): void;
  /** Tells how the interface is now. @throws What the system refuses. */
  open(link: Link | undefined): void;
  /** As `open`, but what the system refuses is told to `onError`, and tried again. */
  changed(link: Link | undefined): void;
  /** The socket heard of the interface's end before the watcher of links did. */
  socketLost(): void;
  /** The system refused something that the open socket needs: it is closed, and opened anew after a while. */
  failed(error: unknown): void;
  /** No method of the host is called after it. */
  close(): void;
}

/** Starts without an interface. */
export function followInterface<Link extends InterfaceFacts>(host: InterfaceHost<Link>): FollowedInterface<Link> {
  return new Followed(host);
}

/** After the system refused to open a socket on an interface that is there. */
const REOPEN_AFTER_MS = 1_000;
/** Of a MAC address in text; one of another length is no Ethernet's. */
const MAC_TEXT_LENGTH = 17;

class Followed<Link extends InterfaceFacts> implements FollowedInterface<Link> {
  link: Link | undefined;
  mac: Uint8Array = new Uint8Array(6);
  readonly #host: InterfaceHost<Link>;
  #hostMacs: ReadonlySet<number> = new Set();
  #current = -1;
  #previous = -1;
  #carrierDownCount = 0;
  #active: boolean = false;
  #reopening: NodeJS.Timeout | undefined;
  #closed: boolean = false;

  constructor(host: InterfaceHost<Link>) {
    this.#host = host;
  }

  isOwnMac(mac: number): boolean {
    return mac === this.#current || mac === this.#previous || this.#hostMacs.has(mac);
  }

  setHostMacs(macs: Iterable<string>): void {
    const numbers = new Set<number>();
    for (const mac of macs) if (mac.length === MAC_TEXT_LENGTH) numbers.add(macToNumber(this.#host.parseMac(mac)));
    this.#hostMacs = numbers;
  }

  open(link: Link | undefined): void {
    if (this.#closed) return;
    this.link = link;
    const mac = link?.mac;
    if (link === undefined || mac?.length !== MAC_TEXT_LENGTH || !this.#host.isUsable(link)) {
      this.#host.closeSocket();
      this.#deactivate();
      return;
    }
    const isNewMac = this.#useMac(mac);
    // A carrier that was lost and came back in one turn: neighbours on the other side may have forgotten us.
    const hasFlapped = this.#carrierDownCount !== link.carrierDownCount;
    this.#carrierDownCount = link.carrierDownCount;
    const isNewSocket = this.#host.socketIndex() !== link.index;
    // On an interface that is down there is nothing to open; a socket that is open stays, and frames flow again by
    // themselves when the interface comes up.
    if (isNewSocket && link.up) {
      this.#deactivate();
      this.#host.openSocket(link.index);
    }
    // Without a carrier an announcement would be lost; the kernel may be a second late to say that there is one.
    if (!(link.up && link.running)) this.#deactivate();
    else if (isNewSocket || isNewMac || hasFlapped || !this.#active) {
      this.#active = true;
      this.#host.ready();
    }
  }

  changed(link: Link | undefined): void {
    try {
      this.open(link);
    } catch (error) {
      this.failed(error);
    }
  }

  socketLost(): void {
    if (this.#closed) return;
    this.#host.closeSocket();
    this.#deactivate();
    this.#reopenLater();
  }

  failed(error: unknown): void {
    if (this.#closed) return;
    this.socketLost();
    // Gone again before it could be used: the next change of the links tells.
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENODEV' || code === 'ENXIO') return;
    this.#host.onError(error instanceof Error ? error : new Error(String(error)));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#reopening);
  }

  /** @returns Whether it is another one than before. */
  #useMac(text: string): boolean {
    const octets = this.#host.parseMac(text);
    const number = macToNumber(octets);
    if (number === this.#current) return false;
    this.#previous = this.#current; // frames that left with it may still be under way
    this.#current = number;
    this.mac = octets;
    return true;
  }

  #deactivate(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#host.lost();
  }

  #reopenLater(): void {
    clearTimeout(this.#reopening);
    this.#reopening = setTimeout(() => this.changed(this.link), REOPEN_AFTER_MS);
    this.#reopening.unref();
  }
}
