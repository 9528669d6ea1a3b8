import { goQuote } from '@steelyard/ipam';

/** A BGP community: RFC 1997, or a large one of RFC 8092. */
export type BgpCommunity =
  | { readonly kind: 'legacy'; readonly upper: number; readonly lower: number }
  | {
      readonly kind: 'large';
      readonly globalAdministrator: number;
      readonly localData1: number;
      readonly localData2: number;
    };

/** The outcome of `parseCommunity`. */
export type CommunityOutcome =
  | { readonly ok: true; readonly value: BgpCommunity }
  | {
      readonly ok: false;
      readonly failure: {
        /** `format`: it may be an alias. `value`: it looks like a community and is none. */
        readonly kind: 'format' | 'value';
        readonly message: string;
      };
    };

/** As much of a wrong community as a message should carry. */
const MAX_SHOWN_CHARACTERS = 256;
const LARGE = 'large';

/**
 * Reads a community as MetalLB does: `A:B`, or `large:A:B:C`.
 *
 * @see MetalLB `internal/bgp/community/community.go`, `New`
 */
export function parseCommunity(text: string): CommunityOutcome {
  const shown = text.slice(0, MAX_SHOWN_CHARACTERS);
  const refuse = (kind: 'format' | 'value', message: string): CommunityOutcome => ({
    ok: false,
    failure: { kind, message },
  });
  const parts = text.split(':', 5);
  if (parts.length !== 2 && parts.length !== 4) {
    return refuse('format', `invalid community format: ${shown}`);
  }
  const [marker] = parts;
  if (parts.length === 4 && marker !== LARGE) {
    return refuse(
      'value',
      `invalid community value: invalid marker for large community, expected community to be of format ${LARGE}:<uint32>:<uint32>:<uint32> but got ${goQuote(shown)} instead`,
    );
  }
  const numbers: number[] = [];
  for (const section of parts.length === 2 ? parts : parts.slice(1)) {
    const number = parseUint(section, parts.length === 2 ? 0xffff : 0xffff_ffff);
    if (typeof number === 'string') {
      const what = goQuote(section.slice(0, MAX_SHOWN_CHARACTERS));
      return refuse(
        'value',
        `invalid community value: invalid section ${what} of community ${goQuote(shown)}, err: ${goQuote(`strconv.ParseUint: parsing ${what}: ${number}`)}`,
      );
    }
    numbers.push(number);
  }
  const [a = 0, b = 0, c = 0] = numbers;
  return {
    ok: true,
    value:
      parts.length === 2
        ? { kind: 'legacy', upper: a, lower: b }
        : { kind: 'large', globalAdministrator: a, localData1: b, localData2: c },
  };
}

/** Go's `strconv.ParseUint` in base 10: a number, or what is wrong with the first character that is. */
function parseUint(text: string, most: number): number | string {
  if (text === '') {
    return 'invalid syntax';
  }
  let value = 0;
  for (const character of text) {
    if (character < '0' || character > '9') {
      return 'invalid syntax';
    }
    value = value * 10 + Number(character);
    if (value > most) {
      return 'value out of range';
    }
  }
  return value;
}

/** Writes a community as MetalLB does: `64512:100`, and without the word `large` `64512:1:2`. */
export function formatCommunity(community: BgpCommunity): string {
  return community.kind === 'legacy'
    ? `${community.upper}:${community.lower}`
    : `${community.globalAdministrator}:${community.localData1}:${community.localData2}`;
}

/** MetalLB's sequence: a legacy community counts as the large one whose first number it makes up. */
export function compareCommunities(a: BgpCommunity, b: BgpCommunity): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (const [i, number] of left.entries()) {
    const difference = number - (right[i] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return a.kind === b.kind ? 0 : a.kind === 'legacy' ? -1 : 1;
}

/** Each community once, in MetalLB's sequence. */
export function sortedCommunities(communities: readonly BgpCommunity[]): readonly BgpCommunity[] {
  return [
    ...new Map(communities.map((community) => [`${community.kind} ${formatCommunity(community)}`, community])).values(),
  ].sort(compareCommunities);
}

function numbersOf(community: BgpCommunity): readonly number[] {
  return community.kind === 'legacy'
    ? [community.upper * 0x1_0000 + community.lower, 0, 0]
    : [community.globalAdministrator, community.localData1, community.localData2];
}
