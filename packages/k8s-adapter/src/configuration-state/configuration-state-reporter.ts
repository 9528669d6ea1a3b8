import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { startListWatch } from '../list-watch/list-watch.ts';
import type { ListWatchTiming } from '../list-watch/options.ts';
import type { AdapterLogger } from '../logger.ts';
import { createContestedStatuses } from '../status/contested-statuses.ts';
import { createWorkQueue } from '../work-queue/work-queue.ts';
import { type ConfigurationReport, nextWrite, type StateWrite, type WantedState } from './next-write.ts';
import { projectStateObject, type StateObject } from './state-object.ts';

export interface ConfigurationStateReporterOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  /** Which process reports: MetalLB's names of object, labels, condition and field owner follow from it. */
  readonly reporter:
    | { readonly component: 'controller' }
    | { readonly component: 'speaker'; readonly nodeName: string };
  /** The own Pod, which becomes the owner of the object; undefined for a process without one. */
  readonly owner: { readonly name: string; readonly uid: string } | undefined;
  /** Asked before each write: false drops it, until `report` or `wake` is called. By default always true. */
  readonly mayWrite?: () => boolean | Promise<boolean>;
  readonly logger: AdapterLogger;
  readonly timing?: Partial<ListWatchTiming>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Keeps one ConfigurationState equal to what was reported last. */
export interface ConfigurationStateReporter {
  report(report: ConfigurationReport): void;
  /** Writing may be allowed now. */
  wake(): void;
  stop(): Promise<void>;
}

const KEY = 'state';
const TIMEOUT_MS = 5_000;
/** Create, metadata, condition and result, and each once more after a conflict. */
const MAX_WRITES = 8;
const REFUSED_PAUSE_MS = 60_000;
/** An API server that starts refuses for a while what it will allow; after so many tries, a second and a half, it is meant. */
const MIN_REFUSALS = 9;

interface Names {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly conditionType: string;
  /** Who owns the condition's fields, and who all else, in MetalLB. */
  readonly conditionManager: string;
  readonly manager: string;
}

function namesOf(reporter: ConfigurationStateReporterOptions['reporter']): Names {
  const labels = { 'metallb.io/component-type': reporter.component };
  if (reporter.component === 'controller') {
    return {
      name: 'controller',
      labels,
      conditionType: 'poolReconcilerValid',
      conditionManager: 'poolReconciler',
      manager: 'controller',
    };
  }
  return {
    name: `speaker-${reporter.nodeName}`,
    labels: { ...labels, 'metallb.io/node-name': reporter.nodeName },
    conditionType: 'configReconcilerValid',
    conditionManager: 'configReconciler',
    manager: 'speaker',
  };
}

/** RFC 3339 in seconds, as `metav1.Time`. */
function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '');
}

/**
 * Reports whether the configuration is valid as MetalLB does, in its object, by its field owners, so that either takes over from the
 * other (metallb-behaviour 3.8). Written is only what differs, also after a restart; what somebody edits or deletes is put right.
 *
 * @see MetalLB `internal/k8s/controllers/configuration_state_controller.go`
 */
