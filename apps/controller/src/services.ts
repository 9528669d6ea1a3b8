import { type Assigner, type AssignerEffect, type AssignerEvent, createAssigner } from '@steelyard/assign';
import { errorText, type Logger } from '@steelyard/daemon';
import {
  createContestedStatuses,
  createServiceStatusWriter,
  createWorkQueue,
  type EventRecorder,
  type KubeClient,
  type ListWatch,
  startListWatch,
} from '@steelyard/k8s-adapter';
import { logDecision } from './decision-log.ts';
import { projectWatchedService, type WatchedService } from './watched-service.ts';

export interface ServicesOptions {
  readonly client: KubeClient;
  readonly recorder: EventRecorder;
  readonly loadBalancerClass: string;
  readonly logger: Logger;
}

/** The Services of the cluster, each given what the assigner decides. */
export interface Services {
  readonly synced: boolean;
  readonly assigner: Assigner;
  configure(config: Extract<AssignerEvent, { type: 'configChanged' }>['config']): void;
  stop(): Promise<void>;
}

type StatusWriteEffect = Extract<AssignerEffect, { type: 'writeStatus' }>;

/** Status writes under way at a time, each of another Service. */
const CONCURRENT_WRITES = 32;

/**
 * Brings every change of a Service to the assigner and does what it says: in the same turn, so that a status leaves with
 * the watch event that asked for it.
 */
export function followServices(options: ServicesOptions): Services {
  const { client, recorder, logger } = options;
  const assigner = createAssigner({ loadBalancerClass: options.loadBalancerClass });
  const writer = createServiceStatusWriter(client, (key) => watch.values.get(key)?.writable);
  const due = new Map<string, StatusWriteEffect>();
  const toRetry = new Set<string>();
  const contested = createContestedStatuses();
  const writes = createWorkQueue({
    process: writeWhatIsDue,
    workers: CONCURRENT_WRITES,
    onFailure: (service, error, retryInMs) =>
      logger.warn(
        { op: 'setStatus', service, error: errorText(error), retryInMs },
        'service status not written, trying again',
      ),
  });

  function take(event: AssignerEvent): void {
    for (const effect of assigner.step(event)) carryOut(effect);
  }

  function carryOut(effect: AssignerEffect): void {
    switch (effect.type) {
      case 'writeStatus':
        due.set(effect.service.key, effect);
        writes.add(effect.service.key);
        break;
      case 'postEvent': {
        const { key, namespace, name, uid } = effect.service;
        const resourceVersion = watch.values.get(key)?.view.resourceVersion ?? '';
        const object = { apiVersion: 'v1', kind: 'Service', namespace, name, uid, resourceVersion };
        recorder.record({ ...effect.event, object });
        logDecision(logger, effect, assigner.ipam.allocationOf);
        break;
      }
      case 'retryLater':
        toRetry.add(effect.key);
        break;
    }
  }

  /** For the queue: what it throws is tried again, each time after a longer while. */
  async function writeWhatIsDue(key: string): Promise<void> {
    if (!due.has(key)) take({ type: 'retryService', key });
    const effect = due.get(key);
    if (effect === undefined) return;
    due.delete(key);
    const { service, resourceVersion, write, because } = effect;
    const { uid } = service;
    const ips = write.ingress.map(({ ip }) => ip);
    const waitMs = contested.waitMs(key, ips, performance.now());
    if (waitMs > 0) {
      // As if it had failed: what is to be written is decided anew when the time comes.
      take({ type: 'statusWriteFailed', key, uid });
      if (toRetry.delete(key)) writes.addAfter(key, waitMs);
      return;
    }
    const answer = await writer.write({ key, resourceVersion, ...write }).catch((error: unknown) => {
      take({ type: 'statusWriteFailed', key, uid });
      toRetry.delete(key);
      throw error;
    });
    if (answer.outcome !== 'written') {
      take({ type: 'statusConflict', key, uid });
      if (toRetry.delete(key)) throw new Error('the Service has changed, and the watch has not brought it yet');
      return;
    }
    logger.info({ event: 'statusWritten', service: key, ips, reason: because.message }, 'service status written');
    if (contested.written(key, ips, performance.now())) {
      const remedy =
        'leave the Service to one controller: give it a loadBalancerClass, and -lb-class to the one that shall serve it';
      logger.warn(
        { op: 'setStatus', service: key, ips, remedy },
        'somebody else changes the status of this Service whenever it is written, so it is written more slowly',
      );
    }
    take({ type: 'statusWritten', key, uid, resourceVersion: answer.metadata.resourceVersion });
  }

  const watch: ListWatch<WatchedService> = startListWatch({
    client,
    path: '/api/v1/services',
    project: projectWatchedService,
    logger,
    onUpsert(key, { view }) {
      writer.observed(key);
      take({ type: 'serviceChanged', service: view });
    },
    onDelete(key) {
      writer.observed(key);
      writes.forget(key);
      contested.forget(key);
      due.delete(key);
      take({ type: 'serviceDeleted', key });
    },
    onSynced: () => take({ type: 'servicesSynced' }),
  });

  return {
    get synced() {
      return watch.synced;
    },
    assigner,
    configure: (config) => take({ type: 'configChanged', config }),
    async stop() {
      await watch.stop();
      await writes.stop();
    },
  };
}
