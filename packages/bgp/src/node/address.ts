import { formatIpAddress, parseIpAddress } from '@steelyard/wire';

/** An IP address, taken apart. */
export interface ParsedAddress {
  /** Canonical, without a zone; of an IPv4-mapped one the IPv4 address. */
  readonly address: string;
  readonly octets: Uint8Array;
  readonly zone: string | undefined;
  readonly linkLocal: boolean;
}

const MAPPED = '::ffff:';

/**
 * Reads an address as people and sockets write it: with a zone, or IPv4 within IPv6.
 *
 * @throws TypeError when `text` is none.
 */
export function parseAddress(text: string): ParsedAddress {
  const [bare = '', zone] = text.split('%', 2);
  const canonical = formatIpAddress(parseIpAddress(bare));
  const address = canonical.startsWith(MAPPED) ? canonical.slice(MAPPED.length) : canonical;
  const octets = parseIpAddress(address);
  return { address, octets, zone, linkLocal: isLinkLocal(octets) };
}

/** `fe80::/10`: RFC 4291, section 2.5.6. */
function isLinkLocal(octets: Uint8Array): boolean {
  return octets.length === 16 && octets[0] === 0xfe && ((octets[1] ?? 0) & 0xc0) === 0x80;
}

/** In text, canonical, a link-local one with its zone: what names a neighbour. */
export function formatAddress({ address, zone, linkLocal }: ParsedAddress): string {
  return linkLocal && zone !== undefined ? `${address}%${zone}` : address;
}

/** Whether the first `length` bits are the same. */
export function sharePrefix(a: Uint8Array, b: Uint8Array, length: number): boolean {
  if (a.length !== b.length) return false;
  const whole = length >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const rest = length & 7;
  return rest === 0 || ((a[whole] ?? 0) ^ (b[whole] ?? 0)) >> (8 - rest) === 0;
}

/**
 * Reads `192.0.2.0/24`.
 *
 * @throws TypeError when `text` is no prefix, or has bits behind its length.
 */
export function parsePrefix(text: string): { readonly octets: Uint8Array; readonly length: number } {
  const [address = '', length = '', ...more] = text.split('/');
  const refused = new TypeError(`not a prefix: ${JSON.stringify(text)}`);
  if (more.length > 0 || !/^\d{1,3}$/.test(length)) throw refused;
  const octets = parseIpAddress(address);
  const bits = Number(length);
  if (bits > octets.length * 8) throw refused;
  const network = octets.map((octet, i) => octet & maskOctet(bits - 8 * i));
  if (network.some((octet, i) => octet !== octets[i])) {
    throw new TypeError(`a prefix without host bits is wanted, got ${JSON.stringify(text)}`);
  }
  return { octets, length: bits };
}

function maskOctet(bits: number): number {
  if (bits >= 8) return 0xff;
  return bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}
