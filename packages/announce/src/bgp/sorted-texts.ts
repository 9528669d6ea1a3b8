/** The texts in order. */
export function sortedTexts(texts: Iterable<string>): string[] {
  return [...texts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** The list with a text more, in its place. */
export function including(sorted: readonly string[], text: string): readonly string[] {
  const at = placeOf(sorted, text);
  return sorted[at] === text ? sorted : [...sorted.slice(0, at), text, ...sorted.slice(at)];
}

/** The list without a text. */
export function without(sorted: readonly string[], text: string): readonly string[] {
  const at = placeOf(sorted, text);
  return sorted[at] === text ? [...sorted.slice(0, at), ...sorted.slice(at + 1)] : sorted;
}

/** Found by halves: an aggregate may have thousands of Services. */
function placeOf(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? '') < text) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Whether two sets have the same members. */
export function sameSet<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): boolean {
  return a.size === b.size && [...a].every((member) => b.has(member));
}

/** Whether two plain values read the same. */
export function alike(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
