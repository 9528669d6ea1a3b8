import type { Clock } from '../clock.ts';

/** Later than this, and the thread stood still meanwhile: what came in time lies unread. */
const STALL_MS = 20;
/** One turn reads what a socket has, in bounded pieces. Somebody who floods us must not stop the clock for ever. */
const MAX_DRAINING_TURNS = 64;

/** What the timer needs of its owner. */
export interface WakeTimerHost {
  /** Counts up with everything that was read. */
  readonly octetsRead: () => number;
  readonly wake: () => void;
}

/**
 * The one timer of a peer, which reads before it judges: timers ring before sockets are read, so after a thread stood
 * still a KEEPALIVE that came in time would lie unread behind the verdict that it is missing.
 */
export class WakeTimer {
  readonly #clock: Clock;
  readonly #host: WakeTimerHost;
  #cancel: (() => void) | undefined;
  #ringsAtMs: number = Number.POSITIVE_INFINITY;
  #wantedAtMs: number = Number.POSITIVE_INFINITY;
  #draining: boolean = false;
  #closed: boolean = false;

  constructor(clock: Clock, host: WakeTimerHost) {
    this.#clock = clock;
    this.#host = host;
  }

  /** Replaces an earlier wish. A timer that rings too early then is left alone: it looks at the clock. */
  at(atMs: number | undefined): void {
    this.#wantedAtMs = atMs ?? Number.POSITIVE_INFINITY;
    if (!this.#draining) this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #arm(): void {
    if (this.#closed || this.#ringsAtMs <= this.#wantedAtMs || this.#wantedAtMs === Number.POSITIVE_INFINITY) return;
    this.#cancel?.();
    this.#ringsAtMs = this.#wantedAtMs;
    this.#cancel = this.#clock.callIn(this.#wantedAtMs - this.#clock.nowMs(), () => this.#rung());
  }

  #rung(): void {
    const nowMs = this.#clock.nowMs();
    const lateMs = nowMs - this.#ringsAtMs;
    this.#ringsAtMs = Number.POSITIVE_INFINITY;
    if (this.#closed) return;
    if (nowMs < this.#wantedAtMs) this.#arm();
    else this.#drain(lateMs > STALL_MS ? MAX_DRAINING_TURNS : 1, -1);
  }

  /** A turn in which nothing came is the end of what waited. */
  #drain(turnsLeft: number, readBefore: number): void {
    this.#draining = true;
    this.#clock.callSoon(() => {
      this.#draining = false;
      if (this.#closed) return;
      const read = this.#host.octetsRead();
      if (turnsLeft > 1 && read !== readBefore) this.#drain(turnsLeft - 1, read);
      else if (this.#clock.nowMs() < this.#wantedAtMs)
        this.#arm(); // what was read changed the wish
      else {
        this.#wantedAtMs = Number.POSITIVE_INFINITY;
        this.#host.wake();
      }
    });
  }
}
