/** Failures on order, for tests of what must survive them. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { StatusError } from '../status-error.ts';

export type Fault =
  /** A refusal, with `Retry-After` where one is given. */
  | {
      readonly kind: 'status';
      readonly code: number;
      readonly reason?: string;
      readonly message?: string;
      readonly retryAfterSeconds?: number;
    }
  /** The connection breaks before anything is answered. */
  | { readonly kind: 'disconnect' }
  /** The answer is done, and stored, but the connection breaks before it is told. */
  | { readonly kind: 'lostAnswer' }
  /** The answer breaks off after so many octets of its body. */
  | { readonly kind: 'cut'; readonly afterOctets: number }
  /** 200, and a body that is no JSON. */
  | { readonly kind: 'garbage'; readonly body?: string }
  /** No answer at all, for as long as the client waits. */
  | { readonly kind: 'hang' };

export interface Injection {
  /** GET, PUT, …; every method where it is not given. */
  readonly method?: string;
  /** Matched against path and query. */
  readonly path?: RegExp;
  /** How many requests it strikes: 1 unless given. */
  readonly times?: number;
  readonly fault: Fault;
}

const REASONS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  401: ['Unauthorized', 'Unauthorized'],
  403: ['Forbidden', 'forbidden'],
  409: ['Conflict', 'the object has been modified; please apply your changes to the latest version and try again'],
  410: ['Expired', 'too old resource version'],
  429: ['TooManyRequests', 'Too many requests, please try again later.'],
  500: ['InternalError', 'Internal error occurred: injected'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
};

export class Faults {
  readonly #pending: { injection: Injection; left: number }[] = [];

  inject(injection: Injection): void {
    this.#pending.push({ injection, left: injection.times ?? 1 });
  }

  /** Requests that are still to be struck. */
  get pending(): number {
    return this.#pending.reduce((sum, { left }) => sum + left, 0);
  }

  clear(): void {
    this.#pending.length = 0;
  }

  /** The fault that strikes this request; it is used up. */
  take(method: string, url: string): Fault | undefined {
    const at = this.#pending.findIndex(
      ({ injection }) =>
        (injection.method === undefined || injection.method === method) && (injection.path?.test(url) ?? true),
    );
    const entry = this.#pending[at];
    if (entry === undefined) return undefined;
    entry.left--;
    if (entry.left <= 0) this.#pending.splice(at, 1);
    return entry.injection.fault;
  }
}

export function statusOfFault(fault: Extract<Fault, { kind: 'status' }>): StatusError {
  const [reason, message] = REASONS[fault.code] ?? ['', `injected ${fault.code}`];
  const details = fault.retryAfterSeconds === undefined ? undefined : { retryAfterSeconds: fault.retryAfterSeconds };
  return new StatusError(fault.code, fault.reason ?? reason, fault.message ?? message, details);
}

/** Lets a response end in the middle: after so many octets of its body the connection is gone. */
export function cutResponse(request: IncomingMessage, response: ServerResponse, afterOctets: number): void {
  let left = afterOctets;
  const write = response.write.bind(response);
  const passOn = (chunk: unknown): void => {
    if (response.destroyed) return;
    const octets = Buffer.from(String(chunk));
    const part = octets.subarray(0, left);
    left -= part.length;
    if (octets.length === part.length) write(part);
    else write(part, () => request.socket.destroy());
  };
  response.write = (chunk: unknown): boolean => {
    passOn(chunk);
    return true;
  };
  response.end = (chunk?: unknown): ServerResponse => {
    if (chunk !== undefined && typeof chunk !== 'function') passOn(chunk);
    if (left > 0) request.socket.destroy();
    return response;
  };
}
