/** Further apart than this and a key is no misspelling. */
const MAX_EDITS = 3;
/** Longer than any key there is. */
const MAX_KEY_CHARACTERS = 64;

/** The known key that an unknown one most likely means, if any is near. */
export function nearestKey(key: string, known: readonly string[]): string | undefined {
  if (key.length > MAX_KEY_CHARACTERS) {
    return undefined;
  }
  const plain = key.toLowerCase().replaceAll('_', '-');
  const ranked = known
    .map((candidate) => ({ candidate, edits: editDistance(plain, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.min(MAX_EDITS, best.candidate.length / 2)
    ? best.candidate
    : undefined;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
