import type { Logger } from '@steelyard/daemon';
import { type KubeClient, type OwnPod, readOwnPod, waitUntilReachable } from '@steelyard/k8s-adapter';

/**
 * Reads the Pod that this speaker runs in, which owns what the speaker writes. Without it, what is written stays when
 * the Pod goes. MetalLB ends then.
 *
 * @returns `undefined` where there is none, and when `signal` is aborted.
 */
export async function findOwnPod(options: {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly podName: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}): Promise<OwnPod | undefined> {
  const { client, signal, logger } = options;
  if (!(await waitUntilReachable(client, logger, signal))) return undefined;
  const own = await readOwnPod(options);
  if (own.found) return own.pod;
  if (!signal.aborted) {
    logger.warn({ op: 'startup', reason: own.because }, 'own Pod not found, so nothing that is written has an owner');
  }
  return undefined;
}
