import { type Document, isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Scalar } from 'yaml';
import { type GoScalar, goScalarText, resolveGoScalar } from './go-scalar.ts';
import { taggedValue } from './tagged-value.ts';
import { createPositions, type TextPosition } from './text-position.ts';
import { excessOf } from './yaml-bounds.ts';

/** As many nodes as a text may have when its aliases are written out. */
const MAX_YAML_NODES = 250_000;
/** As deep as aliases may nest what they stand for. */
const MAX_TREE_DEPTH = 64;

/** A value in a YAML text, and where it stands. */
export type YamlNode = YamlScalar | YamlMap | YamlList;
export interface YamlScalar {
  readonly kind: 'scalar';
  readonly value: GoScalar;
  /** As it is written, but for quotes and escapes. */
  readonly text: string;
  /** Of its first character in the text. */
  readonly offset: number;
  /** Where it is a literal block: of the first line of its content, and the columns that its lines are indented by. */
  readonly block?: { readonly offset: number; readonly indent: number } | undefined;
}
export interface YamlMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, YamlEntry>;
  readonly offset: number;
}
export interface YamlEntry {
  readonly node: YamlNode;
  /** Of the key. */
  readonly offset: number;
}
export interface YamlList {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
  readonly offset: number;
}

/** What a YAML text says, or why it says nothing. */
export type YamlTreeOutcome =
  | { readonly ok: true; readonly root: YamlNode; readonly positionOf: (offset: number) => TextPosition }
  | { readonly ok: false; readonly message: string; readonly position?: TextPosition | undefined };

/** What Go's reader would refuse. Never leaves this file. */
class YamlFault extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/**
 * Reads YAML 1.1 as Go's `sigs.k8s.io/yaml` does, scalars by `resolveGoScalar`. `<<` merges where it stands: what
 * comes after it overrides it, and it overrides what comes before. A key that is written twice is an error, as it
 * was to MetalLB 0.12; so are two documents, of which Go would take the first.
 *
 * Bounded in size, depth and expansion of aliases. Never throws.
 *
 * @see yaml/v2 `decode.go`
 */
