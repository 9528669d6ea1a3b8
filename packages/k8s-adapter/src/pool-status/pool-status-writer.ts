import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import type { ListWatchTiming } from '../list-watch/options.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import type { AdapterLogger } from '../logger.ts';
import { createContestedStatuses } from '../status/contested-statuses.ts';
import { createWorkQueue } from '../work-queue/work-queue.ts';
import { type PoolCounters, type PoolStatus, parsePoolStatus, poolStatusOf, samePoolStatus } from './pool-status.ts';

export interface PoolStatusWriterOptions {
  readonly client: KubeClient;
  /** Where the IPAddressPools are. */
  readonly namespace: string;
  /**
   * What a pool counts now; undefined where it is not known, and then what the pool shows stays. Of a pool that is there but
   * out of force: its holders, and nothing available.
   */
  readonly counters: (pool: string) => PoolCounters | undefined;
  /** Asked before each write: false drops it, until `changed` is called again. By default always true. */
  readonly mayWrite?: () => boolean | Promise<boolean>;
  /** Under which name `managedFields` lists the writes; MetalLB's controller is `controller`. */
  readonly fieldManager?: string;
  /** The least time between two writes of one pool. */
  readonly minIntervalMs?: number;
  readonly logger: AdapterLogger;
  readonly timing?: Partial<ListWatchTiming>;
}

/** Keeps `IPAddressPool.status` equal to what is counted. */
export interface PoolStatusWriter {
  /** A pool's counters may have changed; without a name, any pool's. Cheap: call it as often as you like. */
  changed(pool?: string): void;
  stop(): Promise<void>;
}

interface Pool {
  readonly resourceVersion: string;
  readonly status: PoolStatus | undefined;
}

/** What is newer than the cache's: our own write, or what a GET brought after a conflict. */
interface NewerPool extends Pool {
  readonly basedOn: string;
}

const DEFAULT_MIN_INTERVAL_MS = 200;
/** Statuses are the least urgent of all writes: they leave room for the others. */
const CONCURRENT_WRITES = 4;
const FORBIDDEN_PAUSE_MS = 60_000;
/** An API server that starts refuses for a while what it will allow; after so many tries of a pool, about a second, it is meant. */
const MIN_REFUSALS = 9;
const TIMEOUT_MS = 5_000;

function readPool(object: unknown): Pool | undefined {
  const resourceVersion = metadataOf(object)?.['resourceVersion'];
  if (typeof object !== 'object' || object === null || typeof resourceVersion !== 'string') return undefined;
  return { resourceVersion, status: parsePoolStatus(Reflect.get(object, 'status')) };
}

/**
 * Follows the pools of a namespace and writes `ipaddresspools/status` by PUT, which is all that MetalLB's role allows (7.7), where
 * it differs from what is counted: at once, and then at most once per pool in 200 ms however many Services change. What
 * somebody edits is put right. Of a custom resource the API server takes nothing but the status from such a PUT
 * (apiextensions-apiserver, pkg/registry/customresource/status_strategy.go), so neither spec nor labels are sent.
 *
 * @see MetalLB `internal/k8s/controllers/pool_status_controller.go`
 */
