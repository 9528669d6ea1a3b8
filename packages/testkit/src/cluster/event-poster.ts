/** Events as the controllers of Kubernetes post them. */

import { randomBytes } from 'node:crypto';
import { type KubeObject, timestamp } from '../memory-api/kube-object.ts';
import type { ApiClient } from './api-client.ts';

/** What an Event says. */
export interface EventText {
  readonly component: string;
  readonly reason: string;
  readonly message: string;
}

/** `kind` and `apiVersion` are asked for, since list items do not carry them. */
export async function postEvent(
  client: ApiClient,
  { metadata }: KubeObject,
  about: { readonly kind: string; readonly apiVersion: string },
  { component, reason, message }: EventText,
): Promise<void> {
  const { name, namespace = 'default', uid, resourceVersion } = metadata;
  const now = timestamp(Date.now());
  await client.create(`/api/v1/namespaces/${namespace}/events`, {
    metadata: { name: `${name}.${randomBytes(8).toString('hex')}`, namespace },
    involvedObject: { ...about, name, namespace, uid, resourceVersion },
    type: 'Normal',
    reason,
    message,
    source: { component },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  });
}
