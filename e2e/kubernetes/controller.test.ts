import { expect, test } from 'vitest';
import { describeWithRoles } from './cluster/describe-with-roles.ts';
import { SERVICES } from './cluster/services.ts';

const NAMES = Array.from({ length: 200 }, (_, i) => `burst-${i + 1}`);

await describeWithRoles('the controller', (cluster) => {
  test('gives an address, and says so where kubectl shows it', async () => {
    const { createPool, createService, startController, addressOf, kubectl } = cluster();
    await createPool('first', ['192.0.2.128-192.0.2.131']);
    await startController();
    await createService('web');

    expect(await addressOf('web')).toBe('192.0.2.128');

    expect(await kubectl(['get', 'service', 'web'])).toMatch(/web +LoadBalancer +\S+ +192\.0\.2\.128 +80\/TCP/);
    await expect
      .poll(() => kubectl(['describe', 'service', 'web']), { timeout: 10_000 })
      .toMatch(/Normal +IPAllocated +\S+ +metallb-controller +Assigned IP \["192\.0\.2\.128"\]/);
  });

  test('writes each Service once, and nothing at all when it comes back', async () => {
    const { createPool, createService, startController, servedServices, audit } = cluster();
    await createPool('first', ['192.0.2.128-192.0.2.191']);
    const names = NAMES.slice(0, 20);
    const before = await audit.mark();
    const controller = await startController();
    await Promise.all(names.map((name) => createService(name)));
    const addresses = await servedServices(names.length);
    expect(await audit.writes({ account: 'controller', resource: 'services/status', since: before })).toEqual({
      'update services/status': names.length,
    });

    const between = await audit.mark();
    await controller.restart();
    await controller.ready();
    await createService('one-more');
    await servedServices(names.length + 1);

    expect(await audit.writes({ account: 'controller', resource: 'services/status', since: between })).toEqual({
      'update services/status': 1,
    });
    expect(await cluster().allAddresses()).toMatchObject(addresses);
  });

  test('gives each of 200 Services one address of its own though the API server is killed in the middle', async () => {
    const { createPool, startController, servedServices, controlPlane, allAddresses } = cluster();
    await createPool('first', ['198.51.100.0/24']);
    await startController();
    const burst = createBurst();
    await expect.poll(async () => served(await allAddresses()), { timeout: 30_000 }).toBeGreaterThan(50);

    const given = withAddress(await allAddresses());
    await controlPlane.killApiServer();
    expect(served(given)).toBeLessThan(NAMES.length);
    await controlPlane.restartApiServer();
    await burst;

    const all = await servedServices(NAMES.length);
    expectDistinct(all);
    expect(all).toMatchObject(given);
  });

  test('gives each of 200 Services one address of its own though it is killed in the middle', async () => {
    const { createPool, startController, servedServices, allAddresses } = cluster();
    await createPool('first', ['198.51.100.0/24']);
    const controller = await startController();
    const burst = createBurst();
    await expect.poll(async () => served(await allAddresses()), { timeout: 30_000 }).toBeGreaterThan(50);

    await controller.kill();
    const given = withAddress(await allAddresses());
    expect(served(given)).toBeLessThan(NAMES.length);
    await controller.restart();
    await burst;

    const all = await servedServices(NAMES.length);
    expectDistinct(all);
    expect(all).toMatchObject(given);
  });

  test('goes on where its watches are 410 Gone: etcd has forgotten what it did not hear', async () => {
    const { createPool, createService, startController, addressOf, controlPlane, kube, audit } = cluster();
    await createPool('first', ['192.0.2.128-192.0.2.191']);
    const controller = await startController();
    await createService('before');
    const address = await addressOf('before');

    controller.process.kill('SIGSTOP');
    await controlPlane.restartApiServer(); // what happens now is on no connection of the controller's
    await kube.delete(`${SERVICES}/before`);
    await createPool('second', ['203.0.113.1/32']);
    await createService('after');
    await createService('of-the-second', { annotations: { 'metallb.io/address-pool': 'second' } });
    await controlPlane.compactEtcd();
    await controlPlane.restartApiServer();
    const since = await audit.mark();
    controller.process.kill('SIGCONT');

    expect(await addressOf('of-the-second', 30_000)).toBe('203.0.113.1');
    expect(await addressOf('after')).toBe(address); // the lowest that is free
    // It had to read all anew.
    const lists = { account: 'controller', verbs: ['list'], resource: 'services', since };
    expect(await audit.requests(lists)).not.toEqual([]);
    expect(controller.process.end).toBeUndefined();
  });

  /** Creates them ten at a time, and each again where the API server was not there. */
  async function createBurst(): Promise<void> {
    const left = [...NAMES];
    const worker = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        const taken = name;
        await expect.poll(() => createOnce(taken), { timeout: 30_000, interval: 100 }).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: 10 }, worker));
  }

  async function createOnce(name: string): Promise<boolean> {
    try {
      await cluster().createService(name);
      return true;
    } catch (error) {
      return (error as { code?: unknown }).code === 409; // made, but its answer was lost
    }
  }
});

type Addresses = Readonly<Record<string, readonly string[]>>;

const withAddress = (all: Addresses): Addresses =>
  Object.fromEntries(Object.entries(all).filter(([, addresses]) => addresses.length > 0));

const served = (all: Addresses): number => Object.keys(withAddress(all)).length;

function expectDistinct(all: Addresses): void {
  const addresses = Object.values(all);
  expect(addresses.every(({ length }) => length === 1)).toBe(true);
  expect(new Set(addresses.flat()).size).toBe(addresses.length);
}
