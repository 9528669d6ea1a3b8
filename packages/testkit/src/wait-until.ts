import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait, and how often to look. */
export interface WaitOptions {
  /** Default 10 s. */
  readonly timeoutMs?: number;
  /** Default 20 ms. */
  readonly intervalMs?: number;
}

/**
 * Looks again and again until `check` has something, and returns it.
 *
 * `false`, `undefined` and `null` mean "not yet", and so does an exception: the
 * last one becomes the `cause` of the failure.
 *
 * @param what - Completes the sentence "waited in vain for …".
 * @throws Error with the code `ERR_TESTKIT_TIMEOUT`.
 */
export async function waitUntil<T>(
  what: string,
  check: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const { timeoutMs = 10_000, intervalMs = 20 } = options;
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const found = await check();
      if (found !== false && found !== undefined && found !== null) return found as NonNullable<Exclude<T, false>>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) {
      const because = cause instanceof Error ? `: ${cause.message}` : '';
      const message = `waited in vain for ${what} (${timeoutMs} ms)${because}`;
      throw Object.assign(new Error(message, { cause }), { code: 'ERR_TESTKIT_TIMEOUT' });
    }
    await sleep(intervalMs);
  }
}
