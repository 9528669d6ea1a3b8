/** Of setTimeout, which takes what is longer for 1 ms. */
const MAX_TIMER_MS = 0x7fff_ffff;
/** Later than this, and the thread stood still meanwhile. */
const STALL_MS = 20;
/** One turn reads 32 datagrams (libuv `uv__udp_recvmsg`). Somebody who floods us must not stop the clock for ever. */
const MAX_DRAINING_TURNS = 128;

/** What the timer needs of its owner. */
export interface WakeTimerHost {
  /** Counts up with everything that was read. */
  readonly itemsRead: () => number;
  readonly wake: () => void;
}

/**
 * The one timer of a state machine, which reads before it judges: timers ring before sockets are read, so after a
 * thread stood still the answers that came in time would lie unread behind the verdict that they are missing.
 */
export class WakeTimer {
  readonly #host: WakeTimerHost;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs: number = Number.POSITIVE_INFINITY;
  #wantedAtMs: number = Number.POSITIVE_INFINITY;
  #draining: NodeJS.Immediate | undefined;

  constructor(host: WakeTimerHost) {
    this.#host = host;
  }

  /** Replaces an earlier wish. A timer that rings too early then is left alone: it looks at the clock. */
  at(atMs: number | undefined): void {
    this.#wantedAtMs = atMs ?? Number.POSITIVE_INFINITY;
    if (this.#draining === undefined) this.#arm();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#draining);
    this.#wantedAtMs = Number.POSITIVE_INFINITY;
    this.#timerAtMs = Number.NEGATIVE_INFINITY; // never armed again
  }

  #arm(): void {
    if (this.#timerAtMs <= this.#wantedAtMs || this.#wantedAtMs === Number.POSITIVE_INFINITY) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = this.#wantedAtMs;
    const delayMs = Math.ceil(this.#wantedAtMs - performance.now());
    this.#timer = setTimeout(() => this.#rung(), Math.min(MAX_TIMER_MS, Math.max(0, delayMs)));
  }

  #rung(): void {
    const lateMs = performance.now() - this.#timerAtMs;
    this.#timerAtMs = Number.POSITIVE_INFINITY;
    if (performance.now() < this.#wantedAtMs) this.#arm();
    else this.#drain(lateMs > STALL_MS ? MAX_DRAINING_TURNS : 1, -1);
  }

  /** An immediate comes after the sockets were read once: a turn in which nothing came is the end of what waited. */
  #drain(turnsLeft: number, readBefore: number): void {
    this.#draining = setImmediate(() => {
      this.#draining = undefined;
      const read = this.#host.itemsRead();
      if (turnsLeft > 1 && read !== readBefore) this.#drain(turnsLeft - 1, read);
      else if (performance.now() < this.#wantedAtMs)
        this.#arm(); // what was read changed the wish
      else {
        this.#wantedAtMs = Number.POSITIVE_INFINITY;
        this.#host.wake();
      }
    });
  }
}
