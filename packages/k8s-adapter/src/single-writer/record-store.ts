import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import type { AdapterLogger } from '../logger.ts';
import { formatParticipants, formatRecord, parseRecord, type WriterRecord } from './record.ts';

/** The record as it was read, and what to write on. */
export interface StoredRecord {
  readonly record: WriterRecord | undefined;
  readonly version: string | undefined;
}

/** Where the record is kept. All rejects with an `ApiError`; a refused compare-and-swap does not. */
export interface RecordStore {
  read(): Promise<StoredRecord>;
  /** @returns The version written; undefined if it is not `version` that is there. */
  write(record: WriterRecord, version: string | undefined): Promise<string | undefined>;
}

interface RecordPlace extends RecordStore {
  /** What is said when it may not be used. */
  readonly remedy: string;
}

const CALL_TIMEOUT_MS = 3_000;
const PARTICIPANTS_ANNOTATION = 'steelyard.io/participants';
const RECORD_ANNOTATION = 'steelyard.io/writer';
const MAX_ANNOTATION_LENGTH = 8_192;

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function versionOf(body: unknown): string {
  const version = metadataOf(body)?.['resourceVersion'];
  if (typeof version !== 'string') throw new ApiError('ERR_K8S_BAD_BODY', 'no resourceVersion in the answer');
  return version;
}

/** That this object is not there; a kind that is not served (yet, after a start of the API server) says nothing about objects. */
function isAbsent(error: unknown, name: string): boolean {
  return error instanceof ApiError && error.httpStatus === 404 && error.message.includes(`"${name}" not found`);
}

/** An object of which the record is a part: read by GET, made by POST, changed by whatever knows its version. */
function recordInObject(
  client: KubeClient,
  at: {
    readonly collection: string;
    readonly name: string;
    readonly remedy: string;
    parse(object: unknown): WriterRecord | undefined;
    change(record: WriterRecord, version: string): { readonly method: 'PUT' | 'PATCH'; readonly body: unknown };
    create(record: WriterRecord): unknown;
  },
): RecordPlace {
  const path = `${at.collection}/${at.name}`;
  return {
    remedy: at.remedy,
    async read() {
      try {
        const { body } = await client.request('GET', path, { timeoutMs: CALL_TIMEOUT_MS });
        return { record: at.parse(body), version: versionOf(body) };
      } catch (error) {
        if (isAbsent(error, at.name)) return { record: undefined, version: undefined };
        throw error;
      }
    },
    async write(record, version) {
      try {
        if (version === undefined) {
          const { body } = await client.request('POST', at.collection, {
            body: at.create(record),
            timeoutMs: CALL_TIMEOUT_MS,
          });
          return versionOf(body);
        }
        const { method, body: sent } = at.change(record, version);
        const { body } = await client.request(method, path, { body: sent, timeoutMs: CALL_TIMEOUT_MS });
        return versionOf(body);
      } catch (error) {
        if (error instanceof ApiError && error.httpStatus === 409) return undefined;
        if (isAbsent(error, at.name)) return undefined;
        throw error;
      }
    },
  };
}

/** A Lease, as client-go keeps one: `kubectl get leases` shows it. Needs get, create and update. */
function inLease(client: KubeClient, namespace: string, name: string): RecordPlace {
  const lease = (record: WriterRecord, resourceVersion?: string): unknown => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace,
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      annotations: { [PARTICIPANTS_ANNOTATION]: formatParticipants(record) },
    },
    spec: formatRecord(record),
  });
  return recordInObject(client, {
    collection: `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`,
    name,
    remedy: `allow "get", "create" and "update" of leases (coordination.k8s.io) in namespace ${namespace}`,
    parse: (object) =>
      parseRecord(
        fieldsOf(fieldsOf(object)['spec']),
        fieldsOf(metadataOf(object)?.['annotations'])[PARTICIPANTS_ANNOTATION],
      ),
    change: (record, version) => ({ method: 'PUT', body: lease(record, version) }),
    create: (record) => lease(record),
  });
}

function parseAnnotation(object: unknown): WriterRecord | undefined {
  const text = fieldsOf(metadataOf(object)?.['annotations'])[RECORD_ANNOTATION];
  if (typeof text !== 'string' || text.length > MAX_ANNOTATION_LENGTH) return undefined;
  try {
    const fields = fieldsOf(JSON.parse(text));
    return parseRecord(fields, fields['participants']);
  } catch {
    return undefined;
  }
}

