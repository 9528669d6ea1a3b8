import { Lexer } from 'yaml';

/** As large as the API server lets a ConfigMap be. */
const MAX_YAML_CHARACTERS = 1_048_576;
/** As deep as anything in this format nests, with room; deeper is an attack on the stack. */
const MAX_YAML_DEPTH = 32;
/** More than any text of this size needs that means something: the parser is slow where every other character is an error. */
const MAX_YAML_TOKENS = 250_000;
/** What YAML 1.1 lets stand in a text; Go's reader refuses everything else. */
const FORBIDDEN = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * What a text has too much of, judged before it is parsed: the parser recurses, and on a text that nests a million
 * times takes seconds and the stack. The lexer does not, so its tokens are counted; depth is open brackets, columns
 * of indentation, and the indicators within a line.
 */
export function excessOf(text: string): string | undefined {
  if (text.length > MAX_YAML_CHARACTERS) {
    return `larger than ${MAX_YAML_CHARACTERS} characters`;
  }
  const forbidden = text.search(FORBIDDEN);
  if (forbidden !== -1) {
    return `yaml: line ${text.slice(0, forbidden).split('\n').length}: control characters are not allowed`;
  }
  const indents: number[] = [];
  let tokens = 0;
  let brackets = 0;
  let indicators = 0;
  let atLineStart = true;
  for (const token of new Lexer().lex(text)) {
    tokens++;
    if (token === '[' || token === '{') {
      brackets++;
    } else if (token === ']' || token === '}') {
      brackets--;
    } else if (token === '-' || token === '?' || token === ':') {
      indicators++;
    }
    if (atLineStart && token !== '\n' && brackets === 0) {
      const column = /^ *$/.test(token) ? token.length : 0;
      while ((indents.at(-1) ?? -1) >= column) {
        indents.pop();
      }
      indents.push(column);
    }
    atLineStart = token === '\n';
    indicators = atLineStart || token === ',' ? 0 : indicators;
    if (brackets + indents.length + indicators > MAX_YAML_DEPTH) {
      return `nested deeper than ${MAX_YAML_DEPTH} levels`;
    }
    if (tokens > MAX_YAML_TOKENS) {
      return `more than ${MAX_YAML_TOKENS} tokens`;
    }
  }
  return undefined;
}
