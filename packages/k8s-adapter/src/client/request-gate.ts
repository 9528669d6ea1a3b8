/** Lets so many through at a time; the others wait in order. */
export interface RequestGate {
  /** Undefined when the way is free: the caller goes on in this turn. Each entry is followed by one `leave`. */
  enter(): Promise<void> | undefined;
  leave(): void;
  /** Those who wait, and all who come, are refused. */
  close(refusal: () => Error): void;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Thousands may wait: each costs one promise here, where in the agent's queue it would cost a whole request. */
export function createRequestGate(limit: number): RequestGate {
  let inside = 0;
  let waiters: Waiter[] = [];
  let head = 0;
  let refuse: (() => Error) | undefined;

  return {
    enter() {
      if (refuse !== undefined) return Promise.reject(refuse());
      if (inside < limit) {
        inside++;
        return undefined;
      }
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
    },
    leave() {
      const next = waiters[head];
      if (next === undefined) {
        inside--;
        return;
      }
      head++;
      if (head === waiters.length) {
        waiters = [];
        head = 0;
      }
      next.resolve(); // the place passes on
    },
    close(refusal) {
      refuse = refusal;
      for (const { reject } of waiters.slice(head)) reject(refusal());
      waiters = [];
      head = 0;
    },
  };
}
