/** What a control group has been denied since it was made. */
export interface CpuStat {
  /** Periods in which something in it wanted to run. */
  readonly periods: number;
  /** Those of them in which the quota ran out. */
  readonly throttledPeriods: number;
  /** How long something in it was kept waiting, summed over the CPUs. */
  readonly throttledMs: number;
}

const NS_PER_MS = 1e6;
const MICROS_PER_MS = 1e3;

/**
 * Reads `cpu.stat` of either version: v1 has `throttled_time` in nanoseconds, v2 `throttled_usec`. Undefined where the group
 * cannot be held back, as the root of v2.
 */
export function decodeCpuStat(text: string): CpuStat | undefined {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, name, digits] = /^(\w+) (\d+)$/.exec(line) ?? [];
    if (name !== undefined) values.set(name, Number(digits));
  }
  const periods = values.get('nr_periods');
  const throttledPeriods = values.get('nr_throttled');
  const nanoseconds = values.get('throttled_time');
  const micros = values.get('throttled_usec');
  if (periods === undefined || throttledPeriods === undefined) return undefined;
  if (nanoseconds === undefined && micros === undefined) return undefined;
  const throttledMs = micros === undefined ? (nanoseconds ?? 0) / NS_PER_MS : micros / MICROS_PER_MS;
  return { periods, throttledPeriods, throttledMs };
}

/** What has been denied since the last look; undefined if nothing was, or if it is another group by now. */
export function throttledSince(last: CpuStat, now: CpuStat): CpuStat | undefined {
  const throttledPeriods = now.throttledPeriods - last.throttledPeriods;
  const throttledMs = now.throttledMs - last.throttledMs;
  if (throttledPeriods <= 0 || throttledMs < 0) return undefined;
  return { periods: Math.max(throttledPeriods, now.periods - last.periods), throttledPeriods, throttledMs };
}
