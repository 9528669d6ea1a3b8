import { setTimeout as sleep } from 'node:timers/promises';
import { type LoggedRequest, type MemoryApi, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askHealth, errorsOf } from './apps.ts';
import {
  type Cluster,
  legacyConfiguration,
  legacyPool,
  openMemoryCluster,
  SERVICES,
  tellLogsOnFailure,
} from './cluster.ts';
import { startPulse } from './network.ts';

const OUTAGE_MS = 30_000;
const NAMES = ['a', 'b', 'c', 'd', 'e'];

describeLab('an API server that is away', () => {
  let cluster: Cluster & { readonly api: MemoryApi };

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.putConfigMap(legacyConfiguration(legacyPool('pool', ['192.0.2.130-192.0.2.250'])));
    await cluster.start();
    await Promise.all(NAMES.map((name) => cluster.createService(name)));
    for (const name of NAMES) await cluster.addressOf(name);
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  /** How often the controller wrote the status of each Service, and was told so. */
  function statusWrites(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { path, status, userAgent } of cluster.api.writes) {
      const name = /\/services\/([^/]+)\/status$/.exec(path)?.[1];
      if (name === undefined || status !== 200 || !userAgent.startsWith('steelyard')) continue;
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  test('for 30 s loses no answer and no change, and nothing is written twice', async () => {
    const { api, kube, network } = cluster;
    const addresses = Object.values(await cluster.allAddresses()).flat();
    const owners = await network.owners(addresses);
    await using pulse = startPulse(network, addresses);
    // Some writes are under way when it goes.
    const creating = Promise.allSettled(Array.from({ length: 40 }, (_, i) => cluster.createService(`torn-${i}`)));
    const isOfTorn = ({ path }: LoggedRequest): boolean => /\/torn-\d+\/status$/.test(path);
    await waitUntil('the first of their writes', () => api.writes.some(isOfTorn), { intervalMs: 1 });
    await api.stop();
    await creating;
    await sleep(OUTAGE_MS);
    for (const app of cluster.apps()) {
      expect((await askHealth(app, 'healthz')).status, app.name).toBe(200);
      expect(app.process.end, app.name).toBeUndefined();
    }
    await api.start();
    // At once, while everybody comes back: one Service is new, one is gone, one is no load balancer any more.
    await cluster.createService('new');
    await cluster.deleteService('a');
    await kube.patch(`${SERVICES}/b`, { spec: { type: 'ClusterIP' } });
    const fresh = await cluster.addressOf('new', 40_000);
    await network.owners([fresh]);
    await expect.poll(() => cluster.addressesOf('b'), { timeout: 10_000 }).toEqual([]);
    const kept = await waitUntil(
      'all Services to be served',
      async () => {
        const now = await cluster.allAddresses();
        return Object.values(now).every(({ length }) => length === 1) && now;
      },
      { timeoutMs: 20_000 },
    );
    expect(Object.keys(kept)).toContainEqual(expect.stringMatching(/^torn-/));
    expect(new Set(Object.values(kept).flat()).size).toBe(Object.keys(kept).length);
    const unanswered = await pulse.stop();
    expect(pulse.asked).toBeGreaterThan(OUTAGE_MS / 200);
    // Those of the two Services that went are silent by now.
    const still = addresses.filter((address) => Object.values(kept).flat().includes(address));
    expect(still.length).toBeGreaterThanOrEqual(3);
    for (const name of ['c', 'd', 'e']) {
      const [address = ''] = kept[name] ?? [];
      expect(addresses, name).toContain(address);
      expect(unanswered[address], `unanswered requests for ${name}`).toBe(0);
      expect((await network.owners([address]))[address], name).toBe(owners[address]);
    }
    for (const [name, count] of Object.entries(statusWrites())) {
      expect(count, `writes of ${name}`).toBe(name === 'b' ? 2 : 1);
    }
  }, 120_000);

  test('whose watch has forgotten the past is read anew, and nothing is written', async () => {
    const { api } = cluster;
    await api.stop();
    api.expireHistory();
    await api.start();
    api.clearRequests();
    await cluster.createService('after-compaction');
    const address = await cluster.addressOf('after-compaction', 40_000);
    await cluster.network.owners([address]);
    expect(statusWrites()).toEqual({ 'after-compaction': 1 });
  });

  test('that loses an answer after it has done what was asked is not asked to do it again', async () => {
    const { api } = cluster;
    api.clearRequests();
    api.inject({ method: 'PUT', path: /\/services\/lost\/status$/, fault: { kind: 'lostAnswer' } });
    await cluster.createService('lost');
    const address = await cluster.addressOf('lost');
    await cluster.network.owners([address]);
    await cluster.createService('next'); // served after it, so that one more write would have been seen
    await cluster.addressOf('next');
    const writes = api.writes.filter(({ path }) => path.endsWith('/services/lost/status'));
    expect(writes).toHaveLength(1);
  });

  test('that refuses, hangs, breaks off or talks nonsense is asked again until it serves', async () => {
    const { api } = cluster;
    const path = /\/services\/tried\/status$/;
    api.inject({ method: 'PUT', path, fault: { kind: 'status', code: 500 } });
    api.inject({ method: 'PUT', path, fault: { kind: 'status', code: 429, retryAfterSeconds: 1 } });
    api.inject({ method: 'PUT', path, fault: { kind: 'status', code: 409 } });
    api.inject({ method: 'PUT', path, fault: { kind: 'disconnect' } });
    api.inject({ method: 'PUT', path, fault: { kind: 'garbage' } });
    await cluster.createService('tried');
    await cluster.network.owners([await cluster.addressOf('tried', 20_000)]);
    for (const app of cluster.apps()) expect(errorsOf(app), app.name).toEqual([]);
  });
});
