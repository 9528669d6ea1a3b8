/**
 * Watches: what happened since a version, and then what happens.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes | API concepts, "Efficient detection of changes"}
 */

import type { JsonObject } from '../json-value.ts';
import type { ResourceKind } from '../kinds/resource-kind.ts';
import type { KubeObject } from '../kube-object.ts';
import { badRequest, StatusError } from '../status-error.ts';
import { expired, invalidListOptions, notAVersion, parseVersion, selectionOf } from './list.ts';
import type { Predicate } from './selectors.ts';
import type { Change, Storage } from './storage.ts';

/** Marks the bookmark after which a client that asked for `sendInitialEvents` has everything. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface Watch {
  /** Sends a bookmark, where the client takes them. */
  bookmark(): void;
  end(): void;
}

export type SendEvent = (type: WatchEventType, object: KubeObject | JsonObject) => void;

/** Reads a watch request, or refuses it; the result begins to send what it asks for. */
export function readWatch(
  storage: Storage,
  kind: ResourceKind,
  namespace: string | undefined,
  query: URLSearchParams,
): (send: SendEvent) => Watch {
  const selects = selectionOf(kind, namespace, query);
  const takesBookmarks = isTrue(query.get('allowWatchBookmarks'));
  const asked = query.get('resourceVersion') ?? '';
  const since = parseVersion(asked);
  // A real server has no better code for this.
  if (since === undefined) throw new StatusError(500, '', notAVersion(asked));
  const sendInitialEvents = initialEvents(query, takesBookmarks);
  return (send) => {
    const past = since === 0 ? [] : storage.changesSince(since);
    const bookmark = (annotations?: Record<string, string>): void => {
      if (takesBookmarks) send('BOOKMARK', bookmarkOf(kind, storage.resourceVersion, annotations));
    };
    if (sendInitialEvents ?? since === 0) {
      for (const object of storage.list(kind.storage)) {
        if (selects(object)) send('ADDED', object);
      }
      if (sendInitialEvents) bookmark({ [INITIAL_EVENTS_END]: 'true' });
    } else if (past === undefined) {
      // The status line is 200 by now: the refusal is an event.
      const message = `too old resource version: ${since} (${storage.oldestResourceVersion + 1})`;
      send('ERROR', { ...expired(message).status });
      return { bookmark: () => undefined, end: () => undefined };
    } else {
      for (const change of past) sendChange(kind, selects, change, send);
    }
    const unsubscribe = storage.subscribe((change) => sendChange(kind, selects, change, send));
    return { bookmark: () => bookmark(), end: unsubscribe };
  };
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}

/** @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists | API concepts, "Streaming lists"} */
function initialEvents(query: URLSearchParams, takesBookmarks: boolean): boolean | undefined {
  const asked = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch');
  if (asked === null) {
    if (match)
      throw invalidListOptions('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    return undefined;
  }
  if (match !== 'NotOlderThan') {
    throw invalidListOptions('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (isTrue(asked) && !takesBookmarks) throw badRequest('sendInitialEvents requires allowWatchBookmarks');
  return isTrue(asked);
}

/** With a selector an object can come into view or leave it without being created or deleted. */
function sendChange(kind: ResourceKind, selects: Predicate, change: Change, send: SendEvent): void {
  if (change.storage !== kind.storage) return;
  const wasSelected = change.previous !== undefined && selects(change.previous);
  const isSelected = change.type !== 'DELETED' && selects(change.object);
  if (isSelected) send(wasSelected ? 'MODIFIED' : 'ADDED', change.object);
  else if (wasSelected) send('DELETED', goneFromView(change));
}

/** The last state in which the object was seen, with the version of the change that took it away. */
function goneFromView(change: Change): KubeObject {
  if (change.type === 'DELETED' || change.previous === undefined) return change.object;
  const { previous } = change;
  return { ...previous, metadata: { ...previous.metadata, resourceVersion: String(change.resourceVersion) } };
}

function bookmarkOf(kind: ResourceKind, resourceVersion: number, annotations?: Record<string, string>): KubeObject {
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
  const metadata = { resourceVersion: String(resourceVersion), ...(annotations && { annotations }) };
  return { kind: kind.kind, apiVersion, metadata: metadata as KubeObject['metadata'] };
}
