import { type FrrDaemon, type MemoryApi, startFrr, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type App, STEELYARD_NAMESPACE, waitUntilReady } from '../system/apps.ts';
import { type Cluster, openMemoryCluster, SERVICES, tellLogsOnFailure } from '../system/cluster.ts';

const V1BETA1 = `/apis/metallb.io/v1beta1/namespaces/${STEELYARD_NAMESPACE}`;
const PEERS = `/apis/metallb.io/v1beta2/namespaces/${STEELYARD_NAMESPACE}/bgppeers`;
const ROUTER_ASN = 65_000;
const NODE_ASN = 65_001;
const PATIENCE = { timeoutMs: 30_000, intervalMs: 50 };
const ENDED = 'the control thread ended, starting it again';
const HEAP_MIB = 24;
/** What a speaker keeps of each Service is its labels among other things: these take more than the heap. */
const FLOOD = 600;
const LABELS = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`example.com/label-${i}`, 'x'.repeat(60)]));

/** One speaker and two routers. What is invalid refers to something that is gone: the API server finds nothing wrong. */
describeLab('a control thread that starts again and finds BGP objects invalid', () => {
  let cluster: Cluster & { readonly api: MemoryApi };
  let router: FrrDaemon;
  let other: FrrDaemon;
  let speaker: App;

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    const { nodes, gateway, client } = cluster.network;
    const [{ address }] = nodes;
    const neighbors = [{ address, asn: NODE_ASN }];
    const start = (host: typeof gateway): Promise<FrrDaemon> =>
      startFrr(host.namespace, { asn: ROUTER_ASN, routerId: host.address, neighbors });
    [router, other] = await Promise.all([start(gateway), start(client)]);
    await cluster.createPool('one', { addresses: ['198.51.100.0/24'] });
    await cluster.createPool('two', { addresses: ['203.0.113.0/24'] });
    await putCommunity();
    await put('bfdprofiles', 'BFDProfile', 'fast', {});
    await put('bgpadvertisements', 'BGPAdvertisement', 'one', { ipAddressPools: ['one'], communities: ['far'] });
    await put('bgpadvertisements', 'BGPAdvertisement', 'two', { ipAddressPools: ['two'], communities: ['far'] });
    for (const [name, peerAddress] of [
      ['router', gateway.address],
      ['other', client.address],
    ] as const) {
      const spec = { myASN: NODE_ASN, peerASN: ROUTER_ASN, holdTime: '9s', peerAddress, bfdProfile: 'fast' };
      await cluster.kube.create(PEERS, { apiVersion: 'metallb.io/v1beta2', kind: 'BGPPeer', metadata: { name }, spec });
    }
    cluster.startController();
    speaker = cluster.startSpeaker(nodes[0], { flags: [`--control-heap-mib=${HEAP_MIB}`] });
    await Promise.all(cluster.apps().map(waitUntilReady));
  });
  afterAll(async () => {
    await Promise.all([router?.stop(), other?.stop()]);
    await cluster?.close();
  });
  tellLogsOnFailure(() => cluster);

  async function put(folder: string, kind: string, name: string, spec: object): Promise<void> {
    await cluster.kube.create(`${V1BETA1}/${folder}`, {
      apiVersion: 'metallb.io/v1beta1',
      kind,
      metadata: { name },
      spec,
    });
  }
  const putCommunity = (value = '65000:7'): Promise<void> =>
    put('communities', 'Community', 'aliases', { communities: [{ name: 'far', value }] });

  /** `198.51.100.10/32 65000:7`, of what a router has from the speaker. */
  async function routesAt(at: FrrDaemon): Promise<readonly string[]> {
    const routes = [...(await at.routes())].map(([prefix, paths]) => `${prefix} ${paths[0]?.communities ?? ''}`);
    return routes.sort((a, b) => (a < b ? -1 : 1));
  }
  async function expectRoutes(at: FrrDaemon, ...wanted: readonly string[]): Promise<void> {
    const isSo = async () => (await routesAt(at)).join() === wanted.join();
    await waitUntil(`the routes ${wanted.join() || 'none'}`, isSo, PATIENCE);
  }
  const session = (at: FrrDaemon) => at.neighbor(cluster.network.nodes[0].address);
  async function dropsAt(at: FrrDaemon): Promise<number | undefined> {
    return ((await session(at)).raw as { readonly connectionsDropped?: number }).connectionsDropped;
  }
  const deaths = (): number => speaker.records().filter(({ msg }) => msg === ENDED).length;

  /** Fills the heap of the control thread until one that has begun after `meanwhile` is dead, and then makes room. */
  async function restartControlThread(meanwhile: () => Promise<void>): Promise<void> {
    const flood = Array.from({ length: FLOOD }, (_, i) => `flood-${i}`);
    // Of a class that is not ours, so that the controller leaves them alone.
    const spec = { type: 'LoadBalancer', loadBalancerClass: 'example.com/flood', ports: [{ port: 80 }] };
    for (const name of flood) {
      await cluster.kube.create(SERVICES, { metadata: { name, labels: { ...LABELS, name } }, spec });
    }
    await waitUntil('the control thread to end', () => deaths() > 0, PATIENCE);
    await meanwhile();
    const before = deaths();
    await waitUntil('the control thread to end again', () => deaths() > before, PATIENCE);
    await Promise.all(flood.map((name) => cluster.kube.delete(`${SERVICES}/${name}`)));
    await waitUntilReady(speaker);
  }

  const [ONE, TWO] = ['198.51.100.10/32 65000:7', '203.0.113.10/32 65000:7'];

  test('ends no session and withdraws nothing; what is gone ends; what is mended is as it is written', async () => {
    const serve = (name: string, ip: string): Promise<void> =>
      cluster.createService(name, { annotations: { 'metallb.io/loadBalancerIPs': ip } });
    await serve('one', '198.51.100.10');
    await serve('two', '203.0.113.10');
    for (const at of [router, other]) await expectRoutes(at, ONE, TWO);
    const drops = [await dropsAt(router), await dropsAt(other)];

    await restartControlThread(async () => {
      await cluster.kube.delete(`${V1BETA1}/communities/aliases`);
      await cluster.kube.delete(`${V1BETA1}/bfdprofiles/fast`);
    });
    // That all is read and told is seen by a Service whose advertisement is well: both peers hear of it.
    await cluster.createPool('fine', { addresses: ['10.9.0.0/24'] });
    await put('bgpadvertisements', 'BGPAdvertisement', 'fine', { ipAddressPools: ['fine'] });
    await serve('fine', '10.9.0.1');
    for (const at of [router, other]) await expectRoutes(at, '10.9.0.1/32 ', ONE, TWO);
    expect([await dropsAt(router), await dropsAt(other)]).toEqual(drops);

    await cluster.kube.delete(`${V1BETA1}/bgpadvertisements/one`);
    for (const at of [router, other]) await expectRoutes(at, '10.9.0.1/32 ', TWO);
    await putCommunity('65000:8');
    for (const at of [router, other]) await expectRoutes(at, '10.9.0.1/32 ', '203.0.113.10/32 65000:8');
    expect([await dropsAt(router), await dropsAt(other)]).toEqual(drops);

    await cluster.kube.patch(`${PEERS}/other`, { spec: { bfdProfile: null, holdTime: '6s' } });
    await waitUntil(
      'the hold time as it is written',
      async () => {
        const { state, holdTimeSeconds } = await session(other);
        return state === 'Established' && holdTimeSeconds === 6;
      },
      PATIENCE,
    );
    await expectRoutes(other, '10.9.0.1/32 ', '203.0.113.10/32 65000:8');
    expect(await dropsAt(router)).toBe(drops[0]);
    await cluster.kube.delete(`${PEERS}/router`);
    await waitUntil('the session to end', async () => (await session(router)).state !== 'Established', PATIENCE);
    await expectRoutes(router);
    await expectRoutes(other, '10.9.0.1/32 ', '203.0.113.10/32 65000:8');
  }, 120_000);
});
