import {
  type BgpPeerSessionView,
  type BgpSessionStatusWriter,
  createBgpSessionStatusWriter,
  type KubeClient,
  openKubeClient,
} from '@steelyard/k8s-adapter';
import { type ControlPlane, createServiceAccountKubeconfig, openRealControlPlane, waitUntil } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { CRDS, MANIFESTS, objectsOf, type Roles } from './cluster/roles.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const NAMESPACE = 'metallb-system';
const DEFINITION = `${CRDS}/steelyard.io_bgppeersessions.yaml`;
const PATH = `/apis/steelyard.io/v1alpha1/namespaces/${NAMESPACE}/bgppeersessions`;
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

interface Shown {
  readonly metadata: { readonly name: string; readonly resourceVersion: string; readonly ownerReferences?: object[] };
  readonly status?: Readonly<Record<string, unknown>>;
}

const established: BgpPeerSessionView = {
  address: '192.0.2.1',
  port: 179,
  localAsn: 4_200_000_001,
  peerAsn: 64513,
  routerId: '192.0.2.9',
  localAddress: '192.0.2.9',
  state: 'Established',
  stateSinceMs: AT_MS,
  establishedAtMs: AT_MS,
  lastError: undefined,
  holdTimeSeconds: 90,
  keepaliveTimeMs: 30_000,
  sentCapabilities: ['IPv4 unicast', '4-octet AS number'],
  receivedCapabilities: ['IPv4 unicast'],
  prefixesAnnounced: 7,
  prefixesUnsendable: 1,
  unsendableBecause: 'the session does not carry IPv6',
};
const refused: BgpPeerSessionView = {
  ...established,
  address: '2001:db8::1',
  peerAsn: 'external',
  routerId: undefined,
  localAddress: undefined,
  state: 'Active',
  establishedAtMs: undefined,
  lastError: { text: 'connection refused', atMs: AT_MS },
  holdTimeSeconds: undefined,
  keepaliveTimeMs: undefined,
  receivedCapabilities: [],
  prefixesAnnounced: 0,
  prefixesUnsendable: 0,
  unsendableBecause: undefined,
};

