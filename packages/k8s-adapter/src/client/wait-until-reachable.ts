import { setTimeout as wait } from 'node:timers/promises';
import { createBackOff } from '../back-off.ts';
import type { AdapterLogger } from '../logger.ts';
import { isApiError } from './api-error.ts';
import type { KubeClient } from './kube-client.ts';

const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
const TIMEOUT_MS = 5_000;

/**
 * Waits until the API server answers anything at all: what is asked of it once, at the start, is then not lost to an outage. A
 * refusal is an answer.
 *
 * @returns False if the signal came first.
 */
export async function waitUntilReachable(
  client: KubeClient,
  logger: AdapterLogger,
  signal: AbortSignal,
): Promise<boolean> {
  const backOff = createBackOff({ minMs: MIN_RETRY_MS, maxMs: MAX_RETRY_MS }, Math.random);
  for (let told = false; !signal.aborted; ) {
    try {
      await client.request('GET', '/version', { timeoutMs: TIMEOUT_MS, signal });
      return true;
    } catch (error) {
      if (isApiError(error) && error.httpStatus !== undefined && error.httpStatus < 500) return true;
      if (!told)
        logger.warn(
          { op: 'startup', server: client.server, error },
          'the API server cannot be reached, waiting for it',
        );
      told = true;
      await wait(backOff.nextMs(), undefined, { signal }).catch(() => undefined);
    }
  }
  return false;
}
