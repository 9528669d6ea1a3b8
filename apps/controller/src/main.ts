import {
  createLogger,
  createOrderlyStop,
  exitOnUncaughtError,
  keepYoungGenerationSmall,
  logFlagsWithoutEffect,
  readGoFlags,
  startHealthServer,
} from '@steelyard/daemon';
import {
  configurationNamespace,
  createEventRecorder,
  createProblemReporter,
  openKubeClient,
  watchConfiguration,
} from '@steelyard/k8s-adapter';
import { flags } from './flags.ts';
import { followServices } from './services.ts';

/** MetalLB's manifests give the controller no grace period at all; ours give ten seconds. */
const STOP_DEADLINE_MS = 5_000;

keepYoungGenerationSmall();
const given = readGoFlags(flags, { program: 'controller' });
const { values } = given;
const logger = createLogger({ level: values['log-level'] });
exitOnUncaughtError(logger);
logFlagsWithoutEffect(given, logger);
const stop = createOrderlyStop({ logger, deadlineMs: STOP_DEADLINE_MS });

try {
  await start();
} catch (error) {
  logger.error({ op: 'startup', error }, 'failed to start');
  await stop.stop('failed to start', 1);
}

async function start(): Promise<void> {
  const client = await openKubeClient({
    userAgent: 'steelyard-controller',
    ...(values.kubeconfig === '' ? {} : { kubeconfigPath: values.kubeconfig }),
  });
  stop.onStop('API connections', () => client.close());
  const namespace = configurationNamespace(values.namespace, client);
  const recorder = createEventRecorder({ client, component: 'metallb-controller', logger });
  stop.onStop('Events', async () => {
    await recorder.flush(STOP_DEADLINE_MS / 2);
  });

  // `onlywebhook`: another controller gives the addresses.
  const services =
    values['webhook-mode'] === 'onlywebhook'
      ? undefined
      : followServices({ client, recorder, loadBalancerClass: values['lb-class'], logger });
  if (services !== undefined) stop.onStop('Services', () => services.stop());

  const reportProblems = createProblemReporter(logger, recorder);
  const configuration = watchConfiguration({
    client,
    namespace,
    legacyMode: values['legacy-config'],
    legacyName: values.config,
    reader: 'controller',
    logger,
    onConfiguration(inForce) {
      reportProblems(inForce);
      services?.configure(inForce.config);
    },
  });
  stop.onStop('configuration', () => configuration.stop());

  const health = await startHealthServer({
    host: '0.0.0.0',
    port: values['health-probe-port'],
    flag: 'health-probe-port',
    ready() {
      if (!configuration.synced) return { ready: false, because: 'the configuration has not been listed yet' };
      if (services?.synced === false) return { ready: false, because: 'Services have not been listed yet' };
      return { ready: true };
    },
  });
  stop.onStop('health', () => health.close());
  logger.info({ op: 'startup', namespace, server: client.server, healthPort: health.port }, 'controller started');
}
