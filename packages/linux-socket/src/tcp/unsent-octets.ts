import type { Socket } from 'node:net';
import type { NativeBinding } from '../native.ts';
import { systemError } from '../system-error.ts';
import { releasedSocket } from './released-socket.ts';

/** What the peer has not acknowledged, by the system calls of `native`. */
export function unsentOctetsOf(native: NativeBinding, socket: Socket): number | undefined {
  const released = releasedSocket(socket);
  if (released === undefined) return undefined;
  const inNode = socket.writableLength;
  if (socket.pending) return inNode; // not connected yet
  const inKernel = native.unacknowledged(released.fd);
  if (inKernel < 0) throw systemError(inKernel, 'ioctl', 'SIOCOUTQ of a TCP connection');
  return inNode + inKernel;
}
