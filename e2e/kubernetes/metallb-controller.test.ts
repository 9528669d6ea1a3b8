import { expect, test } from 'vitest';
import { WRITES } from './cluster/audit-log.ts';
import { realMetalLb } from './cluster/controllers.ts';
import { describeWithRoles } from './cluster/describe-with-roles.ts';
import { ingressOf } from './cluster/services.ts';

const NAMES = Array.from({ length: 20 }, (_, i) => `service-${i + 1}`);
const who = realMetalLb() === undefined ? 'what stands in for MetalLB’s controller' : 'MetalLB’s controller';

await describeWithRoles(who, (cluster) => {
  test('gives addresses, lowest first, and says from which pool', async () => {
    const { createPool, createService, startMetalLbController, addressOf, service } = cluster();
    await createPool('first', ['192.0.2.128-192.0.2.131']);
    await startMetalLbController();
    await createService('web');

    expect(await addressOf('web')).toBe('192.0.2.128');

    const { metadata, status } = await service('web');
    expect(metadata.annotations).toEqual({ 'metallb.io/ip-allocated-from-pool': 'first' });
    expect(status).toEqual({ loadBalancer: { ingress: [{ ip: '192.0.2.128', ipMode: 'VIP' }] } });
  });

  test('writes by update of services/status alone, keeps no lease, and moves nothing when it comes back', async () => {
    const { createPool, createService, startMetalLbController, servedServices, allAddresses, audit } = cluster();
    await createPool('first', ['192.0.2.128-192.0.2.191']);
    const since = await audit.mark();
    const controller = await startMetalLbController();
    for (const name of NAMES) await createService(name);
    const before = await servedServices(NAMES.length);
    await controller.restart();
    await controller.ready();
    await createService('one-more');
    await servedServices(NAMES.length + 1);

    expect(await allAddresses()).toMatchObject(before);
    const writes = await audit.requests({ account: 'controller', verbs: WRITES, since });
    const ofServices = writes.filter(({ resource }) => resource.startsWith('services'));
    expect(new Set(ofServices.map(({ verb, resource }) => `${verb} ${resource}`))).toEqual(
      new Set(['update services/status']),
    );
    // Each look is a write, for the API server's `ipMode` is missed in what is to be written: once more after the restart.
    expect(ofServices.length).toBeGreaterThan(2 * NAMES.length);
    expect(await audit.requests({ account: 'controller', resource: 'leases.coordination.k8s.io', since })).toEqual([]);
  });

  test('gives an address that comes free to who waits, and takes back what no pool has any more', async () => {
    const { createPool, createService, startMetalLbController, addressOf, kube, service } = cluster();
    await createPool('one', ['192.0.2.128/32']);
    await startMetalLbController();
    await createService('holder');
    await addressOf('holder');
    await createService('waiting');

    await kube.delete('/api/v1/namespaces/default/services/holder');
    expect(await addressOf('waiting')).toBe('192.0.2.128');

    const pools = '/apis/metallb.io/v1beta1/namespaces/metallb-system/ipaddresspools';
    await kube.patch(`${pools}/one`, { spec: { addresses: ['192.0.2.130/32'] } });
    await expect.poll(async () => ingressOf(await service('waiting')), { timeout: 10_000 }).toEqual(['192.0.2.130']);
  });

  test('hands over to ours, and takes over from it: no address moves', async () => {
    const { createPool, createService, startMetalLbController, startController, servedServices, allAddresses } =
      cluster();
    await createPool('first', ['192.0.2.128-192.0.2.191']);
    const theirs = await startMetalLbController();
    for (const name of NAMES) await createService(name);
    const before = await servedServices(NAMES.length);

    const ours = await startController();
    await theirs.stop();
    await createService('of-ours');
    const between = await servedServices(NAMES.length + 1, 90_000);
    expect(between).toMatchObject(before);

    await startMetalLbController();
    await ours.stop();
    await createService('of-theirs');
    const after = await servedServices(NAMES.length + 2);
    expect(after).toMatchObject(between);
    const addresses = Object.values(await allAddresses()).flat();
    expect(new Set(addresses).size).toBe(NAMES.length + 2);
  }, 120_000);
});
