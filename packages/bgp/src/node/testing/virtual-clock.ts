import { setImmediate as realTurn } from 'node:timers/promises';
import type { Clock } from '../clock.ts';

/** Turns without a timer in between: more, and something goes in circles. */
const MAX_TURNS = 10_000;

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Time that a test moves, and turns of an event loop that has nothing else to do. */
export class VirtualClock implements Clock {
  #nowMs: number = 0;
  #soon: (() => void)[] = [];
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return this.#nowMs;
  }

  callIn(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  callSoon(callback: () => void): void {
    this.#soon.push(callback);
  }

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets so much time pass, and everything happen in it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    // A real event loop, too, rings before it reads.
    for (let late = this.#next(this.#nowMs); late !== undefined; late = this.#next(this.#nowMs)) {
      this.#timers.delete(late);
      late.callback();
    }
    await this.#turns();
    for (let next = this.#next(untilMs); next !== undefined; next = this.#next(untilMs)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.callback();
      await this.#turns();
    }
    this.#nowMs = untilMs;
  }

  /** Time passes, and nobody notices: the process stood still. What is due comes with the next `pass`. */
  standStill(ms: number): void {
    this.#nowMs += ms;
  }

  #next(untilMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.atMs < next.atMs) next = timer;
    return next !== undefined && next.atMs <= untilMs ? next : undefined;
  }

  async #turns(): Promise<void> {
    await realTurn(); // promises come first
    for (let turn = 0; this.#soon.length > 0; turn++) {
      if (turn > MAX_TURNS) throw new Error('the event loop goes in circles');
      for (const callback of this.#soon.splice(0)) callback();
      await realTurn();
    }
  }
}
