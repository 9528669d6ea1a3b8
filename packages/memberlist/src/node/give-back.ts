/**
 * Gives back the memory of what a socket has read, once it was copied or refused: up to 64 KiB for each read. V8 by itself
 * collects what lies outside its heap only when that has grown by 64 MiB, and strangers send as much as they like.
 *
 * Memory that others may have a part of is left alone.
 */
export function giveBack(chunk: Uint8Array): void {
  const { buffer } = chunk;
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== chunk.byteLength) return;
  buffer.transfer(0);
}
