import { type ApiClient, type MemoryApi, openApiClient, openMemoryApi, waitUntil } from '@steelyard/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  configurationReport,
  createConfigurationStateReporter,
  type KubeClient,
  openKubeClient,
  watchConfiguration,
} from '../src/index.ts';

const NAMESPACE = 'metallb-system';
const METALLB = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}`;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const quick = { retryMinMs: 5, retryMaxMs: 20, slowRetryMinMs: 5, slowRetryMaxMs: 20 };
const NODES = [
  { name: 'n1', labels: { rack: 'a' } },
  { name: 'n2', labels: { rack: 'b' } },
];

let api: MemoryApi;
let admin: ApiClient;
let client: KubeClient;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  api = await openMemoryApi();
  admin = await openApiClient(api.kubeconfigPath);
  await admin.create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath });
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await client.close();
  await api.close();
});

/** What a speaker does of it: it follows the configuration for its node, and says whether it is valid. */
function speak(nodeName: string): void {
  const state = createConfigurationStateReporter({
    client,
    namespace: NAMESPACE,
    reporter: { component: 'speaker', nodeName },
    owner: undefined,
    logger: silent,
    timing: quick,
  });
  const watch = watchConfiguration({
    client,
    namespace: NAMESPACE,
    legacyMode: 'auto',
    reader: 'speaker',
    rules: { nodeName },
    nodes: () => NODES,
    logger: silent,
    timing: quick,
    onConfiguration: (inForce) => state.report(configurationReport(inForce, 'speaker')),
  });
  stops.push(
    () => watch.stop(),
    () => state.stop(),
  );
}

interface State {
  readonly metadata: { readonly labels?: unknown };
  readonly status?: { readonly result?: string; readonly errorSummary?: string };
}
async function stateOf(name: string, result: string): Promise<State> {
  return waitUntil(`${name}: ${result}`, async () => {
    const found = await client.request('GET', `${METALLB}/configurationstates/${name}`).catch(() => undefined);
    const state = found?.body as State | undefined;
    return state?.status?.result === result && state;
  });
}

test('a peer for one node is wrong: its speaker says so, and no other', async () => {
  await admin.create(`/apis/metallb.io/v1beta2/namespaces/${NAMESPACE}/bgppeers`, {
    apiVersion: 'metallb.io/v1beta2',
    kind: 'BGPPeer',
    metadata: { namespace: NAMESPACE, name: 'p' },
    spec: {
      myASN: 64512,
      peerASN: 64513,
      peerAddress: '192.0.2.1',
      holdTime: '1s',
      nodeSelectors: [{ matchLabels: { rack: 'b' } }],
    },
  });
  for (const { name } of NODES) speak(name);
  const labels = (node: string) => ({ 'metallb.io/component-type': 'speaker', 'metallb.io/node-name': node });
  expect(await stateOf('speaker-n1', 'Valid')).toMatchObject({ metadata: { labels: labels('n1') } });
  expect(await stateOf('speaker-n2', 'Invalid')).toMatchObject({
    metadata: { labels: labels('n2') },
    status: { errorSummary: expect.stringContaining('parsing peer p invalid BGPPeer timers: invalid hold time "1s"') },
  });
  await admin.delete(`/apis/metallb.io/v1beta2/namespaces/${NAMESPACE}/bgppeers/p`);
  await stateOf('speaker-n2', 'Valid');
});

test('bgpextras are not passed over in silence: their author is told, and the configuration stays valid', async () => {
  await admin.create(`/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/bgpadvertisements`, {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'BGPAdvertisement',
    metadata: { namespace: NAMESPACE, name: 'ad' },
    spec: {},
  });
  const told: (readonly string[])[] = [];
  const watch = watchConfiguration({
    client,
    namespace: NAMESPACE,
    legacyMode: 'auto',
    reader: 'speaker',
    rules: { nodeName: 'n1', bgpType: 'frr' },
    nodes: () => NODES,
    logger: silent,
    timing: quick,
    onConfiguration({ problems, stale, identityOf }) {
      const events = problems.map(({ object }) => identityOf(object)?.uid !== undefined);
      told.push([...problems.map(({ severity, message }) => `${severity} ${message}`), `${stale} ${events}`]);
    },
  });
  stops.push(() => watch.stop());
  await waitUntil('the configuration', () => told.length > 0);
  expect(told.at(-1)).toEqual(['false ']);
  const configMaps = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
  const metadata = { namespace: NAMESPACE, name: 'bgpextras' };
  await admin.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { extras: 'router bgp 1' } });
  await waitUntil('the warning', () => told.length > 1);
  expect(told.at(-1)).toEqual([
    expect.stringMatching(/^warning ConfigMap\/bgpextras data.extras: lines for FRR are not served/),
    'false true',
  ]);
  await admin.delete(`${configMaps}/bgpextras`);
  await waitUntil('its end', () => told.length > 2);
  expect(told.at(-1)).toEqual(['false ']);
});
