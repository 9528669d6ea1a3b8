/** Timers that end with their owner. None of them keeps the thread alive by itself. */
export interface Timers {
  after(delayMs: number, callback: () => void): NodeJS.Timeout;
  cancel(timer: NodeJS.Timeout): void;
  cancelAll(): void;
}

export function createTimers(): Timers {
  const running = new Set<NodeJS.Timeout>();
  return {
    after(delayMs, callback) {
      const timer = setTimeout(() => {
        running.delete(timer);
        callback();
      }, delayMs);
      timer.unref();
      running.add(timer);
      return timer;
    },
    cancel(timer) {
      clearTimeout(timer);
      running.delete(timer);
    },
    cancelAll() {
      for (const timer of running) clearTimeout(timer);
      running.clear();
    },
  };
}
