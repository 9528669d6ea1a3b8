/**
 * The Internet checksum: the ones' complement of the ones' complement sum of all 16-bit words.
 *
 * Octets that hold a valid checksum sum to 0.
 *
 * @param octets - An odd number of them is padded with a zero octet.
 * @param initial - A sum to go on from, such as that of a pseudo-header (not complemented).
 * @returns 0 to 65535.
 * @see {@link https://www.rfc-editor.org/rfc/rfc1071 | RFC 1071}
 */
export function internetChecksum(octets: Uint8Array, initial = 0): number {
  let sum = initial;
  const even = octets.length & ~1;
  for (let i = 0; i < even; i += 2) {
    sum += ((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0);
    // Folded as it goes, so that no length overflows the 53 bits of a number's integers.
    if (sum > 0xffff) sum = (sum & 0xffff) + 1;
  }
  if (even < octets.length) sum += (octets[even] ?? 0) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}
