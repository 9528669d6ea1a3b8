import { resolveGoScalar } from '../../legacy/go-scalar.ts';

/** Beyond this column a space is where a line ends. */
const BEST_WIDTH = 80;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$/;
const BREAK = /[\n\r\x85\u2028\u2029]/u;
/** What stands in a text as it is; all else needs escapes. */
const PRINTABLE = /^[\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/u;
/** What no plain text may begin with, or contain. */
const INDICATORS = /^(---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-]([ \t]|$))|:([ \t]|$)|[ \t]#/u;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\x85', 'N'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
]);

/** Where a scalar is written. */
export interface ScalarPlace {
  /** How many characters stand before it in its line, the space that follows included. */
  readonly column: number;
  /** By how much its further lines are indented. */
  readonly indent: number;
  readonly isKey: boolean;
}

/**
 * Writes a text as Go's YAML writer does: plain where it can be, in double quotes where it would be read as something
 * else (a number, a boolean, a time, a sexagesimal), as a block where it has lines.
 *
 * @see yaml/v2 `encode.go`, `stringv`; `emitterc.go`, `yaml_emitter_select_scalar_style`
 */
export function formatGoText(text: string, place: ScalarPlace): string {
  const hasBreaks = BREAK.test(text);
  const printable = PRINTABLE.test(text) && !/[\x85\r\u2028\u2029]/u.test(text);
  const spaceBeforeBreak = / [\n]/.test(text);
  if (text.includes('\n') && !place.isKey && printable && !spaceBeforeBreak && !text.endsWith(' ')) {
    return literalBlock(text, place);
  }
  if (!printable || hasBreaks || isOtherwiseRead(text)) {
    return doubleQuoted(text, place);
  }
  const plain = text !== '' && !/^ | $/.test(text) && !INDICATORS.test(text);
  return plain || (text === '' && !place.isKey) ? folded(text, place, 0, text.length) : singleQuoted(text, place);
}

/** Whether a plain text would be read as no text. */
function isOtherwiseRead(text: string): boolean {
  return typeof resolveGoScalar(text) !== 'string' || SEXAGESIMAL.test(text) || isTimestamp(text);
}

/** As `parseTimestamp` of yaml/v2 `resolve.go`, by Go's layouts. */
function isTimestamp(text: string): boolean {
  const match =
    /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt](\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?(?:Z|[-+](\d\d):(\d\d)))| (\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?)?$/.exec(
      text,
    );
  if (match === null) {
    return false;
  }
  const [year = 0, month = 0, day = 0, ...rest] = match.slice(1).map(Number); // NaN where there is none
  const [h1 = 0, m1 = 0, s1 = 0, zoneHours = 0, zoneMinutes = 0, h2 = 0, m2 = 0, s2 = 0] = rest.map((part) =>
    Number.isNaN(part) ? 0 : part,
  );
  return (
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    Math.max(h1, h2) < 24 &&
    Math.max(m1, m2) < 60 &&
    Math.max(s1, s2) < 60 &&
    zoneHours <= 24 &&
    zoneMinutes < 60
  );
}

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function literalBlock(text: string, { indent }: ScalarPlace): string {
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const chomping = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : '';
  const lines = text.split('\n').map((line) => (line === '' ? '' : `${' '.repeat(indent)}${line}`));
  if (text.endsWith('\n')) {
    lines.pop();
  }
  return [`|${hint}${chomping}`, ...lines].join('\n');
}

function singleQuoted(text: string, place: ScalarPlace): string {
  const inner = folded(text, { ...place, column: place.column + 1 }, 1, text.length - 1, (c) => (c === "'" ? "''" : c));
  return `'${inner}'`;
}

/** Writes a text, and begins a new line at a lone space beyond the best width. */
function folded(
  text: string,
  place: ScalarPlace,
  from: number,
  to: number,
  write: (character: string) => string = (character) => character,
): string {
  let written = '';
  let { column } = place;
  let afterSpace = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    const isSpace = character === ' ';
    if (isSpace && !afterSpace && column > BEST_WIDTH && !place.isKey && i >= from && i < to && text[i + 1] !== ' ') {
      written += `\n${' '.repeat(place.indent)}`;
      column = place.indent;
    } else {
      const piece = write(character);
      written += piece;
      column += piece.length;
    }
    afterSpace = isSpace;
  }
  return written;
}

function doubleQuoted(text: string, place: ScalarPlace): string {
  let written = '"';
  let column = place.column + 1;
  let afterSpace = false;
  const put = (piece: string): void => {
    written += piece;
    column += piece.length;
  };
  const characters = [...text];
  for (const [i, character] of characters.entries()) {
    const isSpace = character === ' ';
    if (isSpace && !afterSpace && column > BEST_WIDTH && !place.isKey && i > 0 && i < characters.length - 1) {
      written += `\n${' '.repeat(place.indent)}`;
      column = place.indent;
      if (characters[i + 1] === ' ') {
        put('\\');
      }
    } else {
      put(escaped(character));
    }
    afterSpace = isSpace;
  }
  return `${written}"`;
}

function escaped(character: string): string {
  const short = ESCAPES.get(character);
  if (short !== undefined) {
    return `\\${short}`;
  }
  if (PRINTABLE.test(character) && !BREAK.test(character)) {
    return character;
  }
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code <= 0xff
    ? `\\x${hex.padStart(2, '0')}`
    : code <= 0xffff
      ? `\\u${hex.padStart(4, '0')}`
      : `\\U${hex.padStart(8, '0')}`;
}
