import { constants } from 'node:os';
import { encodeBpfProgram } from '../bpf.ts';
import { resolveInterface } from '../interface-socket/interface.ts';
import { InterfaceSocket } from '../interface-socket/interface-socket.ts';
import { MAX_MESSAGES, type NativeBinding, type NativeDescriptor } from '../native.ts';
import { openInterfaceSentinel } from '../packet/interface-sentinel.ts';
import { integerOption, SO_BINDTOIFINDEX, SO_MEMINFO, SOCK_RAW, SOL_SOCKET } from '../socket-abi.ts';
import {
  AF_INET6,
  createPacketInfo,
  createSockaddrIn6,
  ICMPV6_FILTER,
  IPPROTO_ICMPV6,
  IPV6_DONTFRAG,
  IPV6_MULTICAST_HOPS,
  IPV6_MULTICAST_LOOP,
  IPV6_OCTETS,
  IPV6_RECVHOPLIMIT,
  IPV6_RECVPKTINFO,
  IPV6_UNICAST_HOPS,
  icmpv6Filter,
  PACKET_INFO_ADDRESS_OFFSET,
  SIN6_ADDR_OFFSET,
  SOL_ICMPV6,
  SOL_IPV6,
} from './abi.ts';
import type { Icmpv6SendOptions, Icmpv6Socket, Icmpv6SocketStatistics } from './icmpv6-socket.ts';
import { createMessageBuffer, type MessageBuffer } from './message-batch.ts';
import { checkOptions, ICMPV6_HEADER_OCTETS, type Icmpv6SocketOptions } from './options.ts';

/** What neighbours check to know that no router has touched a message: RFC 4861, sections 4 and 6.1. */
const HOP_LIMIT = 255;
/** Accepts nothing: ret #0. */
const ACCEPT_NOTHING = [{ code: 0x06, jt: 0, jf: 0, k: 0 }];
/** `sk_drops` among the numbers of SO_MEMINFO. */
const SK_MEMINFO_DROPS = 8;
const MEMINFO_OCTETS = 36;

const { EADDRNOTAVAIL, EINVAL, ENETUNREACH, ENODEV, ENXIO } = constants.errno;

/** Why a message cannot be sent, where the number alone says little. */
const sendRemedies: ReadonlyMap<number, string> = new Map([
  [-EINVAL, 'the source must be an address of this host that is not tentative'],
  [-EADDRNOTAVAIL, 'the interface has no address yet that may be the source'],
  [-ENETUNREACH, 'the interface is down, or has no route to the destination'],
]);

/** Opens a raw ICMPv6 socket by the system calls of `native`. */
export function openIcmpv6SocketOn(native: NativeBinding, options: Icmpv6SocketOptions): Icmpv6Socket {
  return new OpenIcmpv6Socket(native, options);
}

class OpenIcmpv6Socket implements Icmpv6Socket {
  readonly interfaceIndex: number;
  readonly interfaceName: string;
  readonly #native: NativeBinding;
  readonly #subject: string;
  readonly #options: Icmpv6SocketOptions;
  readonly #buffer: MessageBuffer;
  readonly #socket: InterfaceSocket;
  readonly #sentinel: InterfaceSocket;
  readonly #destination: Uint8Array;
  readonly #packetInfo: Uint8Array;
  readonly #counters = { wakeups: 0, messagesReceived: 0, messagesDropped: 0, messagesSent: 0, sendRefused: 0 };

  constructor(native: NativeBinding, options: Icmpv6SocketOptions) {
    const { maxMessagesPerWakeup, maxMessageOctets } = checkOptions(options, MAX_MESSAGES);
    const program = options.filter === undefined ? undefined : encodeBpfProgram(options.filter);
    const { index, name } = resolveInterface(native, options);
    this.interfaceIndex = index;
    this.interfaceName = name;
    this.#subject = `ICMPv6 socket on ${name}`;
    this.#native = native;
    this.#options = options;
    this.#buffer = createMessageBuffer(maxMessagesPerWakeup, maxMessageOctets);
    this.#destination = createSockaddrIn6(index);
    this.#packetInfo = createPacketInfo(index);
    const onError = (error: Error): void => options.onError?.(error);
    this.#sentinel = openInterfaceSentinel(native, index, this.#subject, onError);
    try {
      this.#socket = this.#open(program);
    } catch (error) {
      this.#sentinel.close();
      throw error;
    }
  }

