/**
 * Gives back the memory of what a socket has read, once it was copied. Each read has 64 KiB of its own, and V8 collects
 * what lies outside its heap only when that has grown by 64 MiB: as much as a stranger cares to send.
 *
 * Memory that others may have a part of is left alone.
 */
export function giveBack(chunk: Uint8Array): void {
  const { buffer } = chunk;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== chunk.byteLength) return;
  buffer.transfer(0);
}
