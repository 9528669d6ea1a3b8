import type { SimulatedProcess } from './simulated-process.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Call<T> {
  /** What the API server does with it. */
  readonly serve: () => T;
  readonly onAnswer: (value: T) => void;
  /** It was refused by nobody being there, or no answer came: whether it was served is not known. */
  readonly onFailure: () => void;
  /** By the caller's clock. */
  readonly timeoutMs: number;
  /** What may arrive after it was given up does so. */
  readonly mayArriveLate?: boolean;
}

/** Requests that are late, lost, or whose answer is. */
export interface Network {
  /** How many go wrong, of 1. */
  trouble: number;
  /** Nobody answers. */
  down: boolean;
  call<T>(caller: SimulatedProcess, call: Call<T>): void;
  /** How long something takes to arrive. */
  delayMs(): number;
}

export function createNetwork(time: VirtualTime): Network {
  const self: Network = {
    trouble: 0,
    down: false,
    delayMs: () => (time.random() < self.trouble ? time.between(20, 3_000) : time.between(1, 20)),
    call(caller, { serve, onAnswer, onFailure, timeoutMs, mayArriveLate = false }) {
      const troubled = time.random() < self.trouble;
      const lost = self.down || (troubled && time.random() < 0.3);
      const answerLost = troubled && time.random() < 0.6;
      const limitMs = caller.realMs(timeoutMs);
      const wantedMs = troubled ? time.between(1, 6_000) : time.between(1, 20);
      const thereMs = mayArriveLate ? wantedMs : Math.min(wantedMs, limitMs - 1);
      let settled = false;
      const settle = (run: () => void): void => {
        if (settled) return;
        settled = true;
        cancelTimeout();
        run();
      };
      const refusedSoon = self.down && time.random() < 0.5;
      const cancelTimeout = caller.after(refusedSoon ? 5 : timeoutMs, () => settle(onFailure));
      if (lost) return;
      let arrived = false;
      const arrive = (): void => {
        if (arrived) return;
        arrived = true;
        forgetEnd();
        if (self.down) return;
        const value = serve();
        if (answerLost) return;
        const backMs = troubled ? time.between(1, 1_500) : time.between(1, 20);
        time.at(time.nowMs + backMs, () => caller.enter(() => settle(() => onAnswer(value))));
      };
      // Of a process that has ended nothing is on its way any more: it was there just before, or is lost.
      const forgetEnd = caller.onEnd(() => {
        if (time.random() < 0.5) arrive();
        arrived = true;
      });
      time.at(time.nowMs + thereMs, arrive);
    },
  };
  return self;
}
