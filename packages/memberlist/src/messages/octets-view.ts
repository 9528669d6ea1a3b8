/**
 * The same octets as an ordinary Uint8Array. Node's Buffer is one, too, but its `slice` is a view: what means to copy
 * would keep the whole datagram.
 */
export function octetsView(octets: Uint8Array): Uint8Array {
  return new Uint8Array(octets.buffer, octets.byteOffset, octets.length);
}
