/** 198.18.0.0/15 is for benchmarks (RFC 2544): so many /32 are in it. */
const MOST = 1 << 17;
const COMMUNITY_ASN = 64_512;

/** The n-th prefix, from 0. */
export function prefixOf(number: number): string {
  return `${prefixAddress(number)}/32`;
}

/** Its address. @throws RangeError where there are not so many. */
export function prefixAddress(number: number): string {
  if (number >= MOST) throw new RangeError(`there are ${MOST} prefixes, not ${number + 1}`);
  return `198.${18 + (number >> 16)}.${(number >> 8) & 0xff}.${number & 0xff}`;
}

/** The prefixes FROM … TO - 1. */
export function prefixesOf(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => prefixOf(from + index));
}

/** Whether all routes have the same attributes, so that they can be packed, or each has a community of its own. */
export type Profile = 'same' | 'unique';

/** The two halves of the community that a route has where each has its own. */
export function communityOf(number: number): readonly [asn: number, value: number] {
  return [COMMUNITY_ASN + (number >> 16), number & 0xffff];
}
