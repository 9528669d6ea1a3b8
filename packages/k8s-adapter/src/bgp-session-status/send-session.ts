import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import type { OwnerReference } from '../status/object-metadata.ts';
import { SESSION_API_VERSION, SESSION_KIND, type SessionObject } from './session-object.ts';
import type { BgpPeerSessionStatus } from './session-status.ts';

const TIMEOUT_MS = 5_000;

/** The writes of BGPPeerSessions. */
export interface SessionRequests {
  create(name: string, metadata: SessionMetadata): Promise<void>;
  read(name: string): Promise<unknown>;
  patchMetadata(object: SessionObject, metadata: SessionMetadata): Promise<void>;
  patchStatus(name: string, status: BgpPeerSessionStatus): Promise<void>;
  /** @returns When it is gone, be it that it was. */
  remove(object: SessionObject): Promise<void>;
}

export interface SessionMetadata {
  readonly labels: Readonly<Record<string, string>>;
  /** The whole list, where it is to change. */
  readonly ownerReferences?: readonly OwnerReference[];
}

export function sessionRequests(client: KubeClient, path: string, fieldManager: string): SessionRequests {
  const query = `?fieldManager=${encodeURIComponent(fieldManager)}`;
  const request = { timeoutMs: TIMEOUT_MS };
  const of = (name: string): string => `${path}/${encodeURIComponent(name)}`;
  return {
    async create(name, metadata) {
      const body = { apiVersion: SESSION_API_VERSION, kind: SESSION_KIND, metadata: { name, ...metadata } };
      await client.request('POST', `${path}${query}`, { ...request, body });
    },
    read: async (name) => (await client.request('GET', of(name), request)).body,
    async patchMetadata({ name, resourceVersion }, metadata) {
      // To this version and no other: a list of owners is replaced whole.
      const body = { metadata: { resourceVersion, ...metadata } };
      await client.request('PATCH', `${of(name)}${query}`, { ...request, body });
    },
    async patchStatus(name, status) {
      await client.request('PATCH', `${of(name)}/status${query}`, { ...request, body: { status } });
    },
    async remove({ name, uid }) {
      try {
        const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
        await client.request('DELETE', of(name), { ...request, body });
      } catch (error) {
        // Another one took its name, or it is gone.
        const gone = isApiError(error) && (error.code === 'ERR_K8S_NOT_FOUND' || error.code === 'ERR_K8S_CONFLICT');
        if (!gone) throw error;
      }
    },
  };
}

/** The key of an object in a watch of one namespace. */
export function nameOf(object: unknown): string | undefined {
  const name = metadataOf(object)?.['name'];
  return typeof name === 'string' && name !== '' ? name : undefined;
}