await describeKubeLab('how the BGP sessions of a node are', (kubeLab) => {
  let controlPlane: ControlPlane;
  let admin: KubeClient;
  let speaker: KubeClient;
  const lines: string[] = [];
  const say = (pairs: object, msg: string): void =>
    void lines.push('remedy' in pairs ? `${msg}; ${pairs.remedy}` : msg);
  const logger = { debug: () => undefined, info: say, warn: say, error: say };
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    controlPlane = await openRealControlPlane({ kubeLab });
    const { kubectl, kubeconfigPath } = controlPlane;
    await kubectl(['apply', '-f', `${MANIFESTS}/namespace.yaml`]);
    await grant('metallb');
    admin = await openKubeClient({ kubeconfigPath, env: {} });
    const account = await createServiceAccountKubeconfig(controlPlane, { namespace: NAMESPACE, name: 'speaker' });
    speaker = await openKubeClient({ kubeconfigPath: account, env: {} });
  });
  afterAll(async () => {
    for (const client of [admin, speaker]) await client.close();
    await controlPlane.stop();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    lines.length = 0;
  });

  async function grant(roles: Roles): Promise<void> {
    const list = { apiVersion: 'v1', kind: 'List', items: await objectsOf(roles) };
    await controlPlane.kubectl(['apply', '-f', '-'], { input: JSON.stringify(list) });
  }

  function start(nodeName: string, owner?: { name: string; uid: string }): BgpSessionStatusWriter {
    const options = { client: speaker, namespace: NAMESPACE, nodeName, owner, logger, minIntervalMs: 200 };
    const writer = createBgpSessionStatusWriter(options);
    closing.push(() => writer.stop());
    return writer;
  }

  async function createPod(name: string): Promise<{ name: string; uid: string }> {
    const spec = { serviceAccountName: 'speaker', containers: [{ name: 'speaker', image: 'example.com/c:1' }] };
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
    const answer = (await admin.request('POST', PODS, { body })).body as {
      readonly metadata: { readonly uid: string };
    };
    return { name, uid: answer.metadata.uid };
  }

  const all = async (): Promise<readonly Shown[]> =>
    ((await admin.request('GET', PATH)).body as { items: readonly Shown[] | null }).items ?? [];
  const shows = (...wanted: string[]): Promise<readonly Shown[]> =>
    waitUntil(
      `the objects to say ${wanted}`,
      async () => {
        const objects = await all();
        const said = objects.map(({ metadata, status }) => `${metadata.name} ${status?.['state']}`);
        return JSON.stringify(said) === JSON.stringify(wanted) && objects; // the API server lists by name
      },
      { timeoutMs: 30_000 },
    );
  const rest = (ms = 500): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const line = (): Promise<unknown> => waitUntil('the line', () => lines.length > 0, { timeoutMs: 30_000 });

  // In this order: a cluster of MetalLB's, then with the CRD, then with the right.
  test('are not shown in a cluster that has MetalLB’s roles and CRDs: one line says why', async () => {
    start('node-1').set(new Map([['tor', established]]));
    await line();
    await rest(2_000);
    // To who may not list a kind the API server says so, whether there is such a kind or not.
    expect(lines).toEqual([expect.stringMatching(/^not allowed to read BGPPeerSessions.*of bgppeersessions/)]);
  });

  test('nor with the right and without the CRD', async () => {
    await grant('own');
    start('node-1').set(new Map([['tor', established]]));
    await line();
    await rest(1_000);
    expect(lines.at(-1)).toMatch(/^the kind BGPPeerSession is not installed.*bgppeersessions\.steelyard\.io/);
    expect(lines.length).toBeLessThanOrEqual(2); // a role takes a moment to be in force
  });

  test('nor with the CRD and without the right', async () => {
    await controlPlane.kubectl(['apply', '-f', DEFINITION]);
    await controlPlane.kubectl(['wait', '--for=condition=established', '--timeout=20s', '-f', DEFINITION]);
    await controlPlane.kubectl(['delete', 'role', 'speaker', '--namespace', NAMESPACE]);
    await waitUntil('the right to be gone', async () => {
      const answer = await speaker.request('GET', PATH).catch((error: unknown) => error);
      return answer instanceof Error && answer.message.includes('403');
    });
    start('node-1').set(new Map([['tor', established]]));
    await line();
    await rest(1_000);
    expect(lines).toEqual([expect.stringMatching(/^not allowed to read BGPPeerSessions.*of bgppeersessions/)]);
    await grant('own');
    await waitUntil('the right', () =>
      speaker.request('GET', PATH).then(
        () => true,
        () => false,
      ),
    );
  });

  test('are shown by kubectl, with the last error in words', async () => {
    const owner = await createPod('speaker-1');
    const writer = start('node-1', owner);
    writer.set(
      new Map([
        ['tor', established],
        ['other', refused],
      ]),
    );
    const [other, tor] = await shows('node-1-other Active', 'node-1-tor Established');
    const table = await controlPlane.kubectl(['-n', NAMESPACE, 'get', 'bgppeersessions', '-o', 'wide']);
    expect(table.split('\n').map((row) => row.trimEnd().replace(/ {2,}/g, ' | '))).toEqual([
      'NAME | NODE | PEER | ADDRESS | STATE | SINCE | PREFIXES | LAST ERROR',
      expect.stringMatching(
        /^node-1-other \| node-1 \| other \| 2001:db8::1 \| Active \| \w+ \| 0 \| connection refused$/,
      ),
      expect.stringMatching(/^node-1-tor \| node-1 \| tor \| 192\.0\.2\.1 \| Established \| \w+ \| 7$/),
      '',
    ]);
    expect(tor?.metadata.ownerReferences).toEqual([{ apiVersion: 'v1', kind: 'Pod', ...owner }]);
    expect(tor?.status).toMatchObject({
      localASN: 4_200_000_001,
      peerASN: 64513,
      stateSince: '2026-01-02T03:04:05Z',
      establishedAt: '2026-01-02T03:04:05Z',
      sentCapabilities: ['IPv4 unicast', '4-octet AS number'],
      prefixesUnsendable: 1,
      unsendableReason: 'the session does not carry IPv6',
    });
    expect(other?.status).toMatchObject({ peerASN: 'external', lastErrorTime: '2026-01-02T03:04:05Z' });
    expect(Object.keys(other?.status ?? {})).not.toContain('establishedAt');
    writer.set(new Map([['tor', { ...refused, address: '192.0.2.1' }]]));
    const [down] = await shows('node-1-tor Active');
    expect(down?.status).not.toHaveProperty('routerID');
    expect(lines).toEqual([]);
  });

  test('stay as they are at rest and over a restart, and go when the sessions are no more', async () => {
    const owner = await createPod('speaker-2');
    const before = start('node-1', owner);
    before.set(new Map([['tor', established]]));
    const [object] = await shows('node-1-tor Established');
    await rest();
    await before.stop();
    const made = (await all()).map(({ metadata }) => metadata.resourceVersion);
    const after = start('node-1', owner);
    for (let i = 0; i < 10; i++) after.set(new Map([['tor', { ...established, stateSinceMs: AT_MS + i }]]));
    await rest();
    expect((await all()).map(({ metadata }) => metadata.resourceVersion)).toEqual(made);
    await admin.request('PATCH', `${PATH}/${object?.metadata.name}/status`, { body: { status: { state: 'Idle' } } });
    await shows('node-1-tor Established');
    const other = start('node-2');
    other.set(new Map([['tor', refused]]));
    await shows('node-1-tor Established', 'node-2-tor Active');
    after.set(new Map());
    await shows('node-2-tor Active');
    other.set(new Map());
    await shows();
  });
});
