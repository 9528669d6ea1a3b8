import { type Assigner, type AssignerEffect, type AssignerEvent, createAssigner } from '@steelyard/assign';
import { errorText, type Logger } from '@steelyard/daemon';
import type { ConfigurationMetrics } from '@steelyard/daemon/metrics';
import {
  createContestedStatuses,
  createServiceStatusWriter,
  createSingleWriter,
  createWorkQueue,
  type EventRecorder,
  type KubeClient,
  type ListWatch,
  type OwnPod,
  type SingleWriter,
  startListWatch,
} from '@steelyard/k8s-adapter';
import { logDecision } from './decision-log.ts';
import { createReminder } from './reminder.ts';
import { projectWatchedService, type WatchedService } from './watched-service.ts';

export interface ServicesOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly podName: string;
  readonly ownPod: OwnPod | undefined;
  readonly recorder: EventRecorder;
  readonly loadBalancerClass: string;
  readonly parity: boolean;
  readonly metrics: Pick<ConfigurationMetrics, 'updatesTotal' | 'updateErrorsTotal'>;
  /** What pools count may be another than before. */
  readonly onCountersChanged: () => void;
  /** Writing is ours from now on. */
  readonly onTookOver: () => void;
  readonly logger: Logger;
}

/** The Services of the cluster, each given what the assigner decides. */
export interface Services {
  readonly synced: boolean;
  /** Decisions are made here, and not by another controller. */
  readonly deciding: boolean;
  readonly ipam: Assigner['ipam'];
  /** Whether this controller is the one that writes; asked before each write of any object that several would write. */
  mayWrite(): Promise<boolean>;
  configure(config: Extract<AssignerEvent, { type: 'configChanged' }>['config']): void;
  stop(): Promise<void>;
}

type StatusWriteEffect = Extract<AssignerEffect, { type: 'writeStatus' }>;

/** Whether somebody may have to write because of this Service. */
function concernsUs({ type, ingress }: WatchedService['view']): boolean {
  return type === 'LoadBalancer' || ingress.length > 0;
}

/** Status writes under way at a time, each of another Service. */
const CONCURRENT_WRITES = 32;
/** What the single writer counts on: that none arrives later. */
const WRITE_TIMEOUT_MS = 5_000;
/** Events that say that what was asked for could not be done: MetalLB counts them as failed updates. */
const FAILURES: ReadonlySet<string> = new Set([
  'AllocationFailed',
  'LoadBalancerFailed',
  'noclusterIPsIPFamily',
  'not enough clusterips',
  'InternalError',
]);

/** Why a Service is not served without an Event: MetalLB counts that, too, as a failed update. */
const SILENT_FAILURES: ReadonlySet<string | undefined> = new Set(['NoPools', 'NoClusterIPs']);

/**
 * Brings every change of a Service to the assigner and does what it says: in the same turn, so that a status leaves with
 * the watch event that asked for it.
 */
