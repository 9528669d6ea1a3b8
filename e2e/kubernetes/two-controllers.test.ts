import { waitUntil } from '@steelyard/testkit';
import { describe, expect, test } from 'vitest';
import type { Controller } from './cluster/controllers.ts';
import { describeWithRoles } from './cluster/describe-with-roles.ts';
import { writingPod } from './cluster/observations.ts';
import { SERVICES } from './cluster/services.ts';

type Addresses = Readonly<Record<string, readonly string[]>>;

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 60_000, interval: 200 });
/** Past the time in which one that is silent is succeeded: 16 s. */
const SUCCESSION_MS = 60_000;

await describeWithRoles('two controllers at once', (cluster) => {
  /** Creates Services, ten at a time; calls are repeated where the API server is not there. */
  async function createBurst(names: readonly string[], then?: (name: string) => Promise<void>): Promise<void> {
    const left = [...names];
    const worker = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        const taken = name;
        await eventually(() => made(taken)).toBe(true);
        await then?.(taken);
      }
    };
    await Promise.all(Array.from({ length: 10 }, worker));
  }
  async function made(name: string): Promise<boolean> {
    try {
      await cluster().createService(name);
      return true;
    } catch (error) {
      return (error as { code?: unknown }).code === 409; // made, but its answer was lost
    }
  }
  const names = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `service-${i + 1}`);
  const served = async (): Promise<Addresses> => {
    const all = Object.entries(await cluster().allAddresses());
    return Object.fromEntries(all.filter(([, addresses]) => addresses.length > 0));
  };
  const someServed = (count: number): Promise<unknown> =>
    waitUntil(`${count} Services with an address`, async () => Object.keys(await served()).length >= count, {
      timeoutMs: 60_000,
    });
  /** How often the status of each Service was written. */
  async function writesOf(since: number): Promise<ReadonlyMap<string, number>> {
    const { audit } = cluster();
    const writes = await audit.requests({
      account: 'controller',
      verbs: ['update'],
      resource: 'services/status',
      since,
    });
    const counts = new Map<string, number>();
    for (const { name, code } of writes) if (code < 300) counts.set(name, (counts.get(name) ?? 0) + 1);
    return counts;
  }
  const moreThanOnce = async (since: number): Promise<readonly string[]> =>
    [...(await writesOf(since))].filter(([, count]) => count > 1).map(([name]) => name);

  /** Waits until all are served, and longer: at rest each has one address, its own. */
  async function atRest(count: number): Promise<Addresses> {
    await cluster().servedServices(count, SUCCESSION_MS);
    const all = await waitUntil(
      'nothing to change any more',
      async () => {
        const before = await cluster().allAddresses();
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        const after = await cluster().allAddresses();
        return JSON.stringify(before) === JSON.stringify(after) && distinct(after) && after;
      },
      { timeoutMs: SUCCESSION_MS },
    );
    return all;
  }

  async function startTwo(): Promise<readonly [writes: Controller, stands: Controller]> {
    const { createPool, startController } = cluster();
    await createPool('pool', ['10.20.0.0/22']);
    const both = [await startController(), await startController()];
    const [first, second] = both;
    if (first === undefined || second === undefined) throw new Error('two were started');
    await cluster().createService('service-0');
    await cluster().addressOf('service-0', SUCCESSION_MS);
    const writes = await writingPod(cluster());
    return first.pod === writes ? [first, second] : [second, first];
  }

  test('give 300 Services that come, and some that go, one address each, and write each once', async () => {
    const { kube, audit } = cluster();
    await startTwo();
    const since = await audit.mark();
    const deleted = new Set<string>();
    await createBurst(names(300), async (name) => {
      if (!name.endsWith('3')) return;
      deleted.add(name);
      await kube.delete(`${SERVICES}/${name}`);
    });
    const all = await atRest(301 - deleted.size);
    const counts = await writesOf(since);
    const written = Object.keys(all).filter((name) => name !== 'service-0');
    expect(written.filter((name) => counts.get(name) !== 1)).toEqual([]);
    expect([...deleted].filter((name) => (counts.get(name) ?? 0) > 1)).toEqual([]);
  });

  test('one killed in the middle: the other goes on, no address moves, and none is written twice', async () => {
    const { audit } = cluster();
    const [writes] = await startTwo();
    const since = await audit.mark();
    const burst = createBurst(names(150));
    await someServed(30);
    await writes.kill();
    const before = await served();
    expect(Object.keys(before).length).toBeLessThan(151);
    await burst;
    const all = await atRest(151);
    expect(all).toMatchObject(before);
    expect(await moreThanOnce(since)).toEqual([]);
    expect(await writingPod(cluster())).not.toBe(writes.pod);
  }, 120_000);

  test('one that was paused for longer than its lease writes nothing when it goes on', async () => {
    const { audit } = cluster();
    const [writes, stands] = await startTwo();
    const since = await audit.mark();
    const burst = createBurst(names(150));
    await someServed(30);
    writes.process.kill('SIGSTOP');
    await burst;
    const before = await cluster().servedServices(151, SUCCESSION_MS);
    expect(await writingPod(cluster())).toBe(stands.pod);
    writes.process.kill('SIGCONT');
    await cluster().createService('afterwards');
    const all = await atRest(152);
    expect(all).toMatchObject(before);
    expect(await moreThanOnce(since)).toEqual([]);
    expect(writes.process.end).toBeUndefined();
  }, 120_000);

  test('a rolling update in the middle of a burst, of ours by ours', async () => {
    const { createPool, startController, audit } = cluster();
    await createPool('pool', ['10.20.0.0/22']);
    const old = await startController();
    const since = await audit.mark();
    const burst = createBurst(names(150));
    await someServed(20);
    await startController();
    await someServed(40);
    expect(await old.stop()).toBe(0);
    const before = await served();
    await burst;
    const all = await atRest(150);
    expect(all).toMatchObject(before);
    expect(await moreThanOnce(since)).toEqual([]);
  });

  describe('a rolling update in the middle of a burst', () => {
    test('of MetalLB’s by ours: who has an address keeps it', async () => {
      const { createPool, startController, startMetalLbController } = cluster();
      await createPool('pool', ['10.20.0.0/22']);
      const theirs = await startMetalLbController();
      const burst = createBurst(names(150));
      await someServed(20);
      const ours = await startController();
      await someServed(60);
      const beside = await served();
      await theirs.stop();
      const before = await served();
      expect(before).toMatchObject(beside);
      await burst;
      const all = await atRest(150);
      expect(all).toMatchObject(before);
      expect(await writingPod(cluster())).toBe(ours.pod);
    });

    test('of ours by MetalLB’s: at rest no address is held twice, and none is lost', async () => {
      const { createPool, startController, startMetalLbController } = cluster();
      await createPool('pool', ['10.20.0.0/22']);
      const ours = await startController();
      const burst = createBurst(names(150));
      await someServed(20);
      const early = await served();
      await startMetalLbController();
      await someServed(60);
      expect(await ours.stop()).toBe(0);
      await burst;
      const all = await atRest(150);
      expect(all).toMatchObject(early);
    });
  });

  test('two Services that were given one address by hand: the older holder keeps it, the other gets another', async () => {
    const { createPool, createService, startController, addressOf, addressesOf, kube } = cluster();
    await createPool('pool', ['192.0.2.0/24']);
    const controller = await startController();
    await startController();
    await createService('first');
    const first = await addressOf('first');
    await createService('second');
    const second = await addressOf('second');
    const write = (name: string, ip: string): Promise<unknown> =>
      kube.patch(`${SERVICES}/${name}/status`, { status: { loadBalancer: { ingress: [{ ip }] } } });

    await write('second', first);
    await eventually(() => addressesOf('second')).not.toEqual([first]);
    expect(await addressOf('second')).not.toBe(first);
    expect(await addressesOf('first')).toEqual([first]);
    expect(second).not.toBe(first);

    // Nobody is there to see it.
    const others = cluster().controllers.filter(({ pod }) => pod !== controller.pod);
    for (const other of others) await other.stop();
    await controller.kill();
    await write('second', first);
    await controller.restart();
    await controller.ready();
    await eventually(async () => distinct(await cluster().allAddresses())).toBe(true);
    expect(await addressesOf('first')).toEqual([first]);
    expect(await addressOf('second')).not.toBe(first);
  });

  test('the API server killed, started anew and compacted in the middle of a burst', async () => {
    const { controlPlane, audit } = cluster();
    await startTwo();
    const since = await audit.mark();
    const burst = createBurst(names(150));
    await someServed(30);
    await controlPlane.killApiServer();
    await controlPlane.restartApiServer();
    await controlPlane.compactEtcd();
    const before = await served();
    await burst;
    const all = await atRest(151);
    expect(all).toMatchObject(before);
    // A write whose answer was lost was done, and is not done again.
    expect(await moreThanOnce(since)).toEqual([]);
    for (const { process: running } of cluster().controllers) expect(running.end).toBeUndefined();
  });
});

/** Each has one address, and no other has it. */
function distinct(all: Addresses): boolean {
  const addresses = Object.values(all).flat();
  return Object.values(all).every(({ length }) => length === 1) && new Set(addresses).size === addresses.length;
}
