/** A piece of an AS_PATH: RFC 4271, section 4.3, and RFC 5065, section 3. */
export interface AsPathSegment {
  readonly type: 'as-set' | 'as-sequence' | 'as-confed-sequence' | 'as-confed-set';
  readonly asns: readonly number[];
}

/** Octets before the AS numbers of a segment: type and length. */
const SEGMENT_HEADER_LENGTH = 2;

/** By the number on the wire. */
const SEGMENT_TYPE: readonly (AsPathSegment['type'] | undefined)[] = [
  undefined,
  'as-set',
  'as-sequence',
  'as-confed-sequence',
  'as-confed-set',
];

/** Where a path is malformed, and why. */
export interface AsPathFault {
  readonly offset: number;
  readonly message: string;
}

/** Whether a segment is of a confederation: RFC 5065. */
export function isConfederation(segment: AsPathSegment): boolean {
  return segment.type === 'as-confed-sequence' || segment.type === 'as-confed-set';
}

function asnAt(octets: Uint8Array, at: number, asnLength: number): number {
  const high = ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  return asnLength === 2 ? high : high * 65_536 + (((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0));
}

/**
 * Looks for what is wrong with a path, without making an object of it.
 *
 * @param asnLength - 2, or 4 with RFC 6793.
 * @param confederations - Whether segments of a confederation may occur: RFC 5065, section 5, lets nobody else send them.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7606#section-7.2 | RFC 7606, section 7.2}, and for AS 0 RFC 7607, section 2
 */
export function faultOfAsPath(
  octets: Uint8Array,
  start: number,
  end: number,
  asnLength: number,
  confederations: boolean,
): AsPathFault | undefined {
  let at = start;
  while (at < end) {
    if (at + SEGMENT_HEADER_LENGTH > end) return { offset: at, message: 'a single octet after the last path segment' };
    const number = octets[at] ?? 0;
    const type = SEGMENT_TYPE[number];
    if (type === undefined) return { offset: at, message: `unrecognized path segment type ${number}` };
    if (number > 2 && !confederations) {
      return { offset: at, message: 'a path segment of a confederation from outside of it' };
    }
    const count = octets[at + 1] ?? 0;
    if (count === 0) return { offset: at + 1, message: 'a path segment without AS numbers' };
    const next = at + SEGMENT_HEADER_LENGTH + count * asnLength;
    if (next > end) {
      return { offset: at + 1, message: `a path segment of ${count} AS numbers goes beyond the end of its attribute` };
    }
    for (let asn = at + SEGMENT_HEADER_LENGTH; asn < next; asn += asnLength) {
      if (asnAt(octets, asn, asnLength) === 0) return { offset: asn, message: 'AS number 0 in a path' };
    }
    at = next;
  }
  return undefined;
}

/** Reads a path that was found sound. */
export function readAsPath(octets: Uint8Array, asnLength: number): readonly AsPathSegment[] {
  const segments: AsPathSegment[] = [];
  let at = 0;
  while (at < octets.length) {
    const type = SEGMENT_TYPE[octets[at] ?? 0];
    const count = octets[at + 1] ?? 0;
    at += SEGMENT_HEADER_LENGTH;
    const asns: number[] = [];
    for (let i = 0; i < count; i++) asns.push(asnAt(octets, at + i * asnLength, asnLength));
    at += count * asnLength;
    if (type !== undefined) segments.push({ type, asns });
  }
  return segments;
}
