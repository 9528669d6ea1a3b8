import { createSocket, type Socket } from 'node:dgram';
import { formatIpAddress } from '@steelyard/wire';
import type { Endpoint } from '../messages/message.ts';
import { isReachable, octetsOfSystemAddress } from './endpoint.ts';

/** What Go's library asks for; the kernel gives twice `net.core.rmem_max` at most. */
const RECEIVE_BUFFER_OCTETS = 2 << 20;
/** Packets that wait for a full send buffer are worth less than memory. */
const MAX_QUEUED_OCTETS = 1 << 20;
/** Nothing is wrong with the way there: the probe shall wait for its answer. */
const LOCAL_SEND_FAILURES = new Set(['ENOBUFS', 'ENOMEM', 'EAGAIN', 'EMSGSIZE']);

export interface PacketSocketHost {
  packet(octets: Uint8Array, from: Endpoint, source: string): void;
  /** The system refused. `remote`: as it does where nothing is reached. */
  sendFailed(to: Endpoint, code: string, remote: boolean): void;
  error(error: Error): void;
}

/** The UDP socket: what is sent leaves from where others reach us. */
export class PacketSocket {
  readonly #socket: Socket;
  #host: PacketSocketHost | undefined;
  #closed: boolean = false;
  packetsReceived = 0;
  octetsReceived = 0;
  packetsSent = 0;
  octetsSent = 0;
  packetsUnsent = 0;

  constructor(family: 4 | 6) {
    this.#socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      ipv6Only: family === 6,
      // Only addresses are ever sent to; Node would put each send off to ask the resolver.
      lookup: (hostname, _, found) => found(null, hostname, family),
    });
  }

  /** @throws A system error, as a rejection. */
  bind(address: string, port: number): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ address, port, exclusive: true }, () => {
        socket.off('error', reject);
        socket.on('error', (error) => this.#closed || this.#host?.error(error));
        socket.on('message', (octets, { address: source, port: sourcePort }) => {
          if (this.#closed || this.#host === undefined || octets.length === 0) return;
          this.packetsReceived += 1;
          this.octetsReceived += octets.length;
          this.#host.packet(octets, { address: octetsOfSystemAddress(source), port: sourcePort }, source);
        });
        try {
          socket.setRecvBufferSize(RECEIVE_BUFFER_OCTETS);
        } catch {
          // A smaller buffer loses packets sooner, and gossip is made for losses.
        }
        resolve();
      });
    });
  }

  /** Whoever is told from now on; until now nothing was read. */
  start(host: PacketSocketHost): void {
    this.#host = host;
  }

  send(octets: Uint8Array, to: Endpoint): void {
    if (this.#closed) return;
    if (!isReachable(to)) {
      this.#unsent(to, 'EINVAL', true);
      return;
    }
    if (this.#socket.getSendQueueSize() > MAX_QUEUED_OCTETS) {
      this.#unsent(to, 'ENOBUFS', false);
      return;
    }
    this.#socket.send(octets, to.port, formatIpAddress(to.address), (error) => {
      if (error === null) {
        this.packetsSent += 1;
        this.octetsSent += octets.length;
      } else if (!this.#closed) {
        const code = (error as NodeJS.ErrnoException).code ?? 'UNKNOWN';
        this.#unsent(to, code, !LOCAL_SEND_FAILURES.has(code));
      }
    });
  }

  close(): Promise<void> {
    this.#closed = true;
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #unsent(to: Endpoint, code: string, remote: boolean): void {
    this.packetsUnsent += 1;
    this.#host?.sendFailed(to, code, remote);
  }
}
