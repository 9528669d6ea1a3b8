import { constants } from 'node:os';
import { encodeBpfProgram } from '../bpf.ts';
import { ADDRESS_OCTETS, type NativeBinding, type NativeDescriptor, READABLE } from '../native.ts';
import { integerOption, MSG_TRUNC, SO_RCVBUFFORCE, SOCK_RAW, SOL_SOCKET } from '../socket-abi.ts';
import { isTemporary, systemError } from '../system-error.ts';
import { decodeFact } from './facts.ts';
import {
  decodeNetlinkMessages,
  errorNumber,
  type NetlinkMessage,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './netlink.ts';
import { createNetworkTable, type NetworkFact, type NetworkView } from './network-table.ts';
import {
  AF_NETLINK,
  type DumpKind,
  defaultRoutesOnly,
  dumpRequest,
  NETLINK_GET_STRICT_CHK,
  NETLINK_ROUTE,
  netlinkAddress,
  portOf,
  SOL_NETLINK,
} from './requests.ts';

/** Who listens to {@link watchLinks}. */
export interface WatchLinksOptions {
  /** Takes the network after a change; several changes of one turn of the event loop are one call. Not called for the first view. */
  onChange(view: NetworkView): void;
  /** Takes what went wrong. The watcher goes on, and asks the kernel for everything anew if it may have missed something. */
  onError?(error: Error): void;
}

/** Follows the interfaces, addresses and default gateways of this network namespace. */
export interface LinkWatcher extends AsyncDisposable {
  /** The network as it was at the last change. */
  readonly view: NetworkView;
  /** An open watcher keeps its thread's event loop running, unless this is called. */
  unref(): void;
  /** Undoes `unref`. */
  ref(): void;
  /** More than once is no error. No callback is called after it. */
  close(): Promise<void>;
}

/** As much as the kernel puts into one datagram of a dump, and as many datagrams as one wake-up takes. */
const DATAGRAM_OCTETS = 32_768;
const DATAGRAMS_PER_WAKEUP = 16;
const RECEIVE_BUFFER_OCTETS = 4 << 20;
/** A dump that changes disturbed is repeated this often; then the changes that were seen must do. */
const MAX_REPEATS = 4;
/** Dumping again costs at most a tenth of the time: pause this many times as long as a dump took, and at least as long as this. */
const PAUSE_PER_DUMP = 10;
const LEAST_PAUSE_MS = 20;
const ERROR_PAUSE_MS = 1000;

const everything: readonly DumpKind[] = ['links', 'addresses', 'ipv4Routes', 'ipv6Routes'];

/** Watches by the system calls of `native`. */
export async function watchLinksOn(native: NativeBinding, options: WatchLinksOptions): Promise<LinkWatcher> {
  const watcher = new RouteSocket(native, options);
  await watcher.synced;
  return watcher;
}

class RouteSocket implements LinkWatcher {
  view: NetworkView = { links: new Map(), gateways: [] };
  /** Fulfilled by the first view. */
  readonly synced: Promise<void>;
  readonly #options: WatchLinksOptions;
  readonly #descriptor: NativeDescriptor;
  readonly #octets: Uint8Array = new Uint8Array(DATAGRAM_OCTETS * DATAGRAMS_PER_WAKEUP);
  readonly #results: Int32Array = new Int32Array(DATAGRAMS_PER_WAKEUP * 2);
  readonly #addresses: Uint8Array = new Uint8Array(DATAGRAMS_PER_WAKEUP * ADDRESS_OCTETS);
  readonly #table = createNetworkTable();
  readonly #outdated: Set<DumpKind> = new Set(everything);
  /** What was not dumped even once. Until it is empty nobody is told anything. */
  readonly #unseen: Set<DumpKind> = new Set(everything);
  readonly #port: number;
  #settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #dump: { kind: DumpKind; sequence: number; disturbed: boolean; repeats: number; sinceMs: number } | undefined;
  #sequence = 0;
  /** Runs while no dump may be asked for. */
  #pause: NodeJS.Timeout | undefined;
  /** Runs while the socket is not watched. */
  #watchPause: NodeJS.Timeout | undefined;
  #referenced: boolean = true;
  #closed: boolean = false;

  constructor(native: NativeBinding, options: WatchLinksOptions) {
    this.#options = options;
    this.#descriptor = new native.Descriptor();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.synced = promise;
    this.#settle = { resolve, reject };
    try {
      this.#port = this.#open();
      this.#nextDump();
    } catch (error) {
      this.#descriptor.close();
      throw error;
    }
  }

  ref(): void {
    this.#referenced = true;
    this.#descriptor.keepAlive(true);
    this.#watchPause?.ref();
  }

  unref(): void {
    this.#referenced = false;
    this.#descriptor.keepAlive(false);
    this.#watchPause?.unref();
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      clearTimeout(this.#pause);
      clearTimeout(this.#watchPause);
      this.#descriptor.close();
      this.#descriptor.onReady = undefined;
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @returns The socket's port, by which the kernel's answers are known. */
  #open(): number {
    const descriptor = this.#descriptor;
    this.#require(descriptor.open(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), 'socket');
    // Both are improvements only: the first needs CAP_NET_ADMIN, the second Linux 4.20.
    descriptor.setOption(SOL_SOCKET, SO_RCVBUFFORCE, integerOption(RECEIVE_BUFFER_OCTETS));
    descriptor.setOption(SOL_NETLINK, NETLINK_GET_STRICT_CHK, integerOption(1));
    this.#require(descriptor.attachFilter(encodeBpfProgram(defaultRoutesOnly)), 'setsockopt');
    // Events from here on, so that a change after the dump is not missed.
    this.#require(descriptor.bind(netlinkAddress()), 'bind');
    const address = new Uint8Array(12);
    this.#require(descriptor.localAddress(address), 'getsockname');
    descriptor.onReady = (status) => this.#onReady(status);
    this.#require(descriptor.watch(READABLE), 'epoll_ctl');
    return portOf(address);
  }

  #onReady(status: number): void {
    // libuv stops watching a socket that has an error.
    if (status < 0) this.#require(this.#descriptor.watch(READABLE), 'epoll_ctl');
    const received = this.#descriptor.receive(this.#octets, this.#results, this.#addresses);
    for (let i = 0; i < received; i++) this.#takeDatagram(i);
    if (received === -constants.errno.ENOBUFS) this.#lost();
    else if (received < 0 && (status < 0 || !isTemporary(received))) this.#pauseWatching(received);
    this.#nextDump();
    this.#publish();
  }

  #takeDatagram(i: number): void {
    if (portOf(this.#addresses, i * ADDRESS_OCTETS) !== 0) return; // not from the kernel
    if (((this.#results[i * 2 + 1] ?? 0) & MSG_TRUNC) !== 0) {
      this.#lost();
      return;
    }
    const start = i * DATAGRAM_OCTETS;
    const messages = decodeNetlinkMessages(this.#octets.subarray(start, start + (this.#results[i * 2] ?? 0)));
    if (messages.ok) for (const message of messages.value) this.#takeMessage(message);
    else this.#refuse(messages.failure);
  }

  #takeMessage(message: NetlinkMessage): void {
    const dump = this.#dump;
    const answers = dump !== undefined && message.portId === this.#port && message.sequence === dump.sequence;
    if (answers && (message.flags & NLM_F_DUMP_INTR) !== 0) dump.disturbed = true;
    if (message.type === NLMSG_DONE || message.type === NLMSG_ERROR) {
      if (answers) this.#endDump(errorNumber(message));
      return;
    }
    const fact = decodeFact(message);
    if (!fact.ok) this.#refuse(fact.failure);
    else if (fact.value === undefined) return;
    else if (answers) this.#table.addDumped(fact.value);
    else this.#takeEvent(fact.value);
  }

  #takeEvent(fact: NetworkFact): void {
    if (this.#dump !== undefined) this.#dump.disturbed = true;
    for (const kind of this.#table.apply(fact)) this.#outdated.add(kind);
  }

  /** Asks for one part that is outdated, unless an answer is awaited or it is too early. */
  #nextDump(): void {
    const [kind] = this.#outdated;
    if (this.#closed || this.#dump !== undefined || this.#pause !== undefined || kind === undefined) return;
    this.#ask(kind, 0);
  }

  #ask(kind: DumpKind, repeats: number): void {
    this.#sequence = (this.#sequence + 1) >>> 0;
    this.#outdated.delete(kind);
    this.#dump = { kind, sequence: this.#sequence, disturbed: false, repeats, sinceMs: performance.now() };
    this.#table.beginDump(kind);
    const sent = this.#descriptor.send(dumpRequest(kind, this.#sequence));
    if (sent < 0) this.#endDump(sent);
  }

  #endDump(error: number): void {
    const dump = this.#dump;
    if (dump === undefined) return;
    this.#dump = undefined;
    if (error < 0) {
      this.#outdated.add(dump.kind);
      this.#rest(this.#error(error, 'sendmsg'));
    } else if (dump.disturbed && dump.repeats < MAX_REPEATS) {
      this.#ask(dump.kind, dump.repeats + 1);
    } else {
      this.#table.endDump();
      this.#unseen.delete(dump.kind);
      if (this.#unseen.size > 0) return; // somebody waits for the first view: no pause
      this.#wait(Math.max(LEAST_PAUSE_MS, PAUSE_PER_DUMP * (performance.now() - dump.sinceMs)));
    }
  }

  /** Tells everybody, once all that belongs together is known. Routes may follow. */
  #publish(): void {
    if (this.#closed || this.#unseen.size > 0) return;
    if (this.#settle !== undefined) {
      this.#table.takeChanged();
      this.view = this.#table.view();
      this.#settle.resolve();
      this.#settle = undefined;
      return;
    }
    if (this.#isIncomplete('links') || this.#isIncomplete('addresses') || !this.#table.takeChanged()) return;
    this.view = this.#table.view();
    this.#options.onChange(this.view);
  }

  #isIncomplete(kind: DumpKind): boolean {
    return this.#outdated.has(kind) || this.#dump?.kind === kind;
  }

  /** Events were lost: whatever is known may be wrong. */
  #lost(): void {
    for (const kind of everything) this.#outdated.add(kind);
    if (this.#dump !== undefined) this.#dump.disturbed = true;
  }

  #refuse(failure: { readonly code: string; readonly message: string }): void {
    if (this.#closed) return;
    this.#options.onError?.(Object.assign(new Error(`rtnetlink: ${failure.message}`), { code: failure.code }));
  }

  /** An error that does not go away by itself must cost no busy loop. */
  #pauseWatching(errno: number): void {
    this.#descriptor.watch(0);
    clearTimeout(this.#watchPause);
    this.#watchPause = setTimeout(() => this.#descriptor.watch(READABLE), ERROR_PAUSE_MS);
    if (!this.#referenced) this.#watchPause.unref(); // in place of the socket, it keeps the thread alive
    this.#lost();
    this.#rest(this.#error(errno, 'recvmmsg'));
  }

  /** Reports, and tries again later; the first time, gives up. */
  #rest(error: Error): void {
    if (this.#settle !== undefined) {
      void this.close();
      this.#settle.reject(error);
      this.#settle = undefined;
      return;
    }
    this.#wait(ERROR_PAUSE_MS);
    this.#options.onError?.(error);
  }

  #wait(pauseMs: number): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#nextDump();
      this.#publish();
    }, pauseMs);
    this.#pause.unref(); // the socket itself keeps the thread alive
  }

  #require(result: number, syscall: string): void {
    if (result < 0) throw this.#error(result, syscall);
  }

  #error(errno: number, syscall: string): Error {
    return systemError(errno, syscall, 'rtnetlink socket');
  }
}
