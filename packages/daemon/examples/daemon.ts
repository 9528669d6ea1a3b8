import {
  createLogger,
  createOrderlyStop,
  exitOnUncaughtError,
  LOG_LEVELS,
  readGoFlags,
  startHealthServer,
} from '@steelyard/daemon';

const { values: flags } = readGoFlags(
  {
    'health-probe-port': { type: 'int', default: 17472, min: 0, max: 65535, help: 'port of /healthz and /readyz' },
    'log-level': { type: 'string', default: 'info', oneOf: LOG_LEVELS, help: 'least severe level that is logged' },
    'node-name': { type: 'string', env: 'NODE_NAME', required: true, help: 'name of this node' },
  },
  { program: 'example' },
);
const level = LOG_LEVELS.find((word) => word === flags['log-level']) ?? 'info';
const logger = createLogger({ level, pairs: { node: flags['node-name'] } });
exitOnUncaughtError(logger);

const caches: { synced: boolean } = { synced: false };
const health = await startHealthServer({
  host: '127.0.0.1',
  port: flags['health-probe-port'],
  flag: 'health-probe-port',
  ready: () => (caches.synced ? { ready: true } : { ready: false, because: 'caches are not synced' }),
});
const stop = createOrderlyStop({ logger, deadlineMs: 5_000 });
stop.onStop('health', () => health.close());

caches.synced = true;
logger.info({ op: 'startup', port: health.port }, 'started');