/** An annotation of the ConfigurationState `controller`, on which MetalLB's role allows everything (metallb-behaviour 7.7). */
function inAnnotation(client: KubeClient, namespace: string): RecordPlace {
  const annotations = (record: WriterRecord): unknown => ({
    [RECORD_ANNOTATION]: JSON.stringify({ ...formatRecord(record), participants: formatParticipants(record) }),
  });
  return recordInObject(client, {
    collection: `/apis/metallb.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/configurationstates`,
    name: 'controller',
    remedy: `allow "get", "create" and "patch" of configurationstates (metallb.io) in namespace ${namespace}`,
    parse: parseAnnotation,
    // A merge patch that names a version is refused on any other.
    change: (record, version) => ({
      method: 'PATCH',
      body: { metadata: { resourceVersion: version, annotations: annotations(record) } },
    }),
    create: (record) => ({
      apiVersion: 'metallb.io/v1beta1',
      kind: 'ConfigurationState',
      metadata: {
        name: 'controller',
        namespace,
        labels: { 'metallb.io/component-type': 'controller' },
        annotations: annotations(record),
      },
    }),
  });
}

/** In this process alone: it keeps nobody else away. */
function inMemory(): RecordPlace {
  let stored: StoredRecord = { record: undefined, version: undefined };
  let versions = 0;
  return {
    remedy: '',
    read: () => Promise.resolve(stored),
    write(record, version) {
      if (version !== stored.version) return Promise.resolve(undefined);
      stored = { record, version: String(++versions) };
      return Promise.resolve(stored.version);
    },
  };
}

export interface RecordStoreOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly leaseName: string;
  readonly logger: AdapterLogger;
}

/** 403, or 404 for a kind or a namespace. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && (error.httpStatus === 403 || error.httpStatus === 404);
}

/** An API server that starts refuses for a while what it will allow: its roles and definitions come later than its port. */
const REFUSED_FOR_GOOD_MS = 3_000;
/** A place that was good before is left much later: others may still be there. */
const REFUSED_AFTER_USE_MS = 60_000;

/**
 * The record in the best place that the rights allow: a Lease, else the annotation, else nowhere, each said once. Two that use
 * different places do not see each other's record; to each the other's Pod is a stranger's, and is waited for.
 */
export function createRecordStore({ client, namespace, leaseName, logger }: RecordStoreOptions): RecordStore {
  const places = [inLease(client, namespace, leaseName), inAnnotation(client, namespace), inMemory()] as const;
  let current: 0 | 1 | 2 = 0;
  let used = false;
  /** Since when each has been refused without a break. */
  const refusedSinceMs = new Map<'read' | 'write', number>();

  async function isForGood(call: 'read' | 'write'): Promise<boolean> {
    const nowMs = performance.now();
    const sinceMs = refusedSinceMs.get(call) ?? nowMs;
    refusedSinceMs.set(call, sinceMs);
    if (nowMs - sinceMs >= (used ? REFUSED_AFTER_USE_MS : REFUSED_FOR_GOOD_MS)) return true;
    if (used || current !== 0 || call === 'write') return false;
    try {
      await places[1].read();
    } catch {
      return false;
    }
    // The rights for the one are known, so those for the other would be.
    return await places[0].read().then(() => false, isRefusal);
  }

  function moveOn(error: unknown): void {
    const { remedy } = places[current];
    const pairs = { op: 'singleWriter', error, remedy };
    current = current === 0 ? 1 : 2;
    used = false;
    if (current === 2) logger.warn(pairs, 'no record of who writes can be kept: run one controller at a time');
    else logger.info(pairs, 'no Lease can be kept, so an annotation of ConfigurationState controller says who writes');
  }

  async function read(): Promise<StoredRecord> {
    try {
      const stored = await places[current].read();
      refusedSinceMs.delete('read');
      return stored;
    } catch (error) {
      if (!isRefusal(error) || !(await isForGood('read'))) throw error;
      moveOn(error);
      return await read();
    }
  }

  return {
    read,
    async write(record, version) {
      try {
        const written = await places[current].write(record, version);
        refusedSinceMs.delete('write');
        if (written !== undefined) used = true;
        return written;
      } catch (error) {
        if (!isRefusal(error) || !(await isForGood('write'))) throw error;
        moveOn(error);
        return undefined; // what is to be written on is another version, in another place
      }
    },
  };
}
