import { type ApiClient, type MemoryApi, openApiClient, openMemoryApi, waitUntil } from '@steelyard/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type ConfigurationInForce,
  type ConfigurationWatch,
  createProblemReporter,
  type EventNotice,
  type KubeClient,
  openKubeClient,
  watchConfiguration,
} from '../src/index.ts';

const NAMESPACE = 'metallb-system';
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const quick = { retryMinMs: 5, retryMaxMs: 20, slowRetryMinMs: 5, slowRetryMaxMs: 20 };

const configMap = (config: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: NAMESPACE, name: 'config' },
  data: { config },
});
const legacyPool = (range: string, name = 'default') =>
  `address-pools:\n- name: ${name}\n  protocol: layer2\n  addresses:\n  - ${range}\n`;
const pool = (name: string, addresses: string[]) => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'IPAddressPool',
  metadata: { namespace: NAMESPACE, name },
  spec: { addresses },
});

let api: MemoryApi;
let admin: ApiClient;
let client: KubeClient;
let watch: ConfigurationWatch | undefined;
let told: ConfigurationInForce[];

const last = (): ConfigurationInForce => {
  const outcome = told.at(-1);
  if (outcome === undefined) throw new Error('nothing was told');
  return outcome;
};
const poolNames = (): string[] => [...(told.at(-1)?.config.pools.keys() ?? [])];
const start = (sourceMove = { quietMs: 0, atMostMs: 0 }): void => {
  watch = watchConfiguration({
    sourceMove,
    client,
    namespace: NAMESPACE,
    legacyMode: 'auto',
    reader: 'controller',
    logger: silent,
    timing: quick,
    onConfiguration: (outcome) => told.push(outcome),
  });
};
const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
const POOLS = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/ipaddresspools`;

beforeEach(async () => {
  api = await openMemoryApi();
  admin = await openApiClient(api.kubeconfigPath);
  await admin.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath });
  told = [];
});
afterEach(async () => {
  await watch?.stop();
  await client.close();
  await api.close();
});

test('nothing configured is told too, once', async () => {
  start();
  await waitUntil('the first word', () => told.length > 0);
  expect(last().config).toMatchObject({ source: 'none', completeness: 'complete' });
  expect(told).toHaveLength(1);
});

describe('the old ConfigMap', () => {
  test('configures while no object does, sleeps while one exists, and wakes up when the last is gone', async () => {
    await admin.create(CONFIG_MAPS, configMap(legacyPool('192.0.2.0/28')));
    start();
    await waitUntil('the ConfigMap’s pool', () => poolNames().includes('default'));
    expect(last()).toMatchObject({ config: { source: 'legacy' }, choice: { because: 'NoObjectsExist' } });

    await admin.create(POOLS, pool('modern', ['198.51.100.0/28']));
    await waitUntil('the object’s pool', () => poolNames().includes('modern'));
    expect(poolNames()).toEqual(['modern']);
    expect(last().problems.map(({ code }) => code)).toContain('ERR_CONFIG_LEGACY_IGNORED');

    await admin.delete(`${POOLS}/modern`);
    await waitUntil('the ConfigMap’s pool again', () => poolNames().includes('default'));
  });

  test('is replaced at once by all the objects that come one after the other, and not by the first of them', async () => {
    await admin.create(CONFIG_MAPS, configMap(legacyPool('192.0.2.0/28')));
    start({ quietMs: 1_000, atMostMs: 60_000 });
    await waitUntil('the ConfigMap’s pool', () => poolNames().includes('default'));
    const before = told.length;
    await admin.create(`/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/l2advertisements`, {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'L2Advertisement',
      metadata: { namespace: NAMESPACE, name: 'first' },
      spec: {},
    });
    for (const name of ['a', 'b', 'c']) {
      await admin.create(POOLS, pool(name, [`192.0.2.${name.charCodeAt(0)}/32`]));
    }
    await admin.delete(`${CONFIG_MAPS}/config`);
    await waitUntil('the objects', () => poolNames().includes('c'));
    expect(told).toHaveLength(before + 1);
    expect(poolNames()).toHaveLength(3);
  });

  test('takes its pools along when it is deleted, and not when it is only made again', async () => {
    await admin.create(CONFIG_MAPS, configMap(legacyPool('192.0.2.0/28')));
    start({ quietMs: 1_000, atMostMs: 60_000 });
    await waitUntil('the ConfigMap’s pool', () => poolNames().includes('default'));
    const before = told.length;
    await admin.delete(`${CONFIG_MAPS}/config`);
    await admin.create(CONFIG_MAPS, configMap(legacyPool('198.51.100.0/28', 'again')));
    await waitUntil('the new one’s pool', () => poolNames().includes('again'));
    expect(told).toHaveLength(before + 1);
    await admin.delete(`${CONFIG_MAPS}/config`);
    await waitUntil('nothing', () => last().config.source === 'none');
  });

  test('sleeps too while only a kind exists that is not served yet', async () => {
    await admin.create(CONFIG_MAPS, configMap(legacyPool('192.0.2.0/28')));
    await admin.create(`/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/communities`, {
      apiVersion: 'metallb.io/v1beta1',
      kind: 'Community',
      metadata: { namespace: NAMESPACE, name: 'c' },
      spec: {},
    });
    start();
    await waitUntil('the first word', () => told.length > 0);
    expect(poolNames()).toEqual([]);
  });

  test('of another name, or in another namespace, is none of ours', async () => {
    await admin.create('/api/v1/namespaces/default/configmaps', {
      ...configMap(legacyPool('192.0.2.0/28')),
      metadata: { namespace: 'default', name: 'config' },
    });
    await admin.create(CONFIG_MAPS, {
      ...configMap(legacyPool('192.0.2.0/28')),
      metadata: { namespace: NAMESPACE, name: 'other' },
    });
    start();
    await waitUntil('the first word', () => told.length > 0);
    expect(last().config.source).toBe('none');
  });

  test('that turns into garbage leaves the last good one in force, and says so', async () => {
    await admin.create(CONFIG_MAPS, configMap(legacyPool('192.0.2.0/28')));
    start();
    await waitUntil('the ConfigMap’s pool', () => poolNames().includes('default'));
    await admin.patch(`${CONFIG_MAPS}/config`, { data: { config: '}{' } });
    await waitUntil('the problem', () => last().problems.length > 0);
    expect(poolNames()).toEqual(['default']);
    expect(last().problems[0]?.object).toMatchObject({ kind: 'ConfigMap', name: 'config' });
  });
});

test('kinds that are not installed count as none', async () => {
  await api.close();
  api = await openMemoryApi({ customResources: false });
  admin = await openApiClient(api.kubeconfigPath);
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath });
  await admin.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  await admin.create(CONFIG_MAPS, configMap(legacyPool('192.0.2.0/28')));
  start();
  await waitUntil('the ConfigMap’s pool', () => poolNames().includes('default'));
});

test('a list that is refused makes everything unknown, not empty, and is not told as a configuration', async () => {
  await admin.create(CONFIG_MAPS, configMap(legacyPool('192.0.2.0/28')));
  api.inject({ path: /ipaddresspools/, times: 1_000, fault: { kind: 'status', code: 403 } });
  start();
  await waitUntil('the first word', () => told.length > 0);
  expect(last().config).toMatchObject({ source: 'unknown', completeness: 'unknown' });
  const lines: string[] = [];
  const log = (_: object, message: string): void => {
    lines.push(message);
  };
  createProblemReporter({ debug: log, info: log, warn: log, error: log }, undefined)(last());
  expect(lines).toEqual(['the configuration cannot be read']);
  api.clearFaults();
  await waitUntil('the ConfigMap’s pool', () => poolNames().includes('default'));
});

test('a change that means nothing is not told', async () => {
  await admin.create(POOLS, pool('a', ['192.0.2.0/28']));
  start();
  await waitUntil('the pool', () => poolNames().includes('a'));
  const before = told.length;
  await admin.patch(`${POOLS}/a/status`, { status: { assignedIPv4: 3 } });
  await admin.create('/api/v1/namespaces', { metadata: { name: 'shop' } });
  await admin.create(POOLS, pool('b', ['198.51.100.0/28']));
  await waitUntil('the second pool', () => poolNames().includes('b'));
  expect(told).toHaveLength(before + 1);
});

describe('what is wrong', () => {
  test('is logged and becomes an Event on its object, once however often the configuration changes', async () => {
    const events: EventNotice[] = [];
    const lines: string[] = [];
    const said: string[] = []; // what people search MetalLB's log for
    const report = createProblemReporter(
      {
        ...silent,
        info: (_, msg) => said.push(msg),
        error(pairs, msg) {
          said.push(msg);
          lines.push(String(pairs['error']));
        },
      },
      { record: (notice) => events.push(notice) },
    );
    await admin.create(POOLS, pool('bad', ['192.0.2.9-192.0.2.1']));
    watch = watchConfiguration({
      client,
      namespace: NAMESPACE,
      legacyMode: 'auto',
      reader: 'controller',
      logger: silent,
      timing: quick,
      onConfiguration(outcome) {
        told.push(outcome);
        report(outcome);
      },
    });
    await waitUntil('the first Event', () => events.length > 0);
    await admin.create(POOLS, pool('good', ['198.51.100.0/28']));
    await waitUntil('the other pool', () => poolNames().includes('good'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('start IP "192.0.2.9" is after the end IP "192.0.2.1"');
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      type: 'Warning',
      reason: 'InvalidConfiguration',
      object: { kind: 'IPAddressPool', name: 'bad', namespace: NAMESPACE, apiVersion: 'metallb.io/v1beta1' },
    });
    expect(events[0]?.object.uid).not.toBe('');
    expect(said.slice(0, 2)).toEqual(['failed to parse the configuration', 'config reloaded as far as it is valid']);
    await admin.delete(`${POOLS}/bad`);
    await waitUntil('the good pool alone', () => !poolNames().includes('bad'));
    expect(said.at(-1)).toBe('config reloaded');
  });

  test('is told without the passwords beside it, at any level of the log', async () => {
    const said: unknown[] = [];
    const say = (...line: unknown[]): number => said.push(line);
    const logger = { debug: say, info: say, warn: say, error: say };
    const report = createProblemReporter(logger, { record: say });
    const peer = (name: string, spec: object) => ({
      apiVersion: 'metallb.io/v1beta2',
      kind: 'BGPPeer',
      metadata: { namespace: NAMESPACE, name },
      spec: { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', ...spec },
    });
    const peers = `/apis/metallb.io/v1beta2/namespaces/${NAMESPACE}/bgppeers`;
    await admin.create(`/api/v1/namespaces/${NAMESPACE}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: NAMESPACE, name: 'opaque' },
      type: 'Opaque',
      data: { password: btoa('hunter2-of-the-secret') },
    });
    await admin.create(peers, peer('a', { password: 'hunter2', holdTime: '1s' }));
    await admin.create(peers, peer('b', { passwordSecret: { name: 'opaque' } }));
    await admin.create(peers, peer('c', { password: 'hunter2', passwordSecret: { name: 'opaque' } }));
    watch = watchConfiguration({
      client,
      namespace: NAMESPACE,
      legacyMode: 'auto',
      reader: 'speaker',
      rules: { nodeName: 'n1' },
      nodes: () => [{ name: 'n1', labels: {} }],
      logger,
      timing: quick,
      onConfiguration(outcome) {
        told.push(outcome);
        report(outcome);
      },
    });
    await waitUntil('what is wrong with the Secret', () => JSON.stringify(said).includes('secret type mismatch'));
    const text = JSON.stringify(said, (_, value: unknown) => (value instanceof Error ? value.stack : value));
    expect(text).toContain('invalid hold time');
    expect(text).toContain('can not have both password and secret ref');
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(btoa('hunter2'));
    expect(text).not.toContain(btoa('hunter2-of-the-secret'));
  });
});
