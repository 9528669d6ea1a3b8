/** Orders texts by their code units, as Go's `sort.Strings` does for ASCII: the same on every node, whatever its locale. */
export function compareTexts(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
