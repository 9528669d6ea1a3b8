import type {
  AssignConfig,
  Assigner,
  AssignerEffect,
  AssignerEvent,
  AssignerOptions,
  ServiceEvent,
  StatusWrite,
} from '../src/index.ts';
import { createAssigner, projectService } from '../src/index.ts';
import { type ServiceSpec, serviceObject } from './objects.ts';

export interface StoredService {
  readonly key: string;
  readonly metadata: { uid: string; resourceVersion: string; annotations: Record<string, string> } & Record<
    string,
    unknown
  >;
  readonly spec: Record<string, unknown>;
  status: { loadBalancer: { ingress?: Record<string, unknown>[] } };
}

/** How the API server answers the next write. */
export type Answer = 'written' | 'lost' | 'failed';

/**
 * An API server and an assigner, and between them two queues that a test empties as it likes: what the watch has not yet
 * brought, and the writes that have not yet been made.
 */
export interface Cluster {
  assigner: Assigner;
  readonly events: { readonly key: string; readonly event: ServiceEvent }[];
  /** Every write that the server took. */
  readonly writes: { readonly key: string; readonly ingress: readonly string[] }[];
  readonly pendingWrites: number;
  apply(spec: ServiceSpec): void;
  /** Changes the stored object, by whoever. */
  edit(key: string, change: (stored: StoredService) => void): void;
  remove(key: string): void;
  configure(config: AssignConfig | undefined): void;
  /** Brings the oldest event of the watch; returns whether there was one. */
  deliver(): boolean;
  /** Makes the oldest write. */
  write(answer?: Answer): boolean;
  retry(): boolean;
  /** Until nothing is left to do. */
  settle(): void;
  /** A new controller in place of the old one, which knows nothing. */
  restart(configure?: boolean): void;
  /** Another controller decides: what has not been written yet is forgotten. */
  standDown(): void;
  takeOver(): void;
  ips(key: string): string[];
  annotation(key: string, name: string): string | undefined;
  all(): StoredService[];
}

export function createCluster(options: AssignerOptions = {}): Cluster {
  const stored = new Map<string, StoredService>();
  let version = 100;
  let config: AssignConfig | undefined;
  let watch: { readonly key: string; readonly object: object | undefined }[] = [];
  let queue: Extract<AssignerEffect, { type: 'writeStatus' }>[] = [];
  let retries: string[] = [];
  const events: Cluster['events'] = [];
  const writes: Cluster['writes'] = [];

  function step(event: AssignerEvent): void {
    for (const effect of cluster.assigner.step(event)) {
      if (effect.type === 'writeStatus') {
        queue.push(effect);
      } else if (effect.type === 'postEvent') {
        events.push({ key: effect.service.key, event: effect.event });
      } else {
        retries.push(effect.key);
      }
    }
  }

  function changed(service: StoredService): void {
    service.metadata.resourceVersion = String(++version);
    watch.push({ key: service.key, object: structuredClone(service) });
  }

  function put(service: StoredService, write: StatusWrite): void {
    service.status = {
      loadBalancer:
        write.ingress.length === 0 ? {} : { ingress: write.ingress.map(({ ip }) => ({ ip, ipMode: 'VIP' })) },
    };
    for (const [name, value] of Object.entries(write.annotations)) {
      if (value === null) {
        delete service.metadata.annotations[name];
      } else {
        service.metadata.annotations[name] = value;
      }
    }
    writes.push({ key: service.key, ingress: write.ingress.map(({ ip }) => ip) });
    changed(service);
  }

  const cluster: Cluster = {
    assigner: createAssigner(options),
    events,
    writes,
    get pendingWrites() {
      return queue.length;
    },
    apply(spec) {
      const object = structuredClone(serviceObject(spec)) as unknown as Omit<StoredService, 'key'>;
      const key = `${spec.namespace ?? 'ns'}/${spec.name ?? 'a'}`;
      const service: StoredService = { key, ...object };
      service.metadata.annotations ??= {};
      service.metadata.uid = `uid-${key}-${++version}`;
      stored.set(key, service);
      changed(service);
    },
    edit(key, change) {
      const service = stored.get(key);
      if (service !== undefined) {
        change(service);
        changed(service);
      }
    },
    remove(key) {
      if (stored.delete(key)) {
        watch.push({ key, object: undefined });
      }
    },
    configure(next) {
      config = next;
      step({ type: 'configChanged', config: next });
    },
    deliver() {
      const next = watch.shift();
      const view = next?.object && projectService(next.object);
      if (next !== undefined) {
        step(
          view === undefined ? { type: 'serviceDeleted', key: next.key } : { type: 'serviceChanged', service: view },
        );
      }
      return next !== undefined;
    },
    write(answer = 'written') {
      const next = queue.shift();
      if (next === undefined) {
        return false;
      }
      const { key, uid } = next.service;
      const service = stored.get(key);
      const current = service?.metadata.uid === uid && service.metadata.resourceVersion === next.resourceVersion;
      if (service !== undefined && current && answer !== 'failed') {
        put(service, next.write);
      }
      if (answer !== 'written') {
        step({ type: 'statusWriteFailed', key, uid });
      } else if (current) {
        step({ type: 'statusWritten', key, uid, resourceVersion: service?.metadata.resourceVersion ?? '' });
      } else {
        step({ type: 'statusConflict', key, uid });
      }
      return true;
    },
    retry() {
      const key = retries.shift();
      if (key !== undefined) {
        step({ type: 'retryService', key });
      }
      return key !== undefined;
    },
    settle() {
      for (let i = 0; i < 100_000; i++) {
        if (!cluster.deliver() && !cluster.write() && !cluster.retry()) {
          return;
        }
      }
      throw new Error('the cluster does not come to rest');
    },
    restart(configure = true) {
      cluster.assigner = createAssigner(options);
      queue = [];
      retries = [];
      // A list shows what is stored, in whatever order, and the watch goes on from there.
      watch = [...stored.values()].reverse().map((service) => ({ key: service.key, object: structuredClone(service) }));
      while (cluster.deliver()) {
        // Nobody is served before all are known.
      }
      step({ type: 'servicesSynced' });
      if (configure) {
        step({ type: 'configChanged', config });
      }
    },
    standDown() {
      queue = [];
      retries = [];
      step({ type: 'stoodDown' });
    },
    takeOver: () => step({ type: 'tookOver' }),
    ips: (key) => (stored.get(key)?.status.loadBalancer.ingress ?? []).map(({ ip }) => String(ip)),
    annotation: (key, name) => stored.get(key)?.metadata.annotations[name],
    all: () => [...stored.values()],
  };
  return cluster;
}
