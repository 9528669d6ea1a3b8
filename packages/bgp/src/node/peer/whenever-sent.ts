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

/** The same promise, rejected with an AbortError when `signal` is aborted earlier. */
export function unlessAborted(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  const own = Promise.withResolvers<void>();
  own.promise.catch(() => {});
  const abort = (): void => own.reject(abortError(signal));
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  const forget = (): void => signal.removeEventListener('abort', abort);
  promise
    .then(own.resolve, own.reject)
    .finally(forget)
    .catch(() => {});
  return own.promise;
}

/** As Node.js makes them. */
function abortError(signal: AbortSignal): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });
}
