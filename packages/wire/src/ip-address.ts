/** Octets in an IPv4 address. */
export const IPV4_LENGTH = 4;
/** Octets in an IPv6 address. */
export const IPV6_LENGTH = 16;

// RFC 6943, section 3.1.1: only the strict dotted form. Leading zeros are refused, since some read them as octal.
const DECIMAL_OCTET = /^(?:0|[1-9]\d{0,2})$/;
const HEXTET = /^[0-9a-f]{1,4}$/i;

function ipv4Octets(text: string): Uint8Array | undefined {
  const parts = text.split('.', 5);
  if (parts.length !== IPV4_LENGTH) return undefined;
  const octets = new Uint8Array(IPV4_LENGTH);
  for (const [i, part] of parts.entries()) {
    if (!DECIMAL_OCTET.test(part) || Number(part) > 255) return undefined;
    octets[i] = Number(part);
  }
  return octets;
}

/** The groups of one side of a `::`, an embedded IPv4 address as two of them. */
function hextets(text: string, mayEmbedIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':', 9);
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (mayEmbedIpv4 && i === parts.length - 1 && part.includes('.')) {
      const v4 = ipv4Octets(part);
      if (v4 === undefined) return undefined;
      groups.push(((v4[0] ?? 0) << 8) | (v4[1] ?? 0), ((v4[2] ?? 0) << 8) | (v4[3] ?? 0));
    } else if (HEXTET.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function ipv6Octets(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined;
  const sides = text.split('::', 3);
  if (sides.length > 2) return undefined;
  const left = hextets(sides[0] ?? '', sides.length === 1);
  const right = sides.length === 2 ? hextets(sides[1] ?? '', true) : [];
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (sides.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const octets = new Uint8Array(IPV6_LENGTH);
  const view = new DataView(octets.buffer);
  for (const [i, group] of left.entries()) view.setUint16(2 * i, group);
  for (const [i, group] of right.entries()) view.setUint16(2 * (8 - right.length + i), group);
  return octets;
}

/** Whether `text` is an IPv4 or IPv6 address in text; zones (`%eth0`) and prefixes (`/24`) are not part of one. */
export function isIpAddress(text: string): boolean {
  return (text.includes(':') ? ipv6Octets(text) : ipv4Octets(text)) !== undefined;
}

/**
 * Reads an IPv4 address in dotted decimal.
 *
 * @returns Four octets.
 * @throws TypeError when `text` is not one; leading zeros are refused.
 */
export function parseIpv4Address(text: string): Uint8Array {
  const octets = ipv4Octets(text);
  if (octets === undefined) throw new TypeError(`not an IPv4 address: ${JSON.stringify(text)}`);
  return octets;
}

/**
 * Reads an IPv6 address, RFC 4291, section 2.2, all three forms.
 *
 * @returns Sixteen octets.
 * @throws TypeError when `text` is not one.
 */
export function parseIpv6Address(text: string): Uint8Array {
  const octets = ipv6Octets(text);
  if (octets === undefined) throw new TypeError(`not an IPv6 address: ${JSON.stringify(text)}`);
  return octets;
}

/**
 * Reads an address of either family. An IPv4-mapped IPv6 address stays one of sixteen octets.
 *
 * @returns Four or sixteen octets.
 * @throws TypeError when `text` is neither.
 */
export function parseIpAddress(text: string): Uint8Array {
  const octets = text.includes(':') ? ipv6Octets(text) : ipv4Octets(text);
  if (octets === undefined) throw new TypeError(`not an IP address: ${JSON.stringify(text)}`);
  return octets;
}

/** Writes the four octets at `offset` in dotted decimal. */
export function formatIpv4Address(octets: Uint8Array, offset = 0): string {
  if (octets.length < offset + IPV4_LENGTH) {
    throw new RangeError(`an IPv4 address has ${IPV4_LENGTH} octets, got ${octets.length - offset}`);
  }
  return `${octets[offset]}.${octets[offset + 1]}.${octets[offset + 2]}.${octets[offset + 3]}`;
}

/** Where the longest run of at least two zero groups lies; the first of equals: RFC 5952, section 4.2.3. */
function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: -1, length: 1 };
  let start = -1;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) {
      if (start === -1) start = i;
    } else if (start !== -1) {
      if (i - start > best.length) best = { start, length: i - start };
      start = -1;
    }
  }
  return best;
}

/**
 * Writes the sixteen octets at `offset` in the one canonical form.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc5952#section-4 | RFC 5952, section 4}
 */
export function formatIpv6Address(octets: Uint8Array, offset = 0): string {
  if (octets.length < offset + IPV6_LENGTH) {
    throw new RangeError(`an IPv6 address has ${IPV6_LENGTH} octets, got ${octets.length - offset}`);
  }
  const view = new DataView(octets.buffer, octets.byteOffset + offset, IPV6_LENGTH);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(2 * i));
  // Section 5: a well-known prefix such as ::ffff:0:0/96 is followed by dotted decimal.
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (mapped) return `::ffff:${formatIpv4Address(octets, offset + 12)}`;
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  const run = longestZeroRun(groups);
  return run.start === -1 ? text(0, 8) : `${text(0, run.start)}::${text(run.start + run.length, 8)}`;
}

/**
 * Writes an address of either family.
 *
 * @param octets - Four or sixteen octets, no more.
 * @throws RangeError for any other length.
 */
export function formatIpAddress(octets: Uint8Array): string {
  if (octets.length === IPV4_LENGTH) return formatIpv4Address(octets);
  if (octets.length === IPV6_LENGTH) return formatIpv6Address(octets);
  throw new RangeError(`an IP address has ${IPV4_LENGTH} or ${IPV6_LENGTH} octets, got ${octets.length}`);
}

/** An IPv4 address as an unsigned 32-bit number: a key for maps that costs no text. */
export function ipv4ToNumber(octets: Uint8Array, offset = 0): number {
  if (octets.length < offset + IPV4_LENGTH) {
    throw new RangeError(`an IPv4 address has ${IPV4_LENGTH} octets, got ${octets.length - offset}`);
  }
  return (
    (((octets[offset] ?? 0) << 24) |
      ((octets[offset + 1] ?? 0) << 16) |
      ((octets[offset + 2] ?? 0) << 8) |
      (octets[offset + 3] ?? 0)) >>>
    0
  );
}

/** The four octets of an unsigned 32-bit number. */
export function numberToIpv4(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) {
    throw new RangeError(`not an unsigned 32-bit number: ${value}`);
  }
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}
