/** Lists: which objects, as of which version, and how many at a time. */

import type { ResourceKind } from '../kinds/resource-kind.ts';
import type { KubeObject } from '../kube-object.ts';
import { badRequest, forbiddenValue, invalid, StatusError } from '../status-error.ts';
import { type Predicate, parseFieldSelector, parseLabelSelector } from './selectors.ts';
import { objectKey, type Storage } from './storage.ts';

export interface Page {
  readonly objects: readonly KubeObject[];
  /** List metadata: the version, and how to go on. */
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

/** Which objects of a kind a request means. */
export function selectionOf(kind: ResourceKind, namespace: string | undefined, query: URLSearchParams): Predicate {
  const byLabel = parseLabelSelector(query.get('labelSelector') ?? '');
  const byField = parseFieldSelector(query.get('fieldSelector') ?? '', kind.selectableFields);
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) && byLabel(object) && byField(object);
}

/**
 * One page of a list. Later pages show the state of the first one, from the history.
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks | API concepts, "Retrieving large results sets in chunks"}
 */
export function listPage(
  storage: Storage,
  kind: ResourceKind,
  namespace: string | undefined,
  query: URLSearchParams,
): Page {
  const token = readToken(query.get('continue'));
  const selects = selectionOf(kind, namespace, query);
  const resourceVersion = token?.resourceVersion ?? versionToRead(storage, query);
  const all =
    resourceVersion === storage.resourceVersion
      ? storage.list(kind.storage)
      : readPast(storage, kind, resourceVersion, token);
  const matching = all.filter((object) => selects(object) && (token === undefined || keyOf(object) > token.after));
  const limit = limitOf(query);
  const objects = limit > 0 ? matching.slice(0, limit) : matching;
  const metadata: Page['metadata'] = { resourceVersion: String(resourceVersion) };
  const last = objects.at(-1);
  if (last !== undefined && objects.length < matching.length) {
    metadata.continue = writeToken({ resourceVersion, after: keyOf(last) });
    // Only a list without selectors knows how many remain.
    if (!query.get('labelSelector') && !query.get('fieldSelector')) {
      metadata.remainingItemCount = matching.length - objects.length;
    }
  }
  return { objects, metadata };
}

/** A list "as of any version" comes from the watch cache, which does not do pages. */
function limitOf(query: URLSearchParams): number {
  if (query.get('resourceVersion') === '0' && !query.get('resourceVersionMatch')) return 0;
  return Number(query.get('limit') ?? 0);
}

function keyOf(object: KubeObject): string {
  return objectKey(object.metadata.namespace, object.metadata.name);
}

interface ContinueToken {
  readonly resourceVersion: number;
  readonly after: string;
}

function writeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.resourceVersion, start: token.after })).toString(
    'base64url',
  );
}

function readToken(text: string | null): ContinueToken | undefined {
  if (!text) return undefined;
  try {
    const token = JSON.parse(Buffer.from(text, 'base64url').toString()) as { rv: number; start: string };
    if (typeof token.rv === 'number' && typeof token.start === 'string')
      return { resourceVersion: token.rv, after: token.start };
  } catch {
    // Refused below: nothing that this server wrote.
  }
  throw badRequest('invalid continue token: continue key is not valid');
}

/** @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions | API concepts, "Resource versions"} */
function versionToRead(storage: Storage, query: URLSearchParams): number {
  const asked = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  if (match && !asked) {
    throw invalidListOptions('resourceVersionMatch is forbidden unless resourceVersion is provided');
  }
  const version = parseVersion(asked);
  if (version === undefined) throw badRequest(`invalid resource version: ${notAVersion(asked)}`);
  if (version > storage.resourceVersion) throw tooLargeVersion(version, storage.resourceVersion);
  return match === 'Exact' ? version : storage.resourceVersion;
}

/** Options that do not go together are told as if they were an object that is wrong. */
export function invalidListOptions(why: string): StatusError {
  const options = { group: 'meta.k8s.io', plural: 'listoptions', kind: 'ListOptions' };
  return invalid(options, '', [forbiddenValue('resourceVersionMatch', why)]);
}

/** 0 for none; undefined for what is no version. */
export function parseVersion(text: string): number | undefined {
  return /^\d*$/.test(text) ? Number(text) : undefined;
}

export function notAVersion(text: string): string {
  const quoted = JSON.stringify(text);
  return `resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`;
}

/** k8s.io/apiserver/pkg/storage/errors.go: the client has seen a server that was further. */
function tooLargeVersion(asked: number, current: number): StatusError {
  const message = `Timeout: Too large resource version: ${asked}, current: ${current}`;
  return new StatusError(504, 'Timeout', message, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

function readPast(
  storage: Storage,
  kind: ResourceKind,
  version: number,
  token: ContinueToken | undefined,
): KubeObject[] {
  if (version >= storage.oldestResourceVersion) return storage.listAt(kind.storage, version);
  if (token === undefined) throw expired(`The resourceVersion for the provided list is too old.`);
  const message =
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, ' +
    'or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - ' +
    'objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';
  const goOn = writeToken({ resourceVersion: storage.resourceVersion, after: token.after });
  throw new StatusError(410, 'Expired', message, undefined, { continue: goOn });
}

/** 410: what was asked for lies before the history. */
export function expired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}
