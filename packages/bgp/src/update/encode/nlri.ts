import { formatIpAddress, IPV4_LENGTH, IPV6_LENGTH, parseIpv6Address } from '@steelyard/wire';
import type { AddressFamily } from '../../messages/address-family.ts';

/**
 * A prefix as it stands in a message: its length in bits, then as many octets as it needs (RFC 4271, section 4.3).
 *
 * One character an octet: it costs a table of 100,000 prefixes 24 octets each, compares by value, and is its own key.
 */
export type Nlri = string;

/** A prefix that was read once. */
export interface ParsedPrefix {
  readonly family: AddressFamily;
  readonly nlri: Nlri;
}

/** The longest NLRI of a family. */
export const MAX_NLRI_OCTETS: Readonly<Record<AddressFamily, number>> = {
  'ipv4-unicast': 1 + IPV4_LENGTH,
  'ipv6-unicast': 1 + IPV6_LENGTH,
};

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const DOT = 0x2e;
const COLON = 0x3a;
const LETTER_A = 0x61;
const LETTER_F = 0x66;

function notPrefix(text: string, why: string): TypeError {
  return new TypeError(`not a prefix: ${JSON.stringify(text)}: ${why}`);
}

/** The number in decimal digits from `start` to `end`, or -1: no sign, no leading zero, at most three digits. */
function decimal(text: string, start: number, end: number): number {
  const digits = end - start;
  if (digits < 1 || digits > 3 || (digits > 1 && text.charCodeAt(start) === DIGIT_0)) return -1;
  let value = 0;
  for (let i = start; i < end; i += 1) {
    const code = text.charCodeAt(i);
    if (code < DIGIT_0 || code > DIGIT_9) return -1;
    value = value * 10 + code - DIGIT_0;
  }
  return value;
}

/** The 32 bits in dotted decimal before `end`, unsigned, or -1. */
function dottedDecimal(text: string, end: number): number {
  let value = 0;
  let start = 0;
  for (let i = 0; i < IPV4_LENGTH; i += 1) {
    let stop = start;
    while (stop < end && text.charCodeAt(stop) !== DOT) stop += 1;
    const octet = decimal(text, start, stop);
    if (octet < 0 || octet > 255 || (stop === end) !== (i === IPV4_LENGTH - 1)) return -1;
    value = value * 256 + octet;
    start = stop + 1;
  }
  return value;
}

function ipv4Nlri(text: string, slash: number, length: number): Nlri {
  const bits = dottedDecimal(text, slash);
  if (bits < 0) throw notPrefix(text, 'no IPv4 address');
  if (length < 0 || length > 32) throw notPrefix(text, 'the length is no number from 0 to 32');
  if (bits % 2 ** (32 - length) !== 0) throw notPrefix(text, `it has bits beyond the first ${length}`);
  const a = bits >>> 24;
  const b = (bits >>> 16) & 0xff;
  const c = (bits >>> 8) & 0xff;
  if (length > 24) return String.fromCharCode(length, a, b, c, bits & 0xff);
  if (length > 16) return String.fromCharCode(length, a, b, c);
  if (length > 8) return String.fromCharCode(length, a, b);
  return length > 0 ? String.fromCharCode(length, a) : String.fromCharCode(length);
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(code: number): number {
  if (code >= DIGIT_0 && code <= DIGIT_9) return code - DIGIT_0;
  const letter = code | 0x20; // in lower case
  return letter >= LETTER_A && letter <= LETTER_F ? letter - LETTER_A + 10 : -1;
}

/** Where an IPv6 address is put together: 100,000 prefixes make no 100,000 arrays. */
const address = new Uint8Array(IPV6_LENGTH);

/**
 * Reads the first `end` characters into `address`: groups in hexadecimal digits, and at most one `::`.
 *
 * @returns False for anything else, be it an address in another form or none.
 */
function readHexGroups(text: string, end: number): boolean {
  let written = 0;
  let gap = -1;
  let digits = 0;
  let group = 0;
  for (let i = 0; i <= end; i += 1) {
    const code = i === end ? COLON : text.charCodeAt(i);
    if (code !== COLON) {
      const digit = hexDigit(code);
      if (digit < 0 || digits === 4) return false;
      group = group * 16 + digit;
      digits += 1;
    } else if (digits > 0) {
      if (written === IPV6_LENGTH) return false;
      address[written] = group >> 8;
      address[written + 1] = group & 0xff;
      written += 2;
      digits = 0;
      group = 0;
    } else if (i === end) {
      if (gap !== written) return false; // a colon at the end that is not the second of two
    } else if (i === 0) {
      if (text.charCodeAt(1) !== COLON) return false;
    } else {
      if (gap >= 0) return false;
      gap = written;
    }
  }
  if (gap < 0) return written === IPV6_LENGTH;
  const behind = IPV6_LENGTH - (written - gap);
  address.copyWithin(behind, gap, written);
  address.fill(0, gap, behind);
  return behind > gap;
}

function ipv6Nlri(text: string, slash: number, length: number): Nlri {
  if (!readHexGroups(text, slash)) {
    try {
      address.set(parseIpv6Address(text.slice(0, slash)));
    } catch (cause) {
      throw new TypeError(`not a prefix: ${JSON.stringify(text)}: no IPv6 address`, { cause });
    }
  }
  if (length < 0 || length > 128) throw notPrefix(text, 'the length is no number from 0 to 128');
  for (let i = length >> 3; i < IPV6_LENGTH; i += 1) {
    const hostBits = i === length >> 3 ? 0xff >> (length & 7) : 0xff;
    if (((address[i] ?? 0) & hostBits) !== 0) throw notPrefix(text, `it has bits beyond the first ${length}`);
  }
  return String.fromCharCode(length, ...address.subarray(0, (length + 7) >> 3));
}

/**
 * Reads a prefix, `192.0.2.0/28` or `2001:db8::/64`; whichever way an IPv6 address is written, its NLRI is the same.
 *
 * @throws TypeError for what is no prefix: an address alone, a length out of range, host bits that are set.
 */
export function parsePrefix(text: string): ParsedPrefix {
  if (typeof text !== 'string') throw new TypeError(`not a prefix: ${JSON.stringify(text)}`);
  const slash = text.indexOf('/');
  if (slash < 0) throw notPrefix(text, 'it has no length, as in /32');
  const length = decimal(text, slash + 1, text.length);
  return text.indexOf(':') >= 0
    ? { family: 'ipv6-unicast', nlri: ipv6Nlri(text, slash, length) }
    : { family: 'ipv4-unicast', nlri: ipv4Nlri(text, slash, length) };
}

/** Writes the prefix of an NLRI in text: the reverse of `parsePrefix`, in the form of RFC 5952. */
export function formatNlri(family: AddressFamily, nlri: Nlri): string {
  const octets = new Uint8Array(family === 'ipv4-unicast' ? IPV4_LENGTH : IPV6_LENGTH);
  for (let i = 1; i < nlri.length; i += 1) octets[i - 1] = nlri.charCodeAt(i);
  return `${formatIpAddress(octets)}/${nlri.charCodeAt(0)}`;
}
