import {
  createLogger,
  createOrderlyStop,
  exitOnUncaughtError,
  keepYoungGenerationSmall,
  logFlagsWithoutEffect,
  readGoFlags,
  startHealthServer,
} from '@steelyard/daemon';
import { openSpeakerWire } from '@steelyard/speaker-wire';
import { readBgpType } from './bgp-type.ts';
import { startControlThread } from './control-thread.ts';
import { flags } from './flags.ts';

/** MetalLB's manifests give the speaker two seconds; ours give it ten. */
const STOP_DEADLINE_MS = 1_800;
/** Of it, what Events that wait may take. */
const LAST_WORDS_MS = 1_000;

keepYoungGenerationSmall();
const given = readGoFlags(flags, { program: 'speaker' });
const { values } = given;
const nodeName = values['node-name'];
const logger = createLogger({ level: values['log-level'], pairs: { node: nodeName } });
exitOnUncaughtError(logger);
logFlagsWithoutEffect(given, logger);
const stop = createOrderlyStop({ logger, deadlineMs: STOP_DEADLINE_MS });

try {
  await start();
} catch (error) {
  await failToStart(error);
}

async function failToStart(error: unknown): Promise<void> {
  logger.error({ op: 'startup', error }, 'failed to start');
  await stop.stop('failed to start', 1);
}

/** This thread owns the wire and never parses Kubernetes; the control thread does. */
async function start(): Promise<void> {
  const bgpType = readBgpType(process.env);
  const wire = await openSpeakerWire({ nodeName, log: logger });
  stop.onStop('announcements', () => wire.close());
  const control = startControlThread({
    wire,
    heapMib: values['control-heap-mib'],
    onCannotStart: (error) => void failToStart(error),
    logger,
    settings: {
      nodeName,
      podName: values['pod-name'],
      rules: {
        bgpType,
        strictness: values['config-strictness'],
        parity: values.parity === 'metallb',
      },
      kubeconfig: values.kubeconfig,
      namespace: values.namespace,
      legacyMode: values['legacy-config'],
      legacyName: values.config,
      loadBalancerClass: values['lb-class'],
      ignoreExcludeLb: values['ignore-exclude-lb'],
      logLevel: values['log-level'],
    },
  });
  stop.onStop('control thread', () => control.stop(LAST_WORDS_MS));

  const health = await startHealthServer({
    host: '127.0.0.1',
    port: values['health-probe-port'],
    flag: 'health-probe-port',
    ready: () =>
      control.synced ? { ready: true } : { ready: false, because: 'the control thread has not read everything yet' },
  });
  stop.onStop('health', () => health.close());
  logger.info({ op: 'startup', healthPort: health.port }, 'speaker started');
}
