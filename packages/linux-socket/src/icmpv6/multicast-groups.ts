import { constants } from 'node:os';
import { checkRange, resolveInterface } from '../interface-socket/interface.ts';
import type { NativeBinding, NativeDescriptor } from '../native.ts';
import { systemError } from '../system-error.ts';
import {
  AF_INET6,
  IPV6_ADD_MEMBERSHIP,
  IPV6_DROP_MEMBERSHIP,
  IPV6_OCTETS,
  ipv6Membership,
  SOCK_DGRAM,
  SOL_IPV6,
} from './abi.ts';

/** The most groups that one {@link MulticastGroups} holds: the kernel looks through all of an interface for each that is joined. */
export const MAX_MULTICAST_GROUPS = 16_384;

const { EINVAL, ENOBUFS, ENODEV, ENOMEM } = constants.errno;

/** Why a group cannot be joined, where the number alone says little. */
const joinRemedies: ReadonlyMap<number, string> = new Map([
  [-EINVAL, 'the interface has no IPv6, which takes an MTU of 1280'],
  [-ENODEV, 'the interface is gone: close these groups and open them on its successor'],
  [-ENOMEM, 'raise net.core.optmem_max'],
]);

/** On which interface {@link openMulticastGroups} joins. */
export interface MulticastGroupsOptions {
  /** Index of the interface, in the network namespace of this process. */
  readonly interfaceIndex: number;
}

/**
 * IPv6 multicast groups that one interface is a member of, until they are left, the set is closed, or the process ends. The kernel
 * reports them by MLD (RFC 3810), so that switches that snoop forward their packets, and opens the interface's filter for them.
 * Keep the object: if nobody refers to it, the groups are left at a garbage collection.
 *
 * The kernel forgets memberships without a word when the interface is deleted, moves to another network namespace, or has an MTU
 * below 1280 for a while. What was joined is then not joined on what comes after, even under the same index: close the set, and only
 * then open another, since closing leaves the groups by index.
 */
export interface MulticastGroups extends AsyncDisposable {
  readonly interfaceIndex: number;
  /** Different groups that are joined. */
  readonly size: number;
  /**
   * Joins a group; one that is joined already is counted, and is left when all who joined it have left it.
   *
   * @param group - 16 octets, of which the first is 0xff. Not kept.
   * @throws TypeError for what is no multicast address.
   * @throws `ERR_LINUX_SOCKET_TOO_MANY_GROUPS` beyond {@link MAX_MULTICAST_GROUPS}.
   * @throws {@link SystemError}: `ENODEV` (the interface is gone), `EINVAL` (it has no IPv6: its MTU is below 1280), `EMFILE`, `ENOMEM`.
   */
  join(group: Uint8Array): void;
  /**
   * Leaves a group once it was left as often as it was joined. One that is not joined is no error.
   *
   * @throws TypeError for what is no multicast address.
   */
  leave(group: Uint8Array): void;
  /** Leaves all groups; more than once is no error. */
  close(): Promise<void>;
}

/** A socket is full when the kernel has refused it memory: net.core.optmem_max holds for each. */
interface MemberSocket {
  readonly descriptor: NativeDescriptor;
  groups: number;
  full: boolean;
}

interface Membership {
  readonly socket: MemberSocket;
  joins: number;
}

/** Opens a set of groups by the system calls of `native`. */
export function openMulticastGroupsOn(native: NativeBinding, options: MulticastGroupsOptions): MulticastGroups {
  return new OpenMulticastGroups(native, options.interfaceIndex);
}

class OpenMulticastGroups implements MulticastGroups {
  readonly interfaceIndex: number;
  readonly #native: NativeBinding;
  readonly #subject: string;
  readonly #memberships = new Map<string, Membership>();
  readonly #sockets = new Set<MemberSocket>();
  #closed: boolean = false;

  constructor(native: NativeBinding, interfaceIndex: number) {
    checkRange('interfaceIndex', interfaceIndex, 1, 0x7fff_ffff);
    const { name } = resolveInterface(native, { interfaceIndex });
    this.interfaceIndex = interfaceIndex;
    this.#native = native;
    this.#subject = `multicast groups on ${name}`;
  }

  get size(): number {
    return this.#memberships.size;
  }

  join(group: Uint8Array): void {
    const key = keyOf(group);
    this.#assertOpen();
    const membership = this.#memberships.get(key);
    if (membership !== undefined) {
      membership.joins += 1;
      return;
    }
    if (this.#memberships.size >= MAX_MULTICAST_GROUPS) {
      throw Object.assign(new Error(`${this.#subject} are ${MAX_MULTICAST_GROUPS}, and may not be more`), {
        code: 'ERR_LINUX_SOCKET_TOO_MANY_GROUPS',
      });
    }
    const socket = this.#joinOn(ipv6Membership(group, this.interfaceIndex));
    socket.groups += 1;
    this.#memberships.set(key, { socket, joins: 1 });
  }

  leave(group: Uint8Array): void {
    const key = keyOf(group);
    this.#assertOpen();
    const membership = this.#memberships.get(key);
    if (membership === undefined) return;
    membership.joins -= 1;
    if (membership.joins > 0) return;
    this.#memberships.delete(key);
    const { socket } = membership;
    socket.groups -= 1;
    socket.full = false;
    if (socket.groups === 0) {
      this.#sockets.delete(socket);
      socket.descriptor.close(); // leaves the last one
    } else {
      // Refused only where nothing is joined any more, which is what is wanted.
      socket.descriptor.setOption(SOL_IPV6, IPV6_DROP_MEMBERSHIP, ipv6Membership(group, this.interfaceIndex));
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const { descriptor } of this.#sockets) descriptor.close();
    this.#sockets.clear();
    this.#memberships.clear();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Joins on the first socket that has room; opens one more when none has. */
  #joinOn(membership: Uint8Array): MemberSocket {
    for (const socket of this.#sockets) {
      if (socket.full) continue;
      const error = socket.descriptor.setOption(SOL_IPV6, IPV6_ADD_MEMBERSHIP, membership);
      if (error >= 0) return socket;
      if (error !== -ENOMEM && error !== -ENOBUFS) throw this.#error(error, 'setsockopt');
      socket.full = true;
    }
    const descriptor = new this.#native.Descriptor();
    try {
      // Without a port it receives nothing.
      this.#require(descriptor.open(AF_INET6, SOCK_DGRAM, 0), 'socket');
      this.#require(descriptor.setOption(SOL_IPV6, IPV6_ADD_MEMBERSHIP, membership), 'setsockopt');
    } catch (error) {
      descriptor.close();
      throw error;
    }
    const socket = { descriptor, groups: 0, full: false };
    this.#sockets.add(socket);
    return socket;
  }

  #require(result: number, syscall: string): void {
    if (result < 0) throw this.#error(result, syscall);
  }

  #error(errno: number, syscall: string): Error {
    return systemError(errno, syscall, this.#subject, joinRemedies.get(errno));
  }

  #assertOpen(): void {
    if (this.#closed) {
      throw Object.assign(new Error(`the ${this.#subject} are closed`), { code: 'ERR_LINUX_SOCKET_CLOSED' });
    }
  }
}

function keyOf(group: Uint8Array): string {
  if (!(group instanceof Uint8Array) || group.length !== IPV6_OCTETS || group[0] !== 0xff) {
    throw new TypeError('an IPv6 multicast address has 16 octets, and the first is 0xff');
  }
  return String.fromCharCode(...group);
}
