import { constants } from 'node:os';
import { type BpfInstruction, encodeBpfProgram } from '../bpf.ts';
import { MAX_MESSAGES, type NativeBinding, type NativeDescriptor, READABLE, WRITABLE } from '../native.ts';
import { integerOption, SO_DETACH_FILTER, SO_RCVBUF, SOCK_RAW, SOL_SOCKET } from '../socket-abi.ts';
import { isTemporary, systemError } from '../system-error.ts';
import {
  AF_PACKET,
  boundInterface,
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

/** Pause after an error that does not go away by itself, so that it costs no busy loop. */
const ERROR_PAUSE_MS = 100;
/** ENOBUFS is the interface's queue, which poll(2) does not watch: ask again after this. */
const DEVICE_QUEUE_PAUSE_MS = 10;
/** A deleted interface says only that it is down, and one that is down says nothing when it is deleted: whether it is gone is asked after these, the last again and again. */
const GONE_CHECKS_MS: readonly number[] = [0, 10, 40, 160, 640, 2560];

const { EAGAIN, ENETDOWN, ENOBUFS, ENODEV } = constants.errno;

/** Opens a packet socket by the system calls of `native`. */
export function openPacketSocketOn(native: NativeBinding, options: PacketSocketOptions): PacketSocket {
  return new OpenPacketSocket(native, options);
}

class OpenPacketSocket implements PacketSocket {
  readonly interfaceIndex: number;
  readonly interfaceName: string;
  readonly #options: PacketSocketOptions;
  readonly #descriptor: NativeDescriptor;
  readonly #buffer: FrameBuffer;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #counters = { wakeups: 0, framesReceived: 0, framesDropped: 0, framesSent: 0, sendRefused: 0 };
  #closed: boolean = false;
  #interest = READABLE;
  #awaitingQueue: boolean = false;
  /** Runs from ENETDOWN until a frame shows that the interface is up again, or it is gone. */
  #goneCheck: NodeJS.Timeout | undefined;
  /** Runs while the socket is not watched, and keeps the thread alive in its place. */
  #paused: NodeJS.Timeout | undefined;
  #referenced: boolean = true;

  constructor(native: NativeBinding, options: PacketSocketOptions) {
    const { maxFramesPerWakeup, maxFrameOctets } = checkOptions(options, MAX_MESSAGES);
    const program = options.filter === undefined ? undefined : encodeBpfProgram(options.filter);
    const { index, name } = resolveInterface(native, options);
    this.interfaceIndex = index;
    this.interfaceName = name;
    this.#options = options;
    this.#buffer = createFrameBuffer(maxFramesPerWakeup, maxFrameOctets);
    this.#descriptor = new native.Descriptor();
    try {
      // Protocol 0 receives nothing: no frame can arrive before the filter is there and the interface is chosen.
      this.#require(this.#descriptor.open(AF_PACKET, SOCK_RAW, 0), 'socket');
      this.#set(PACKET_IGNORE_OUTGOING, integerOption(1));
      if (options.receiveBufferOctets !== undefined) {
        const value = integerOption(options.receiveBufferOctets);
        this.#require(this.#descriptor.setOption(SOL_SOCKET, SO_RCVBUF, value), 'setsockopt');
      }
      if (program !== undefined) this.#attach(program);
      this.#require(this.#descriptor.bind(packetAddress(index, options.etherType)), 'bind');
      this.#descriptor.onReady = (status, events) => this.#onReady(status, events);
      this.#require(this.#descriptor.watch(this.#interest), 'epoll_ctl');
    } catch (error) {
      this.#descriptor.close();
      throw error;
    }
  }

  send(frame: Uint8Array): boolean {
    this.#assertOpen();
    const sent = this.#descriptor.send(frame);
    if (sent >= 0) {
      this.#counters.framesSent += 1;
      return true;
    }
    if (sent === -ENOBUFS) this.#awaitQueue();
    else if (sent === -EAGAIN) this.#watchFor(this.#interest | WRITABLE);
    else throw this.#error(sent, 'sendto');
    this.#counters.sendRefused += 1;
    return false;
  }

  attachFilter(program: readonly BpfInstruction[]): void {
    const octets = encodeBpfProgram(program);
    this.#assertOpen();
    this.#attach(octets);
  }

  detachFilter(): void {
    this.#assertOpen();
    const error = this.#descriptor.setOption(SOL_SOCKET, SO_DETACH_FILTER, integerOption(0));
    if (error !== -constants.errno.ENOENT) this.#require(error, 'setsockopt'); // ENOENT: there is none
  }

  joinMulticast(mac: Uint8Array): void {
    this.#assertOpen();
    this.#set(PACKET_ADD_MEMBERSHIP, packetMembership(this.interfaceIndex, checkGroupMac(mac)));
  }

  leaveMulticast(mac: Uint8Array): void {
    this.#assertOpen();
    this.#set(PACKET_DROP_MEMBERSHIP, packetMembership(this.interfaceIndex, checkGroupMac(mac)));
  }

  statistics(): PacketSocketStatistics {
    this.#countDrops();
    return { ...this.#counters };
  }

  ref(): void {
    this.#referenced = true;
    this.#descriptor.keepAlive(true);
    this.#paused?.ref();
  }

  unref(): void {
    this.#referenced = false;
    this.#descriptor.keepAlive(false);
    this.#paused?.unref();
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#countDrops();
      this.#closed = true;
      for (const timer of this.#timers) clearTimeout(timer);
      this.#timers.clear();
      this.#descriptor.close();
      this.#descriptor.onReady = undefined;
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onReady(status: number, events: number): void {
    const failed = status < 0;
    if (failed) this.#watchFor(this.#interest); // libuv stops watching a socket that has an error
    if ((events & WRITABLE) !== 0) {
      this.#watchFor(this.#interest & ~WRITABLE);
      this.#options.onWritable?.();
    }
    if (!this.#closed && (failed || (events & READABLE) !== 0)) this.#receive(failed);
  }

  /** Takes one batch. What is left over makes the socket readable again in the next turn, after everybody else's events. */
  #receive(failed: boolean): void {
    const { octets, results, addresses } = this.#buffer;
    const received = this.#descriptor.receive(octets, results, addresses);
    if (received > 0) {
      this.#endGoneChecks();
      this.#counters.wakeups += 1;
      this.#counters.framesReceived += received;
      try {
        this.#options.onFrames(this.#buffer.batch(received));
      } finally {
        this.#buffer.batch(0);
      }
    } else if (received === -ENETDOWN) {
      this.#checkGone(0);
      this.#options.onError?.(this.#error(received, 'recvmmsg'));
    } else if (received < 0 && !isTemporary(received)) {
      this.#pause();
      this.#options.onError?.(this.#error(received, 'recvmmsg'));
    } else if (failed) {
      this.#pause();
    }
  }

  #pause(): void {
    this.#descriptor.watch(0);
    this.#paused = this.#after(ERROR_PAUSE_MS, () => {
      this.#paused = undefined;
      this.#watchFor(this.#interest);
    });
    if (this.#referenced) this.#paused.ref();
  }

  /** When an interface is deleted, its sockets are told ENETDOWN while it still exists, or nothing if it is down already. */
  #checkGone(attempt: number): void {
    this.#endGoneChecks();
    this.#goneCheck = this.#after(GONE_CHECKS_MS[attempt] ?? 0, () => {
      const address = new Uint8Array(20);
      if (this.#descriptor.localAddress(address) < 0 || boundInterface(address) === this.interfaceIndex) {
        this.#checkGone(Math.min(attempt + 1, GONE_CHECKS_MS.length - 1));
      } else {
        this.#options.onError?.(this.#error(-ENODEV, 'recvmmsg'));
      }
    });
  }

  #endGoneChecks(): void {
    if (this.#goneCheck === undefined) return;
    clearTimeout(this.#goneCheck);
    this.#timers.delete(this.#goneCheck);
    this.#goneCheck = undefined;
  }

  #awaitQueue(): void {
    if (this.#awaitingQueue) return;
    this.#awaitingQueue = true;
    this.#after(DEVICE_QUEUE_PAUSE_MS, () => {
      this.#awaitingQueue = false;
      this.#options.onWritable?.();
    });
  }

  #after(delayMs: number, callback: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      callback();
    }, delayMs);
    timer.unref(); // the socket itself keeps the thread alive, while it is watched
    this.#timers.add(timer);
    return timer;
  }

  #watchFor(events: number): void {
    this.#interest = events;
    this.#require(this.#descriptor.watch(events), 'epoll_ctl');
  }

  #attach(program: Uint8Array): void {
    const error = this.#descriptor.attachFilter(program);
    if (error === -constants.errno.ENOMEM) {
      throw this.#error(
        error,
        'setsockopt',
        'the filter is too large: use fewer instructions or raise net.core.optmem_max',
      );
    }
    this.#require(error, 'setsockopt');
  }

  /** Reading resets the kernel's counters, so they are added up here. */
  #countDrops(): void {
    if (this.#closed) return;
    const counters = new Uint8Array(8);
    if (this.#descriptor.getOption(SOL_PACKET, PACKET_STATISTICS, counters) < 0) return;
    this.#counters.framesDropped += new DataView(counters.buffer).getUint32(4, true); // tp_drops
  }

  #set(option: number, value: Uint8Array): void {
    this.#require(this.#descriptor.setOption(SOL_PACKET, option, value), 'setsockopt');
  }

  #require(result: number, syscall: string): void {
    if (result < 0) throw this.#error(result, syscall);
  }

  #error(errno: number, syscall: string, remedy?: string): Error {
    return systemError(errno, syscall, `packet socket on ${this.interfaceName}`, remedy);
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw Object.assign(new Error(`the packet socket on ${this.interfaceName} is closed`), {
        code: 'ERR_LINUX_SOCKET_CLOSED',
      });
    }
  }
}

function resolveInterface(native: NativeBinding, options: PacketSocketOptions): { index: number; name: string } {
  if (options.interfaceName !== undefined) {
    const index = native.interfaceIndex(options.interfaceName);
    if (index < 0) throw systemError(index, 'if_nametoindex', `interface ${JSON.stringify(options.interfaceName)}`);
    return { index, name: options.interfaceName };
  }
  const index = options.interfaceIndex ?? 0;
  const name = native.interfaceName(index);
  if (typeof name === 'number') throw systemError(name, 'if_indextoname', `interface with index ${index}`);
  return { index, name };
}

function checkGroupMac(mac: Uint8Array): Uint8Array {
  if (!(mac instanceof Uint8Array) || mac.length !== 6 || ((mac[0] ?? 0) & 1) === 0) {
    throw new TypeError('a multicast MAC address has 6 octets, and the lowest bit of the first is set');
  }
  return mac;
}
