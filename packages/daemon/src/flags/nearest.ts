/** How many single-letter edits lead from one word to the other (Levenshtein), two neighbours swapped counting as one. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      let best = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + cost);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? 0;
}

/** The word somebody probably meant; undefined when none is near enough to be worth saying. */
export function nearestWord(given: string, words: Iterable<string>): string | undefined {
  if (given.length > 64) return undefined; // nobody mistypes a flag into that; and the work stays bounded
  const wanted = given.toLowerCase().replaceAll('_', '-');
  let nearest: string | undefined;
  let distance = Math.max(1, Math.floor(given.length / 3)) + 1;
  for (const word of words) {
    const candidate = editDistance(wanted, word);
    if (candidate < distance) [nearest, distance] = [word, candidate];
  }
  return nearest;
}
