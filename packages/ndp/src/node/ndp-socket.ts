import type { SendOutcome } from '@steelyard/announcement-schedule/node';
import type {
  NdpSocketStatistics,
  NdpTransport,
  NdpTransportListener,
  OpenNdpTransport,
} from './transport/transport.ts';

/** The transport of a responder, opened and closed as its interface comes and goes; counters go on across sockets. */
export class NdpSocket {
  readonly #open: OpenNdpTransport;
  readonly #listener: NdpTransportListener;
  #transport: NdpTransport | undefined;
  #before: NdpSocketStatistics = {
    wakeups: 0,
    framesReceived: 0,
    framesDropped: 0,
    framesSent: 0,
    sendRefused: 0,
  };

  constructor(open: OpenNdpTransport, listener: NdpTransportListener) {
    this.#open = open;
    this.#listener = listener;
  }

  get interfaceIndex(): number | undefined {
    return this.#transport?.interfaceIndex;
  }

  /** @throws A system error; nothing is open then. */
  open(interfaceIndex: number, addresses: () => Iterable<Uint8Array>): void {
    this.close();
    this.#transport = this.#open(interfaceIndex, addresses, this.#listener);
  }

  /** @throws A system error. */
  attachFilter(addresses: () => Iterable<Uint8Array>): void {
    this.#transport?.attachFilter(addresses);
  }

  send(frame: Uint8Array): SendOutcome {
    return this.#transport?.send(frame) ?? 'Failed';
  }

  statistics(): NdpSocketStatistics {
    const now = this.#transport?.statistics();
    const before = this.#before;
    return {
      wakeups: before.wakeups + (now?.wakeups ?? 0),
      framesReceived: before.framesReceived + (now?.framesReceived ?? 0),
      framesDropped: before.framesDropped + (now?.framesDropped ?? 0),
      framesSent: before.framesSent + (now?.framesSent ?? 0),
      sendRefused: before.sendRefused + (now?.sendRefused ?? 0),
    };
  }

  close(): void {
    const transport = this.#transport;
    if (transport === undefined) return;
    this.#before = this.statistics();
    this.#transport = undefined;
    transport.close();
  }
}
