import { type BpfInstruction, encodeBpfProgram } from '../bpf.ts';
import { resolveInterface } from '../interface-socket/interface.ts';
import { InterfaceSocket } from '../interface-socket/interface-socket.ts';
import { MAX_MESSAGES, type NativeBinding } from '../native.ts';
import { integerOption, SOCK_RAW } from '../socket-abi.ts';
import {
  AF_PACKET,
  isUnbound,
  PACKET_ADD_MEMBERSHIP,
  PACKET_DROP_MEMBERSHIP,
  PACKET_IGNORE_OUTGOING,
  PACKET_STATISTICS,
  packetAddress,
  packetMembership,
  SOL_PACKET,
} from './abi.ts';
import { createFrameBuffer, type FrameBuffer } from './frame-batch.ts';
import { checkOptions, type PacketSocketOptions } from './options.ts';
import type { PacketSocket, PacketSocketStatistics } from './packet-socket.ts';

/** Opens a packet socket by the system calls of `native`. */
export function openPacketSocketOn(native: NativeBinding, options: PacketSocketOptions): PacketSocket {
  return new OpenPacketSocket(native, options);
}

class OpenPacketSocket implements PacketSocket {
  readonly interfaceIndex: number;
  readonly interfaceName: string;
  readonly #options: PacketSocketOptions;
  readonly #buffer: FrameBuffer;
  readonly #socket: InterfaceSocket;
  readonly #counters = { wakeups: 0, framesReceived: 0, framesDropped: 0, framesSent: 0, sendRefused: 0 };

  constructor(native: NativeBinding, options: PacketSocketOptions) {
    const { maxFramesPerWakeup, maxFrameOctets } = checkOptions(options, MAX_MESSAGES);
    const program = options.filter === undefined ? undefined : encodeBpfProgram(options.filter);
    const { index, name } = resolveInterface(native, options);
    this.interfaceIndex = index;
    this.interfaceName = name;
    this.#options = options;
    this.#buffer = createFrameBuffer(maxFramesPerWakeup, maxFrameOctets);
    const { octets, results, addresses } = this.#buffer;
    this.#socket = new InterfaceSocket(
      native,
      {
        subject: `packet socket on ${name}`,
        receive: (descriptor) => descriptor.receive(octets, results, addresses),
        deliver: (count) => this.#deliver(count),
        isGone: (descriptor) => isUnbound(descriptor, index),
        onError: (error) => options.onError?.(error),
        onWritable: () => options.onWritable?.(),
      },
      // Protocol 0 receives nothing: no frame can arrive before the filter is there and the interface is chosen.
      [AF_PACKET, SOCK_RAW, 0],
      (socket, descriptor) => {
        socket.set(SOL_PACKET, PACKET_IGNORE_OUTGOING, integerOption(1));
        socket.setReceiveBuffer(options.receiveBufferOctets);
        if (program !== undefined) socket.attachFilter(program);
        socket.require(descriptor.bind(packetAddress(index, options.etherType)), 'bind');
      },
    );
  }

  send(frame: Uint8Array): boolean {
    this.#socket.assertOpen();
    const sent = this.#socket.send(frame);
    if (sent) this.#counters.framesSent += 1;
    else this.#counters.sendRefused += 1;
    return sent;
  }

  attachFilter(program: readonly BpfInstruction[]): void {
    const octets = encodeBpfProgram(program);
    this.#socket.assertOpen();
    this.#socket.attachFilter(octets);
  }

  detachFilter(): void {
    this.#socket.assertOpen();
    this.#socket.detachFilter();
  }

  joinMulticast(mac: Uint8Array): void {
    this.#socket.assertOpen();
    this.#socket.set(SOL_PACKET, PACKET_ADD_MEMBERSHIP, packetMembership(this.interfaceIndex, checkGroupMac(mac)));
  }

  leaveMulticast(mac: Uint8Array): void {
    this.#socket.assertOpen();
    this.#socket.set(SOL_PACKET, PACKET_DROP_MEMBERSHIP, packetMembership(this.interfaceIndex, checkGroupMac(mac)));
  }

  statistics(): PacketSocketStatistics {
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
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #deliver(count: number): void {
    this.#counters.wakeups += 1;
    this.#counters.framesReceived += count;
    try {
      this.#options.onFrames(this.#buffer.batch(count));
    } finally {
      this.#buffer.batch(0);
    }
  }

  /** Reading resets the kernel's counters, so they are added up here. */
  #countDrops(): void {
    const counters = new Uint8Array(8);
    if (!this.#socket.get(SOL_PACKET, PACKET_STATISTICS, counters)) return;
    this.#counters.framesDropped += new DataView(counters.buffer).getUint32(4, true); // tp_drops
  }
}

function checkGroupMac(mac: Uint8Array): Uint8Array {
  if (!(mac instanceof Uint8Array) || mac.length !== 6 || ((mac[0] ?? 0) & 1) === 0) {
    throw new TypeError('a multicast MAC address has 6 octets, and the lowest bit of the first is set');
  }
  return mac;
}
