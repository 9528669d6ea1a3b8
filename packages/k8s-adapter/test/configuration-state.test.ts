import { type MemoryApi, openMemoryApi } from '@steelyard/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type ConfigurationStateReporter,
  type ConfigurationStateReporterOptions,
  createConfigurationStateReporter,
  type KubeClient,
  openKubeClient,
} from '../src/index.ts';

/** The in-memory API knows no server-side apply: what is written there is the same by another way. The real one: `e2e/kubernetes`. */
vi.setConfig({ testTimeout: 60_000 });

let api: MemoryApi;
let client: KubeClient;
const reporters: ConfigurationStateReporter[] = [];
const COLLECTION = '/apis/metallb.io/v1beta1/namespaces/metallb-system/configurationstates';

beforeEach(async () => {
  api = await openMemoryApi();
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
  await client.request('POST', '/api/v1/namespaces', {
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'metallb-system' } },
  });
  api.clearRequests();
});
afterEach(async () => {
  for (const reporter of reporters.splice(0)) await reporter.stop();
  await client.close();
  await api.close();
});

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
function start(more: Partial<ConfigurationStateReporterOptions> = {}): ConfigurationStateReporter {
  const reporter = createConfigurationStateReporter({
    client,
    namespace: 'metallb-system',
    reporter: { component: 'controller' },
    owner: undefined,
    logger: silent,
    timing: { retryMinMs: 1, retryMaxMs: 4, random: () => 0.5 },
    ...more,
  });
  reporters.push(reporter);
  return reporter;
}

interface Shown {
  readonly metadata: { readonly uid: string; readonly labels?: unknown };
  readonly status?: {
    readonly result?: string;
    readonly errorSummary?: string;
    readonly conditions?: readonly object[];
  };
}
async function shows(result: string, name = 'controller', uidBefore = ''): Promise<Shown> {
  for (;;) {
    const found = await client.request('GET', `${COLLECTION}/${name}`).catch(() => undefined);
    const shown = found?.body as Shown | undefined;
    if (shown?.status?.result === result && shown.metadata.uid !== uidBefore) return shown;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const rest = (ms = 60): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('a controller reports what is wrong, that it is right again, and nothing twice', async () => {
  const reporter = start();
  reporter.report({ errors: ['parsing pool "a": invalid CIDR'] });
  const shown = await shows('Invalid');
  expect(shown.metadata.labels).toEqual({ 'metallb.io/component-type': 'controller' });
  expect(shown.status).toMatchObject({
    errorSummary: 'configuration error: parsing pool "a": invalid CIDR',
    conditions: [{ type: 'poolReconcilerValid', status: 'False', reason: 'ConfigurationError' }],
  });
  reporter.report({ valid: true });
  const valid = await shows('Valid');
  expect(valid.status?.errorSummary).toBeUndefined();
  await rest();
  api.clearRequests();
  reporter.report({ valid: true });
  reporter.report({ errors: [] });
  await rest();
  expect(api.writes).toEqual([]);
});

test('a restart that has the same to say writes nothing', async () => {
  const first = start();
  first.report({ errors: ['a'] });
  await shows('Invalid');
  await rest();
  await first.stop();
  api.clearRequests();
  const second = start();
  second.report({ errors: ['a'] });
  await rest(100);
  expect(api.writes).toEqual([]);
});

test('what is edited is put right, what is deleted made again', async () => {
  const reporter = start({ reporter: { component: 'speaker', nodeName: 'node1' } });
  reporter.report({ valid: true });
  const { metadata, status } = await shows('Valid', 'speaker-node1');
  expect(metadata.labels).toEqual({ 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': 'node1' });
  expect(status?.conditions).toMatchObject([{ type: 'configReconcilerValid', status: 'True', reason: 'Reconciled' }]);
  await client.request('PATCH', `${COLLECTION}/speaker-node1/status`, { body: { status: { result: 'Invalid' } } });
  await shows('Valid', 'speaker-node1');
  await client.request('DELETE', `${COLLECTION}/speaker-node1`);
  await shows('Valid', 'speaker-node1', metadata.uid);
});

test('a conflict, an error and a lost answer are got over', async () => {
  api.inject({ method: 'POST', path: /configurationstates/, fault: { kind: 'lostAnswer' } });
  api.inject({ method: 'PATCH', path: /status/, times: 2, fault: { kind: 'status', code: 409 } });
  api.inject({ method: 'PATCH', path: /status/, times: 2, fault: { kind: 'status', code: 500 } });
  const reporter = start();
  reporter.report({ valid: true });
  await shows('Valid');
});

test('whoever may not write waits, and nothing is lost', async () => {
  let allowed = false;
  const reporter = start({ mayWrite: () => allowed });
  reporter.report({ errors: ['old'] });
  reporter.report({ errors: ['new'] });
  await rest();
  expect(api.writes).toEqual([]);
  allowed = true;
  reporter.wake();
  expect((await shows('Invalid')).status?.errorSummary).toBe('configuration error: new');
});

test('without the rule, or without the kind, it is said once', async () => {
  for (const code of [403, 404]) {
    api.clearFaults();
    api.inject({ method: 'POST', path: /configurationstates/, times: 99, fault: { kind: 'status', code } });
    const warnings: unknown[] = [];
    const reporter = start({ logger: { ...silent, warn: (pairs) => warnings.push(pairs['remedy']) } });
    reporter.report({ valid: true });
    while (warnings.length === 0) await rest(5);
    reporter.report({ errors: ['x'] });
    await rest();
    expect(warnings).toHaveLength(1);
    await reporter.stop();
  }
});
