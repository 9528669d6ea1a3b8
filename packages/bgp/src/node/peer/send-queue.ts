import type { Clock } from '../clock.ts';
import type { Connection } from '../transport/transport.ts';

/** Who is told how sending goes. */
export interface SendQueueHost {
  /** There are octets that the system does not take. */
  blocked(): void;
  /** It took some. */
  progress(): void;
  octetsSent(count: number): void;
}

/**
 * What is to be written to a connection: one write a turn, for everything that came up in it.
 *
 * It has no bound of its own. Whoever has much to send looks at `backlogOctets`, so that what cannot wait (a KEEPALIVE)
 * is never behind more than a slice.
 */
export class SendQueue {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #host: SendQueueHost;
  #queued: Uint8Array[] = [];
  #queuedOctets: number = 0;
  #whenAccepted: (() => void)[] = [];
  #inFlightOctets: number = 0;
  #flushing: boolean = false;
  /** The callbacks of the newest write. */
  #last: (() => void)[] = [];
  #blocked: boolean = false;
  #slow: boolean = false;
  #closed: boolean = false;

  constructor(connection: Connection, clock: Clock, host: SendQueueHost) {
    this.#connection = connection;
    this.#clock = clock;
    this.#host = host;
  }

  /** Octets that the system has not taken yet. */
  get backlogOctets(): number {
    return this.#queuedOctets + this.#inFlightOctets;
  }

  /** Whether the system makes us wait. */
  get blocked(): boolean {
    return this.#blocked;
  }

  /** Whether it made us wait when it was last written to. */
  get slow(): boolean {
    return this.#slow;
  }

  /** @param whenAccepted - When the system has taken it; never, if it does not. */
  add(octets: Uint8Array, whenAccepted?: () => void): void {
    if (this.#closed) return;
    this.#queued.push(octets);
    this.#queuedOctets += octets.length;
    if (whenAccepted !== undefined) this.#whenAccepted.push(whenAccepted);
    if (this.#flushing) return;
    this.#flushing = true;
    this.#clock.callSoon(() => this.flush());
  }

  /** When the system has taken everything that was added until now; at once where it has. */
  whenAccepted(callback: () => void): void {
    if (this.backlogOctets === 0) callback();
    else if (this.#queued.length > 0) this.#whenAccepted.push(callback);
    else this.#last.push(callback);
  }

  /** Now, and not at the end of the turn. */
  flush(): void {
    this.#flushing = false;
    if (this.#closed || this.#queued.length === 0) return;
    const octets = this.#queued;
    const count = this.#queuedOctets;
    const callbacks = this.#whenAccepted;
    this.#queued = [];
    this.#queuedOctets = 0;
    this.#whenAccepted = [];
    this.#inFlightOctets += count;
    this.#last = callbacks;
    this.#connection.write(octets, () => this.#accepted(count, callbacks));
    if (!this.#blocked) this.#clock.callSoon(() => this.#look());
  }

  /** Nothing is told any more, and what is left is not sent. */
  close(): void {
    this.#closed = true;
    this.#queued = [];
    this.#whenAccepted = [];
  }

  /** A turn later: what the system could take, it has taken. */
  #look(): void {
    if (this.#closed || this.#blocked || this.#inFlightOctets === 0) return;
    this.#blocked = true;
    this.#slow = true;
    this.#host.blocked();
  }

  #accepted(count: number, callbacks: readonly (() => void)[]): void {
    if (this.#closed) return;
    this.#inFlightOctets -= count;
    this.#host.octetsSent(count);
    if (!this.#blocked) this.#slow = false;
    else {
      this.#host.progress();
      this.#blocked = this.#inFlightOctets > 0;
      if (this.#blocked) this.#host.blocked();
    }
    for (const callback of callbacks) callback();
  }
}
