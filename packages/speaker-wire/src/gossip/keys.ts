/** The keys of a gossip: the first encrypts, all decrypt. None: it is not encrypted. */
export type Keys = readonly Uint8Array[];

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((octet, i) => octet === b[i]);

/**
 * Takes in a key that the mounted Secret has since this speaker was started. It is accepted at once, and encrypts only
 * when somebody else is heard to use it: while it is rolled out, nobody is cut off, whichever speaker starts first.
 *
 * @returns `undefined` where nothing changes: it is known, or the gossip is not encrypted at all, which only a restart
 *   changes.
 */
export function withOfferedKey(keys: Keys, offered: Uint8Array): Keys | undefined {
  const [primary] = keys;
  if (primary === undefined || same(primary, offered)) return undefined;
  return [primary, offered];
}

/** @returns The keys with the heard one first; `undefined` if it is already. */
export function withHeardKey(keys: Keys, heard: number): Keys | undefined {
  const key = keys[heard];
  if (key === undefined || heard === 0) return undefined;
  return [key, ...keys.filter((_, i) => i !== heard)];
}
