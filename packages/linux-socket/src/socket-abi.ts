/** Numbers of socket(7) that every family shares, from asm-generic/socket.h and bits/socket.h; equal on x64 and arm64. */

export const SOCK_RAW = 3;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_DETACH_FILTER = 27;
/** Beyond net.core.rmem_max; needs CAP_NET_ADMIN. */
export const SO_RCVBUFFORCE = 33;
/** Numbers of the socket's memory, and of messages that were dropped. Since Linux 4.12. */
export const SO_MEMINFO = 55;
/** As SO_BINDTODEVICE, and safe from renaming. Since Linux 5.0. */
export const SO_BINDTOIFINDEX = 62;
/** The message was longer than its buffer. */
export const MSG_TRUNC = 0x20;

/** An `int` as setsockopt(2) takes it. */
export function integerOption(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setInt32(0, value, true);
  return octets;
}
