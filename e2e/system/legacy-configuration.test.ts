import type { MemoryApi } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from './apps.ts';
import {
  ADVERTISEMENTS,
  type Cluster,
  legacyConfiguration,
  legacyPool,
  openMemoryCluster,
  POOLS,
  tellLogsOnFailure,
} from './cluster.ts';

interface ServiceStatus {
  readonly status: { readonly loadBalancer: { readonly ingress: readonly unknown[] } };
}

describeLab('the old ConfigMap beside objects of metallb.io', () => {
  let cluster: Cluster & { readonly api: MemoryApi };

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.putConfigMap(legacyConfiguration(legacyPool('old', ['192.0.2.130-192.0.2.139'])));
    await cluster.start();
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  const apps = (): readonly App[] => cluster.apps();
  const marks = (): Map<App, number> => new Map(apps().map((app) => [app, app.records().length]));

  test('is read while there are none', async () => {
    await cluster.createService('first');
    const address = await cluster.addressOf('first');
    expect(address).toBe('192.0.2.130');
    await cluster.network.owners([address]);
  });

  test('sleeps from the first object on, and a message says so', async () => {
    const since = marks();
    // One after another, as `kubectl apply` brings them; until the last of them is there, nobody may lose what it has.
    cluster.api.clearRequests();
    await cluster.createPool('new', { addresses: ['192.0.2.150-192.0.2.159'] });
    await cluster.createAdvertisement('everywhere');
    await cluster.createPool('held', { addresses: ['192.0.2.130/32'], autoAssign: false });
    for (const app of apps()) {
      const pairs = { op: 'loadConfig', object: 'ConfigMap/config', code: 'ERR_CONFIG_LEGACY_IGNORED' };
      await app.waitForRecord(pairs, since.get(app));
    }
    await expect
      .poll(() => cluster.eventsOf('ConfigMap', 'config'))
      .toContainEqual(expect.stringMatching(/not read, because objects of metallb.io exist/));
    const writes = cluster.api.writes.filter(({ path }) => path.endsWith('/services/first/status'));
    expect(writes.map(({ body }) => (body as ServiceStatus).status.loadBalancer.ingress)).toEqual([
      [{ ip: '192.0.2.130' }],
    ]);
    await cluster.createService('second');
    expect(await cluster.addressOf('second')).toBe('192.0.2.150');
    await cluster.network.owners(['192.0.2.130', '192.0.2.150']);
  });

  test('a change of it means nothing then, however bad', async () => {
    const since = cluster.controller.records().length;
    await cluster.putConfigMap({ data: { config: '{{{ nonsense' } });
    await cluster.createService('third');
    expect(await cluster.addressOf('third')).toBe('192.0.2.151');
    const complaints = cluster.controller.records().slice(since);
    expect(complaints.filter(({ level }) => level === 'error')).toEqual([]);
    await cluster.putConfigMap(
      legacyConfiguration(legacyPool('old', ['192.0.2.130-192.0.2.139', '192.0.2.150-192.0.2.151'])),
    );
  });

  test('is taken up again when the last object goes', async () => {
    const since = marks();
    await cluster.kube.delete(`${POOLS}/new`);
    await cluster.kube.delete(`${POOLS}/held`);
    await cluster.kube.delete(`${ADVERTISEMENTS}/everywhere`);
    await Promise.all(
      apps().map((app) => app.waitForRecord({ event: 'configLoaded', source: 'legacy' }, since.get(app))),
    );
    await cluster.createService('fourth');
    const addresses = await Promise.all(['first', 'second', 'third', 'fourth'].map((name) => cluster.addressOf(name)));
    expect(new Set(addresses).size).toBe(4);
    await cluster.network.owners(addresses);
  });
});
