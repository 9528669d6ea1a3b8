/** JSON as it comes over the wire: looked into step by step, since any part of it may be missing or of another type. */

export type JsonObject = Record<string, unknown>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What lies at the end of the path, or undefined. */
export function valueAt(root: unknown, ...path: readonly string[]): unknown {
  let value = root;
  for (const step of path) {
    if (!isJsonObject(value)) return undefined;
    value = value[step];
  }
  return value;
}

/** The object at the end of the path; an empty one where there is none. */
export function objectAt(root: unknown, ...path: readonly string[]): JsonObject {
  const value = valueAt(root, ...path);
  return isJsonObject(value) ? value : {};
}

/** The list at the end of the path; an empty one where there is none. */
export function listAt(root: unknown, ...path: readonly string[]): readonly unknown[] {
  const value = valueAt(root, ...path);
  return Array.isArray(value) ? value : [];
}

/** The text at the end of the path; '' where there is none, as Go has it. */
export function textAt(root: unknown, ...path: readonly string[]): string {
  const value = valueAt(root, ...path);
  return typeof value === 'string' ? value : '';
}

/** The number at the end of the path; 0 where there is none, as Go has it. */
export function numberAt(root: unknown, ...path: readonly string[]): number {
  const value = valueAt(root, ...path);
  return typeof value === 'number' ? value : 0;
}

/** A map of texts, such as labels or a selector. */
export function textMapAt(root: unknown, ...path: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (const [key, value] of Object.entries(objectAt(root, ...path))) {
    if (typeof value === 'string') map[key] = value;
  }
  return map;
}

/** Sets `key` unless it has a value: the way an API server fills in defaults. */
export function setDefault(object: JsonObject, key: string, value: unknown): void {
  if (object[key] === undefined || object[key] === null || object[key] === '') object[key] = value;
}
