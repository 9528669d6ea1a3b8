import { plainValue, readYamlTree } from './yaml-tree.ts';

/** What a YAML text says, or why it says nothing. */
export type YamlOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string };

/** Reads YAML as `readYamlTree` does, for who does not ask where in the text a value stands. */
export function parseGoYaml(text: string): YamlOutcome {
  const tree = readYamlTree(text);
  return tree.ok ? { ok: true, value: plainValue(tree.root) } : { ok: false, message: tree.message };
}
