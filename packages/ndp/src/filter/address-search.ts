import {
  type Landing,
  type Place,
  type ProgramWriter,
  type ValueRange,
  type WordRange,
  writeWordSearch,
} from '@steelyard/announcement-schedule';

const WORD_BITS = 32;
const WORDS = 4;

/** What is left to look for once a word is known. */
interface Branch {
  readonly word: number;
  readonly ranges: ValueRange<bigint>[];
}

/** Words after which nothing is left to look for. */
interface Whole {
  readonly first: number;
  readonly last: number;
}

/**
 * Writes a search for the IPv6 address that lies at `offset` in a frame, word by word: classic BPF compares 32 bits. Addresses
 * that begin alike share their first words' searches.
 *
 * @param ranges - At least one; disjoint and sorted, of addresses as numbers of 128 bits.
 * @returns Where it starts.
 */
export function writeAddressSearch(
  program: ProgramWriter,
  ranges: readonly ValueRange<bigint>[],
  offset: number,
  inside: Landing,
  outside: Landing,
): Place {
  const search = (level: number, within: readonly ValueRange<bigint>[]): Place => {
    const words = splitAtFirstWord(within, (WORDS - 1 - level) * WORD_BITS).map((part): WordRange => {
      if (!('ranges' in part)) return { ...part, inside };
      const at = search(level + 1, part.ranges);
      return { first: part.word, last: part.word, inside: { at, instruction: { jumpTo: at } } };
    });
    writeWordSearch(program, words, outside);
    return program.loadWord(offset + (level * WORD_BITS) / 8);
  };
  return search(0, ranges);
}

/** Sorts ranges by the word above the lowest `bits` bits: a range within one word is a branch, one of several has whole words between its ends. */
function splitAtFirstWord(ranges: readonly ValueRange<bigint>[], bits: number): (Branch | Whole)[] {
  const all = (1n << BigInt(bits)) - 1n;
  const parts: (Branch | Whole)[] = [];
  const add = (word: number, first: bigint, last: bigint): void => {
    const before = parts.at(-1);
    if (first === 0n && last === all) parts.push({ first: word, last: word });
    else if (before !== undefined && 'ranges' in before && before.word === word) before.ranges.push({ first, last });
    else parts.push({ word, ranges: [{ first, last }] });
  };
  for (const { first, last } of ranges) {
    const firstWord = Number(first >> BigInt(bits));
    const lastWord = Number(last >> BigInt(bits));
    if (bits === 0) parts.push({ first: firstWord, last: lastWord });
    else if (firstWord === lastWord) add(firstWord, first & all, last & all);
    else {
      add(firstWord, first & all, all);
      if (lastWord - firstWord > 1) parts.push({ first: firstWord + 1, last: lastWord - 1 });
      add(lastWord, 0n, last & all);
    }
  }
  return parts;
}
