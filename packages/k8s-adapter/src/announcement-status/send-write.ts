import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import type { AnnouncementStatusKind } from './announcement-status-kind.ts';
import type { StatusWrite } from './plan-writes.ts';

const TIMEOUT_MS = 5_000;

/**
 * Carries one write out. A status follows its creation at once; MetalLB's does with the next event.
 *
 * @param onWritten - Told for each object as it is now; `gone` for one that is not there any more.
 */
export async function sendStatusWrite(
  api: {
    readonly client: KubeClient;
    readonly kind: AnnouncementStatusKind;
    readonly path: string;
    readonly fieldManager: string;
  },
  write: StatusWrite,
  onWritten: (uid: string, resourceVersion: string | 'gone') => void,
): Promise<void> {
  const { client, kind, path } = api;
  const query = `?fieldManager=${encodeURIComponent(api.fieldManager)}`;
  const request = { timeoutMs: TIMEOUT_MS };

  function written(body: unknown): string | undefined {
    const { uid, name, resourceVersion } = metadataOf(body) ?? {};
    if (typeof uid !== 'string' || typeof resourceVersion !== 'string') return undefined;
    onWritten(uid, resourceVersion);
    return typeof name === 'string' ? name : undefined;
  }

  async function patch(name: string, subresource: string, body: object): Promise<void> {
    const answer = await client.request('PATCH', `${path}/${encodeURIComponent(name)}${subresource}${query}`, {
      ...request,
      body,
    });
    written(answer.body);
  }

  switch (write.type) {
    case 'create': {
      const { labels, ownerReferences, status } = write;
      const metadata = { generateName: kind.generateName, labels, ownerReferences };
      const body = { apiVersion: 'metallb.io/v1beta1', kind: kind.kind, metadata, spec: {} };
      const name = written((await client.request('POST', `${path}${query}`, { ...request, body })).body);
      if (name !== undefined) await patch(name, '/status', { status });
      return;
    }
    case 'metadata': {
      const { object, labels, ownerReferences } = write;
      // To this version and no other: a list of owners is replaced whole.
      const owners = ownerReferences === undefined ? {} : { ownerReferences };
      const metadata = { resourceVersion: object.resourceVersion, labels, ...owners };
      await patch(object.name, '', { metadata });
      return;
    }
    case 'status':
      await patch(write.object.name, '/status', { status: write.status });
      return;
    case 'delete': {
      const { name, uid } = write.object;
      try {
        const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
        await client.request('DELETE', `${path}/${encodeURIComponent(name)}`, { ...request, body });
      } catch (error) {
        // Another one took its name, or it is gone.
        const gone = isApiError(error) && (error.code === 'ERR_K8S_NOT_FOUND' || error.code === 'ERR_K8S_CONFLICT');
        if (!gone) throw error;
      }
      onWritten(uid, 'gone');
    }
  }
}
