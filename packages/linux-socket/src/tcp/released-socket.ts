import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { NativeDescriptor } from '../native.ts';
import type { Families } from './socket-options.ts';

/** What is known of a socket that is Node's now. */
export interface ReleasedSocket {
  /** Its file descriptor: valid as long as Node has not closed it, and not a moment longer. */
  readonly fd: number;
  readonly families: Families;
}

const releasedSockets = new WeakMap<Socket, ReleasedSocket>();

/**
 * Hands a descriptor over to Node.js, which closes it from now on.
 *
 * @throws the error of `net.Socket`, which no TCP socket is known to cause; then the descriptor is closed.
 */
export function releaseToNode(descriptor: NativeDescriptor, families: Families): Socket {
  const fd = descriptor.release();
  const socket = wrap(fd);
  releasedSockets.set(socket, { fd, families });
  socket.once('close', () => releasedSockets.delete(socket));
  return socket;
}

function wrap(fd: number): Socket {
  try {
    return new Socket({ fd, readable: true, writable: true });
  } catch (error) {
    closeSync(fd); // nobody else has taken it over
    throw error;
  }
}

/**
 * @returns undefined once the socket is closed.
 * @throws TypeError for a socket that is not of this package.
 */
export function releasedSocket(socket: Socket): ReleasedSocket | undefined {
  // Node closes the descriptor when it destroys the socket, and says 'close' only later.
  if (socket.destroyed) return undefined;
  const released = releasedSockets.get(socket);
  if (released === undefined) throw new TypeError('not a socket that connectTcp or listenTcp has opened');
  return released;
}
