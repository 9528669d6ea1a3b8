import { type GoRegexp, parseGoRegexp } from '../go/regexp.ts';
import { goScalarText } from '../legacy/go-scalar.ts';
import { readYamlTree, type YamlNode } from '../legacy/yaml-tree.ts';
import { excludingAny, type Layer2ExclusionsOutcome } from './exclusions.ts';

const KEY = 'announcedInterfacesToExclude';
/** More than there are kinds of interfaces; each costs a match for each interface. */
const MAX_ENTRIES = 1000;

/**
 * Reads whatever YAML and whatever expressions of Go's there may be, and says of all others what is wrong with them.
 */
export function parseAnyExclusions(text: string, file: string): Layer2ExclusionsOutcome {
  const tree = readYamlTree(text);
  if (!tree.ok) {
    return failed(file, `${tree.message}; correct the YAML, or remove the file to exclude nothing`);
  }
  const { root } = tree;
  if (root.kind !== 'map') {
    return root.kind === 'scalar' && root.value === null
      ? { ok: true, value: excludingAny([]), unknownKeys: [] }
      : failed(file, `not a mapping; expected ${KEY}: followed by a list of regular expressions`);
  }
  const patterns: GoRegexp[] = [];
  const unknownKeys: string[] = [];
  for (const [key, { node }] of root.entries) {
    if (key.toLowerCase() !== KEY.toLowerCase()) {
      unknownKeys.push(key);
      continue;
    }
    const read = patternsOf(node);
    if (!read.ok) {
      return failed(file, read.message);
    }
    patterns.splice(0, patterns.length, ...read.value); // written in two ways, the later one counts
  }
  return { ok: true, value: excludingAny(patterns.map(({ matches }) => matches)), unknownKeys };
}

type PatternsOutcome =
  | { readonly ok: true; readonly value: readonly GoRegexp[] }
  | { readonly ok: false; readonly message: string };

function patternsOf(node: YamlNode): PatternsOutcome {
  if (node.kind === 'scalar' && node.value === null) {
    return { ok: true, value: [] };
  }
  if (node.kind !== 'list') {
    return { ok: false, message: `${KEY} is no list; write each regular expression on a line of its own, after "- "` };
  }
  if (node.items.length > MAX_ENTRIES) {
    return { ok: false, message: `${KEY} has ${node.items.length} entries; at most ${MAX_ENTRIES} are read` };
  }
  const patterns: GoRegexp[] = [];
  for (const [index, item] of node.items.entries()) {
    const entry = `${KEY}[${index}]`;
    if (item.kind !== 'scalar') {
      return { ok: false, message: `${entry} is no text; write one regular expression, in quotes if need be` };
    }
    const pattern = goScalarText(item.value) ?? ''; // Go decodes null as an empty text
    const regexp = parseGoRegexp(pattern);
    if (!regexp.ok) {
      const words = `${entry}, ${JSON.stringify(pattern.slice(0, 200))}: ${regexp.message}`;
      return { ok: false, message: `${words}; correct or remove this entry (the syntax is that of Go's regexp)` };
    }
    patterns.push(regexp.value);
  }
  return { ok: true, value: patterns };
}

function failed(file: string, message: string): Layer2ExclusionsOutcome {
  return { ok: false, message: `${file}: ${message}` };
}
