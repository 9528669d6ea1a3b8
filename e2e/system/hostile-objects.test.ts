import type { MemoryApi } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorsOf } from './apps.ts';
import {
  type Cluster,
  legacyConfiguration,
  legacyPool,
  openMemoryCluster,
  SERVICES,
  tellLogsOnFailure,
} from './cluster.ts';

const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const LONGEST_NAME = 'n'.repeat(253);
/** NUL, escape, a line break, a lone surrogate, a right-to-left override. */
const CONTROL_CHARACTERS = '\u0000\u001b[2J\r\n\ud800\u202e"level":"error"';

describeLab('objects that nobody in his right mind would write', () => {
  let cluster: Cluster & { readonly api: MemoryApi };

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.putConfigMap(legacyConfiguration(legacyPool('pool', ['192.0.2.130-192.0.2.250'])));
    await cluster.start();
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  /** Past every client: whatever the API takes. */
  async function send(method: 'POST' | 'PUT' | 'PATCH', path: string, object: unknown): Promise<number> {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const { status } = await fetch(`${cluster.api.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${cluster.api.token}`, 'Content-Type': contentType },
      body: JSON.stringify(object),
    });
    return status;
  }

  /** A Service that comes now is served and announced, and nobody has ended or been started anew. */
  async function expectOrder(marker: string): Promise<void> {
    await cluster.createService(marker);
    await cluster.network.owners([await cluster.addressOf(marker)]);
    await cluster.deleteService(marker);
    for (const app of cluster.apps()) {
      expect(app.process.end, app.name).toBeUndefined();
      expect(errorsOf(app), app.name).toEqual([]);
    }
  }

  const service = (name: string, more: object = {}): object => ({
    metadata: { name },
    spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }] },
    ...more,
  });

  test('a Service with a megabyte of annotations is served like any other', async () => {
    const annotations = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`example.com/a${i}`, 'x'.repeat(10_000)]),
    );
    await cluster.createService('heavy', { annotations });
    await cluster.network.owners([await cluster.addressOf('heavy')]);
    await expectOrder('after-heavy');
  });

  test('control characters in annotations, labels and names stay where they are, and break no log line', async () => {
    const annotations = {
      'metallb.io/loadBalancerIPs': CONTROL_CHARACTERS,
      'metallb.io/address-pool': CONTROL_CHARACTERS,
      'metallb.io/allow-shared-ip': CONTROL_CHARACTERS,
    };
    await send('POST', SERVICES, service('controlled', { metadata: { name: 'controlled', annotations } }));
    await send('POST', SERVICES, service(`odd${CONTROL_CHARACTERS}`));
    await send('POST', SERVICES, service(LONGEST_NAME));
    await expectOrder('after-characters');
    expect(await cluster.addressesOf('controlled')).toEqual([]);
  });

  test('garbage in a status that somebody else wrote is put right by the controller, and announced by nobody', async () => {
    await cluster.createService('garbled');
    const address = await cluster.addressOf('garbled');
    for (const ingress of [
      [{ ip: 'nonsense' }],
      [{ ip: '999.1.1.1' }, { hostname: 'x.example.com' }],
      [{ hostname: 'only.example.com' }],
      [{ ip: '192.0.2.131' }, { ip: '192.0.2.132' }, { ip: '192.0.2.133' }],
      [{ ip: '::ffff:192.0.2.140' }],
      [{}],
      [{ ip: '0.0.0.0' }],
      [{ ip: '255.255.255.255' }],
    ]) {
      await send('PATCH', `${SERVICES}/garbled/status`, { status: { loadBalancer: { ingress } } });
    }
    await expect
      .poll(() => cluster.addressesOf('garbled'), { timeout: 10_000 })
      .toEqual([expect.stringMatching(/^192\.0\.2\./)]);
    const [now = ''] = await cluster.addressesOf('garbled');
    await cluster.network.owners([now]);
    expect(await cluster.network.answering(['0.0.0.0', '255.255.255.255'])).toEqual({
      '0.0.0.0': [],
      '255.255.255.255': [],
    });
    expect(address).toBeDefined();
    await expectOrder('after-garbage');
  });

  test('slices with a thousand endpoints, and with none, nulls and nonsense', async () => {
    const endpoints = Array.from({ length: 1_000 }, (_, i) => ({
      addresses: [`10.${i >> 8}.${i & 255}.1`],
      conditions: { ready: i === 999 },
      nodeName: i === 999 ? 'node-3' : `node-${i}`,
    }));
    await cluster.createService('crowded', { spec: { externalTrafficPolicy: 'Local' }, endpoints: {} });
    const slice = (name: string, more: object): object => ({
      metadata: { name, labels: { 'kubernetes.io/service-name': 'crowded' } },
      addressType: 'IPv4',
      ...more,
    });
    await send('POST', SLICES, slice('crowded-many', { endpoints }));
    for (const [i, more] of [
      { endpoints: null },
      { endpoints: [null, 7, 'x', {}, { conditions: null }, { conditions: { ready: 'yes' }, nodeName: 5 }] },
      { endpoints: {} },
      { endpoints: [{ addresses: 'x', conditions: [], nodeName: { a: 1 } }] },
    ].entries()) {
      await send('POST', SLICES, slice(`crowded-${i + 10}`, more));
    }
    const vip = await cluster.addressOf('crowded');
    expect(await cluster.network.owners([vip])).toEqual({ [vip]: 'node-3' });
    await expectOrder('after-slices');
  });

  test('fields of the wrong type', async () => {
    const wrong: readonly object[] = [
      { metadata: { name: 'wrong-0', annotations: { 'metallb.io/address-pool': 7 } } },
      { metadata: { name: 'wrong-1', labels: 'none', annotations: [] } },
      { spec: null },
      { spec: { type: 'LoadBalancer', ports: 'all' } },
      { spec: { type: 'LoadBalancer', ports: [null, 5, { port: 'http' }] } },
      { spec: { type: ['LoadBalancer'], ports: [{ port: 80 }] } },
      { spec: { type: 'LoadBalancer', ports: [{ port: 80 }], selector: 'x', loadBalancerIP: {} } },
      { status: { loadBalancer: { ingress: 'nothing' } } },
      { status: { loadBalancer: [] } },
      { status: 5 },
    ];
    for (const [i, more] of wrong.entries()) {
      await send('POST', SERVICES, service(`wrong-${i}`, more));
      await send('PATCH', `${SERVICES}/wrong-${i}/status`, more);
    }
    for (const object of [null, 5, 'x', [], {}, { metadata: null }]) await send('POST', SERVICES, object);
    for (const [i, status] of [
      { conditions: 'x' },
      { conditions: [null, 5] },
      { addresses: [{ address: 7 }] },
    ].entries()) {
      await send('POST', '/api/v1/nodes', { metadata: { name: `wrong-${i}`, labels: { a: 5 } } });
      await send('PATCH', `/api/v1/nodes/wrong-${i}/status`, { status });
    }
    for (let i = 0; i < 3; i += 1) await cluster.kube.delete(`/api/v1/nodes/wrong-${i}`).catch(() => {});
    await expectOrder('after-wrong-types');
  });
});
