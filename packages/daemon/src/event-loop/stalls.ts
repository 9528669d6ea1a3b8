import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Watch } from '../cgroup/cpu-throttling.ts';

/** How long an event loop stood still. */
export interface EventLoopStall {
  /** The longest in the interval, to about a tenth of a second less. */
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
/** How often the loop is to come round: 10 times a second cost 0.1 % of a CPU, and no JavaScript runs for it. */
const RESOLUTION_MS = 100;
const NS_PER_MS = 1e6;

/**
 * Tells when the event loop of this thread stands still, for want of CPU, in a long computation or collecting garbage. Who has
 * deadlines to keep wants to know; a thread that has none needs no such clock. Keeps no process alive.
 */
export function watchEventLoopStalls(options: EventLoopStallOptions): Watch {
  const { thresholdMs, onStall, intervalMs = INTERVAL_MS } = options;
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let lookedMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const elapsedMs = Math.round(nowMs - lookedMs);
    lookedMs = nowMs;
    // What is recorded is the time between two rounds.
    const longestMs = Math.round(histogram.max / NS_PER_MS - RESOLUTION_MS);
    histogram.reset();
    if (longestMs < thresholdMs) return;
    try {
      onStall({ longestMs, intervalMs: elapsedMs });
    } catch {
      // from within a timer it would end the process
    }
  }, intervalMs);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
