import { attachFittingFilter, type SendOutcome } from '@steelyard/announcement-schedule/node';
import {
  type BpfInstruction,
  type FrameBatch,
  openPacketSocket,
  type PacketSocket,
  type PacketSocketStatistics,
} from '@steelyard/linux-socket/packet';
import { compileArpFilter, MAX_FILTER_RANGES } from '../filter/compile.ts';
import { ETHERTYPE_ARP } from '../packet.ts';

/** Octets kept of a frame: an ARP frame has 42, and 60 with its padding. */
const MAX_FRAME_OCTETS = 128;
/** For a burst of requests while the process is busy. The kernel gives twice `net.core.rmem_max` at most. */
const RECEIVE_BUFFER_OCTETS = 1 << 20;
/** Fewer make the filter no cheaper for the kernel that matters. */
const FEWEST_RANGES = 16;

/** Who listens to the socket. */
export interface ArpSocketListener {
  onFrames(batch: FrameBatch): void;
  onWritable(): void;
  /** The interface under the socket is gone. */
  onGone(): void;
  onError(error: Error): void;
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);
const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** The packet socket of a responder, opened and closed as its interface comes and goes; counters go on across sockets. */
export class ArpSocket {
  readonly #listener: ArpSocketListener;
  #socket: PacketSocket | undefined;
  /** Smaller where `net.core.optmem_max` is: before Linux 6.8, 20 KiB by default. */
  #maxRanges: number = MAX_FILTER_RANGES;
  #before: PacketSocketStatistics = {
    wakeups: 0,
    framesReceived: 0,
    framesDropped: 0,
    framesSent: 0,
    sendRefused: 0,
  };

  constructor(listener: ArpSocketListener) {
    this.#listener = listener;
  }

  get interfaceIndex(): number | undefined {
    return this.#socket?.interfaceIndex;
  }

  /** @throws A system error; the socket is closed then. */
  open(interfaceIndex: number, addresses: () => Iterable<number>): void {
    this.close();
    const listener = this.#listener;
    this.#socket = openPacketSocket({
      interfaceIndex,
      etherType: ETHERTYPE_ARP,
      // Nothing gets in before the real filter, which may need several attempts.
      filter: compileArpFilter([]),
      maxFrameOctets: MAX_FRAME_OCTETS,
      receiveBufferOctets: RECEIVE_BUFFER_OCTETS,
      onFrames: (batch) => listener.onFrames(batch),
      onWritable: () => listener.onWritable(),
      onError: (error) => {
        // The watcher of links tells when an interface goes down and comes up.
        if (codeOf(error) === 'ENODEV') listener.onGone();
        else if (codeOf(error) !== 'ENETDOWN') listener.onError(error);
      },
    });
    try {
      this.attachFilter(addresses);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Lets through what concerns these addresses; a coarser filter where the kernel has no memory for an exact one. */
  attachFilter(addresses: () => Iterable<number>): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    const compile = (ranges: number): BpfInstruction[] => compileArpFilter(addresses(), ranges, socket.interfaceIndex);
    this.#maxRanges = attachFittingFilter(socket, compile, this.#maxRanges, FEWEST_RANGES);
  }

  send(frame: Uint8Array): SendOutcome {
    if (this.#socket === undefined) return 'Failed';
    try {
      return this.#socket.send(frame) ? 'Sent' : 'Refused';
    } catch (error) {
      // ENETDOWN, ENXIO: the watcher of links tells them in its own time.
      const code = codeOf(error);
      if (code !== 'ENETDOWN' && code !== 'ENXIO') this.#listener.onError(asError(error));
      return 'Failed';
    }
  }

  statistics(): PacketSocketStatistics {
    const now = this.#socket?.statistics();
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
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#before = this.statistics();
    this.#socket = undefined;
    void socket.close();
  }
}
