import type { MemoryApi } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { errorsOf, waitUntilReady } from './apps.ts';
import {
  type Cluster,
  legacyConfiguration,
  legacyPool,
  openMemoryCluster,
  SERVICES,
  tellLogsOnFailure,
} from './cluster.ts';
import type { Host } from './network.ts';

const NODES = '/api/v1/nodes';
const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';
/** MetalLB's manifests give a speaker two seconds. */
const SPEAKER_GRACE_MS = 2_000;

describeLab('which node announces', () => {
  let cluster: Cluster & { readonly api: MemoryApi };
  let address: string;
  let owner: string;

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.putConfigMap(legacyConfiguration(legacyPool('pool', ['192.0.2.130-192.0.2.250'])));
    await cluster.start();
    await cluster.createService('web');
    address = await cluster.addressOf('web');
    owner = await ownerOf(address);
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  const ownerOf = async (of: string): Promise<string> => (await cluster.network.owners([of]))[of] ?? '';
  const waitForOwner = (of: string, expected: (owner: string) => boolean): Promise<void> =>
    expect.poll(async () => expected(await ownerOf(of)), { timeout: 10_000 }).toBe(true);
  const host = (name: string): Host => {
    const found = cluster.network.nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`${name} is no node`);
    return found;
  };

  test('another one while the owner carries the exclude label, and the owner again when it is taken off', async () => {
    await cluster.kube.patch(`${NODES}/${owner}`, { metadata: { labels: { [EXCLUDE_LABEL]: '' } } });
    await waitForOwner(address, (now) => now !== owner);
    await cluster.kube.patch(`${NODES}/${owner}`, { metadata: { labels: { [EXCLUDE_LABEL]: null } } });
    await waitForOwner(address, (now) => now === owner);
  });

  test('another one while the owner’s network is unavailable', async () => {
    const conditions = (status: string): object => ({
      status: {
        conditions: [
          { type: 'NetworkUnavailable', status },
          { type: 'Ready', status: 'True' },
        ],
      },
    });
    await cluster.kube.patch(`${NODES}/${owner}/status`, conditions('True'));
    await waitForOwner(address, (now) => now !== owner);
    await cluster.kube.patch(`${NODES}/${owner}/status`, conditions('False'));
    await waitForOwner(address, (now) => now === owner);
  });

  test('another one when the owner’s Node is deleted, and the owner when it is back', async () => {
    await cluster.kube.delete(`${NODES}/${owner}`);
    await waitForOwner(address, (now) => now !== owner);
    await cluster.kube.create(NODES, { metadata: { name: owner } });
    await waitForOwner(address, (now) => now === owner);
  });

  test('a node that is not ready keeps what it announces: its speaker is alive', async () => {
    await cluster.kube.patch(`${NODES}/${owner}`, {
      spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }], unschedulable: true },
    });
    await cluster.createService('marker');
    await ownerOf(await cluster.addressOf('marker'));
    expect(await ownerOf(address)).toBe(owner);
    await cluster.kube.patch(`${NODES}/${owner}`, { spec: { taints: null, unschedulable: null } });
  });

  test('with externalTrafficPolicy Local only one that has a ready endpoint, and none if none has', async () => {
    const local = { spec: { externalTrafficPolicy: 'Local' }, endpoints: { 'node-2': true, 'node-1': false } };
    await cluster.createService('local', local);
    const vip = await cluster.addressOf('local');
    expect(await ownerOf(vip)).toBe('node-2');
    await cluster.setEndpoints('local', { 'node-2': false, 'node-1': true });
    await waitForOwner(vip, (now) => now === 'node-1');
    await cluster.setEndpoints('local', { 'node-2': false, 'node-1': false });
    await cluster.network.silent([vip]);
    await cluster.setEndpoints('local', { 'node-3': true });
    await waitForOwner(vip, (now) => now === 'node-3');
  });

  test('none while no endpoint is ready anywhere', async () => {
    await cluster.setEndpoints('web', { 'node-1': false, 'node-2': false });
    await cluster.network.silent([address]);
    await cluster.setEndpoints('web', { 'node-1': true });
    await waitForOwner(address, (now) => now === owner);
  });

  test('none once a Service is no load balancer, whose address then is free for the next', async () => {
    await cluster.createService('changing');
    const vip = await cluster.addressOf('changing');
    await ownerOf(vip);
    await cluster.kube.patch(`${SERVICES}/changing`, { spec: { type: 'ClusterIP' } });
    await cluster.network.silent([vip]);
    await expect.poll(() => cluster.addressesOf('changing')).toEqual([]);
    await cluster.createService('next');
    expect(await cluster.addressOf('next')).toBe(vip);
    await cluster.kube.patch(`${SERVICES}/changing`, { spec: { type: 'LoadBalancer' } });
    const again = await cluster.addressOf('changing');
    expect(again).not.toBe(vip);
    await cluster.network.owners([vip, again]);
  });

  test('a Service of another class is left alone, also if somebody else has given it an address', async () => {
    cluster.api.clearRequests();
    await cluster.createService('classy', { spec: { loadBalancerClass: 'example.com/other' } });
    await cluster.kube.patch(`${SERVICES}/classy/status`, {
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.240' }] } },
    });
    await cluster.createService('after-classy');
    await ownerOf(await cluster.addressOf('after-classy'));
    expect(await cluster.network.answering(['192.0.2.240'])).toEqual({ '192.0.2.240': [] });
    const written = cluster.api.writes.filter(
      ({ path, userAgent }) => userAgent.startsWith('steelyard') && path.includes('classy'),
    );
    expect(written.filter(({ path }) => path.includes('/classy'))).toEqual([]);
  });

  test('nobody in place of a speaker that was stopped: every Node counts as alive while there is no gossip', async () => {
    const speaker = cluster.speakers.get(owner);
    if (speaker === undefined) throw new Error(`${owner} has no speaker`);
    expect(await speaker.process.stop(SPEAKER_GRACE_MS)).toEqual({ code: 0, signal: null });
    expect(await cluster.network.answering([address])).toEqual({ [address]: [] });
    expect(errorsOf(speaker)).toEqual([]);
    await waitUntilReady(cluster.startSpeaker(host(owner)));
    expect(await ownerOf(address)).toBe(owner);
  });
});