export function followServices(options: ServicesOptions): Services {
  const { client, recorder, metrics, logger } = options;
  const { loadBalancerClass, parity } = options;
  const assigner = createAssigner({ loadBalancerClass, parity, standby: true });
  const writer = createServiceStatusWriter(client, (key) => watch.values.get(key)?.writable);
  const due = new Map<string, StatusWriteEffect>();
  const toRetry = new Set<string>();
  let retried: string | undefined;
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
    options.onCountersChanged();
  }

  function carryOut(effect: AssignerEffect): void {
    switch (effect.type) {
      case 'writeStatus':
        due.set(effect.service.key, effect);
        if (effect.service.key !== retried) writes.add(effect.service.key);
        break;
      case 'postEvent': {
        const { key, namespace, name, uid } = effect.service;
        const resourceVersion = watch.values.get(key)?.view.resourceVersion ?? '';
        const object = { apiVersion: 'v1', kind: 'Service', namespace, name, uid, resourceVersion };
        recorder.record({ ...effect.event, object });
        if (FAILURES.has(effect.event.reason)) metrics.updateErrorsTotal.inc();
        logDecision(logger, effect, assigner.ipam.allocationOf);
        break;
      }
      case 'retryLater':
        toRetry.add(effect.key);
        break;
    }
  }

  /** What is due then is written by who asks here, and needs no turn of its own. */
  function retry(key: string): void {
    retried = key;
    take({ type: 'retryService', key });
    retried = undefined;
  }

  /** For the queue: what it throws is tried again, each time after a longer while. */
  async function writeWhatIsDue(key: string): Promise<void> {
    if (!due.has(key)) retry(key);
    // Renewing takes a moment, and what is due then may be something else, or nothing.
    if (due.has(key) && !singleWriter.beforeWrite() && (await singleWriter.mayWrite()) === 'stood-down') return;
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
      if (toRetry.delete(key)) writes.addAfter(key, Math.ceil(waitMs) + 1); // a timer may be early by a fraction
      return;
    }
    const limits = { timeoutMs: WRITE_TIMEOUT_MS, leaveByMs: singleWriter.leaveByMs };
    const answer = await writer.write({ key, resourceVersion, ...write }, limits).catch((error: unknown) => {
      metrics.updateErrorsTotal.inc();
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

  // Before the Services are listed, so that catching up with what was written before costs nothing.
  const singleWriter: SingleWriter = createSingleWriter({
    client,
    namespace: options.namespace,
    podName: options.podName,
    ...(options.ownPod === undefined ? {} : { ownPod: options.ownPod }),
    catchUp: (signal, sinceMs) => watch.catchUp(signal, sinceMs),
    onTookOver() {
      take({ type: 'tookOver' });
      options.onTookOver();
    },
    onStoodDown() {
      for (const key of due.keys()) writes.forget(key);
      due.clear();
      toRetry.clear();
      take({ type: 'stoodDown' });
    },
    logger,
  });

  const watch: ListWatch<WatchedService> = startListWatch({
    client,
    path: '/api/v1/services',
    project: projectWatchedService,
    logger,
    onUpsert(key, { view }, previous) {
      metrics.updatesTotal.inc();
      writer.observed(key);
      const before = assigner.explain(key)?.code;
      take({ type: 'serviceChanged', service: view });
      const after = assigner.explain(key)?.code;
      if (after !== before && SILENT_FAILURES.has(after)) metrics.updateErrorsTotal.inc();
      if (concernsUs(view) || (previous !== undefined && concernsUs(previous.view))) wanted();
    },
    onDelete(key, { view }) {
      metrics.updatesTotal.inc();
      writer.observed(key);
      writes.forget(key);
      contested.forget(key);
      due.delete(key);
      take({ type: 'serviceDeleted', key });
      if (concernsUs(view)) wanted(); // somebody may wait for what it had
    },
    onSynced: () => take({ type: 'servicesSynced' }),
  });

  function isWaiting({ type, loadBalancerClass: wantedClass, ingress }: WatchedService['view']): boolean {
    return type === 'LoadBalancer' && wantedClass === loadBalancerClass && ingress.length === 0;
  }
  function wanted(): void {
    singleWriter.wanted();
    reminder.wanted();
  }
  const reminder = createReminder({
    waiting: () => [...watch.values.values()].some(({ view }) => isWaiting(view)),
    remind: () => singleWriter.wanted(),
  });

  return {
    get synced() {
      return watch.synced;
    },
    get deciding() {
      return assigner.serving;
    },
    ipam: assigner.ipam,
    mayWrite: async () => (await singleWriter.mayWrite()) === 'yes',
    configure(config) {
      metrics.updatesTotal.inc();
      take({ type: 'configChanged', config });
      wanted();
    },
    async stop() {
      reminder.stop();
      await watch.stop();
      await writes.stop();
      await singleWriter.release();
      await singleWriter.stop();
    },
  };
}
