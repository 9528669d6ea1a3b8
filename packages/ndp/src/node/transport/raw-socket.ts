import type { SendOutcome } from '@steelyard/announcement-schedule/node';
import { formatIpv6Address, parseIpv6Address } from '@steelyard/wire';
import { FRAME_OFFSET, MESSAGE_OFFSET, NDP_HOP_LIMIT, SHORTEST_MESSAGE_LENGTH } from '../../frame/layout.ts';
import { NEIGHBOR_SOLICITATION } from '../../message/message.ts';
import { solicitedNodeGroup } from '../../multicast.ts';
import { createFrameMaker, type FrameMaker } from './made-up-frame.ts';
import { MAX_MESSAGE_OCTETS, MESSAGE_TYPES } from './raw-message.ts';
import type { RawSocket, RawSocketModule } from './raw-socket-module.ts';
import type { NdpSocketStatistics, NdpTransport, NdpTransportListener, OpenNdpTransport } from './transport.ts';

// linux/in6.h, linux/icmpv6.h, asm-generic/socket.h
const SOL_SOCKET = 1;
const SO_BINDTOIFINDEX = 62;
const IPPROTO_IPV6 = 41;
const IPV6_UNICAST_HOPS = 16;
const IPV6_MULTICAST_HOPS = 18;
const IPV6_MULTICAST_LOOP = 19;
const IPPROTO_ICMPV6 = 58;
const ICMPV6_FILTER = 1;

/** As many as may wait for the kernel to have room; raw-socket itself has no bound. */
const MAX_UNSENT = 512;

/** Open sockets: one that nobody refers to is collected as garbage, without a word. */
const open = new Set<RawSocket>();

/** A `struct icmp6_filter` that blocks all types but these: a bit is set for each that is blocked. */
function blockAllBut(types: readonly number[]): Buffer {
  const filter = Buffer.alloc(32, 0xff);
  for (const type of types) {
    const word = (type >> 5) * 4;
    filter.writeUInt32LE((filter.readUInt32LE(word) & ~(1 << (type & 31))) >>> 0, word);
  }
  return filter;
}

/** Opens sockets of npm `raw-socket`: as the transport `icmpv6`, but blind to hop limit and destination. */
export function rawSocketTransport(module: RawSocketModule): OpenNdpTransport {
  return (interfaceIndex, _addresses, listener) => {
    const socket = module.createSocket({
      protocol: module.Protocol.ICMPv6,
      addressFamily: module.AddressFamily.IPv6,
      bufferSize: MAX_MESSAGE_OCTETS,
    });
    try {
      socket.setOption(IPPROTO_ICMPV6, ICMPV6_FILTER, blockAllBut(MESSAGE_TYPES), 32);
      socket.setOption(SOL_SOCKET, SO_BINDTOIFINDEX, interfaceIndex);
      socket.setOption(IPPROTO_IPV6, IPV6_UNICAST_HOPS, NDP_HOP_LIMIT);
      socket.setOption(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, NDP_HOP_LIMIT);
      socket.setOption(IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
    } catch (error) {
      socket.close();
      throw error;
    }
    return new RawSocketTransport(interfaceIndex, socket, listener);
  };
}

class RawSocketTransport implements NdpTransport {
  readonly interfaceIndex: number;
  readonly #socket: RawSocket;
  readonly #listener: NdpTransportListener;
  readonly #maker: FrameMaker;
  readonly #counters = { wakeups: 0, framesReceived: 0, framesDropped: 0, framesSent: 0, sendRefused: 0 };
  #unsent = 0;
  #wantsRoom: boolean = false;
  #closed: boolean = false;

  constructor(interfaceIndex: number, socket: RawSocket, listener: NdpTransportListener) {
    this.interfaceIndex = interfaceIndex;
    this.#socket = socket;
    this.#listener = listener;
    this.#maker = createFrameMaker(() => listener.mac());
    open.add(socket);
    socket.on('message', (message, source) => this.#onMessage(message, source));
    socket.on('error', (error) => {
      if (!this.#closed) listener.onError(error);
    });
    // It closes itself after some errors; a responder that goes on needs another one then.
    socket.on('close', () => {
      open.delete(socket);
      if (!this.#closed) listener.onGone();
    });
  }

  attachFilter(): void {
    // raw-socket can attach none.
  }

  send(frame: Uint8Array): SendOutcome {
    if (this.#closed) return 'Failed';
    if (this.#unsent === MAX_UNSENT) {
      this.#wantsRoom = true;
      this.#counters.sendRefused += 1;
      return 'Refused';
    }
    this.#unsent += 1;
    const message = Buffer.from(frame.subarray(FRAME_OFFSET.message)); // a copy: it is sent in another turn
    const destination = formatIpv6Address(frame, FRAME_OFFSET.destination);
    this.#socket.send(message, 0, message.length, destination, (error) => this.#onSent(error));
    return 'Sent';
  }

  statistics(): NdpSocketStatistics {
    return { ...this.#counters };
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }

  #onSent(error: Error | null): void {
    this.#unsent -= 1;
    if (error === null) this.#counters.framesSent += 1;
    else if (!this.#closed) this.#listener.onError(error);
    if (this.#wantsRoom && this.#unsent < MAX_UNSENT / 2 && !this.#closed) {
      this.#wantsRoom = false;
      this.#listener.onWritable();
    }
  }

  /** Neither destination nor hop limit is known: the frame gets those of a valid message. */
  #onMessage(message: Buffer, sourceText: string): void {
    if (this.#closed || message.length < SHORTEST_MESSAGE_LENGTH) return;
    this.#counters.wakeups += 1;
    this.#counters.framesReceived += 1;
    // A link-local source comes with its zone.
    const source = parseIpv6Address(sourceText.replace(/%.*$/, ''));
    const destination =
      message[MESSAGE_OFFSET.type] === NEIGHBOR_SOLICITATION
        ? solicitedNodeGroup(message, MESSAGE_OFFSET.target)
        : new Uint8Array(16);
    this.#listener.onFrame(this.#maker.frameOf(message, source, destination, NDP_HOP_LIMIT));
  }
}
