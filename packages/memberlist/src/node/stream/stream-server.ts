import { createServer, type Server, type Socket } from 'node:net';
import { type Endpoint, errorAnswerTo, type StreamMessage } from '../../index.ts';
import type { GossipCodec, StreamReader } from '../codec.ts';
import { octetsOfSystemAddress } from '../endpoint.ts';
import { giveBack } from '../give-back.ts';

import { greatestHeldOctets } from './held-octets.ts';

/** A peer of Go's library answers one less at a time: hashicorp/memberlist `net.go`, `maxPushPullRequests`. */
const MAX_CONNECTIONS = 128;

/** A request that came by a connection, named by its number until it is answered. */
export interface StreamServerHost {
  readonly codec: () => GossipCodec;
  /** From the connection to its end. */
  readonly timeoutMs: number;
  /** How many members are known, the dead among them. */
  readonly membersKnown: () => number;
  request(exchange: number, message: StreamMessage, from: Endpoint): void;
  refused(message: string, source: string, fields: Readonly<Record<string, string | number>>): void;
  error(error: Error): void;
}

interface Incoming {
  readonly exchange: number;
  readonly socket: Socket;
  readonly reader: StreamReader;
  readonly codec: GossipCodec;
  readonly source: string;
  readonly from: Endpoint;
  readonly deadline: NodeJS.Timeout;
  octets: number;
  /** A whole request was read, or refused; nothing more is read. */
  heard: boolean;
}

/** The TCP server: one request and at most one answer a connection, all bounded in number, size and time. */
export class StreamServer {
  readonly #server: Server;
  #host: StreamServerHost | undefined;
  readonly #open = new Map<number, Incoming>();
  #exchanges = 0;
  #heldOctets = 0;
  #accepted = 0;
  #refused = 0;
  #itemsRead = 0;
  #closed: boolean = false;

  constructor() {
    // Half open: whoever ends after its request still reads the answer.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  get accepted(): number {
    return this.#accepted;
  }
  get refused(): number {
    return this.#refused;
  }
  get open(): number {
    return this.#open.size;
  }
  get heldOctets(): number {
    return this.#heldOctets;
  }
  get itemsRead(): number {
    return this.#itemsRead;
  }

  /** @returns The port. @throws A system error, as a rejection. */
  listen(address: string, port: number): Promise<number> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: address, port, exclusive: true, ipv6Only: true }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#host?.error(error)); // EMFILE, for example
        const bound = server.address();
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
      });
    });
  }

  /** Whoever is asked from now on; until now every connection was closed. */
  start(host: StreamServerHost): void {
    this.#host = host;
  }

  /** Sends the answer and ends the connection, which may be gone by now. */
  answer(exchange: number, message: StreamMessage): void {
    const incoming = this.#open.get(exchange);
    incoming?.socket.end(incoming.codec.encodeStreamReply(message));
  }

  closeExchange(exchange: number): void {
    this.#open.get(exchange)?.socket.end();
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const { socket } of this.#open.values()) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    const { remoteAddress: source, remotePort: port } = socket;
    socket.on('error', () => {}); // its end tells
    const host = this.#host;
    if (this.#closed || host === undefined || source === undefined || port === undefined) {
      socket.destroy(); // the last two: it is gone already
      return;
    }
    this.#accepted += 1;
    if (this.#open.size >= MAX_CONNECTIONS) this.#makeRoom();
    this.#exchanges += 1;
    const codec = host.codec();
    const incoming: Incoming = {
      exchange: this.#exchanges,
      socket,
      reader: codec.streamReader(),
      codec,
      source,
      from: { address: octetsOfSystemAddress(source), port },
      // Absolute: whoever sends an octet a second gains nothing by it.
      deadline: setTimeout(() => this.#refuse(incoming, 'closed a connection that took too long'), host.timeoutMs),
      octets: 0,
      heard: false,
    };
    this.#open.set(incoming.exchange, incoming);
    socket.on('data', (octets) => {
      try {
        this.#read(incoming, octets);
      } catch (error) {
        host.error(error instanceof Error ? error : new Error(String(error)));
        this.#refuse(incoming, 'could not read a connection');
      }
      giveBack(octets);
    });
    socket.on('end', () => {
      // A connection that ends before its first octet asks whether we are here.
      if (incoming.heard) return;
      incoming.heard = true;
      if (incoming.octets > 0) this.#complain(incoming, 'a connection ended before its message did');
      socket.end();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (!incoming.heard) this.#complain(incoming, 'a connection broke', { code: error.code ?? error.message });
    });
    socket.on('close', () => {
      clearTimeout(incoming.deadline);
      this.#open.delete(incoming.exchange);
      this.#release(incoming);
    });
  }

  #read(incoming: Incoming, octets: Uint8Array): void {
    this.#itemsRead += 1;
    if (incoming.heard) return; // one request a connection
    incoming.octets += octets.length;
    this.#heldOctets += octets.length;
    if (this.#holdsTooMuch() && this.#dropGreatest() === incoming) return;
    const outcome = incoming.reader.push(octets);
    if (outcome === 'need more') return;
    incoming.heard = true;
    this.#release(incoming);
    if (outcome.ok) {
      this.#host?.request(incoming.exchange, outcome.value, incoming.from);
      return;
    }
    const { code, message } = outcome.failure;
    this.#complain(incoming, 'refused what came by a connection', { code, because: message.slice(0, 200) });
    const answer = errorAnswerTo(outcome.failure);
    if (answer === undefined) incoming.socket.end();
    else incoming.socket.end(incoming.codec.encodeStreamReply(answer));
  }

  #holdsTooMuch(): boolean {
    return this.#heldOctets > greatestHeldOctets(this.#host?.membersKnown() ?? 0);
  }

  /** The oldest of the host that has most: strangers who hold connections displace each other. */
  #makeRoom(): void {
    const counts = new Map<string, number>();
    for (const { source } of this.#open.values()) counts.set(source, (counts.get(source) ?? 0) + 1);
    const most = Math.max(...counts.values());
    for (const incoming of this.#open.values()) {
      if (counts.get(incoming.source) !== most) continue;
      this.#refuse(incoming, 'closed one of too many connections');
      return;
    }
  }

  #dropGreatest(): Incoming | undefined {
    let greatest: Incoming | undefined;
    for (const each of this.#open.values()) if (!each.heard && each.octets > (greatest?.octets ?? 0)) greatest = each;
    if (greatest !== undefined) this.#refuse(greatest, 'closed a connection that sends too much');
    return greatest;
  }

  #refuse(incoming: Incoming, message: string): void {
    if (!incoming.heard) this.#complain(incoming, message);
    incoming.heard = true;
    this.#release(incoming);
    this.#open.delete(incoming.exchange);
    incoming.socket.destroy();
  }

  #complain({ source }: Incoming, message: string, fields: Readonly<Record<string, string | number>> = {}): void {
    this.#refused += 1;
    if (!this.#closed) this.#host?.refused(message, source, fields);
  }

  #release(incoming: Incoming): void {
    incoming.reader.end();
    this.#heldOctets -= incoming.octets;
    incoming.octets = 0;
  }
}
