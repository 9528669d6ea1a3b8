import { setTimeout as sleep } from 'node:timers/promises';

/** A request that is made again and again. */
export interface Pulse {
  readonly answered: number;
  readonly failures: readonly Error[];
  /** Resolves when the last request is over. */
  stop(): Promise<void>;
}

/** Between the end of a request and the next. */
const PAUSE_MS = 100;

/** Starts asking. */
export function startPulse(ask: () => Promise<unknown>): Pulse {
  const failures: Error[] = [];
  let answered = 0;
  let stopping = false;
  const beating = (async () => {
    while (!stopping) {
      try {
        await ask();
        answered += 1;
      } catch (error) {
        failures.push(error as Error);
      }
      await sleep(PAUSE_MS);
    }
  })();
  return {
    get answered() {
      return answered;
    },
    failures,
    stop() {
      stopping = true;
      return beating;
    },
  };
}