export function createPoolStatusWriter(options: PoolStatusWriterOptions): PoolStatusWriter {
  const { client, namespace, logger } = options;
  const path = `/apis/metallb.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/ipaddresspools`;
  const manager = encodeURIComponent(options.fieldManager ?? 'controller');
  const minIntervalMs = options.minIntervalMs ?? DEFAULT_MIN_INTERVAL_MS;
  const newer = new Map<string, NewerPool>();
  const writtenAtMs = new Map<string, number>();
  const contested = createContestedStatuses();
  const due = new Set<string>();
  let flushing: NodeJS.Immediate | undefined;
  let refusals = 0;
  let forbiddenUntilMs = Number.NEGATIVE_INFINITY;

  const writes = createWorkQueue({
    process: write,
    workers: CONCURRENT_WRITES,
    onFailure: (pool, error, retryInMs) =>
      logger.debug({ op: 'setPoolStatus', pool, error, retryInMs }, 'pool status not written, trying again'),
  });

  const watch = startListWatch<Pool>({
    client,
    path,
    optional: true,
    project: readPool,
    key: (object) => {
      const name = metadataOf(object)?.['name'];
      return typeof name === 'string' ? name : undefined;
    },
    exactIntegers: true,
    logger,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
    onUpsert(name, { resourceVersion }) {
      if (newer.get(name)?.resourceVersion !== resourceVersion) changed(name);
    },
    onDelete(name) {
      newer.delete(name);
      writtenAtMs.delete(name);
      contested.forget(name);
      writes.forget(name);
    },
  });

  function changed(pool?: string): void {
    if (pool !== undefined) due.add(pool);
    else for (const name of watch.values.keys()) due.add(name);
    flushing ??= setImmediate(flush);
  }

  function flush(): void {
    flushing = undefined;
    const nowMs = performance.now();
    for (const pool of due) {
      const waitMs = (writtenAtMs.get(pool) ?? Number.NEGATIVE_INFINITY) + minIntervalMs - nowMs;
      if (waitMs > 0) writes.addAfter(pool, waitMs);
      else writes.add(pool);
    }
    due.clear();
  }

  function newest(name: string): Pool | undefined {
    const cached = watch.values.get(name);
    const own = newer.get(name);
    return own !== undefined && own.basedOn === cached?.resourceVersion ? own : cached;
  }

  /** What is to be written to a pool now; undefined where nothing is. */
  function wantedOf(name: string): { readonly pool: Pool; readonly status: PoolStatus } | undefined {
    const pool = newest(name);
    const counters = pool === undefined ? undefined : options.counters(name);
    if (pool === undefined || counters === undefined) return undefined;
    const status = poolStatusOf(counters);
    return samePoolStatus(pool.status, status) ? undefined : { pool, status };
  }

  async function write(name: string): Promise<void> {
    if (wantedOf(name) === undefined || performance.now() < forbiddenUntilMs) return;
    if (options.mayWrite !== undefined && !(await options.mayWrite())) return;
    const wanted = wantedOf(name); // it may have changed while leave was asked
    if (wanted === undefined) return;
    const values = Object.values(wanted.status).map(String);
    const waitMs = contested.waitMs(name, values, performance.now());
    if (waitMs > 0) {
      writes.addAfter(name, waitMs);
      return;
    }
    writtenAtMs.set(name, performance.now());
    await put(name, wanted.pool, wanted.status);
    if (contested.written(name, values, performance.now())) {
      logger.warn(
        { op: 'setPoolStatus', pool: name },
        'somebody else changes the status of this pool whenever it is written, so it is written more slowly',
      );
    }
  }

  async function put(name: string, { resourceVersion }: Pool, status: PoolStatus): Promise<void> {
    const basedOn = watch.values.get(name)?.resourceVersion ?? resourceVersion;
    const object = `${path}/${encodeURIComponent(name)}`;
    try {
      const { body } = await client.request('PUT', `${object}/status?fieldManager=${manager}`, {
        body: {
          apiVersion: 'metallb.io/v1beta1',
          kind: 'IPAddressPool',
          metadata: { name, namespace, resourceVersion },
          status,
        },
        timeoutMs: TIMEOUT_MS,
        exactIntegers: true,
      });
      refusals = 0;
      const written = readPool(body);
      if (written !== undefined) newer.set(name, { ...written, basedOn });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'ERR_K8S_NOT_FOUND') return;
      if (error.code === 'ERR_K8S_FORBIDDEN' && ++refusals >= MIN_REFUSALS) {
        forbiddenUntilMs = performance.now() + FORBIDDEN_PAUSE_MS;
        const remedy = 'allow "update" of ipaddresspools/status (metallb.io) in the namespace';
        logger.warn({ op: 'setPoolStatus', pool: name, error, remedy }, 'not allowed to write the status of pools');
        writes.addAfter(name, FORBIDDEN_PAUSE_MS);
        return;
      }
      if (error.code === 'ERR_K8S_CONFLICT') {
        const { body } = await client.request('GET', object, { timeoutMs: TIMEOUT_MS, exactIntegers: true });
        const fresh = readPool(body);
        if (fresh !== undefined) newer.set(name, { ...fresh, basedOn });
      }
      throw error;
    }
  }

  return {
    changed,
    async stop() {
      clearImmediate(flushing);
      await watch.stop();
      await writes.stop();
    },
  };
}
