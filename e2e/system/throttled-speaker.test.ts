import { type MemoryApi, waitUntil } from '@steelyard/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, askHealth, errorsOf, waitUntilReady } from './apps.ts';
import { type Cluster, openMemoryCluster, SERVICES, tellLogsOnFailure } from './cluster.ts';
import { type ControlGroup, describeLimited, makeControlGroup } from './throttled-control-group.ts';

/** It looks for throttling every 30 s, and a busy machine may need longer for all that comes before. */
const PATIENCE_MS = 120_000;
describeLimited('a speaker with MetalLB’s example limits, 100m CPU and 100Mi memory', () => {
  let cluster: Cluster & { readonly api: MemoryApi };
  let group: ControlGroup;
  const addresses: string[] = [];

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    const [{ name }] = cluster.network.nodes;
    await cluster.createPool('pool', { addresses: ['198.51.100.0/24', '10.9.0.0/16'] });
    // All of it is this one speaker's.
    const onlyHere = { nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': name } }] };
    await cluster.createAdvertisement('here', onlyHere);
  });
  afterAll(async () => {
    await cluster?.close();
    await group?.remove();
  });
  tellLogsOnFailure(() => cluster);

  /** Services with addresses; the controller is another's concern. */
  async function createServices(from: number, to: number): Promise<void> {
    for (let i = from; i < to; i += 1) {
      const ip = `10.9.${i >> 8}.${i & 255}`;
      await cluster.createService(`web-${i}`);
      await cluster.kube.patch(`${SERVICES}/web-${i}/status`, { status: { loadBalancer: { ingress: [{ ip }] } } });
      addresses.push(ip);
    }
  }

  function startLimited(name: string): App {
    group = makeControlGroup(`steelyard-${name}-${process.pid}`) ?? expect.fail('no control group');
    const [node] = cluster.network.nodes;
    const speaker = cluster.startSpeaker(node);
    group.enter(speaker.process.pid);
    return speaker;
  }

  async function expectToLive(speaker: App): Promise<void> {
    await waitUntil('it to be ready', async () => (await askHealth(speaker, 'readyz')).status === 200, {
      timeoutMs: PATIENCE_MS,
      intervalMs: 500,
    });
    await waitUntilReady(speaker);
    const some = addresses.filter((_, i) => i % Math.ceil(addresses.length / 20) === 0);
    const owners = await cluster.network.owners(some);
    expect(new Set(Object.values(owners))).toEqual(new Set([cluster.network.nodes[0].name]));

    const throttled = await waitUntil(
      'it to say that it is throttled',
      () => speaker.records().find(({ op }) => op === 'cpuThrottling'),
      { timeoutMs: PATIENCE_MS, intervalMs: 500 },
    );
    expect(throttled).toMatchObject({ level: 'warn', throttledMs: expect.any(Number), periods: expect.any(Number) });
    expect(group.throttledPeriods()).toBeGreaterThan(0);

    expect(await cluster.network.owners(some)).toEqual(owners);
    expect((await askHealth(speaker, 'healthz')).status).toBe(200);
    expect(speaker.process.end).toBeUndefined();
    expect(group.kills()).toBe(0);
    // Not once did the thread that reads Kubernetes run out of the heap that fits.
    expect(errorsOf(speaker)).toEqual([]);
  }

  test(
    'lives with 100 Services, answers for each, and says that it is throttled',
    async () => {
      await createServices(0, 100);
      const speaker = startLimited('hundred');
      await expectToLive(speaker);
      expect(await speaker.process.stop(10_000)).toMatchObject({ signal: null });
      await group.remove();
    },
    3 * PATIENCE_MS,
  );

  test(
    'lives with 1,000',
    async () => {
      await createServices(100, 1_000);
      await expectToLive(startLimited('thousand'));
    },
    3 * PATIENCE_MS,
  );
});
