/** Whether an interface of this name is left alone: neither asked for its addresses nor announced on. */
export type Layer2Exclusions = (interfaceName: string) => boolean;

/** What the file says, or why the process must not start with it. */
export type Layer2ExclusionsOutcome =
  | {
      readonly ok: true;
      readonly value: Layer2Exclusions;
      /** Keys that mean nothing, as a misspelt one does: MetalLB ignores them, and then excludes nothing. */
      readonly unknownKeys: readonly string[];
    }
  /** Names the file, the entry and what to do. */
  | { readonly ok: false; readonly message: string };

/** Names come and go with Pods, a few hundred of them on a node at a time. */
const MAX_REMEMBERED_NAMES = 4096;

/** Asks the expressions once for each name: all interfaces are looked at whenever one of them changes. */
export function excludingAny(expressions: readonly Layer2Exclusions[]): Layer2Exclusions {
  const known = new Map<string, boolean>();
  return (name) => {
    const remembered = known.get(name);
    if (remembered !== undefined) {
      return remembered;
    }
    const excluded = expressions.some((occursIn) => occursIn(name));
    if (known.size >= MAX_REMEMBERED_NAMES) {
      known.clear();
    }
    known.set(name, excluded);
    return excluded;
  };
}