export function readYamlTree(text: string): YamlTreeOutcome {
  const excess = excessOf(text);
  if (excess !== undefined) {
    return { ok: false, message: excess };
  }
  const positionOf = createPositions(text);
  try {
    const documents = [
      ...parseAllDocuments(text, {
        schema: 'failsafe',
        resolveKnownTags: false,
        prettyErrors: false,
        logLevel: 'silent',
        uniqueKeys: false, // quadratic; `entriesOf` is not
      }),
    ];
    const error = documents.find(({ errors }) => errors.length > 0)?.errors[0];
    if (error !== undefined) {
      // Without the text that some messages quote: there may be a password in it.
      throw new YamlFault(error.message.replace(/: ".*$/s, ''), error.pos[0]);
    }
    const [document, second] = documents.filter(({ contents }) => !isEmpty(contents));
    if (second !== undefined) {
      throw new YamlFault('more than one document', second.range?.[0] ?? 0);
    }
    const root: YamlNode =
      document === undefined ? { kind: 'scalar', value: null, text: '', offset: 0 } : treeOf(text, document);
    return { ok: true, root, positionOf };
  } catch (error) {
    if (error instanceof YamlFault) {
      const position = positionOf(error.offset);
      return { ok: false, message: `yaml: line ${position.line}: ${error.message}`, position };
    }
    return { ok: false, message: `yaml: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** The value as plain data: mappings as objects, whole numbers that are exact as numbers. */
export function plainValue(node: YamlNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'bigint' && Number.isSafeInteger(Number(node.value))
        ? Number(node.value)
        : node.value;
    case 'list':
      return node.items.map(plainValue);
    case 'map':
      return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainValue(entry.node)]));
  }
}

function isEmpty(contents: unknown): boolean {
  return contents === null || (isScalar(contents) && contents.source === '' && contents.tag === undefined);
}

function treeOf(text: string, document: Document): YamlNode {
  const anchors = new Map<string, unknown>();
  const open = new Set<unknown>();
  let nodes = 0;

  function read(node: unknown, registers: boolean): YamlNode {
    const offset = offsetOf(node);
    nodes++;
    if (nodes > MAX_YAML_NODES || open.size > MAX_TREE_DEPTH) {
      throw new YamlFault('document contains excessive aliasing', offset);
    }
    if (isAlias(node)) {
      return read(target(node.source, offset), false);
    }
    if (isScalar(node)) {
      register(node.anchor, node, registers);
      return scalarOf(text, node, offset);
    }
    if (!isMap(node) && !isSeq(node)) {
      return { kind: 'scalar', value: null, text: '', offset }; // a key or an item without a value
    }
    if (open.has(node)) {
      throw new YamlFault(`anchor ${JSON.stringify(node.anchor ?? '')} value contains itself`, offset);
    }
    open.add(node);
    register(node.anchor, node, registers);
    const tree: YamlNode = isMap(node)
      ? { kind: 'map', entries: entriesOf(node.items, registers), offset }
      : { kind: 'list', items: node.items.map((item) => read(item, registers)), offset };
    open.delete(node);
    return tree;
  }

  function entriesOf(pairs: readonly { key: unknown; value: unknown }[], registers: boolean): Map<string, YamlEntry> {
    const entries = new Map<string, YamlEntry>();
    const written = new Set<string>();
    for (const { key, value } of pairs) {
      const offset = offsetOf(key);
      if (isScalar(key) && key.type === 'PLAIN' && key.source === '<<' && key.tag === undefined) {
        for (const [name, entry] of mergedOf(read(value, registers), offset)) {
          entries.set(name, entry);
        }
        continue;
      }
      const name = keyText(read(key, registers));
      if (name === undefined) {
        throw new YamlFault('a key that is no text', offset);
      }
      if (written.has(name)) {
        throw new YamlFault(`key ${JSON.stringify(name.slice(0, 64))} already set in map`, offset);
      }
      written.add(name);
      entries.set(name, { node: read(value, registers), offset });
    }
    return entries;
  }

  function register(anchor: string | undefined, node: unknown, registers: boolean): void {
    if (anchor !== undefined && registers) {
      anchors.set(anchor, node); // in the order of the text: an alias means the last one before it
    }
  }

  function target(anchor: string, offset: number): unknown {
    const node = anchors.get(anchor);
    if (node === undefined) {
      throw new YamlFault(`unknown anchor ${JSON.stringify(anchor.slice(0, 64))} referenced`, offset);
    }
    return node;
  }

  return read(document.contents, true);
}

/** What a merge key brings in: of several mappings the first has the last word. */
function* mergedOf(node: YamlNode, offset: number): Generator<[string, YamlEntry]> {
  const maps = node.kind === 'list' ? [...node.items].reverse() : [node];
  for (const map of maps) {
    if (map.kind !== 'map') {
      throw new YamlFault('map merge requires map or sequence of maps as the value', offset);
    }
    yield* map.entries;
  }
}

function keyText(key: YamlNode): string | undefined {
  return key.kind === 'scalar' ? goScalarText(key.value) : undefined;
}

function scalarOf(text: string, node: Scalar, offset: number): YamlScalar {
  const written = String(node.value ?? '');
  const block = node.type === 'BLOCK_LITERAL' ? blockOf(text, node, offset) : undefined;
  return { kind: 'scalar', value: scalarValue(node, written, offset), text: written, offset, block };
}

function scalarValue(node: Scalar, written: string, offset: number): GoScalar {
  if (node.tag === undefined) {
    return node.type === 'PLAIN' ? resolveGoScalar(written) : written;
  }
  const tag = node.tag.replace(/^tag:yaml\.org,2002:/, '!!').slice(0, 64);
  const value = taggedValue(tag, written);
  if (value === undefined) {
    throw new YamlFault(`cannot decode the text as a ${tag}`, offset);
  }
  return value;
}

function blockOf(text: string, node: Scalar, offset: number): YamlScalar['block'] {
  const start = text.indexOf('\n', offset) + 1;
  const end = node.range?.[1] ?? text.length;
  const first = text.slice(start, end).search(/[^ \n\r]/);
  if (start === 0 || first === -1) {
    return undefined;
  }
  const lineStart = text.lastIndexOf('\n', start + first) + 1;
  return { offset: start, indent: start + first - lineStart };
}

function offsetOf(node: unknown): number {
  const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
  return range?.[0] ?? 0;
}
