import {
  createLogger,
  createOrderlyStop,
  doWithoutMaglev,
  exitOnUncaughtError,
  fitIntoMemoryLimit,
  keepYoungGenerationSmall,
  logCpuThrottling,
  logFlagsWithoutEffect,
  type Readiness,
  startHealthServer,
} from '@steelyard/daemon';
import { openSpeakerWire } from '@steelyard/speaker-wire';
import { startControlThread } from './control-thread.ts';
import { readExcludedInterfaces } from './excluded-interfaces.ts';
import { setUpGossip } from './gossip/gossip.ts';
import { readSettings } from './settings/settings.ts';
import { stopDeadlines } from './stop-deadlines.ts';

/** What this process holds besides the heap of the control thread. */
const BESIDES_CONTROL_HEAP_MIB = 56;

keepYoungGenerationSmall();
doWithoutMaglev();
const settings = readSettings();
const { values } = settings;
const memory = fitIntoMemoryLimit({ heapMib: values['control-heap-mib'], besidesMib: BESIDES_CONTROL_HEAP_MIB });
const nodeName = values['node-name'];
const logger = createLogger({ level: values['log-level'], pairs: { node: nodeName } });
exitOnUncaughtError(logger);
logFlagsWithoutEffect(settings.given, logger);
let gracePeriodSeconds = (): number | undefined => undefined;
const stop = createOrderlyStop({ logger, deadlineMs: () => stopDeadlines(gracePeriodSeconds()).totalMs });

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
  const throttling = logCpuThrottling(logger);
  stop.onStop('throttling watch', () => throttling.stop());
  if (memory.tight) {
    const { limitMib, heapMib } = memory;
    logger[memory.tooSmall ? 'warn' : 'info'](
      { op: 'startup', memoryLimitMib: limitMib, controlHeapMib: heapMib },
      memory.tooSmall
        ? 'the memory limit of the container is too small, raise it'
        : 'the heap follows the memory limit of the container',
    );
  }
  const { refreshIntervalMs } = settings;
  const gossip = await setUpGossip(settings, logger);
  stop.onStop('gossip secret', () => gossip.stop());
  const wire = await openSpeakerWire({
    nodeName,
    gossip: gossip.options,
    isInterfaceExcluded: await readExcludedInterfaces(logger),
    announce: refreshIntervalMs === undefined ? {} : { refreshIntervalMs },
    logRequests: values['log-level'] === 'all' || values['log-level'] === 'debug',
    log: logger,
  });
  gossip.follow(wire);
  stop.onStop('announcements', () => wire.close());
  const control = startControlThread({
    wire,
    heapMib: memory.heapMib,
    onCannotStart: (error) => void failToStart(error),
    logger,
    settings: {
      nodeName,
      podName: values['pod-name'],
      rules: settings.rules,
      kubeconfig: values.kubeconfig,
      namespace: values.namespace,
      legacyMode: values['legacy-config'],
      legacyName: values.config,
      loadBalancerClass: values['lb-class'],
      ignoreExcludeLb: values['ignore-exclude-lb'],
      speakerLabels: gossip.options === undefined ? '' : settings.memberlist.labels,
      metrics: settings.metrics,
      logLevel: values['log-level'],
    },
  });
  gracePeriodSeconds = () => control.gracePeriodSeconds;
  stop.onStop('goodbye', async () => {
    const { handoverMs, lastWordsMs } = stopDeadlines(control.gracePeriodSeconds);
    // The control thread's end changes nothing on the wire, so neither waits for the other.
    await Promise.all([wire.leave(handoverMs), control.stop(lastWordsMs)]);
  });

  const readiness = (): Readiness => {
    if (!control.synced) return { ready: false, because: 'the control thread has not read everything yet' };
    return wire.gossipMissing === undefined ? { ready: true } : { ready: false, because: wire.gossipMissing };
  };
  const health = await startHealthServer({
    host: '127.0.0.1',
    port: values['health-probe-port'],
    flag: 'health-probe-port',
    ready: readiness,
  });
  stop.onStop('health', () => health.close());
  logger.info({ op: 'startup', healthPort: health.port }, 'speaker started');
}
