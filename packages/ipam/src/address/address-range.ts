import { done, type Outcome, refused } from '../failure.ts';
import { addressBits, type Family, formatIp, type IpAddress, parseIp } from './address.ts';
import { goQuote } from './go-quote.ts';

/** Addresses from `first` to `last`, both included, of one family. */
export interface AddressRange {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** Longer than any range that somebody wrote on purpose; text beyond it is refused unread. */
const MAX_RANGE_TEXT = 256;
/** Go's `dtoi` gives up at this number, so no prefix length has more digits that count. */
const PREFIX_LENGTH_DIGITS = /^[0-9]{1,16}$/;
/** Go's `strings.TrimSpace`: Unicode's White_Space, which has U+0085 and lacks the byte order mark that `\s` has. */
const SURROUNDING_SPACE = /^(?:(?!\uFEFF)[\s\u0085])+|(?:(?!\uFEFF)[\s\u0085])+$/gu;

/**
 * Reads one entry of a pool's `addresses`: a CIDR, or `start-end`, with the judgement and the words of MetalLB.
 *
 * Host bits of a CIDR are masked off; a bare address is no CIDR; the two ends of a range must be of one family
 * (MetalLB takes a mixed range for an empty one).
 *
 * @returns The range, or `ERR_IPAM_INVALID_RANGE`. Never throws.
 */
export function parseAddressRange(text: string): Outcome<AddressRange> {
  if (text.length > MAX_RANGE_TEXT) {
    const shown = goQuote(`${text.slice(0, MAX_RANGE_TEXT)}…`);
    return refused('ERR_IPAM_INVALID_RANGE', `invalid ${text.includes('-') ? 'IP range' : 'CIDR'} ${shown}`);
  }
  const dash = text.indexOf('-');
  return dash < 0 ? parseCidr(text) : parseStartEnd(text, text.slice(0, dash), text.slice(dash + 1));
}

function parseCidr(text: string): Outcome<AddressRange> {
  const slash = text.indexOf('/');
  const address = slash < 0 ? undefined : parseIp(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if (address === undefined || !PREFIX_LENGTH_DIGITS.test(digits)) {
    return refused('ERR_IPAM_INVALID_RANGE', `invalid CIDR ${goQuote(text)}`);
  }
  // The mask of an IPv4-mapped prefix counts from the left of 128 bits: ::ffff:192.0.2.0/120 is 192.0.2.0/24.
  const mappedBits = address.family === 4 && text.includes(':') ? 96 : 0;
  const hostBits = addressBits(address.family) + mappedBits - Number(digits);
  if (hostBits < 0 || hostBits > addressBits(address.family)) {
    return refused('ERR_IPAM_INVALID_RANGE', `invalid CIDR ${goQuote(text)}`);
  }
  const size = 1n << BigInt(hostBits);
  const first = address.value & ~(size - 1n);
  return done({ family: address.family, first, last: first + size - 1n });
}

function parseStartEnd(text: string, startText: string, endText: string): Outcome<AddressRange> {
  const refuse = (why: string) => refused('ERR_IPAM_INVALID_RANGE', `invalid IP range ${goQuote(text)}: ${why}`);
  const start = parseIp(startText.replace(SURROUNDING_SPACE, ''));
  if (start === undefined) {
    return refuse(`invalid start IP ${goQuote(startText)}`);
  }
  const end = parseIp(endText.replace(SURROUNDING_SPACE, ''));
  if (end === undefined) {
    return refuse(`invalid end IP ${goQuote(endText)}`);
  }
  const shown = (address: IpAddress) => goQuote(formatIp(address));
  if (start.family !== end.family) {
    return refuse(`start IP ${shown(start)} and end IP ${shown(end)} are of different families`);
  }
  if (start.value > end.value) {
    return refuse(`start IP ${shown(start)} is after the end IP ${shown(end)}`);
  }
  return done({ family: start.family, first: start.value, last: end.value });
}

/** One CIDR: the prefix and its length. */
export interface Cidr {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefixLength: number;
}

/** The CIDR that starts at `first` and is as large as its trailing zeros and `last` allow. */
function largestCidrAt(family: Family, first: bigint, last: bigint): Cidr {
  const bits = addressBits(family);
  let hostBits = 0;
  while (hostBits < bits) {
    const next = BigInt(hostBits + 1);
    if (BigInt.asUintN(hostBits + 1, first) !== 0n || first + (1n << next) - 1n > last) {
      break;
    }
    hostBits++;
  }
  return { family, first, last: first + (1n << BigInt(hostBits)) - 1n, prefixLength: bits - hostBits };
}

/** The fewest CIDRs that make up a range, in ascending order: never more than twice the bits of an address. */
export function cidrsOf(range: AddressRange): Cidr[] {
  const cidrs: Cidr[] = [];
  let first = range.first;
  while (first <= range.last) {
    const cidr = largestCidrAt(range.family, first, range.last);
    cidrs.push(cidr);
    first = cidr.last + 1n;
  }
  return cidrs;
}

/** Writes a CIDR as `192.0.2.0/24`. */
export function formatCidr(cidr: Cidr): string {
  return `${formatIp({ family: cidr.family, value: cidr.first })}/${cidr.prefixLength}`;
}
