import type { LoggedRequest, MemoryApi } from '@steelyard/testkit';
import { waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitUntilReady } from './apps.ts';
import {
  type Cluster,
  legacyConfiguration,
  legacyPool,
  openMemoryCluster,
  SERVICES,
  tellLogsOnFailure,
} from './cluster.ts';

const COUNT = 200;
/** `CONCURRENT_WRITES` of the controller: as many may be under way when it is killed. */
const WRITES_UNDER_WAY = 32;

describeLab('a controller that is killed', () => {
  let cluster: Cluster & { readonly api: MemoryApi };

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.putConfigMap(legacyConfiguration(legacyPool('pool', ['192.0.2.0/24', '198.51.100.0/24'])));
    cluster.startController();
    await waitUntilReady(cluster.controller);
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  const statusWrites = (): LoggedRequest[] =>
    cluster.api.writes.filter(
      ({ path, userAgent }) => userAgent.startsWith('steelyard') && path.includes('/services/'),
    );
  const served = async (): Promise<string[]> => Object.values(await cluster.allAddresses()).flat();

  test('in the middle of 200 creations gives no address twice, serves all, and repeats no write that was done', async () => {
    await cluster.createService('holder', { spec: { loadBalancerIP: '198.51.100.7' } });
    await cluster.addressOf('holder');
    const creating = (async () => {
      for (let i = 0; i < COUNT; i += 20) {
        await Promise.all(
          Array.from({ length: 20 }, (_, j) => cluster.createService(`many-${i + j}`, { endpoints: {} })),
        );
      }
    })();
    await waitUntil('a third of them to be served', async () => (await served()).length > COUNT / 3);
    cluster.controller.process.kill('SIGKILL');
    await cluster.controller.process.ended;
    const servedBefore = await cluster.allAddresses();
    cluster.startController();
    await creating;
    await waitUntil('all to be served', async () => (await served()).length === COUNT + 1, { timeoutMs: 30_000 });
    const addresses = await cluster.allAddresses();
    expect(new Set(Object.values(addresses).flat()).size).toBe(COUNT + 1);
    expect(addresses['holder']).toEqual(['198.51.100.7']);
    for (const [name, before] of Object.entries(servedBefore)) {
      if (before.length > 0) expect(addresses[name], name).toEqual(before);
    }
    const done = statusWrites().filter(({ status }) => status === 200);
    expect(done.length).toBe(COUNT + 1);
    expect(statusWrites().length).toBeLessThanOrEqual(COUNT + 1 + WRITES_UNDER_WAY);
  }, 90_000);

  test('and starts again writes nothing while every Service has what it should have', async () => {
    const before = await cluster.allAddresses();
    cluster.api.clearRequests();
    await cluster.controller.process.stop();
    cluster.startController();
    await waitUntilReady(cluster.controller);
    // Served after everything that was there: a write that it would have to make has been made by now.
    await cluster.createService('after-restart', { endpoints: {} });
    const address = await cluster.addressOf('after-restart');
    expect(Object.values(before).flat()).not.toContain(address);
    expect(statusWrites().map(({ path }) => path)).toEqual([`${SERVICES}/after-restart/status`]);
    const { 'after-restart': _, ...rest } = await cluster.allAddresses();
    expect(rest).toEqual(before);
  });

  test('a second look at a Service writes nothing', async () => {
    cluster.api.clearRequests();
    const touched = Array.from({ length: 20 }, (_, i) => `many-${i}`);
    await Promise.all(
      touched.map((name) => cluster.kube.patch(`${SERVICES}/${name}`, { metadata: { labels: { touched: 'yes' } } })),
    );
    await cluster.createService('after-touch', { endpoints: {} });
    await cluster.addressOf('after-touch');
    expect(statusWrites().map(({ path }) => path)).toEqual([`${SERVICES}/after-touch/status`]);
  });
});
