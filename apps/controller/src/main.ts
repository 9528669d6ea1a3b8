import {
  createLogger,
  createOrderlyStop,
  exitOnUncaughtError,
  keepYoungGenerationSmall,
  logFlagsWithoutEffect,
  startHealthServer,
} from '@steelyard/daemon';
import {
  configurationNamespace,
  createEventRecorder,
  ensureMemberlistSecret,
  type KubeClient,
  type OwnPod,
  openKubeClient,
  readOwnPod,
  waitUntilReachable,
} from '@steelyard/k8s-adapter';
import { startAllocation } from './allocation.ts';
import { defineControllerMetrics, serveMetrics } from './metrics.ts';
import { type Readiness, readinessOf } from './readiness.ts';
import { readSettings } from './settings.ts';
import { serveWebhooks } from './webhooks.ts';

/** MetalLB's manifests give the controller no grace period at all; ours give ten seconds. */
const STOP_DEADLINE_MS = 8_000;
/** Of it, what Events that wait may take. */
const LAST_EVENTS_MS = 2_500;

keepYoungGenerationSmall();
const settings = readSettings();
const { values } = settings;
const logger = createLogger({ level: values['log-level'] });
exitOnUncaughtError(logger);
logFlagsWithoutEffect(settings.given, logger);
const stop = createOrderlyStop({ logger, deadlineMs: STOP_DEADLINE_MS });

try {
  await start();
} catch (error) {
  if (!stop.stopping.aborted) logger.error({ op: 'startup', error }, 'failed to start');
  await stop.stop('failed to start', 1);
}

async function start(): Promise<void> {
  const metrics = defineControllerMetrics();
  const client = await openKubeClient({
    userAgent: 'steelyard-controller',
    onResponse: metrics.countResponse,
    ...(values.kubeconfig === '' ? {} : { kubeconfigPath: values.kubeconfig }),
  });
  stop.onStop('API connections', () => client.close());
  const namespace = configurationNamespace(values.namespace, client);
  const parts: { readonly readiness: Readiness }[] = [];
  let begun: Readiness = { ready: false, because: 'the API server has not answered yet' };
  const health = await startHealthServer({
    host: '',
    port: values['health-probe-port'],
    flag: 'health-probe-port',
    ready: () => readinessOf([begun, ...parts.map(({ readiness }) => readiness)]),
  });
  stop.onStop('health', () => health.close());

  const metricsServer = await serveMetrics(client, metrics.registry, settings, logger);
  if (metricsServer !== undefined) stop.onStop('metrics', () => metricsServer.close());
  // It runs; what it needs of the API server it waits for.
  logger.info({ op: 'startup', namespace, server: client.server, healthPort: health.port }, 'controller started');
  if (!(await waitUntilReachable(client, logger, stop.stopping))) return;

  const mode = values['webhook-mode'];
  if (mode !== 'disabled') {
    const webhooks = await serveWebhooks(client, namespace, settings, logger);
    stop.onStop('webhooks', () => webhooks.stop());
    parts.push(webhooks);
  }
  const recorder = createEventRecorder({ client, component: 'metallb-controller', logger });
  stop.onStop('Events', async () => {
    await recorder.flush(LAST_EVENTS_MS);
  });
  // `onlywebhook`: another controller gives the addresses.
  if (mode !== 'onlywebhook') {
    const ownPod = await findOwnPod(client, namespace);
    parts.push(startAllocation({ client, namespace, ownPod, settings, recorder, metrics, stop, logger }));
  }
  begun = { ready: true };

  if (values['ml-secret-name'] !== '') {
    const name = values['ml-secret-name'];
    const outcome = await ensureMemberlistSecret({ client, namespace, name, deploymentName: values.deployment });
    if (outcome === 'created') logger.info({ op: 'startup', secretName: name }, 'memberlist secret created');
  }
}

/** MetalLB ends without its Pod. What is lost here is that the API server removes our ConfigurationState after the Pod. */
async function findOwnPod(client: KubeClient, namespace: string): Promise<OwnPod | undefined> {
  const outcome = await readOwnPod({ client, namespace, podName: values['pod-name'] });
  if (outcome.found) return outcome.pod;
  logger.warn({ op: 'startup', reason: outcome.because }, 'own Pod not found, so the ConfigurationState has no owner');
  return undefined;
}
