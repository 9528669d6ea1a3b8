import { isMap, isScalar, isSeq, Lexer, parseDocument, type ScalarTag, type Tags } from 'yaml';

/** As large as the API server lets a ConfigMap be. */
const MAX_YAML_CHARACTERS = 1_048_576;
/** As deep as anything in this format nests, with room; deeper is an attack on the stack. */
const MAX_YAML_DEPTH = 32;
/** More than any text of this size needs that means something: the parser is slow where every other character is an error. */
const MAX_YAML_TOKENS = 250_000;
/** As many nodes as aliases may expand to, in multiples of what is written. */
const MAX_ALIAS_COUNT = 100;

/** What a YAML text says, or why it says nothing. */
export type YamlOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

/**
 * Reads YAML 1.1 as Go's `sigs.k8s.io/yaml` does: `yes`, `no`, `on` and `off` are booleans, `010` is eight, `<<` merges.
 * Unlike YAML 1.1 itself, Go takes `1:30` and `2024-01-01` for texts. A key that is written twice is an error.
 *
 * Bounded in size, depth and expansion of aliases. Never throws.
 */
export function parseGoYaml(text: string): YamlOutcome {
  if (text.length > MAX_YAML_CHARACTERS) {
    return { ok: false, message: `larger than ${MAX_YAML_CHARACTERS} characters` };
  }
  const excess = excessOf(text);
  if (excess !== undefined) {
    return { ok: false, message: excess };
  }
  try {
    const document = parseDocument(text, {
      version: '1.1',
      prettyErrors: false,
      logLevel: 'silent',
      customTags: goTags,
      uniqueKeys: false, // quadratic; `repeatedKey` is not
    });
    const [error] = document.errors;
    const wrong =
      error === undefined ? repeatedKey(document.contents) : { message: error.message, offset: error.pos[0] };
    if (wrong !== undefined) {
      return { ok: false, message: `yaml: line ${text.slice(0, wrong.offset).split('\n').length}: ${wrong.message}` };
    }
    return { ok: true, value: document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }) };
  } catch (error) {
    return { ok: false, message: `yaml: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The tags of YAML 1.1 without sexagesimal numbers and timestamps, which Go's reader does not have. */
function goTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === 'string' || !isForeignToGo(tag as ScalarTag));
}

function isForeignToGo(tag: ScalarTag): boolean {
  return tag.format === 'TIME' || tag.tag === 'tag:yaml.org,2002:timestamp';
}

/** The first key that a mapping holds twice, at any depth. */
function repeatedKey(node: unknown): { readonly message: string; readonly offset: number } | undefined {
  if (isSeq(node)) {
    return firstOf(node.items, repeatedKey);
  }
  if (!isMap(node)) {
    return undefined;
  }
  const seen = new Set<unknown>();
  return firstOf(node.items, ({ key, value }) => {
    const name = isScalar(key) ? key.value : key;
    if (seen.has(name) && name !== '<<') {
      const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
      return { message: `key ${JSON.stringify(name)} already set in map`, offset };
    }
    seen.add(name);
    return repeatedKey(value);
  });
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/**
 * What a text has too much of, judged before it is parsed: the parser recurses, and on a text that nests a million
 * times takes seconds and the stack. The lexer does not, so its tokens are counted; depth is open brackets, columns
 * of indentation, and the indicators within a line.
 */
function excessOf(text: string): string | undefined {
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
