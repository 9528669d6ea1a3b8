import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '@steelyard/daemon';
import {
  configurationNamespace,
  createEventRecorder,
  followSpeakerPeers,
  openKubeClient,
} from '@steelyard/k8s-adapter';
import { createDesiredStateSender } from '@steelyard/speaker-wire/control';
import { followAnnounced } from './control/announced-services.ts';
import { followAnnouncements } from './control/announcements.ts';
import { followConfiguration } from './control/configuration.ts';
import { findOwnPod } from './control/own-pod.ts';
import type { ControlNotice, ControlOrder, ControlSettings } from './control-settings.ts';
import { openSpeakerMetrics } from './metrics/open-speaker-metrics.ts';

// Runs in a worker. Whatever ends this thread, out of memory among them, ends no announcement.

const LAST_EVENTS_MS = 700;

const settings = workerData as ControlSettings;
const { nodeName } = settings;
const logger = createLogger({ level: settings.logLevel, pairs: { node: nodeName, thread: 'control' } });
const notify = (notice: ControlNotice): void => parentPort?.postMessage(notice);
const stopping = new AbortController();

const metrics = await openSpeakerMetrics(settings.metrics, {
  nodeName,
  layer2Counters: () => sender.layer2Counters(),
  figures: () => sender.figures(),
  announced: () => announced.services.all(),
  bgpType: settings.rules.bgpType,
  bgpCounters: () => sender.bgpCounters(),
  announcedByBgp: () => announcements.byBgp.announced(),
});
const client = await openKubeClient({
  userAgent: 'steelyard-speaker',
  ...(metrics === undefined ? {} : { onResponse: metrics.countResponse }),
  ...(settings.kubeconfig === '' ? {} : { kubeconfigPath: settings.kubeconfig }),
});

// From here on without a pause: what the wire thread says is heard once there is a sender, and all must be there then.
const announced = followAnnounced();
const sender = createDesiredStateSender(settings.port, {
  onReports(reports) {
    announced.take(reports);
    announcements.onReports(reports);
  },
  onComplete: () => announced.onComplete(),
  onRefused: (refusal) => logger.error({ op: 'desiredState', ...refusal }, 'the wire thread refused the desired state'),
});
const namespace = configurationNamespace(settings.namespace, client);
const metricsServer = metrics?.serve(client, settings.metrics, logger);
const recorder = createEventRecorder({ client, component: 'metallb-speaker', host: nodeName, logger });
const announcements = followAnnouncements({
  client,
  recorder,
  sender,
  nodeName,
  loadBalancerClass: settings.loadBalancerClass,
  ignoreExcludeLb: settings.ignoreExcludeLb,
  onUpdate: () => metrics?.configuration.updatesTotal.inc(),
  onSynced: () => notify({ type: 'synced' }),
  onNodesChanged() {
    configuration.lookAgain();
    peers?.lookAgain();
  },
  logger,
});
const configuration = followConfiguration({
  client,
  namespace,
  settings,
  nodes: () => announcements.nodes,
  metrics: metrics?.configuration,
  onConfiguration: (config) => announcements.configure(config),
  logger,
});
const peers =
  settings.speakerLabels === ''
    ? undefined
    : followSpeakerPeers({
        client,
        namespace,
        labels: settings.speakerLabels,
        onPeers: (addresses) => sender.peers(addresses),
        logger,
      });

notify({ type: 'started' });
parentPort?.on('message', ({ type }: ControlOrder) => {
  if (type === 'stop') void stop();
});

const ownPod = findOwnPod({ client, namespace, podName: settings.podName, signal: stopping.signal, logger })
  .then((owner) => {
    if (stopping.signal.aborted) return;
    const seconds = owner?.terminationGracePeriodSeconds;
    if (seconds !== undefined) notify({ type: 'gracePeriod', seconds });
    configuration.writeState(owner);
    announced.writeStatuses({ client, namespace, nodeName, owner, logger });
    announcements.byBgp.writeStatuses({ client, namespace, nodeName, owner, logger });
  })
  .catch((error: unknown) => {
    logger.error(
      { op: 'startup', error },
      'nothing is written into ConfigurationStates, ServiceL2Statuses and ServiceBGPStatuses',
    );
  });

async function stop(): Promise<void> {
  stopping.abort();
  await Promise.all([
    configuration.stop(),
    announcements.stop(),
    peers?.stop(),
    ownPod.then(() => Promise.all([announced.stop(), announcements.byBgp.stop()])),
    metricsServer?.then((server) => server.close()),
    recorder.flush(LAST_EVENTS_MS),
  ]);
  sender.close();
  await client.close();
  parentPort?.close();
}