  send(destination: Uint8Array, payload: Uint8Array, options?: Icmpv6SendOptions): boolean {
    this.#socket.assertOpen();
    if (!(payload instanceof Uint8Array) || payload.length < ICMPV6_HEADER_OCTETS) {
      throw new TypeError(`an ICMPv6 message has at least ${ICMPV6_HEADER_OCTETS} octets`);
    }
    this.#destination.set(checkAddress('destination', destination), SIN6_ADDR_OFFSET);
    const source = options?.source;
    if (source !== undefined) this.#packetInfo.set(checkAddress('source', source), PACKET_INFO_ADDRESS_OFFSET);
    const sent = this.#socket.send(
      payload,
      this.#destination,
      source === undefined ? undefined : this.#packetInfo,
      (errno) => this.#sendError(errno),
    );
    if (sent) this.#counters.messagesSent += 1;
    else this.#counters.sendRefused += 1;
    return sent;
  }

  statistics(): Icmpv6SocketStatistics {
    this.#countDrops();
    return { ...this.#counters };
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  close(): Promise<void> {
    this.#countDrops();
    this.#socket.close();
    this.#sentinel.close();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(program: Uint8Array | undefined): InterfaceSocket {
    const { octets, results, addresses, control } = this.#buffer;
    const receive = (descriptor: NativeDescriptor): number => descriptor.receive(octets, results, addresses, control);
    return new InterfaceSocket(
      this.#native,
      {
        subject: this.#subject,
        receive,
        deliver: (count) => this.#deliver(count),
        isGone: () => this.#isGone(),
        onError: (error) => this.#options.onError?.(error),
        onWritable: () => this.#options.onWritable?.(),
      },
      [AF_INET6, SOCK_RAW, IPPROTO_ICMPV6],
      (socket, descriptor) => {
        // A raw socket receives from its first moment on. Nothing may come before the choice is made, so what came is thrown away.
        socket.attachFilter(encodeBpfProgram(ACCEPT_NOTHING));
        socket.set(SOL_SOCKET, SO_BINDTOIFINDEX, integerOption(this.interfaceIndex));
        socket.set(SOL_ICMPV6, ICMPV6_FILTER, icmpv6Filter(this.#options.types));
        socket.set(SOL_IPV6, IPV6_UNICAST_HOPS, integerOption(HOP_LIMIT));
        socket.set(SOL_IPV6, IPV6_MULTICAST_HOPS, integerOption(HOP_LIMIT));
        socket.set(SOL_IPV6, IPV6_MULTICAST_LOOP, integerOption(0));
        socket.set(SOL_IPV6, IPV6_DONTFRAG, integerOption(1)); // RFC 6980, section 5: neighbour discovery is not fragmented
        socket.set(SOL_IPV6, IPV6_RECVPKTINFO, integerOption(1));
        socket.set(SOL_IPV6, IPV6_RECVHOPLIMIT, integerOption(1));
        socket.setReceiveBuffer(this.#options.receiveBufferOctets);
        while (receive(descriptor) > 0);
        if (program === undefined) socket.detachFilter();
        else socket.attachFilter(program);
      },
    );
  }

  #deliver(count: number): void {
    this.#sentinel.interfaceIsUp();
    this.#counters.wakeups += 1;
    this.#counters.messagesReceived += count;
    try {
      this.#options.onMessages(this.#buffer.batch(count));
    } finally {
      this.#buffer.batch(0);
    }
  }

  /** The kernel counts them since the socket was opened. */
  #countDrops(): void {
    const numbers = new Uint8Array(MEMINFO_OCTETS);
    if (!this.#socket.get(SOL_SOCKET, SO_MEMINFO, numbers)) return;
    this.#counters.messagesDropped = new DataView(numbers.buffer).getUint32(SK_MEMINFO_DROPS * 4, true);
  }

  /** A socket on an interface that is gone is told that there is no address, no route, or no such argument. */
  #sendError(errno: number): Error {
    return this.#isGone()
      ? this.#socket.error(-ENODEV, 'sendmsg')
      : this.#socket.error(errno, 'sendmsg', sendRemedies.get(errno));
  }

  #isGone(): boolean {
    const name = this.#native.interfaceName(this.interfaceIndex);
    return name === -ENXIO || name === -ENODEV; // asking can fail for other reasons
  }
}

function checkAddress(what: string, address: Uint8Array): Uint8Array {
  if (!(address instanceof Uint8Array) || address.length !== IPV6_OCTETS) {
    throw new TypeError(`${what} is an IPv6 address of ${IPV6_OCTETS} octets`);
  }
  return address;
}
