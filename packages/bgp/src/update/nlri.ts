import { formatIpv6Address, IPV6_LENGTH } from '@steelyard/wire';
import { type AfiSafi, addressFamilyOf } from '../messages/address-family.ts';
import type { SessionContext } from '../messages/session-context.ts';
import type { UpdatePrefixes } from './update-message.ts';

/** Octets of a path identifier: RFC 7911, section 3. */
const PATH_ID_LENGTH = 4;

/** Where NLRI lie, and how they are to be read: RFC 4271, section 4.3, with RFC 7911. */
export interface NlriField {
  readonly octets: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly family: AfiSafi;
  /** 32 or 128; 0 for families that are not read. */
  readonly maxLength: number;
  readonly addPath: boolean;
  readonly count: number;
}

/** Why NLRI are no NLRI: RFC 7606, section 5.3. */
export interface NlriFault {
  readonly offset: number;
  readonly message: string;
}

/** NLRI of one field: sound, or what is wrong. A family that the session does not have is not looked into. */
export function scanNlri(
  octets: Uint8Array,
  start: number,
  end: number,
  family: AfiSafi,
  context: SessionContext,
): NlriField | NlriFault {
  const name = addressFamilyOf(family);
  if (name === undefined || !context.families.includes(name)) {
    return { octets, start, end, family, maxLength: 0, addPath: false, count: 0 };
  }
  const maxLength = name === 'ipv4-unicast' ? 32 : 128;
  const addPath = context.addPathReceive.includes(name);
  let count = 0;
  let at = start;
  while (at < end) {
    const lengthAt = addPath ? at + PATH_ID_LENGTH : at;
    if (lengthAt >= end) return { offset: at, message: 'NLRI end within a path identifier' };
    const length = octets[lengthAt] ?? 0;
    if (length > maxLength) {
      return { offset: lengthAt, message: `a prefix length is at most ${maxLength}, got ${length}` };
    }
    const next = lengthAt + 1 + ((length + 7) >>> 3);
    if (next > end) return { offset: lengthAt, message: `a prefix of ${length} bits goes beyond the end of its field` };
    at = next;
    count += 1;
  }
  return { octets, start, end, family, maxLength, addPath, count };
}

/** The prefix whose length octet is at `at`, without host bits: RFC 4271, section 4.3, has them ignored. */
function ipv4PrefixAt(octets: Uint8Array, at: number): string {
  const length = octets[at] ?? 0;
  const octet = (i: number): number => {
    const bits = length - 8 * i;
    if (bits <= 0) return 0;
    const value = octets[at + 1 + i] ?? 0;
    return bits >= 8 ? value : value & (0xff << (8 - bits)) & 0xff;
  };
  return `${octet(0)}.${octet(1)}.${octet(2)}.${octet(3)}/${length}`;
}

function ipv6PrefixAt(octets: Uint8Array, at: number): string {
  const length = octets[at] ?? 0;
  const address = new Uint8Array(IPV6_LENGTH);
  address.set(octets.subarray(at + 1, at + 1 + ((length + 7) >>> 3)));
  const bits = length & 7;
  if (bits !== 0) address[length >>> 3] = (address[length >>> 3] ?? 0) & (0xff << (8 - bits));
  return `${formatIpv6Address(address)}/${length}`;
}

function readPrefixes({ octets, start, end, maxLength, addPath }: NlriField): readonly string[] {
  const prefixes: string[] = [];
  if (maxLength === 0) return prefixes;
  for (let at = start; at < end; at += 1 + (((octets[at] ?? 0) + 7) >>> 3)) {
    if (addPath) at += PATH_ID_LENGTH;
    prefixes.push(maxLength === 32 ? ipv4PrefixAt(octets, at) : ipv6PrefixAt(octets, at));
  }
  return prefixes;
}

function readPathIds({ octets, start, end, addPath }: NlriField): readonly number[] {
  const pathIds: number[] = [];
  if (!addPath) return pathIds;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  for (let at = start; at < end; at += 1 + (((octets[at] ?? 0) + 7) >>> 3)) {
    pathIds.push(view.getUint32(at));
    at += PATH_ID_LENGTH;
  }
  return pathIds;
}

/** The prefixes of a field that was found sound. Their text is made when it is first asked for. */
export function prefixesOf(field: NlriField, nextHop: Uint8Array | undefined): UpdatePrefixes {
  let prefixes: readonly string[] | undefined;
  let pathIds: readonly number[] | undefined;
  return {
    afi: field.family.afi,
    safi: field.family.safi,
    count: field.count,
    get prefixes(): readonly string[] {
      prefixes ??= readPrefixes(field);
      return prefixes;
    },
    get pathIds(): readonly number[] {
      pathIds ??= readPathIds(field);
      return pathIds;
    },
    nextHop,
  };
}
