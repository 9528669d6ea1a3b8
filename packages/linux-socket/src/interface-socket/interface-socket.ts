import { constants } from 'node:os';
import { type NativeBinding, type NativeDescriptor, READABLE, WRITABLE } from '../native.ts';
import { integerOption, SO_DETACH_FILTER, SO_RCVBUF, SOL_SOCKET } from '../socket-abi.ts';
import { isTemporary, systemError } from '../system-error.ts';
import { createGoneCheck, type GoneCheck } from './gone-check.ts';
import { createTimers } from './timers.ts';

/** Pause after an error that does not go away by itself, so that it costs no busy loop. */
const ERROR_PAUSE_MS = 100;
/** ENOBUFS is the interface's queue, which poll(2) does not watch: ask again after this. */
const DEVICE_QUEUE_PAUSE_MS = 10;

const { EAGAIN, ENETDOWN, ENOBUFS, ENODEV, ENOENT, ENOMEM } = constants.errno;

/** What a door decides about its socket. */
export interface InterfaceSocketOptions {
  /** What the socket is, for people: it stands in every error. */
  readonly subject: string;
  /** One batch from the kernel: messages received, or the negative errno. */
  receive(descriptor: NativeDescriptor): number;
  /** Takes a batch of `count` messages. */
  deliver(count: number): void;
  /** Whether the interface is gone, of which the kernel told only that it went down. */
  isGone(descriptor: NativeDescriptor): boolean;
  onError(error: Error): void;
  onWritable(): void;
}

/** What the doors of one interface share: readiness, pauses, room to send, an interface that goes. Its owner knows the protocol. */
export class InterfaceSocket {
  readonly #descriptor: NativeDescriptor;
  readonly #options: InterfaceSocketOptions;
  readonly #timers = createTimers();
  /** Runs from ENETDOWN until a message shows that the interface is up again, or it is gone. */
  readonly #goneCheck: GoneCheck;
  #closed: boolean = false;
  #interest = READABLE;
  #awaitingQueue: boolean = false;
  /** Runs while the socket is not watched, and keeps the thread alive in its place. */
  #paused: NodeJS.Timeout | undefined;
  #referenced: boolean = true;

  /**
   * Opens the socket, and watches it when `prepare` has returned.
   *
   * @throws {@link SystemError} if the system refuses anything of it; then nothing is left open.
   */
  constructor(
    native: NativeBinding,
    options: InterfaceSocketOptions,
    family: readonly [domain: number, type: number, protocol: number],
    prepare: (socket: InterfaceSocket, descriptor: NativeDescriptor) => void,
  ) {
    this.#options = options;
    this.#descriptor = new native.Descriptor();
    this.#goneCheck = createGoneCheck(
      this.#timers,
      () => options.isGone(this.#descriptor),
      () => options.onError(this.error(-ENODEV, 'recvmmsg')),
    );
    try {
      this.require(this.#descriptor.open(...family), 'socket');
      prepare(this, this.#descriptor);
      this.#descriptor.onReady = (status, events) => this.#onReady(status, events);
      this.#watchFor(this.#interest);
    } catch (error) {
      this.#descriptor.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @returns false if the kernel has no room; `onWritable` follows. */
  send(octets: Uint8Array, address?: Uint8Array, control?: Uint8Array, explain?: (errno: number) => Error): boolean {
    const sent = this.#descriptor.send(octets, address, control);
    if (sent >= 0) return true;
    if (sent === -ENOBUFS) this.#awaitQueue();
    else if (sent === -EAGAIN) this.#watchFor(this.#interest | WRITABLE);
    else throw explain?.(sent) ?? this.error(sent, 'sendmsg');
    return false;
  }

  set(level: number, option: number, value: Uint8Array): void {
    this.require(this.#descriptor.setOption(level, option, value), 'setsockopt');
  }

  setReceiveBuffer(octets: number | undefined): void {
    if (octets !== undefined) this.set(SOL_SOCKET, SO_RCVBUF, integerOption(octets));
  }

  attachFilter(program: Uint8Array): void {
    const error = this.#descriptor.attachFilter(program);
    if (error === -ENOMEM) {
      throw this.error(
        error,
        'setsockopt',
        'the filter is too large: use fewer instructions or raise net.core.optmem_max',
      );
    }
    this.require(error, 'setsockopt');
  }

  detachFilter(): void {
    const error = this.#descriptor.setOption(SOL_SOCKET, SO_DETACH_FILTER, integerOption(0));
    if (error !== -ENOENT) this.require(error, 'setsockopt'); // ENOENT: there is none
  }

  /** @returns whether the option could be read. */
  get(level: number, option: number, into: Uint8Array): boolean {
    return !this.#closed && this.#descriptor.getOption(level, option, into) >= 0;
  }

  /** A message elsewhere shows that the interface is up. */
  interfaceIsUp(): void {
    this.#goneCheck.end();
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

  /** Any number of times. No callback is called after it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timers.cancelAll();
    this.#descriptor.close();
    this.#descriptor.onReady = undefined;
  }

  require(result: number, syscall: string): void {
    if (result < 0) throw this.error(result, syscall);
  }

  error(errno: number, syscall: string, remedy?: string): Error {
    return systemError(errno, syscall, this.#options.subject, remedy);
  }

  assertOpen(): void {
    if (this.#closed) {
      throw Object.assign(new Error(`the ${this.#options.subject} is closed`), { code: 'ERR_LINUX_SOCKET_CLOSED' });
    }
  }

  #onReady(status: number, events: number): void {
    const failed = status < 0;
    if (failed) this.#watchFor(this.#interest); // libuv stops watching a socket that has an error
    if ((events & WRITABLE) !== 0) {
      this.#watchFor(this.#interest & ~WRITABLE);
      this.#options.onWritable();
    }
    if (!this.#closed && (failed || (events & READABLE) !== 0)) this.#receive(failed);
  }

  /** Takes one batch. What is left over makes the socket readable again in the next turn, after everybody else's events. */
  #receive(failed: boolean): void {
    const received = this.#options.receive(this.#descriptor);
    if (received > 0) {
      this.#goneCheck.end();
      this.#options.deliver(received);
    } else if (received === -ENETDOWN) {
      this.#goneCheck.start();
      this.#options.onError(this.error(received, 'recvmmsg'));
    } else if (received < 0 && !isTemporary(received)) {
      this.#pause();
      this.#options.onError(this.error(received, 'recvmmsg'));
    } else if (failed) {
      this.#pause();
    }
  }

  #pause(): void {
    this.#descriptor.watch(0);
    this.#paused = this.#timers.after(ERROR_PAUSE_MS, () => {
      this.#paused = undefined;
      this.#watchFor(this.#interest);
    });
    if (this.#referenced) this.#paused.ref();
  }

  #awaitQueue(): void {
    if (this.#awaitingQueue) return;
    this.#awaitingQueue = true;
    this.#timers.after(DEVICE_QUEUE_PAUSE_MS, () => {
      this.#awaitingQueue = false;
      this.#options.onWritable();
    });
  }

  #watchFor(events: number): void {
    this.#interest = events;
    this.require(this.#descriptor.watch(events), 'epoll_ctl');
  }
}
