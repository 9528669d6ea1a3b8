import type { Watch } from '../cgroup/cpu-throttling.ts';

/** How long an event loop stood still. */
export interface EventLoopStall {
  /** The longest in the interval, up to a quarter of a second less than it was. */
  readonly longestMs: number;
  readonly intervalMs: number;
}

export interface EventLoopStallOptions {
  /** What is shorter is not told. */
  readonly thresholdMs: number;
  /** Called after an interval with such a stall; what it throws is dropped. */
  readonly onStall: (stall: EventLoopStall) => void;
  /** By default 30 s. */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 30_000;
/**
 * How often the loop is to come round. Each time costs some 0.1 ms of CPU, nearly all of it for waking the process.
 * `perf_hooks.monitorEventLoopDelay` costs the same for each, and after a `reset` it loses the first: the only one, in a
 * process that is held back most.
 */
const ROUND_MS = 250;

/**
 * Tells when the event loop of this thread stands still, for want of CPU, in a long computation or collecting garbage. Who has
 * deadlines to keep wants to know; a thread that has none needs no such clock. Keeps no process alive.
 */
export function watchEventLoopStalls(options: EventLoopStallOptions): Watch {
  const { thresholdMs, onStall, intervalMs = INTERVAL_MS } = options;
  let roundMs = performance.now();
  let toldMs = roundMs;
  let longestMs = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    longestMs = Math.max(longestMs, nowMs - roundMs - ROUND_MS);
    roundMs = nowMs;
    if (nowMs - toldMs < intervalMs) return;
    const stall = { longestMs: Math.round(longestMs), intervalMs: Math.round(nowMs - toldMs) };
    toldMs = nowMs;
    longestMs = 0;
    if (stall.longestMs < thresholdMs) return;
    try {
      onStall(stall);
    } catch {
      // from within a timer it would end the process
    }
  }, ROUND_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
