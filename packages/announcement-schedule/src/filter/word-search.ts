import type { Landing, Place, ProgramWriter } from './program.ts';
import type { ValueRange } from './ranges.ts';

/** 32-bit words, and where the program goes on when one of them is found. */
export interface WordRange extends ValueRange<number> {
  readonly inside: Landing;
}

/**
 * Writes a binary search for the word that was loaded before. A range takes two instructions, or three where it holds
 * more than one word and is the leftmost.
 *
 * @param ranges - At least one; disjoint and sorted.
 * @returns Where it starts: at its last instruction written.
 */
export function writeWordSearch(program: ProgramWriter, ranges: readonly WordRange[], outside: Landing): Place {
  const search = (from: number, to: number, reachesFirst: boolean): Place => {
    const middle = (from + to + 1) >> 1;
    const range = ranges[middle];
    if (range === undefined) throw new RangeError('a search needs at least one range');
    if (from < to) {
      const right = search(middle, to, true);
      const left = search(from, middle - 1, reachesFirst);
      return program.jumpIf('greaterOrEqual', range.first, right, left);
    }
    const isInside = program.bringNear(range.inside);
    const isOutside = program.bringNear(outside);
    if (range.first === range.last) return program.jumpIf('equal', range.first, isInside, isOutside);
    const endStage = program.jumpIf('greater', range.last, isOutside, isInside);
    // To the right of a fork, the fork has already tested this.
    return reachesFirst ? endStage : program.jumpIf('greaterOrEqual', range.first, endStage, isOutside);
  };
  return search(0, ranges.length - 1, false);
}
