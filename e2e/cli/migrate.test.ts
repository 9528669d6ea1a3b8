import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlPlane, openApiClient, openMemoryApi, openRealControlPlane } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CRDS } from '../kubernetes/cluster/roles.ts';
import { runSteelyard } from './steelyard.ts';

/** MetalLB's own test data, and what MetalLB's converter made of it: packages/config/test/fixtures/configmaptocrs.mjs. */
interface Answer {
  readonly name: string;
  readonly onlyData: boolean;
  readonly input: string;
  readonly output: string;
}
const answers = readFileSync(
  new URL('../../packages/config/test/fixtures/configmaptocrs.jsonl', import.meta.url),
  'utf8',
)
  .trim()
  .split('\n')
  .map((line): Answer => JSON.parse(line))
  .filter(({ name }) => name.startsWith('testdata/'));
const fullOf = (onlyData: boolean): Answer =>
  answers.find((answer) => answer.onlyData === onlyData && answer.name.includes('full')) as Answer;

/** Everything that the old format has, so that the API server sees every field. */
const EVERYTHING = `
peers:
- my-asn: 64500
  peer-asn: 64501
  peer-address: 192.0.2.1
  source-address: 192.0.2.2
  peer-port: 1179
  hold-time: 90s
  keepalive-time: 30s
  router-id: 192.0.2.3
  password: "12:34"
  bfd-profile: Fast_One
  ebgp-multihop: yes
  node-selectors:
  - match-labels: { rack: 010 }
    match-expressions: [{ key: zone, operator: In, values: [b, a] }]
- { my-asn: 4294967295, peer-asn: 64501, peer-address: "2001:db8::1" }
address-pools:
- name: Public_Pool
  protocol: bgp
  addresses: [198.51.100.0/24, "2001:db8:1::/64"]
  auto-assign: no
  avoid-buggy-ips: on
  bgp-advertisements:
  - { aggregation-length: 32, aggregation-length-v6: 128, localpref: 100, communities: [64512:12, no-advertise] }
  - { aggregation-length: 24, aggregation-length-v6: 64, localpref: 50 }
- { name: lan, protocol: layer2, addresses: [203.0.113.10-203.0.113.20] }
bgp-communities: { no-advertise: 65535:65282, big: "large:64500:1:2" }
bfd-profiles:
- { name: Fast_One, receive-interval: 280, transmit-interval: 270, detect-multiplier: 20, passive-mode: true, minimum-ttl: 254 }
`;

const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config' }, data: { config: EVERYTHING } };
const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'metallb-system' } };

describe('steelyard migrate', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'steelyard-migrate-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('a file, as configmaptocrs is called', async () => {
    const { input, output } = fullOf(false);
    writeFileSync(join(folder, 'config.yaml'), input);
    const outcome = await runSteelyard(['migrate', '-source', join(folder, 'config.yaml'), '-stdout']);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: output });
  });

  test('standard input, to a file', async () => {
    const { input, output } = fullOf(true);
    const path = join(folder, 'resources.yaml');
    const outcome = await runSteelyard(['migrate', '--only-data', '-o', path], { input });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: '' });
    expect(readFileSync(path, 'utf8')).toBe(output);
  });

  test('the ConfigMap of a cluster, which stays as it is', async () => {
    await using api = await openMemoryApi();
    using client = await openApiClient(api.kubeconfigPath);
    await client.create('/api/v1/namespaces', NAMESPACE);
    await client.create('/api/v1/namespaces/metallb-system/configmaps', configMap);
    api.clearRequests();
    const outcome = await runSteelyard(['migrate', '--from-cluster'], { env: { KUBECONFIG: api.kubeconfigPath } });
    const asData = await runSteelyard(['migrate', '--only-data'], { input: EVERYTHING });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: asData.stdout });
    expect(outcome.stdout).toContain('kind: BGPPeer');
    expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /api/v1/namespaces/metallb-system/configmaps/config',
    ]);
  });

  test('nothing on standard output, and exit code 1, where something is wrong', async () => {
    const outcome = await runSteelyard(['migrate'], { input: 'kind: Secret\napiVersion: v1\n' });
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('not a ConfigMap') });
  });

  test('exit code 2 where it is called wrongly', async () => {
    expect(await runSteelyard(['migrate', '--wrong'])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  test('a cluster that does not answer is told as that', async () => {
    await using api = await openMemoryApi();
    await api.stop();
    const outcome = await runSteelyard(['migrate', '--from-cluster', '--kubeconfig', api.kubeconfigPath]);
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/^ConfigMap metallb-system\/config: error: .+\n/);
  });
});

