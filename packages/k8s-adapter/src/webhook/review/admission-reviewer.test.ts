import { type MemoryApi, openMemoryApi } from '@steelyard/testkit';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type KubeClient, openKubeClient } from '../../client/kube-client.ts';
import { VALIDATING_WEBHOOK_PATHS } from '../server/webhook-paths.ts';
import type { AdmissionOperation, AdmissionVerdict } from './admission-review.ts';
import { createAdmissionReviewer } from './admission-reviewer.ts';

const NAMESPACE = 'metallb-system';

let api: MemoryApi;
let client: KubeClient;
beforeAll(async () => {
  api = await openMemoryApi();
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
  const metadata = { name: NAMESPACE };
  await client.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata } });
  await client.request('POST', `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/ipaddresspools`, {
    body: object('IPAddressPool', 'there', { addresses: ['192.0.2.0/28'] }),
  });
  api.clearRequests();
});
afterEach(() => {
  api.clearFaults();
  api.clearRequests();
});
afterAll(async () => {
  await client.close();
  await api.close();
});

function object(kind: string, name: string, spec: object): object {
  const apiVersion = `metallb.io/${kind === 'BGPPeer' ? 'v1beta2' : 'v1beta1'}`;
  return { apiVersion, kind, metadata: { name, namespace: NAMESPACE }, spec };
}

async function judge(
  kind: string,
  operation: AdmissionOperation,
  fields: { readonly object?: unknown; readonly oldObject?: unknown },
  options: { readonly listTimeoutMs?: number } = {},
): Promise<AdmissionVerdict> {
  const reviewed = [...VALIDATING_WEBHOOK_PATHS.values()].find((known) => known.kind === kind);
  if (reviewed === undefined) throw new TypeError(kind);
  const review = createAdmissionReviewer({ client, namespace: NAMESPACE, ...options });
  const { version } = reviewed;
  return review(
    reviewed,
    {
      uid: 'uid',
      kind: { group: 'metallb.io', version, kind },
      operation,
      namespace: NAMESPACE,
      name: 'a',
      object: fields.object,
      oldObject: fields.oldObject,
    },
    new AbortController().signal,
  );
}

const listed = (): Set<string> =>
  new Set(api.requests.map(({ path }) => path.replace(/\?.*$/, '').replace(/^.*\//, '')));

test.each([
  ['IPAddressPool', { addresses: ['198.51.100.0/28'] }, ['ipaddresspools']],
  ['L2Advertisement', {}, ['l2advertisements', 'ipaddresspools']],
  ['BGPAdvertisement', {}, ['bgpadvertisements', 'ipaddresspools', 'nodes']],
  ['BGPPeer', { myASN: 1, peerASN: 2, peerAddress: '192.0.2.1' }, ['bgppeers', 'nodes']],
  ['Community', { communities: [{ name: 'x', value: '1:2' }] }, ['communities']],
  ['BFDProfile', {}, []],
])('a new %s is judged beside its own part of the world, and nothing else is listed', async (kind, spec, lists) => {
  expect(await judge(kind, 'CREATE', { object: object(kind, 'a', spec) })).toMatchObject({ allowed: true });
  expect(listed()).toEqual(new Set(lists));
});

test('what is there already counts', async () => {
  const overlapping = object('IPAddressPool', 'a', { addresses: ['192.0.2.8/29'] });
  expect(await judge('IPAddressPool', 'CREATE', { object: overlapping })).toMatchObject({
    allowed: false,
    message: expect.stringContaining('overlaps'),
  });
});

test('the object under review takes the place of what it was', async () => {
  const [before, after] = ['192.0.2.0/28', '192.0.2.0/29'].map((address) =>
    object('IPAddressPool', 'there', { addresses: [address] }),
  );
  expect(await judge('IPAddressPool', 'UPDATE', { object: after, oldObject: before })).toMatchObject({ allowed: true });
});

test('a BFDProfile that is to be deleted is judged beside the peers', async () => {
  const oldObject = object('BFDProfile', 'a', {});
  expect(await judge('BFDProfile', 'DELETE', { oldObject })).toMatchObject({ allowed: true });
  expect(listed()).toEqual(new Set(['bgppeers']));
});

test.each([undefined, null, 7, [], 'text'])(
  'without the object itself (%j) there is nothing to judge',
  async (content) => {
    const verdict = { allowed: false, code: 400, message: 'there is no content to decode' };
    expect(await judge('IPAddressPool', 'CREATE', { object: content })).toEqual(verdict);
    expect(await judge('BFDProfile', 'DELETE', { object: {}, oldObject: content })).toEqual(verdict);
  },
);

test.each([
  ['forbidden', { kind: 'status', code: 403, message: 'nodes is forbidden' }, 'nodes is forbidden'],
  ['broken', { kind: 'status', code: 500 }, '500'],
  ['cut off', { kind: 'cut', afterOctets: 10 }, 'GET'],
  ['garbage', { kind: 'garbage' }, 'not JSON'],
  ['not answered', { kind: 'hang' }, 'no answer within 200 ms'],
] as const)('a list that is %s is an error, and no verdict', async (_, fault, text) => {
  api.inject({ path: /nodes/, times: 10, fault });
  const peer = object('BGPPeer', 'a', { myASN: 1, peerASN: 2, peerAddress: '192.0.2.1' });
  await expect(judge('BGPPeer', 'CREATE', { object: peer }, { listTimeoutMs: 200 })).rejects.toThrow(
    new RegExp(`^failed to get existing Node objects: .*${text}`),
  );
});
