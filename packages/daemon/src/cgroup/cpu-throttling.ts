import type { Logger } from '../log/logger.ts';
import { oncePerInterval } from '../log/once-per-interval.ts';
import { type CpuStat, decodeCpuStat, throttledSince } from './cpu-stat.ts';
import { ownCgroups, readCgroupFile } from './own-cgroups.ts';

/** How a CPU quota held this process back. */
export interface CpuThrottling {
  /** How long it was kept waiting, summed over the CPUs. */
  readonly throttledMs: number;
  /** Periods of the quota in which it ran out. */
  readonly throttledPeriods: number;
  /** All periods in which the process wanted to run. */
  readonly periods: number;
  /** What these figures are of. */
  readonly intervalMs: number;
}

export interface CpuThrottlingOptions {
  /** Called after an interval in which the quota ran out; what it throws is dropped. */
  readonly onThrottled: (throttling: CpuThrottling) => void;
  /** By default 30 s. */
  readonly intervalMs?: number;
}

/** Ends what it watches. */
export interface Watch {
  stop(): void;
}

const INTERVAL_MS = 30_000;
const LOG_INTERVAL_MS = 300_000;

/** `cpu.stat` of each group around the process; the quota may be the container's or the Pod's. */
function openStats(): readonly { readonly path: string; last: CpuStat }[] {
  return ownCgroups('cpu').flatMap(({ path }) => {
    const last = decodeCpuStat(readCgroupFile(path, 'cpu.stat') ?? '');
    return last === undefined ? [] : [{ path, last }];
  });
}

/**
 * Tells when the CPU limit of its container holds this process back: such a process is late with everything that has a deadline,
 * and nothing else says why. Reads one small file an interval, keeps no process alive, and does nothing where there are no
 * control groups.
 */
export function watchCpuThrottling(options: CpuThrottlingOptions): Watch {
  const { onThrottled, intervalMs = INTERVAL_MS } = options;
  const groups = openStats();
  if (groups.length === 0) return { stop() {} };
  let lookedMs = performance.now();

  const timer = setInterval(() => {
    const nowMs = performance.now();
    let worst: CpuStat | undefined;
    for (const group of groups) {
      const now = decodeCpuStat(readCgroupFile(group.path, 'cpu.stat') ?? '');
      if (now === undefined) continue;
      const denied = throttledSince(group.last, now);
      group.last = now;
      if (denied !== undefined && denied.throttledMs >= (worst?.throttledMs ?? 0)) worst = denied;
    }
    const elapsedMs = Math.round(nowMs - lookedMs);
    lookedMs = nowMs;
    if (worst === undefined) return;
    try {
      onThrottled({ ...worst, throttledMs: Math.round(worst.throttledMs), intervalMs: elapsedMs });
    } catch {
      // from within a timer it would end the process
    }
  }, intervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

export interface CpuThrottlingLogOptions {
  /** How often it is looked at. By default 30 s. */
  readonly intervalMs?: number;
  /** Between two lines. By default 5 min. */
  readonly quietMs?: number;
}

/** Says in the log, once in five minutes, that the CPU limit holds the process back. */
export function logCpuThrottling(logger: Logger, options: CpuThrottlingLogOptions = {}): Watch {
  const flood = oncePerInterval(logger, { intervalMs: options.quietMs ?? LOG_INTERVAL_MS, maxKeys: 1 });
  return watchCpuThrottling({
    ...(options.intervalMs === undefined ? {} : { intervalMs: options.intervalMs }),
    onThrottled: (throttling) =>
      flood.warn(
        'throttled',
        { op: 'cpuThrottling', ...throttling },
        'throttled: the CPU limit holds this process back; raise resources.limits.cpu, or remove it',
      ),
  });
}
