/** A JSON object from outside, of which nothing is known yet. */
export type UntrustedObject = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object: neither null nor a list. */
export function isObject(value: unknown): value is UntrustedObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is an object, else an empty one. */
export function objectOr(value: unknown): UntrustedObject {
  return isObject(value) ? value : {};
}

/** The value if it is a list, else an empty one. */
export function listOr(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value if it is a text, else `fallback`. */
export function textOr(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

/** The texts in a list; what is none is left out. */
export function textsOf(value: unknown): string[] {
  return listOr(value).filter((item) => typeof item === 'string');
}

/** Labels or annotations: the entries whose value is a text. */
export function labelsOf(value: unknown): ReadonlyMap<string, string> {
  const entries = Object.entries(objectOr(value));
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/**
 * The value without members that are null (or undefined, which JSON has not): Go decodes null as "not given", and so does the API server's defaulting.
 *
 * @param depth - How far down to look; no kind nests deeper.
 */
export function withoutNulls(value: unknown, depth = 12): unknown {
  if (depth === 0 || typeof value !== 'object' || value === null) {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => withoutNulls(item, depth - 1));
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null && member !== undefined)
      .map(([name, member]) => [name, withoutNulls(member, depth - 1)]),
  );
}
