import type { Socket } from 'node:net';
import type { NativeBinding } from '../native.ts';
import type { TcpSocketOptions } from './options.ts';
import { releasedSocket } from './released-socket.ts';
import { applySocketOptions, checkSocketOptions } from './socket-options.ts';

/** Sets options of a socket that is Node's, by the system calls of `native`. */
export function setOptionsOf(native: NativeBinding, socket: Socket, options: TcpSocketOptions): void {
  checkSocketOptions(options);
  const released = releasedSocket(socket);
  if (released === undefined) return;
  const { fd, families } = released;
  applySocketOptions(
    (level, name, value) => native.setReleasedOption(fd, level, name, value),
    'TCP connection',
    families,
    options,
  );
}