await describeKubeLab('steelyard migrate | kubectl apply', (kubeLab) => {
  let controlPlane: ControlPlane;
  beforeAll(async () => {
    controlPlane = await openRealControlPlane({ kubeLab });
    await controlPlane.kubectl(['apply', '-f', CRDS]);
    await controlPlane.kubectl(['wait', '--for=condition=Established', '--timeout=60s', '-f', CRDS]);
    const objects = { apiVersion: 'v1', kind: 'List', items: [NAMESPACE] };
    await controlPlane.kubectl(['apply', '-f', '-'], { input: JSON.stringify(objects) });
    await controlPlane.kubectl(['apply', '-n', 'metallb-system', '-f', '-'], { input: JSON.stringify(configMap) });
  });
  afterAll(() => controlPlane.stop());

  test('the API server takes every object with every field', async () => {
    const { stdout, exitCode } = await runSteelyard(['migrate', '--from-cluster'], {
      env: controlPlane.environment,
    });
    expect(exitCode).toBe(0);
    const applied = await controlPlane.kubectl(['apply', '--validate=strict', '-f', '-'], { input: stdout });
    expect(applied.trim().split('\n').sort()).toEqual([
      'bfdprofile.metallb.io/fast-one created',
      'bgpadvertisement.metallb.io/bgpadvertisement1 created',
      'bgpadvertisement.metallb.io/bgpadvertisement2 created',
      'bgppeer.metallb.io/peer1 created',
      'bgppeer.metallb.io/peer2 created',
      'community.metallb.io/communities created',
      'ipaddresspool.metallb.io/lan created',
      'ipaddresspool.metallb.io/public-pool created',
      'l2advertisement.metallb.io/l2advertisement1 created',
    ]);
    const peer = JSON.parse(
      await controlPlane.kubectl(['get', '-n', 'metallb-system', 'bgppeer', 'peer1', '-o', 'json']),
    );
    expect(peer.spec).toEqual({
      bfdProfile: 'fast-one',
      disableMP: false,
      dualStackAddressFamily: false,
      ebgpMultiHop: true,
      holdTime: '1m30s',
      keepaliveTime: '30s',
      myASN: 64_500,
      nodeSelectors: [
        { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }], matchLabels: { rack: '8' } },
      ],
      password: '12:34',
      passwordSecret: {},
      peerASN: 64_501,
      peerAddress: '192.0.2.1',
      peerPort: 1179,
      routerID: '192.0.2.3',
      sourceAddress: '192.0.2.2',
    });
  });

  test('a second time changes nothing', async () => {
    const { stdout } = await runSteelyard(['migrate', '--from-cluster'], { env: controlPlane.environment });
    await controlPlane.kubectl(['apply', '-f', '-'], { input: stdout });
    const kinds = 'ipaddresspools,bgpadvertisements,l2advertisements,bgppeers,bfdprofiles,communities';
    const objects = await controlPlane.kubectl(['get', '-n', 'metallb-system', kinds, '-o', 'json']);
    const generations = JSON.parse(objects).items.map(
      ({ metadata }: { metadata: { generation: number } }) => metadata.generation,
    );
    expect(generations).toEqual(Array.from({ length: 9 }, () => 1));
  });

  test('what kubectl writes of the ConfigMap says the same', async () => {
    const fromCluster = await runSteelyard(['migrate', '--from-cluster'], { env: controlPlane.environment });
    for (const format of ['yaml', 'json']) {
      const input = await controlPlane.kubectl(['get', 'configmap', '-n', 'metallb-system', 'config', '-o', format]);
      expect((await runSteelyard(['migrate'], { input })).stdout).toBe(fromCluster.stdout);
    }
  });

  test.for(answers.map((answer): [string, Answer] => [answer.name, answer]))(
    '%s of MetalLB is taken',
    async ([, answer]) => {
      const args = answer.onlyData ? ['migrate', '--only-data'] : ['migrate'];
      const { stdout } = await runSteelyard(args, { input: answer.input });
      expect(stdout).toBe(answer.output);
      await controlPlane.kubectl(['apply', '--dry-run=server', '--validate=strict', '-f', '-'], { input: stdout });
    },
  );
});
