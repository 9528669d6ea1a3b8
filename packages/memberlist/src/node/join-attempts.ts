import type { Endpoint } from '../messages/message.ts';
import type { JoinFailure, JoinResult } from './options.ts';

/** An address to join by, as it was given and as it was understood. */
export interface JoinTarget {
  readonly address: string;
  readonly endpoint: Endpoint;
}

interface Attempt {
  waiting: number;
  joined: number;
  readonly failures: JoinFailure[];
  readonly done: (result: JoinResult) => void;
}

/** Joins that are not through yet, by the numbers of their exchanges. */
export class JoinAttempts {
  readonly #pending = new Map<number, { readonly address: string; readonly attempt: Attempt }>();
  #exchanges = 0;

  /**
   * Numbers the exchanges of a join.
   *
   * @param failures - Of addresses that are none; they are part of the result.
   * @param began - Told the first number, the others follow.
   */
  begin(
    targets: readonly JoinTarget[],
    failures: readonly JoinFailure[],
    began: (firstExchange: number) => void,
  ): Promise<JoinResult> {
    if (targets.length === 0) return Promise.resolve({ joined: 0, failures });
    return new Promise((done) => {
      const attempt: Attempt = { waiting: targets.length, joined: 0, failures: [...failures], done };
      const first = this.#exchanges + 1;
      this.#exchanges += targets.length;
      for (const [index, { address }] of targets.entries()) this.#pending.set(first + index, { address, attempt });
      began(first);
    });
  }

  ended(exchange: number, failure: string | undefined): void {
    const pending = this.#pending.get(exchange);
    if (pending === undefined) return;
    this.#pending.delete(exchange);
    const { address, attempt } = pending;
    if (failure === undefined) attempt.joined += 1;
    else attempt.failures.push({ address, reason: failure });
    attempt.waiting -= 1;
    if (attempt.waiting === 0) attempt.done({ joined: attempt.joined, failures: attempt.failures });
  }

  /** Ends all of them, for the same reason. */
  abandon(reason: string): void {
    for (const exchange of [...this.#pending.keys()]) this.ended(exchange, reason);
  }
}
