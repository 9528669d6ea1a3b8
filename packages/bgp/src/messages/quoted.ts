/** Characters that change how a line is shown: controls, line ends, what turns the direction of writing, invisible ones. */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** A stranger's text, in quotes, so that it can neither end a line of a log nor write over one. */
export function quoted(text: string): string {
  return `"${text
    .replaceAll(/["\\]/g, (character) => `\\${character}`)
    .replaceAll(UNSHOWABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)}"`;
}
