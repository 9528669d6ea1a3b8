import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 1;
const TIMEOUT_MS = 20_000;

/**
 * Waits as short as can be told: the testkit's `waitUntil` looks every 20 ms.
 *
 * @returns When it was seen, by the monotonic clock.
 */
export async function waitFor(what: string, check: () => Promise<boolean>, timeoutMs = TIMEOUT_MS): Promise<bigint> {
  const deadline = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what} (${timeoutMs} ms)`);
    await sleep(POLL_MS);
  }
  return process.hrtime.bigint();
}
