/** Orders texts as Go's `sort.Strings` does: by their octets in UTF-8, which is by their code points. */
export function compareCodePoints(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (const [i, character] of left.entries()) {
    const other = right[i];
    if (other === undefined) {
      return 1;
    }
    if (character !== other) {
      return (character.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    }
  }
  return left.length - right.length;
}

/**
 * Orders the keys of a mapping as Go's YAML writer does: numbers within them by their value (`a9` before `a10`), what
 * is no letter before letters.
 *
 * @see yaml/v2 `sorter.go`
 */
export function compareKeys(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const at = left.findIndex((character, i) => character !== right[i]);
  const x = left[at];
  const y = right[at];
  if (x === undefined || y === undefined) {
    return left.length - right.length;
  }
  const isLetter = (character: string): boolean => /\p{L}/u.test(character);
  const byCodePoint = (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0);
  if (isLetter(x) && isLetter(y)) {
    return byCodePoint;
  }
  if (isLetter(x) || isLetter(y)) {
    return isLetter(y) ? -1 : 1;
  }
  const [numberOfX, digitsOfX] = numberAt(left, at, y);
  const [numberOfY, digitsOfY] = numberAt(right, at, x);
  if (numberOfX !== numberOfY) {
    return numberOfX < numberOfY ? -1 : 1;
  }
  return digitsOfX - digitsOfY || byCodePoint;
}

/** The number that starts there; a zero within a number counts as one more digit, not as the start of a smaller one. */
function numberAt(text: readonly string[], at: number, other: string): readonly [value: bigint, digits: number] {
  let digits = 0;
  while (/^[0-9]$/.test(text[at + digits] ?? '')) {
    digits++;
  }
  const continues = (text[at] === '0' || other === '0') && /[1-9][0-9]*$/.test(text.slice(0, at).join(''));
  return [BigInt(`${continues ? '1' : ''}${text.slice(at, at + digits).join('')}` || '0'), digits];
}
