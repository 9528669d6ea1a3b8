import type { VirtualTime } from './virtual-time.ts';

/** A process in a Pod: it has clocks of its own, stands still at times, and ends. */
export interface SimulatedProcess {
  readonly podName: string;
  readonly alive: boolean;
  /** Its monotonic clock. */
  nowMs(): number;
  /** Its calendar. */
  wallMs(): number;
  /** How long a time of its own clock is in truth. */
  realMs(ownMs: number): number;
  /** Lets it do something: now, or when it goes on, or never if it has ended. */
  enter(run: () => void): void;
  /** A timer of its own. */
  after(ownMs: number, run: () => void): () => void;
  /** It runs no code for so long. */
  pause(durationMs: number): void;
  /** Its machine sleeps: the monotonic clock stands still, too. */
  suspend(durationMs: number): void;
  /** Tells when it ends, once. */
  onEnd(run: () => void): () => void;
  end(): void;
}

/** Starts one. Clocks of two machines run at rates that differ. */
export function startProcess(time: VirtualTime, podName: string): SimulatedProcess {
  const rate = time.between(0.96, 1.04);
  const wallOffsetMs = time.between(0, 1e6);
  let offsetMs = time.between(0, 1e6);
  let pausedUntilMs = 0;
  let alive = true;
  const endings = new Set<() => void>();

  /** What waits until it goes on, in order. */
  const backlog: (() => void)[] = [];

  function goOn(): void {
    if (time.nowMs < pausedUntilMs) {
      time.at(pausedUntilMs, goOn);
      return;
    }
    for (const run of backlog.splice(0)) if (alive) run();
  }

  function enter(run: () => void): void {
    if (!alive) return;
    if (time.nowMs >= pausedUntilMs && backlog.length === 0) run();
    else if (backlog.push(run) === 1) time.at(Math.max(time.nowMs, pausedUntilMs), goOn);
  }

  return {
    podName,
    get alive() {
      return alive;
    },
    nowMs: () => time.nowMs * rate + offsetMs,
    wallMs: () => 1e12 + time.nowMs * rate + wallOffsetMs,
    realMs: (ownMs) => ownMs / rate,
    enter,
    after(ownMs, run) {
      let cancelled = false;
      // Never early by its own clock.
      time.at(time.nowMs + Math.max(0, ownMs / rate) + 0.01, () => {
        enter(() => {
          if (!cancelled) run();
        });
      });
      return () => {
        cancelled = true;
      };
    },
    pause(durationMs) {
      pausedUntilMs = Math.max(pausedUntilMs, time.nowMs + durationMs);
    },
    suspend(durationMs) {
      pausedUntilMs = Math.max(pausedUntilMs, time.nowMs + durationMs);
      offsetMs -= durationMs * rate;
    },
    onEnd(run) {
      endings.add(run);
      return () => endings.delete(run);
    },
    end() {
      alive = false;
      for (const run of endings) run();
      endings.clear();
    },
  };
}
