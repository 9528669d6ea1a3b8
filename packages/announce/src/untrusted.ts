/** A JSON object from outside, of which nothing is known yet. */
type UntrustedObject = Readonly<Record<string, unknown>>;

/** The value if it is a JSON object, else an empty one. */
export function objectOr(value: unknown): UntrustedObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as UntrustedObject) : {};
}

/** The value if it is a list, else an empty one. */
export function listOr(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value if it is a text, else an empty one. */
export function textOr(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Labels or annotations: the entries whose value is a text. */
export function labelsOf(value: unknown): ReadonlyMap<string, string> {
  const entries = Object.entries(objectOr(value));
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