export function createConfigurationStateReporter(
  options: ConfigurationStateReporterOptions,
): ConfigurationStateReporter {
  const { client, namespace, logger } = options;
  const now = options.now ?? Date.now;
  const names = namesOf(options.reporter);
  const { name } = names;
  const collection = `/apis/metallb.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/configurationstates`;
  const path = `${collection}/${encodeURIComponent(name)}`;
  const contested = createContestedStatuses();
  let wanted: WantedState = {
    labels: names.labels,
    owner: options.owner,
    conditionType: names.conditionType,
    report: undefined,
  };
  /** What is newer than the cache's. */
  let newer: { readonly basedOn: string | undefined; readonly state: StateObject | undefined } | undefined;
  /** A server that knows no server-side apply. */
  let applies = true;
  let refusals = 0;
  let refusedUntilMs = Number.NEGATIVE_INFINITY;

  const work = createWorkQueue({
    process: converge,
    onFailure: (_key, error, retryInMs) =>
      logger.debug({ op: 'reportState', name, error, retryInMs }, 'ConfigurationState not written, trying again'),
  });
  const wake = (): void => work.add(KEY);

  const watch = startListWatch<StateObject>({
    client,
    path: collection,
    optional: true,
    fieldSelector: `metadata.name=${name}`,
    key: () => KEY,
    project: projectStateObject,
    logger,
    ...(options.timing === undefined ? {} : { timing: options.timing }),
    onSynced: wake,
    onUpsert: wake,
    onDelete: wake,
  });

  function newest(): StateObject | undefined {
    const cached = watch.values.get(KEY);
    return newer !== undefined && newer.basedOn === cached?.resourceVersion ? newer.state : cached;
  }

  function remember(state: StateObject | undefined): void {
    newer = { basedOn: watch.values.get(KEY)?.resourceVersion, state };
  }

  async function converge(): Promise<void> {
    for (let writes = 0; writes < MAX_WRITES; writes++) {
      if (!watch.synced || performance.now() < refusedUntilMs || due() === undefined) return;
      if (options.mayWrite !== undefined && !(await options.mayWrite())) return;
      const write = due(); // it may be another by now
      if (write === undefined) return;
      const content = [JSON.stringify({ ...write, resourceVersion: '' })];
      const waitMs = contested.waitMs(write.type, content, performance.now());
      if (waitMs > 0) {
        work.addAfter(KEY, waitMs);
        return;
      }
      if (!(await carryOut(write))) return;
      if (contested.written(write.type, content, performance.now())) {
        logger.warn(
          { op: 'reportState', name },
          'somebody else changes this ConfigurationState whenever it is written',
        );
      }
    }
    throw new Error('it changes faster than it can be written');
  }

  const due = (): StateWrite | undefined => nextWrite(newest(), wanted, formatTime(now()));

  /** False when there is no use in going on now. */
  async function carryOut(write: StateWrite): Promise<boolean> {
    try {
      remember(projectStateObject(await send(write)));
      refusals = 0;
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.httpStatus === 415 && write.type === 'condition' && applies) {
        applies = false;
        return true;
      }
      if (error.httpStatus === 409 || (error.httpStatus === 404 && write.type !== 'create')) {
        await readAnew();
        return true;
      }
      if ((error.httpStatus === 403 || error.httpStatus === 404) && ++refusals >= MIN_REFUSALS) {
        refusedUntilMs = performance.now() + REFUSED_PAUSE_MS;
        const remedy =
          error.httpStatus === 403
            ? 'allow "create" and "patch" of configurationstates and configurationstates/status (metallb.io)'
            : 'install the CustomResourceDefinition configurationstates.metallb.io';
        logger.warn({ op: 'reportState', name, error, remedy }, 'ConfigurationState cannot be written');
        work.addAfter(KEY, REFUSED_PAUSE_MS);
        return false;
      }
      throw error;
    }
  }

  async function readAnew(): Promise<void> {
    try {
      const { body } = await client.request('GET', path, { timeoutMs: TIMEOUT_MS });
      remember(projectStateObject(body));
    } catch (error) {
      if (!(error instanceof ApiError) || error.httpStatus !== 404) throw error;
      remember(undefined);
    }
  }

  async function send(write: StateWrite): Promise<unknown> {
    const object = { apiVersion: 'metallb.io/v1beta1', kind: 'ConfigurationState' };
    const call = async (method: 'POST' | 'PATCH', at: string, manager: string, body: unknown, contentType?: string) => {
      const answer = await client.request(method, `${at}${at.includes('?') ? '&' : '?'}fieldManager=${manager}`, {
        body,
        timeoutMs: TIMEOUT_MS,
        ...(contentType === undefined ? {} : { contentType }),
      });
      return answer.body;
    };
    switch (write.type) {
      case 'create': {
        const { labels, ownerReferences } = write;
        return await call('POST', collection, names.manager, {
          ...object,
          metadata: { name, namespace, labels, ...(ownerReferences.length === 0 ? {} : { ownerReferences }) },
        });
      }
      case 'metadata': {
        const { resourceVersion, labels, ownerReferences } = write;
        return await call('PATCH', path, names.manager, { metadata: { resourceVersion, labels, ownerReferences } });
      }
      case 'condition': {
        if (applies) {
          const body = { ...object, metadata: { name, namespace }, status: { conditions: [write.condition] } };
          const contentType = 'application/apply-patch+yaml'; // JSON is YAML
          return await call('PATCH', `${path}/status?force=true`, names.conditionManager, body, contentType);
        }
        const { resourceVersion, all } = write;
        return await call('PATCH', `${path}/status`, names.conditionManager, {
          metadata: { resourceVersion },
          status: { conditions: all },
        });
      }
      case 'result':
        return await call('PATCH', `${path}/status`, names.manager, {
          // As Go leaves it out: no summary is no field.
          status: { result: write.result, errorSummary: write.errorSummary === '' ? null : write.errorSummary },
        });
    }
  }

  return {
    report(report) {
      wanted = { ...wanted, report };
      wake();
    },
    wake,
    async stop() {
      await watch.stop();
      await work.stop();
    },
  };
}
