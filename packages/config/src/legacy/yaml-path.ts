import type { YamlNode } from './yaml-tree.ts';

/** `a`, `[0]`, `["a.b"]`. */
const SEGMENT = /\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g;

/**
 * Where the part of a document stands that a path names, such as `address-pools[2].addresses[0]`; of what is not there,
 * where its nearest parent stands.
 */
export function offsetOfPath(root: YamlNode, path: string): number {
  let node = root;
  for (const [, index, quoted, name] of path.matchAll(SEGMENT)) {
    const next =
      index !== undefined
        ? node.kind === 'list' && node.items[Number(index)]
        : node.kind === 'map' && entryOf(node.entries, quoted === undefined ? (name ?? '') : unquoted(quoted));
    if (!next) {
      break;
    }
    node = next;
  }
  return node.offset;
}

function entryOf(entries: ReadonlyMap<string, { readonly node: YamlNode }>, name: string): YamlNode | undefined {
  const exact = entries.get(name) ?? [...entries].find(([key]) => key.toLowerCase() === name)?.[1];
  return exact?.node;
}

function unquoted(json: string): string {
  try {
    return String(JSON.parse(json));
  } catch {
    return json; // quoted by other rules: the parent's position is good enough
  }
}
