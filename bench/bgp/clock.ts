const NS_PER_MS = 1_000_000n;

/**
 * Nanoseconds that the wall clock (of packet captures) is ahead of `process.hrtime.bigint()`, good to some microseconds:
 * it is read when the millisecond of `Date` changes.
 */
export function wallClockAheadNs(): bigint {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return BigInt(now) * NS_PER_MS - process.hrtime.bigint();
}

/** Milliseconds between two times in nanoseconds. */
export function msBetween(fromNs: bigint, toNs: bigint): number {
  return Number(toNs - fromNs) / Number(NS_PER_MS);
}
