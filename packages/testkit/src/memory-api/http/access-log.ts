/** What was asked of the API: tests count writes with it. */

export interface LoggedRequest {
  readonly atMs: number;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly userAgent: string;
  /** What was sent, of a write. */
  readonly body: unknown;
  /** 0 until it is answered, or where it never was. */
  status: number;
}

/** A log is bounded, as everything that outsiders can fill. */
const MOST_REQUESTS = 100_000;

export class AccessLog {
  readonly #requests: LoggedRequest[] = [];

  get requests(): readonly LoggedRequest[] {
    return this.#requests;
  }

  add(request: LoggedRequest): void {
    if (this.#requests.length >= MOST_REQUESTS) this.#requests.splice(0, MOST_REQUESTS / 10);
    this.#requests.push(request);
  }

  clear(): void {
    this.#requests.length = 0;
  }
}
