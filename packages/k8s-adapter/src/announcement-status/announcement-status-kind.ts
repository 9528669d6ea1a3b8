/** A kind of object in which a speaker says that it announces a Service, and how. */
export interface AnnouncementStatusKind {
  readonly kind: 'ServiceL2Status' | 'ServiceBGPStatus';
  readonly plural: string;
  /** What names begin with. */
  readonly generateName: string;
  /** In the log. */
  readonly operation: string;
  /** One node announces a Service, and what others said before is wrong; else each node speaks of itself alone. */
  readonly exclusive: boolean;
  /** What a status says, in the form and order in which it would be written. */
  namesIn(status: Readonly<Record<string, unknown>>): readonly string[];
  /** The part of a status that says it; null for a field that is to be absent. */
  statusOf(names: readonly string[]): Readonly<Record<string, unknown>>;
}

/** Each once: their order says nothing. */
export function sortedNames(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
}

/** Whether two lists are the same. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i]);
}
