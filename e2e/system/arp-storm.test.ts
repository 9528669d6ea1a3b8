import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '@steelyard/testkit';
import { compileFlood, type FloodReport } from '@steelyard/testkit/flood';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, legacyConfiguration, legacyPool, openMemoryCluster, tellLogsOnFailure } from './cluster.ts';

const FRAMES = 200_000;
const FRAMES_PER_SECOND = 100_000;
/** Of the same storm, when it is for an address of ours: it costs something, and each frame is answered. */
const FRAMES_FOR_OURS = 20_000;
/** A thread that does nothing runs now and then all the same: its beat, its collector. */
const TIMES_ON_ITS_OWN = 60;
const OWNER = 'node-1';

describeLab('a storm of ARP requests for addresses that are not ours', () => {
  let cluster: Cluster;
  let flood: (first: string, last: string, count: number) => Promise<FloodReport>;

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    const pools = legacyPool('pool', ['198.51.100.0/22']);
    await cluster.putConfigMap(legacyConfiguration(pools));
    await cluster.start();
    const { client } = cluster.network;
    const run = compileFlood((program, words) => client.namespace.run(program, words, { timeoutMs: 60_000 }));
    flood = (first, last, count) =>
      run({ interfaceName: client.cable.ifname, count, framesPerSecond: FRAMES_PER_SECOND, first, last });
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  /** How often the kernel has let the wire thread run, and for how long. See proc(5), schedstat. */
  async function wireThread(): Promise<{ readonly times: number; readonly nanoseconds: number }> {
    const pid = cluster.speakers.get(OWNER)?.process.pid;
    const [nanoseconds, , times] = (await readFile(`/proc/${pid}/task/${pid}/schedstat`, 'utf8'))
      .split(' ')
      .map(Number);
    if (nanoseconds === undefined || times === undefined) throw new Error('the kernel keeps no schedstat');
    return { times, nanoseconds };
  }

  /** What `during` costs the wire thread. */
  async function costOf(during: () => Promise<unknown>): Promise<{ times: number; nanoseconds: number }> {
    const before = await wireThread();
    await during();
    const after = await wireThread();
    return { times: after.times - before.times, nanoseconds: after.nanoseconds - before.nanoseconds };
  }

  /** Waits until the wire thread sleeps: what was announced has been announced, and nothing is under way. */
  const quiet = (): Promise<unknown> =>
    waitUntil('the wire thread to sleep', async () => (await costOf(() => sleep(1_000))).times < 15, {
      timeoutMs: 30_000,
    });

  /** Only {@link OWNER} has endpoints, so it owns them all. */
  async function own(names: readonly string[]): Promise<void> {
    const spec = { externalTrafficPolicy: 'Local' };
    for (let at = 0; at < names.length; at += 50) {
      const some = names.slice(at, at + 50);
      await Promise.all(some.map((name) => cluster.createService(name, { spec, endpoints: { [OWNER]: true } })));
    }
    await waitUntil(
      `${names.length} more addresses`,
      async () => Object.values(await cluster.allAddresses()).every(({ length }) => length === 1),
      { timeoutMs: 30_000, intervalMs: 200 },
    );
  }

  test.for<[words: string, count: number]>([
    ['one', 1],
    ['a thousand', 1_000],
  ])('wakes nobody while the node owns %s', { timeout: 120_000 }, async ([, count]) => {
    const have = Object.keys(await cluster.allAddresses()).length;
    await own(Array.from({ length: count - have }, (_, i) => `web-${have + i}`));
    const addresses = Object.values(await cluster.allAddresses()).flat();
    expect(addresses).toHaveLength(count);
    const sample = [addresses[0] ?? '', addresses.at(-1) ?? ''];
    await expect
      .poll(() => cluster.network.owners(sample), { timeout: 20_000 })
      .toEqual(Object.fromEntries(sample.map((address) => [address, OWNER])));
    await quiet();
    let sent = 0;
    const foreign = await costOf(async () => {
      sent = (await flood('203.0.113.0', '203.0.113.255', FRAMES)).framesSent;
    });
    expect(sent).toBe(FRAMES);
    expect(foreign.times).toBeLessThan(TIMES_ON_ITS_OWN);
    // And the yardstick: a frame that the kernel lets through.
    const [address = ''] = addresses;
    const ours = await costOf(async () => {
      await flood(address, address, FRAMES_FOR_OURS);
      await quiet();
    });
    expect(foreign.nanoseconds / FRAMES).toBeLessThan(ours.nanoseconds / FRAMES_FOR_OURS / 20);
    expect(await cluster.network.owners(sample)).toEqual(Object.fromEntries(sample.map((address) => [address, OWNER])));
  });
});
