interface Waiters {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: Error) => void;
}

function waiters(): Waiters {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // Who does not wait for it, is not told: nobody has to handle a rejection that he does not care for.
  promise.catch(() => {});
  return { promise, resolve, reject };
}

/**
 * Tells callers when what they want is sent. All calls between two slices have one promise, so that any number of calls
 * while there is no session costs nothing.
 */
export class WheneverSent {
  #next: Waiters | undefined;
  /** Those whose octets are with the system, or were lost with their session. */
  #leaving: readonly Waiters[] = [];

  /** Of what is wanted now. */
  promise(): Promise<void> {
    this.#next ??= waiters();
    return this.#next.promise;
  }

  /** Whether anybody waits. */
  get awaited(): boolean {
    return this.#next !== undefined || this.#leaving.length > 0;
  }

  /**
   * Everything that is wanted by now was given to the system.
   *
   * @returns To be called when the system has taken it. Without a call they wait for the next session.
   */
  given(): () => void {
    const given = this.#next === undefined ? this.#leaving : [...this.#leaving, this.#next];
    this.#next = undefined;
    this.#leaving = given;
    return () => {
      for (const { resolve } of given) resolve();
      this.#leaving = this.#leaving.filter((each) => !given.includes(each));
    };
  }

  /** Nothing will be sent any more. */
  fail(reason: Error): void {
    for (const { reject } of this.#leaving) reject(reason);
    this.#next?.reject(reason);
    this.#leaving = [];
    this.#next = undefined;
  }
}

type Reject = (reason: Error) => void;

/** Who waits with a signal, with one listener for all: each more would be compared with all before it. */
const waitingWith = new WeakMap<AbortSignal, Set<Reject>>();

/** The same promise, rejected with an AbortError when `signal` is aborted earlier. */
export function unlessAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  const own = Promise.withResolvers<void>();
  own.promise.catch(() => {});
  if (signal.aborted) {
    own.reject(abortError(signal));
    return own.promise;
  }
  const waiting = waitingWith.get(signal) ?? waitFor(signal);
  waiting.add(own.reject);
  const forget = (): void => {
    waiting.delete(own.reject);
  };
  promise
    .then(own.resolve, own.reject)
    .finally(forget)
    .catch(() => {});
  return own.promise;
}

/** The listener stays as long as the signal: it is one, and keeps nobody who waits no more. */
function waitFor(signal: AbortSignal): Set<Reject> {
  const waiting = new Set<Reject>();
  waitingWith.set(signal, waiting);
  const abort = (): void => {
    for (const reject of waiting) reject(abortError(signal));
    waiting.clear();
  };
  signal.addEventListener('abort', abort, { once: true });
  return waiting;
}

/** As Node.js makes them. */
function abortError(signal: AbortSignal): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });
}
