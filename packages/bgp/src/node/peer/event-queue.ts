import type { BgpPeerEvent } from '../options.ts';

/** What waits in one iteration: more than this, and the oldest are lost. */
const MAX_WAITING = 1_000;

/** The events of one iteration. Who iterates slowly loses some, is told how many, and holds up nobody. */
export class EventQueue implements AsyncIterableIterator<BgpPeerEvent> {
  readonly #onEnd: (queue: EventQueue) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #readers: ((result: IteratorResult<BgpPeerEvent>) => void)[] = [];
  #waiting: BgpPeerEvent[] = [];
  #lost: number = 0;
  #ended: boolean = false;

  constructor(signal: AbortSignal | undefined, onEnd: (queue: EventQueue) => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal?.aborted === true) this.#ended = true;
    else signal?.addEventListener('abort', this.#aborted, { once: true });
  }

  push(event: BgpPeerEvent): void {
    if (this.#ended) return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader({ done: false, value: event });
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      // Half at once: who is slow is not worth a shift of a thousand for each event.
      const kept = this.#waiting.slice(MAX_WAITING / 2);
      this.#lost += this.#waiting.length - kept.length;
      this.#waiting = kept;
    }
    this.#waiting.push(event);
  }

  /** What waits is still given out. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal?.removeEventListener('abort', this.#aborted);
    for (const reader of this.#readers.splice(0)) reader({ done: true, value: undefined });
    this.#onEnd(this);
  }

  next(): Promise<IteratorResult<BgpPeerEvent>> {
    if (this.#lost > 0) {
      const count = this.#lost;
      this.#lost = 0;
      return Promise.resolve({ done: false, value: { type: 'eventsLost', count } });
    }
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  return(): Promise<IteratorResult<BgpPeerEvent>> {
    this.#forget();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#forget();
    return Promise.resolve();
  }

  #forget(): void {
    this.#waiting = [];
    this.#lost = 0;
    this.end();
  }

  readonly #aborted = (): void => this.#forget();
}
