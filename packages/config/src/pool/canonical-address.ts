import { formatIp, parseIp } from '@steelyard/ipam';

/**
 * Writes an IP address as Go's `net.IP.String()` does: dotted quads, RFC 5952 text, IPv4 for an IPv4-mapped one.
 *
 * @returns `undefined` for what Go's `net.ParseIP` refuses.
 */
export function canonicalAddress(text: string): string | undefined {
  const address = parseIp(text);
  return address && formatIp(address);
}
