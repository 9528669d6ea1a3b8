import { Worker } from 'node:worker_threads';
import { createLogger } from '@steelyard/daemon';
import { expect, test } from 'vitest';
import { startControlThread } from './control-thread.ts';

const settings = {
  nodeName: 'a',
  podName: 'speaker-a',
  rules: { bgpType: 'native', strictness: 'isolate', parity: false },
  kubeconfig: '',
  namespace: '',
  legacyMode: 'auto',
  legacyName: 'config',
  loadBalancerClass: '',
  ignoreExcludeLb: false,
  speakerLabels: '',
  metrics: { port: 0, certificateDirectory: '', tls: { minVersion: 'TLSv1.3' }, plainHttp: false },
  logLevel: 'info',
} as const;

/** Says that it has begun, or read everything, and lives until it is told to stop; or ends at once. */
const thread = (notice: string, ends: boolean): Worker =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
     parentPort.postMessage({ type: ${JSON.stringify(notice)} });
     ${ends ? '' : "parentPort.once('message', () => {});"}`,
    { eval: true },
  );

test('a system that has no thread to give is asked again, and the process goes on', async () => {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level: 'all', write: (line) => lines.push(JSON.parse(line)) });
  const attempts = [
    () => thread('started', true),
    () => {
      throw Object.assign(new Error('Worker initialization failure: EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' });
    },
    () => thread('synced', false),
  ];
  const failures: Error[] = [];
  const control = startControlThread({
    wire: { attachControl: (port) => port.unref() },
    settings,
    heapMib: 64,
    onCannotStart: (error) => failures.push(error),
    logger,
    openWorker: () => attempts.shift()?.() ?? expect.fail('one thread too many'),
  });
  await expect.poll(() => control.synced, { timeout: 10_000 }).toBe(true);
  expect(failures).toEqual([]);
  expect(lines.map(({ level, restartInMs }) => [level, restartInMs])).toEqual([
    ['warn', 200],
    ['error', 400],
  ]);
  await control.stop(5_000);
});

test('without a thread at the start there is no speaker', () => {
  expect(() =>
    startControlThread({
      wire: { attachControl: () => {} },
      settings,
      heapMib: 64,
      onCannotStart: () => {},
      logger: createLogger({ level: 'none' }),
      openWorker: () => {
        throw new Error('EAGAIN');
      },
    }),
  ).toThrow('EAGAIN');
});
