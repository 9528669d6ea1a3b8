/** Numbers of socket(7) that every family shares, from asm-generic/socket.h and bits/socket.h; equal on x64 and arm64. */

export const SOCK_RAW = 3;
export const SOL_SOCKET = 1;
export const SO_RCVBUF = 8;
export const SO_DETACH_FILTER = 27;
/** Beyond net.core.rmem_max; needs CAP_NET_ADMIN. */
export const SO_RCVBUFFORCE = 33;
/** The message was longer than its buffer. */
export const MSG_TRUNC = 0x20;

/** An `int` as setsockopt(2) takes it. */
export function integerOption(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setInt32(0, value, true);
  return octets;
}
