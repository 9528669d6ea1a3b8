import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '@steelyard/daemon';
import { createEventRecorder, openKubeClient } from '@steelyard/k8s-adapter';
import { createDesiredStateSender } from '@steelyard/speaker-wire/control';
import { followAnnouncements } from './announcements.ts';
import { followConfiguration } from './configuration.ts';
import type { ControlNotice, ControlOrder, ControlSettings } from './control-settings.ts';

// Runs in a worker. Whatever ends this thread, out of memory among them, ends no announcement.

const LAST_EVENTS_MS = 700;

const settings = workerData as ControlSettings;
const { nodeName } = settings;
const logger = createLogger({ level: settings.logLevel, pairs: { node: nodeName, thread: 'control' } });
const client = await openKubeClient({
  userAgent: 'steelyard-speaker',
  ...(settings.kubeconfig === '' ? {} : { kubeconfigPath: settings.kubeconfig }),
});
const recorder = createEventRecorder({ client, component: 'metallb-speaker', host: nodeName, logger });
const sender = createDesiredStateSender(settings.port, {
  onReports: (reports) => announcements.onReports(reports),
  onRefused: (refusal) => logger.error({ op: 'desiredState', ...refusal }, 'the wire thread refused the desired state'),
});
const announcements = followAnnouncements({
  client,
  recorder,
  sender,
  nodeName,
  loadBalancerClass: settings.loadBalancerClass,
  ignoreExcludeLb: settings.ignoreExcludeLb,
  onSynced: () => parentPort?.postMessage({ type: 'synced' } satisfies ControlNotice),
  onNodesChanged: () => configuration.lookAgain(),
  logger,
});
const configuration = followConfiguration({
  client,
  settings,
  nodes: () => announcements.nodes,
  onConfiguration: (config) => announcements.configure(config),
  logger,
});

parentPort?.postMessage({ type: 'started' } satisfies ControlNotice);
parentPort?.on('message', ({ type }: ControlOrder) => {
  if (type === 'stop') void stop();
});

async function stop(): Promise<void> {
  await Promise.all([configuration.stop(), announcements.stop(), recorder.flush(LAST_EVENTS_MS)]);
  sender.close();
  await client.close();
  parentPort?.close();
}
