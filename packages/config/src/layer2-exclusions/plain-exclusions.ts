import { excludingAny, type Layer2Exclusions, type Layer2ExclusionsOutcome } from './exclusions.ts';

const IGNORED = /^ *(#.*)?$/;
const KEY = /^announcedInterfacesToExclude:(?: *| +#.*)$/;
/** An entry in quotes, without any escape. */
const ENTRY = /^ *- +(?:"([^"\\]*)"|'([^']*)') *$/;
/** Letters, digits, any character, any characters; anchored or not: JavaScript and Go read it alike. */
const EXPRESSION = /^\^?(?:[A-Za-z0-9_-]|\\\.|\.\*|\.)*\$?$/;
const MAX_LINES = 100;
/** So long that nothing can be repeated often enough to take time. */
const MAX_EXPRESSION_CHARACTERS = 32;
/** Longer than any name that is matched; Linux has 15 (`IFNAMSIZ`). */
const MAX_NAME_CHARACTERS = 64;

/**
 * Reads the file as everybody writes it, one key and simple expressions in quotes, with nothing but what JavaScript has.
 *
 * @returns `undefined` for any other text, right or wrong.
 */
export function parsePlainExclusions(text: string): Layer2ExclusionsOutcome | undefined {
  const lines = text.split('\n').filter((line) => !IGNORED.test(line));
  const [key, ...entries] = lines;
  if (key === undefined || !KEY.test(key) || entries.length > MAX_LINES) {
    return undefined;
  }
  const expressions: Layer2Exclusions[] = [];
  const indentation = entries[0]?.search(/[^ ]/);
  for (const entry of entries) {
    const [, double, single] = ENTRY.exec(entry) ?? [];
    const expression = double ?? single;
    if (expression === undefined || entry.search(/[^ ]/) !== indentation) {
      return undefined;
    }
    if (expression.length > MAX_EXPRESSION_CHARACTERS || !EXPRESSION.test(expression)) {
      return undefined;
    }
    const compiled = new RegExp(expression);
    expressions.push((name) => name.length <= MAX_NAME_CHARACTERS && compiled.test(name));
  }
  return { ok: true, value: excludingAny(expressions), unknownKeys: [] };
}
