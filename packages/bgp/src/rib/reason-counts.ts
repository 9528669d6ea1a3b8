/** How many there are of each reason, and one of the reasons. */
export interface ReasonCounts {
  readonly count: number;
  /** The reason that was there first; undefined where there is none. */
  readonly because: string | undefined;
  /** No reason is not counted. */
  add(because: string | undefined): void;
  remove(because: string | undefined): void;
  clear(): void;
}

/** None yet. */
export function createReasonCounts(): ReasonCounts {
  const counts = new Map<string, number>();
  let count = 0;
  const change = (because: string | undefined, by: 1 | -1): void => {
    if (because === undefined) return;
    const left = (counts.get(because) ?? 0) + by;
    if (left === 0) counts.delete(because);
    else counts.set(because, left);
    count += by;
  };
  return {
    get count() {
      return count;
    },
    get because() {
      return counts.keys().next().value;
    },
    add: (because) => change(because, 1),
    remove: (because) => change(because, -1),
    clear() {
      counts.clear();
      count = 0;
    },
  };
}
