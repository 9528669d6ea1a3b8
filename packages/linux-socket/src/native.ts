import { createRequire } from 'node:module';

/** Bits of {@link NativeDescriptor.watch} and of the events that `onReady` gets: libuv's `UV_READABLE` and `UV_WRITABLE`. */
export const READABLE = 1;
export const WRITABLE = 2;

/** Octets that {@link NativeDescriptor.receive} writes per message into its third argument. */
export const ADDRESS_OCTETS = 32;
/** The most messages that one {@link NativeDescriptor.receive} takes. */
export const MAX_MESSAGES = 256;

/**
 * The one native class: a socket, watched by the event loop of the thread that opened it. It knows no protocol.
 *
 * Methods that return a number return what the system call returned, or the negative errno. They never throw because the system
 * refused. After `close` all of them return `-EBADF`.
 */
export interface NativeDescriptor {
  /** Called with a libuv status (negative: the socket has an error, and watching has stopped) and the events that are ready. */
  onReady: ((status: number, events: number) => void) | undefined;
  /** `socket(2)`, close-on-exec and non-blocking. Once per object. */
  open(domain: number, type: number, protocol: number): number;
  /** Any number of times; the file descriptor is closed once. */
  close(): void;
  /** Hands the file descriptor to the caller, who has to see that it is closed. This object is closed then. */
  release(): number;
  /** Watches for {@link READABLE} and {@link WRITABLE}; 0 stops. A watched descriptor is not garbage collected. */
  watch(events: number): number;
  /** Whether a watched descriptor keeps the thread alive. It does at first. */
  keepAlive(yes: boolean): void;
  bind(address: Uint8Array): number;
  listen(backlog: number): number;
  /**
   * `accept4(2)`: the connection becomes `into`, which was not opened before.
   *
   * @returns octets of the address of whoever connected, which stands in `address`.
   */
  accept(into: NativeDescriptor, address: Uint8Array): number;
  localAddress(into: Uint8Array): number;
  setOption(level: number, name: number, value: Uint8Array): number;
  getOption(level: number, name: number, into: Uint8Array): number;
  /** Octets of `struct sock_filter[]`. Replaces an earlier program in one step. */
  attachFilter(program: Uint8Array): number;
  /** One `sendmsg(2)`. `control` is octets of `struct cmsghdr[]`. A detached buffer is `EFAULT`. */
  send(octets: Uint8Array, address?: Uint8Array, control?: Uint8Array): number;
  /**
   * One `recvmmsg(2)`. Every message has an equal share of `octets`, two numbers in `results` (its true length, its `MSG_` flags)
   * and {@link ADDRESS_OCTETS} in `addresses`; and an equal share of `control`, which is filled with its `struct cmsghdr[]` and zeros.
   */
  receive(octets: Uint8Array, results: Int32Array, addresses: Uint8Array, control?: Uint8Array): number;
}

/** What the addon exports. Everything above it takes this as an argument, so that tests can stand in for the kernel. */
export interface NativeBinding {
  readonly Descriptor: new () => NativeDescriptor;
  /** The interface's index, or the negative errno. */
  interfaceIndex(name: string): number;
  /** The interface's name, or the negative errno. */
  interfaceName(index: number): string | number;
  /** `setsockopt(2)` of a descriptor that was released. */
  setReleasedOption(fd: number, level: number, name: number, value: Uint8Array): number;
  /** Octets that the peer of a TCP socket that was released has not acknowledged: `SIOCOUTQ` of tcp(7). */
  unacknowledged(fd: number): number;
}

/** CPUs for which the package carries a binary. */
const supportedCpus: readonly string[] = ['x64', 'arm64'];

/** Where the addon lies: seen from `src/`, `dist/` and a bundle in `dist/`; and from a door of its own, `dist/packet/`. */
const locations = ['../prebuilds', '../../prebuilds'];

/**
 * Loads the addon at the first use, so that the package can be imported (for its types) everywhere.
 *
 * @throws `ERR_LINUX_SOCKET_UNSUPPORTED_PLATFORM` where there is no binary for this system, `ERR_LINUX_SOCKET_ADDON_MISSING` where
 * there should be one.
 */
export function loadNative(platform: string = process.platform, cpu: string = process.arch): NativeBinding {
  if (platform !== 'linux' || !supportedCpus.includes(cpu)) {
    throw Object.assign(
      new Error(`@steelyard/linux-socket runs on Linux on x64 and arm64, this is ${platform} on ${cpu}`),
      { code: 'ERR_LINUX_SOCKET_UNSUPPORTED_PLATFORM' },
    );
  }
  const require = createRequire(import.meta.url);
  for (const location of locations) {
    const path = `${location}/linux-${cpu}/linux_socket.node`;
    try {
      return require(path) as NativeBinding;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  throw Object.assign(
    new Error(
      `prebuilds/linux-${cpu}/linux_socket.node is missing: install @steelyard/linux-socket anew, copy its prebuilds beside the folder of a bundle, or in a checkout run "pnpm run build:native"`,
    ),
    { code: 'ERR_LINUX_SOCKET_ADDON_MISSING' },
  );
}
