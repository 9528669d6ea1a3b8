import { isDeepStrictEqual } from 'node:util';
import type { WriterRecord } from '@steelyard/k8s-adapter/single-writer';
import { keyOf, type StoredPool, type StoredService, timestampAt } from './objects.ts';
import type { VirtualTime } from './virtual-time.ts';

/** One change of a collection; `value` is missing for what was deleted. */
export interface Change<T> {
  readonly key: string;
  readonly value: T | undefined;
  readonly version: number;
}

/** A collection that is listed and watched. */
export interface Collection<T> {
  readonly items: ReadonlyMap<string, T>;
  subscribe(listener: (change: Change<T>) => void): () => void;
}

interface WritableCollection<T> extends Collection<T> {
  set(key: string, value: T | undefined): void;
}

export interface StatusPut {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** All annotations, as they shall be. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly ingress: readonly string[];
}

/** What became of a write of a status. */
export type StatusAnswer =
  | { readonly outcome: 'written'; readonly service: StoredService }
  | { readonly outcome: 'conflict' | 'gone' | 'refused' };

/** Who wrote a status, and what changed by it. */
export interface StatusChange {
  readonly writer: string;
  readonly before: StoredService;
  readonly after: StoredService;
}

export interface RecordAndVersion {
  readonly record: WriterRecord | undefined;
  readonly version: string | undefined;
}

export interface Pod {
  readonly repository: string;
  /** It was asked to end. */
  terminating: boolean;
  /** Its machine is gone, and nobody knows. */
  unreachable: boolean;
}

/** As much of an API server as a controller of addresses sees. */
export interface ApiServer {
  readonly version: number;
  readonly services: Collection<StoredService>;
  readonly pools: Collection<StoredPool>;
  readonly namespaces: Collection<Readonly<Record<string, string>>>;
  readonly pods: Map<string, Pod>;
  readonly stored: RecordAndVersion;
  readonly recordWrites: number;
  /** Writes of statuses are answered with an error. */
  refusing: boolean;
  /** Told of each status that a controller changes. */
  onStatusChange: (change: StatusChange) => void;
  createService(service: StoredService): void;
  /** Anybody's change of an object; a Service that becomes none of a load balancer loses its class. */
  editService(key: string, edit: (draft: StoredService) => void): void;
  deleteService(key: string): void;
  setPool(name: string, spec: StoredPool['spec'] | undefined): void;
  setNamespace(name: string, labels: Readonly<Record<string, string>>): void;
  putStatus(writer: string, put: StatusPut): StatusAnswer;
  /** @returns The version written; undefined if it is not `version` that is there. */
  swapRecord(record: WriterRecord, version: string | undefined): string | undefined;
}

function createCollection<T>(nextVersion: () => number): WritableCollection<T> {
  const items = new Map<string, T>();
  const listeners = new Set<(change: Change<T>) => void>();
  return {
    items,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(key, value) {
      if (value === undefined) items.delete(key);
      else items.set(key, value);
      const version = nextVersion();
      for (const listener of listeners) listener({ key, value, version });
    },
  };
}

export function createApiServer(time: VirtualTime): ApiServer {
  let version = 100;
  const next = (): number => ++version;
  const services = createCollection<StoredService>(next);
  const pools = createCollection<StoredPool>(next);
  const namespaces = createCollection<Readonly<Record<string, string>>>(next);
  let stored: RecordAndVersion = { record: undefined, version: undefined };
  let recordWrites = 0;

  function store(service: StoredService): void {
    service.metadata.resourceVersion = String(version + 1);
    services.set(keyOf(service), service);
  }

  const self: ApiServer = {
    get version() {
      return version;
    },
    services,
    pools,
    namespaces,
    pods: new Map(),
    get stored() {
      return stored;
    },
    get recordWrites() {
      return recordWrites;
    },
    refusing: false,
    onStatusChange: () => undefined,
    createService(service) {
      store(structuredClone(service));
    },
    editService(key, edit) {
      const service = services.items.get(key);
      if (service === undefined) return;
      const draft = structuredClone(service);
      edit(draft);
      if (draft.spec.type !== 'LoadBalancer') delete draft.spec.loadBalancerClass;
      if (!isDeepStrictEqual(draft, service)) store(draft);
    },
    deleteService(key) {
      if (services.items.has(key)) services.set(key, undefined);
    },
    setPool(name, spec) {
      const known = pools.items.get(name);
      if (spec === undefined) {
        if (known !== undefined) pools.set(name, undefined);
        return;
      }
      pools.set(name, { name, creationTimestamp: known?.creationTimestamp ?? timestampAt(time.nowMs), spec });
    },
    setNamespace(name, labels) {
      namespaces.set(name, labels);
    },
    putStatus(writer, { key, uid, resourceVersion, annotations, ingress }) {
      if (self.refusing) return { outcome: 'refused' };
      const before = services.items.get(key);
      if (before === undefined || before.metadata.uid !== uid) return { outcome: 'gone' };
      if (before.metadata.resourceVersion !== resourceVersion) return { outcome: 'conflict' };
      const after = structuredClone(before);
      after.metadata.annotations = { ...annotations };
      after.status = {
        loadBalancer: ingress.length === 0 ? {} : { ingress: ingress.map((ip) => ({ ip, ipMode: 'VIP' })) },
      };
      if (isDeepStrictEqual(after, before)) return { outcome: 'written', service: before };
      self.onStatusChange({ writer, before, after });
      store(after);
      return { outcome: 'written', service: after };
    },
    swapRecord(record, expected) {
      if (expected !== stored.version) return undefined;
      stored = { record, version: String(next()) };
      recordWrites++;
      return stored.version;
    },
  };
  return self;
}
