import {
  type AnnouncementConfig,
  type AnnouncementEvent,
  checkAnnouncementConfig,
  initialAnnouncementState,
  stepAnnouncements,
} from '../schedule/schedule.ts';
import type { SendOutcome } from './send-outcome.ts';

/** After an interface refused to send for another reason than a full buffer. */
const RETRY_AFTER_FAILURE_MS = 1_000;
/** Of setTimeout, which takes what is longer for 1 ms. */
const MAX_TIMER_MS = 0x7fff_ffff;

/** What a runner needs of its owner. */
export interface AnnouncementHost<Key> {
  readonly config: AnnouncementConfig;
  /** What a callback disowned meanwhile is not announced. */
  owns(address: Key): boolean;
  /** Sends all the frames of a round. If one does not leave, the whole round is sent again. */
  sendRound(address: Key): SendOutcome;
  /** All frames of a round left; `round` counts from 1. It may call any method of the runner, `close` too. */
  announced(address: Key, round: number): void;
}

/** Runs the announcement schedule of one interface: it has the timer, and deals with what could not be sent. */
export interface AnnouncementRunner<Key> {
  /** Announces an address, at once if the interface is ready. One that is owned already is left alone. */
  own(address: Key): void;
  disown(address: Key): void;
  /** The interface can send (again), or its MAC is another: every address is announced from its first round on. */
  interfaceReady(): void;
  /** Nothing is sent until `interfaceReady`. */
  interfaceLost(): void;
  /** After `sendRound` gave `Refused`: there is room again. */
  sendPossible(): void;
  /** Also in the middle of a callback. Nothing is sent and no timer is left after it. */
  close(): void;
}

/**
 * Starts with no address, on an interface that is not ready yet.
 *
 * @throws RangeError for a schedule that makes no sense.
 */
export function createAnnouncementRunner<Key>(host: AnnouncementHost<Key>): AnnouncementRunner<Key> {
  return new Runner(host);
}

class Runner<Key> implements AnnouncementRunner<Key> {
  readonly #host: AnnouncementHost<Key>;
  #state = initialAnnouncementState<Key>();
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs: number = Number.POSITIVE_INFINITY;
  #retry: NodeJS.Timeout | undefined;
  #closed: boolean = false;

  constructor(host: AnnouncementHost<Key>) {
    checkAnnouncementConfig(host.config);
    this.#host = host;
  }

  own(address: Key): void {
    this.#step({ type: 'own', address, nowMs: performance.now() });
  }

  disown(address: Key): void {
    this.#step({ type: 'disown', address });
  }

  interfaceReady(): void {
    this.#step({ type: 'interfaceReady', nowMs: performance.now() });
  }

  interfaceLost(): void {
    this.#step({ type: 'interfaceLost' });
  }

  sendPossible(): void {
    this.#step({ type: 'sendPossible', nowMs: performance.now() });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
  }

  #step(event: AnnouncementEvent<Key>): void {
    if (this.#closed) return;
    const step = stepAnnouncements(this.#state, event, this.#host.config);
    this.#state = step.state;
    let outcome: SendOutcome = 'Sent';
    const unsent: Key[] = [];
    for (const effect of step.effects) {
      if (this.#closed) return;
      if (effect.type === 'wakeAt') this.#wakeAt(effect.atMs);
      else if (outcome === 'Sent' && this.#host.owns(effect.address)) {
        outcome = this.#host.sendRound(effect.address);
        if (outcome === 'Sent') this.#host.announced(effect.address, effect.round);
      }
      if (effect.type === 'announce' && outcome !== 'Sent') unsent.push(effect.address);
    }
    if (outcome === 'Sent') return;
    if (outcome === 'Failed') this.#retryLater();
    this.#step({ type: 'sendRefused', addresses: unsent, nowMs: performance.now() });
  }

  /** One timer. One that rings too early is left alone: the schedule looks at the clock itself. */
  #wakeAt(atMs: number | undefined): void {
    if (atMs === undefined || this.#timerAtMs <= atMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#timerAtMs = Number.POSITIVE_INFINITY;
        this.#step({ type: 'wake', nowMs: performance.now() });
      },
      Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(atMs - performance.now()))),
    );
    this.#timer.unref(); // the socket keeps the thread alive
  }

  /** No `sendPossible` follows a failure, and the view of the links may have missed a short one. */
  #retryLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.sendPossible(), RETRY_AFTER_FAILURE_MS);
    this.#retry.unref();
  }
}
