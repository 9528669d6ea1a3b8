import type { MemoryApi } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, askHealth, waitUntilReady } from './apps.ts';
import {
  type Cluster,
  legacyConfiguration,
  legacyPool,
  openMemoryCluster,
  SERVICES,
  tellLogsOnFailure,
} from './cluster.ts';
import { startPulse } from './network.ts';

const HEAP_MIB = 24;
/** What a speaker keeps of each Service is its labels among other things: these take more than the heap. */
const FLOOD = 800;
const LABELS = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`example.com/label-${i}`, 'x'.repeat(60)]));
const ENDED = 'the control thread ended, starting it again';

describeLab('a control thread that runs out of memory', () => {
  let cluster: Cluster & { readonly api: MemoryApi };

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.putConfigMap(legacyConfiguration(legacyPool('pool', ['192.0.2.130-192.0.2.250'])));
    await cluster.start({ speaker: { flags: [`--control-heap-mib=${HEAP_MIB}`] } });
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  const deathsOf = (app: App): readonly Record<string, unknown>[] => app.records().filter(({ msg }) => msg === ENDED);

  test('takes no announcement with it, is started again after longer and longer, and follows once there is room', async () => {
    const { network, kube } = cluster;
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await cluster.createService(name);
    for (const name of names) await cluster.addressOf(name);
    const addresses = Object.values(await cluster.allAddresses()).flat();
    const owners = await network.owners(addresses);
    for (const speaker of cluster.speakers.values()) expect(deathsOf(speaker), speaker.name).toEqual([]);
    await using pulse = startPulse(network, addresses);

    // Of a class that is not ours, so that the controller leaves them alone.
    const spec = {
      type: 'LoadBalancer',
      loadBalancerClass: 'example.com/flood',
      allocateLoadBalancerNodePorts: false,
      ports: [{ port: 80 }],
    };
    const flood = Array.from({ length: FLOOD }, (_, i) => i);
    for (const i of flood)
      await kube.create(SERVICES, { metadata: { name: `flood-${i}`, labels: { ...LABELS, number: String(i) } }, spec });
    for (const speaker of cluster.speakers.values()) {
      await expect.poll(() => deathsOf(speaker).length, { timeout: 40_000, interval: 100 }).toBeGreaterThanOrEqual(2);
      const [first, second] = deathsOf(speaker);
      expect(Number(second?.['restartInMs'])).toBeGreaterThan(Number(first?.['restartInMs']));
      expect(speaker.process.end, speaker.name).toBeUndefined();
      expect((await askHealth(speaker, 'healthz')).status, speaker.name).toBe(200);
    }
    expect(await network.owners(addresses)).toEqual(owners);

    await Promise.all(flood.map((i) => kube.delete(`${SERVICES}/flood-${i}`)));
    await Promise.all([...cluster.speakers.values()].map(waitUntilReady));
    await cluster.createService('after');
    await network.owners([await cluster.addressOf('after')]);
    expect(await network.owners(addresses)).toEqual(owners);
    expect(await pulse.stop()).toEqual(Object.fromEntries(addresses.map((address) => [address, 0])));
  }, 120_000);
});
