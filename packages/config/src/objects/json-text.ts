/** A value as JSON, for comparing what came as JSON; empty for what cannot have. */
export function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value ?? null);
  } catch {
    return ''; // a cycle or a bigint
  }
}
