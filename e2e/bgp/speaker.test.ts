import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type FrrDaemon, type MemoryApi, startFrr, waitUntil } from '@steelyard/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type App, errorsOf, STEELYARD_NAMESPACE, waitUntilReady } from '../system/apps.ts';
import { type Cluster, openMemoryCluster, tellLogsOnFailure } from '../system/cluster.ts';
import type { Host } from '../system/network.ts';

const V1BETA1 = `/apis/metallb.io/v1beta1/namespaces/${STEELYARD_NAMESPACE}`;
const PEERS = `/apis/metallb.io/v1beta2/namespaces/${STEELYARD_NAMESPACE}/bgppeers`;
const SESSIONS = `/apis/steelyard.io/v1alpha1/namespaces/${STEELYARD_NAMESPACE}/bgppeersessions`;
const SECRETS = `/api/v1/namespaces/${STEELYARD_NAMESPACE}/secrets`;
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const SESSION_CRD = fileURLToPath(new URL('../../deploy/crds/steelyard.io_bgppeersessions.yaml', import.meta.url));
const ROUTER_ASN = 65_000;
const NODE_ASN = 65_001;
const PASSWORD = 'between-routers-only';
const PATIENCE = { timeoutMs: 30_000, intervalMs: 50 };

/** Two routers, FRR both, and speakers on three nodes. */
describe('a speaker with BGP', () => {
  let cluster: Cluster & { readonly api: MemoryApi };
  let router: FrrDaemon;
  let other: FrrDaemon;

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.kube.create(CRDS, parse(readFileSync(SESSION_CRD, 'utf8')) as object);
    const { nodes, gateway, client } = cluster.network;
    const families = ['ipv4', 'ipv6'] as const;
    const neighbors = nodes.map(({ address }) => ({ address, asn: NODE_ASN, families }));
    await Promise.all(
      [...nodes, gateway].map(({ address, namespace, cable }) =>
        namespace.ip([`address add ${ipv6Of(address)}/64 dev ${cable.ifname}`]),
      ),
    );
    [router, other] = await Promise.all([
      startFrr(gateway.namespace, { asn: ROUTER_ASN, routerId: gateway.address, neighbors, maximumPaths: 8 }),
      startFrr(client.namespace, {
        asn: ROUTER_ASN,
        routerId: client.address,
        neighbors: neighbors.map((neighbor) => ({ ...neighbor, md5Password: PASSWORD })),
      }),
    ]);
    await cluster.createPool('pool', { addresses: ['198.51.100.0/24', '10.9.0.0/16'] });
    await put(`${V1BETA1}/bgpadvertisements`, 'BGPAdvertisement', 'all', { ipAddressPools: ['pool'] });
    await putPeer('router', { peerAddress: gateway.address });
    await cluster.start();
  });
  afterAll(async () => {
    await Promise.all([router?.stop(), other?.stop()]);
    await cluster?.close();
  });
  tellLogsOnFailure(() => cluster);

  async function put(folder: string, kind: string, name: string, spec: object): Promise<void> {
    const apiVersion = kind === 'BGPPeer' ? 'metallb.io/v1beta2' : 'metallb.io/v1beta1';
    await cluster.kube.create(folder, { apiVersion, kind, metadata: { name }, spec });
  }
  async function putPeer(name: string, spec: object): Promise<void> {
    await put(PEERS, 'BGPPeer', name, { myASN: NODE_ASN, peerASN: ROUTER_ASN, holdTime: '9s', ...spec });
  }
  async function serve(name: string, ip: string): Promise<void> {
    await cluster.createService(name, { annotations: { 'metallb.io/loadBalancerIPs': ip } });
  }
  const nextHops = async (prefix: string, at: FrrDaemon = router): Promise<readonly string[]> =>
    [...((await at.routes()).get(prefix) ?? [])].map(({ nextHop }) => nextHop).sort(compareTexts);
  const addressesOf = (nodes: readonly Host[]): readonly string[] =>
    nodes.map(({ address }) => address).sort(compareTexts);

  async function expectNextHops(prefix: string, nodes: readonly Host[], at: FrrDaemon = router): Promise<void> {
    const wanted = addressesOf(nodes).join();
    const what = `${prefix} by way of ${wanted || 'nobody'}`;
    await waitUntil(what, async () => (await nextHops(prefix, at)).join() === wanted, PATIENCE);
  }
  async function expectSessions(at: FrrDaemon, nodes: readonly Host[], established: boolean): Promise<void> {
    for (const { address } of nodes) {
      const what = `the session with ${address} to be ${established ? 'up' : 'down'}`;
      const isSo = async () => ((await at.neighbor(address)).state === 'Established') === established;
      await waitUntil(what, isSo, PATIENCE);
    }
  }
  interface Raw {
    readonly connectionsDropped?: number;
    readonly messageStats?: { readonly updatesRecv?: number };
  }
  const raw = async (at: FrrDaemon, { address }: Host): Promise<Raw> => (await at.neighbor(address)).raw as Raw;
  const drops = (at: FrrDaemon): Promise<readonly (number | undefined)[]> =>
    Promise.all(cluster.network.nodes.map(async (node) => (await raw(at, node)).connectionsDropped));
  const updates = async (at: FrrDaemon, node: Host): Promise<number> =>
    (await raw(at, node)).messageStats?.updatesRecv ?? 0;

  const speakerOf = ({ name }: Host): App => cluster.speakers.get(name) ?? expect.fail(`no speaker on ${name}`);

  test('a Service has a route by way of each node, and loses it with its last breath', async () => {
    const { nodes } = cluster.network;
    await cluster.createService('web');
    const ip = await cluster.addressOf('web');
    await expectNextHops(`${ip}/32`, nodes);
    const [path] = (await router.routes()).get(`${ip}/32`) ?? [];
    expect(path).toMatchObject({ asPath: String(NODE_ASN), origin: 'igp', communities: [] });
    const log = await speakerOf(nodes[0]).waitForRecord({ msg: 'service has IP, announcing', protocol: 'bgp' });
    expect(log).toMatchObject({ ips: [ip], pool: 'pool', service: 'default/web' });
    await speakerOf(nodes[0]).waitForRecord({
      msg: 'BGP session established',
      localASN: NODE_ASN,
      peerASN: ROUTER_ASN,
    });
    await waitUntil(
      'the Events of all nodes',
      async () => {
        const events = await cluster.eventsOf('Service', 'web');
        return nodes.every(({ name }) =>
          events.includes(`nodeAssigned: announcing from node "${name}" with protocol "bgp"`),
        );
      },
      PATIENCE,
    );
    await cluster.deleteService('web');
    await expectNextHops(`${ip}/32`, []);
    await expectSessions(router, nodes, true);
  });

  test('says to whom it announces, and how its sessions are, in objects', async () => {
    await serve('told', '198.51.100.200');
    const { nodes } = cluster.network;
    await waitUntil(
      'a ServiceBGPStatus of each node',
      async () => {
        const { items } = (await cluster.kube.get(`${V1BETA1}/servicebgpstatuses`)) as {
          readonly items: readonly { readonly status?: Readonly<Record<string, unknown>> }[];
        };
        const own = items.filter(({ status }) => status?.['serviceName'] === 'told');
        return own.length === nodes.length && own.every(({ status }) => String(status?.['peers']) === 'router');
      },
      PATIENCE,
    );
    await waitUntil(
      'a BGPPeerSession of each node',
      async () => {
        const { items } = (await cluster.kube.get(SESSIONS)) as {
          readonly items: readonly { readonly status?: Readonly<Record<string, unknown>> }[];
        };
        return items.filter(({ status }) => status?.['state'] === 'Established').length === nodes.length;
      },
      PATIENCE,
    );
    await cluster.deleteService('told');
  });

  test('another peer, a pool, a community: no session ends because of what does not concern it', async () => {
    const { nodes, client } = cluster.network;
    await serve('steady', '198.51.100.10');
    await expectNextHops('198.51.100.10/32', nodes);
    const before = await drops(router);
    await cluster.kube.create(SECRETS, {
      metadata: { name: 'second' },
      type: 'kubernetes.io/basic-auth',
      data: { password: Buffer.from(PASSWORD).toString('base64') },
    });
    await putPeer('second', { peerAddress: client.address, passwordSecret: { name: 'second' } });
    await expectNextHops('198.51.100.10/32', nodes, other);
    await cluster.createPool('more', { addresses: ['203.0.113.0/24'] });
    await cluster.kube.patch(`${V1BETA1}/bgpadvertisements/all`, { spec: { communities: ['65000:7'] } });
    await waitUntil(
      'the community at both routers',
      async () => {
        const tables = await Promise.all([router.routes(), other.routes()]);
        return tables.every((routes) =>
          (routes.get('198.51.100.10/32') ?? []).every(({ communities }) => communities.includes('65000:7')),
        );
      },
      PATIENCE,
    );
    expect(await drops(router)).toEqual(before);
    for (const app of cluster.apps()) expect(app.process.lines.join('\n')).not.toContain(PASSWORD);
  });

  test('a changed hold time resets that peer alone, and its routes are back at once', async () => {
    const { nodes } = cluster.network;
    const before = await Promise.all([drops(router), drops(other)]);
    await cluster.kube.patch(`${PEERS}/second`, { spec: { holdTime: '6s' } });
    await waitUntil(
      'the new hold time',
      async () =>
        (await Promise.all(nodes.map(({ address }) => other.neighbor(address)))).every(
          ({ holdTimeSeconds, state }) => holdTimeSeconds === 6 && state === 'Established',
        ),
      PATIENCE,
    );
    await expectNextHops('198.51.100.10/32', nodes, other);
    expect(await drops(router)).toEqual(before[0]);
    expect((await drops(other)).map((count, i) => (count ?? 0) - (before[1][i] ?? 0))).toEqual([1, 1, 1]);
  });

  test('a password that changes in its Secret resets that peer alone', async () => {
    const { nodes } = cluster.network;
    const before = await drops(router);
    const changed = `${PASSWORD}-2`;
    await cluster.kube.patch(`${SECRETS}/second`, { data: { password: Buffer.from(changed).toString('base64') } });
    await expectSessions(other, nodes, false);
    const [node] = nodes;
    await waitUntil(
      'a reason in the object',
      async () => {
        const { items } = (await cluster.kube.get(SESSIONS)) as {
          readonly items: readonly { readonly status?: Readonly<Record<string, unknown>> }[];
        };
        const own = items.find(({ status }) => status?.['peer'] === 'second' && status['node'] === node.name);
        return /password|MD5/.test(String(own?.status?.['lastError']));
      },
      PATIENCE,
    );
    for (const { address } of nodes) {
      await other.vtysh('configure terminal', `router bgp ${ROUTER_ASN}`, `neighbor ${address} password ${changed}`);
    }
    await expectNextHops('198.51.100.10/32', nodes, other);
    expect(await drops(router)).toEqual(before);
    for (const app of cluster.apps()) expect(app.process.lines.join('\n')).not.toContain(PASSWORD);
  });

  test('of many Services one that changes is one UPDATE to each router', async () => {
    const { nodes } = cluster.network;
    const [node] = nodes;
    const count = 300;
    for (let from = 0; from < count; from += 25) {
      const some = Array.from({ length: 25 }, (_, i) => from + i);
      await Promise.all(some.map((i) => serve(`many-${i}`, `10.9.${i >> 8}.${i & 255}`)));
    }
    await waitUntil(
      'all routes',
      async () => (await router.neighbor(node.address)).prefixesReceived === count + 1,
      PATIENCE,
    );
    const before = await updates(router, node);
    await serve('one-more', '10.9.200.1');
    await expectNextHops('10.9.200.1/32', nodes);
    expect((await updates(router, node)) - before).toBe(1);
    await cluster.deleteService('one-more');
    await expectNextHops('10.9.200.1/32', []);
    expect((await updates(router, node)) - before).toBe(2);
  });

  test('what a node cannot serve it does not announce: endpoints elsewhere, the network unavailable, the node excluded', async () => {
    const { nodes } = cluster.network;
    const [first, second, third] = nodes;
    await cluster.createService('local', {
      annotations: { 'metallb.io/loadBalancerIPs': '198.51.100.11' },
      spec: { externalTrafficPolicy: 'Local' },
      endpoints: { [first.name]: true, [second.name]: false },
    });
    await expectNextHops('198.51.100.11/32', [first]);
    await cluster.setEndpoints('local', { [first.name]: true, [second.name]: true });
    await expectNextHops('198.51.100.11/32', [first, second]);

    const node = `/api/v1/nodes/${third.name}`;
    await cluster.kube.patch(node, {
      metadata: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' } },
    });
    await expectNextHops('198.51.100.10/32', [first, second]);
    await expectSessions(router, nodes, true);
    await cluster.kube.patch(node, {
      metadata: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': null } },
    });
    await expectNextHops('198.51.100.10/32', nodes);
  });

  test('a peer that is silent holds up neither another one nor ARP', async () => {
    const { nodes } = cluster.network;
    signalDaemon(other, 'SIGSTOP');
    await cluster.createAdvertisement('too', { ipAddressPools: ['pool'] });
    await serve('meanwhile', '198.51.100.12');
    await expectNextHops('198.51.100.12/32', nodes);
    await cluster.network.owners(['198.51.100.12']);
    signalDaemon(other, 'SIGCONT');
    await expectNextHops('198.51.100.12/32', nodes, other);
  });

  test('the API server goes: what is announced stays announced; what changed meanwhile is announced when it is back', async () => {
    const { nodes } = cluster.network;
    const before = await drops(router);
    await cluster.api.stop();
    await expectSessions(router, nodes, true);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await expectNextHops('198.51.100.10/32', nodes);
    await cluster.api.start();
    await serve('after', '198.51.100.13');
    await expectNextHops('198.51.100.13/32', nodes);
    expect(await drops(router)).toEqual(before);
  });

  test('a speaker that is told to stop withdraws and says why; the router hears it before the connection ends', async () => {
    const { nodes } = cluster.network;
    const [first, second, third] = nodes;
    await speakerOf(first).process.stop(10_000);
    await expectNextHops('198.51.100.10/32', [second, third]);
    const { raw: neighbor } = await router.neighbor(first.address);
    expect(JSON.stringify(neighbor)).toContain('Administrative Shutdown');
    await waitUntilReady(cluster.startSpeaker(first));
    await expectNextHops('198.51.100.10/32', nodes);
  });

  test('a speaker that is killed loses its routes at once, and has them again when it is back', async () => {
    const { nodes } = cluster.network;
    const [first, second, third] = nodes;
    speakerOf(second).process.kill('SIGKILL');
    await expectNextHops('198.51.100.10/32', [first, third]);
    await waitUntilReady(cluster.startSpeaker(second));
    await expectNextHops('198.51.100.10/32', nodes);
  });

  test('both families on one session: IPv6 by way of the node’s own IPv6 address', async () => {
    const { nodes } = cluster.network;
    await cluster.createPool('six', { addresses: ['fd00:99::/120'] });
    await cluster.kube.patch(`${V1BETA1}/bgpadvertisements/all`, { spec: { ipAddressPools: ['pool', 'six'] } });
    await cluster.kube.patch(`${PEERS}/router`, { spec: { dualStackAddressFamily: true } });
    await cluster.createService('six', {
      annotations: { 'metallb.io/loadBalancerIPs': 'fd00:99::20' },
      spec: { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] },
    });
    const wanted = nodes.map(({ address }) => ipv6Of(address)).sort(compareTexts);
    await waitUntil(
      'the IPv6 route by way of each node',
      async () => {
        const paths = (await router.routes('ipv6')).get('fd00:99::20/128') ?? [];
        return (
          paths
            .map(({ nextHop }) => nextHop)
            .sort(compareTexts)
            .join() === wanted.join()
        );
      },
      PATIENCE,
    );
    await expectNextHops('198.51.100.10/32', nodes);
  });

  test('each of MetalLB’s BGP modes is served, and what cannot be served is said', async () => {
    const { nodes } = cluster.network;
    const [first, , third] = nodes;
    await speakerOf(third).process.stop(10_000);
    await putPeer('unserved', {
      peerAddress: '192.0.2.77',
      enableGracefulRestart: true,
      nodeSelectors: [{ matchLabels: { 'kubernetes.io/hostname': third.name } }],
    });
    const app = cluster.startSpeaker(third, { env: { METALLB_BGP_TYPE: 'frr-k8s' } });
    await waitUntilReady(app);
    await expectNextHops('198.51.100.10/32', nodes);
    await app.waitForRecord({ level: 'warn', field: 'spec.enableGracefulRestart' });
    await waitUntil(
      'a Warning on the BGPPeer',
      async () =>
        (await cluster.eventsOf('BGPPeer', 'unserved')).some((event) => event.includes('enableGracefulRestart')),
      PATIENCE,
    );
    await cluster.kube.delete(`${PEERS}/unserved`);
    expect(errorsOf(speakerOf(first)).filter(({ msg }) => msg !== 'failed to connect to peer')).toEqual([]);
  });
});

const compareTexts = (a: string, b: string): number => (a < b ? -1 : 1);

const ipv6Of = (ipv4: string): string => `fd00:2::${ipv4.split('.')[3]}`;

/** To the daemon itself, and not to what holds it. */
function signalDaemon({ process: daemon }: FrrDaemon, signal: 'SIGSTOP' | 'SIGCONT'): void {
  expect(readFileSync(`/proc/${daemon.pid}/comm`, 'utf8').trim()).toBe('bgpd');
  process.kill(daemon.pid, signal);
}
