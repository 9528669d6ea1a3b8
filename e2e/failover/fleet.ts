import {
  electedOwner,
  type LabProcess,
  type Lan,
  type LanHost,
  layLan,
  type MemoryApi,
  monotonicMs,
  type OwnerWatch,
  openApiClient,
  openMemoryApi,
  ownersAtRest,
  relayInto,
  startPretendKubelet,
  waitUntil,
  watchOwners,
} from '@steelyard/testkit';
import { afterEach } from 'vitest';
import { STEELYARD_NAMESPACE } from '../system/apps.ts';
import { createSpeakerPods, type Make, mountSecret, startSpeaker, TESTED_MAKE } from './speakers.ts';

/** Speakers in one gossip, Services of both families, and a client that asks who has their addresses. */
export interface Fleet extends AsyncDisposable {
  readonly lan: Lan;
  readonly api: MemoryApi;
  readonly addresses: readonly string[];
  readonly watch: OwnerWatch;
  /** Starts the speaker of a node, in whose place none runs. */
  start(node: LanHost, make?: Make): LabProcess;
  /** The speaker of a node that was started last. */
  speaker(node: LanHost): LabProcess;
  /** Who owns what when these nodes, all of them unless given, elect the owners. */
  elected(nodes?: readonly LanHost[]): Owners;
  /** Waits until each address has this owner and no second one, and neighbours have heard of it last. */
  atRest(expected: Owners): Promise<void>;
  /** A node that owns something. */
  someOwner(owners: Owners): LanHost;
  /** Waits until, after `sinceMs`, none but others than a node answer for its addresses. */
  takenFrom(node: LanHost, owners: Owners): Promise<void>;
  /** For each address, the longest run of rounds since then in which nobody answered for it. */
  longestSilence(sinceMs: number): Readonly<Record<string, number>>;
}

/** Address → MAC address of its owner. */
export type Owners = ReadonlyMap<string, string>;

const SERVICE_COUNT = 6;
const ASK_INTERVAL_MS = 50;
/** Members that were dead, and addresses that were announced twice, are looked at once a minute. */
const REST_TIMEOUT_MS = 120_000;

export async function openFleet(nodeCount: number): Promise<Fleet> {
  await using stack = new AsyncDisposableStack();
  const lan = await layLan({ nodeCount });
  stack.defer(() => lan.lab.close());
  const api = stack.use(await openMemoryApi());
  const kube = await openApiClient(api.kubeconfigPath);
  stack.defer(() => kube.close());
  for (const { namespace } of lan.nodes) stack.use(await relayInto(namespace, api.url));
  await kube.create('/api/v1/namespaces', { metadata: { name: STEELYARD_NAMESPACE } });
  const nodes = lan.nodes.map(({ name, ipv4, ipv6 }, index) => {
    return { name, addresses: [ipv4, ipv6], podCidrs: [`10.244.${index}.0/24`] };
  });
  stack.use(await startPretendKubelet({ client: kube, nodes, bindPods: false, onError: () => {} })); // tests take the API away
  await createSpeakerPods(kube, lan.nodes);
  await configure(kube);
  const names = nodes.map(({ name }) => name);
  const addresses: string[] = [];
  for (let number = 0; number < SERVICE_COUNT; number += 1) {
    addresses.push(...(await createServed(kube, number, names)));
  }
  const watch = stack.use(await watchOwners(lan.client, { addresses, intervalMs: ASK_INTERVAL_MS }));
  const secret = mountSecret();
  stack.defer(() => secret.remove());
  const speakers = new Map<string, LabProcess>();
  stack.defer(async () => {
    await Promise.all([...speakers.values()].map((speaker) => speaker.stop()));
  });
  const opened = stack.move();
  return {
    lan,
    api,
    addresses,
    watch,
    start(node, make = TESTED_MAKE) {
      const started = startSpeaker(make, node, api.kubeconfigPath, secret.path);
      speakers.set(node.name, started);
      return started;
    },
    speaker(node) {
      const speaker = speakers.get(node.name);
      if (speaker === undefined) throw new Error(`no speaker was started on ${node.name}`);
      return speaker;
    },
    elected(electing = lan.nodes) {
      // Each Service has two addresses that follow each other; the first one decides.
      const macOf = (index: number): string => electedOwner(electing, addresses[index - (index % 2)] ?? '').cable.mac;
      return new Map(addresses.map((address, index) => [address, macOf(index)]));
    },
    async atRest(expected) {
      await ownersAtRest(watch, { timeoutMs: REST_TIMEOUT_MS, expected });
      // Who announced an address last is who neighbours believe to have it.
      const isHeardLast = ([address, mac]: readonly [string, string]): boolean =>
        watch.announcements.findLast((sign) => sign.address === address)?.mac === mac;
      const all = (): boolean => [...expected].every(isHeardLast);
      await waitUntil('each owner to be the one that was heard last', all, { timeoutMs: REST_TIMEOUT_MS });
    },
    someOwner(owners) {
      const node = lan.nodes.find(({ cable }) => [...owners.values()].includes(cable.mac));
      if (node === undefined) throw new Error('no node owns anything');
      return node;
    },
    async takenFrom({ name, cable }, owners) {
      const lost = addresses.filter((address) => owners.get(address) === cable.mac);
      const sinceMs = monotonicMs();
      const others = (address: string): boolean =>
        watch.answers.some((sign) => sign.atMs > sinceMs && sign.address === address && sign.mac !== cable.mac);
      const all = (): boolean => lost.every(others);
      await waitUntil(`the next owners of what ${name} had`, all, { timeoutMs: REST_TIMEOUT_MS });
    },
    longestSilence(sinceMs) {
      const rounds = watch.rounds.filter(({ atMs }) => atMs >= sinceMs).slice(0, -1);
      return Object.fromEntries(
        addresses.map((address) => {
          const answered = new Set(watch.answers.filter((sign) => sign.address === address).map(({ round }) => round));
          let longest = 0;
          let silent = 0;
          for (const { round } of rounds) {
            silent = answered.has(round) ? 0 : silent + 1;
            longest = Math.max(longest, silent);
          }
          return [address, longest];
        }),
      );
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

type Kube = Awaited<ReturnType<typeof openApiClient>>;

async function configure(kube: Kube): Promise<void> {
  const apiVersion = 'metallb.io/v1beta1';
  const folder = `/apis/${apiVersion}/namespaces/${STEELYARD_NAMESPACE}`;
  const addresses = ['10.20.64.0/24', 'fd00:20::1:0/120'];
  const pool = { apiVersion, kind: 'IPAddressPool', metadata: { name: 'all' }, spec: { addresses } };
  await kube.create(`${folder}/ipaddresspools`, pool);
  const advertisement = { apiVersion, kind: 'L2Advertisement', metadata: { name: 'all' }, spec: {} };
  await kube.create(`${folder}/l2advertisements`, advertisement);
}

/** A Service that no controller has to serve: its addresses are in its status, its endpoints on all nodes. */
async function createServed(kube: Kube, number: number, nodeNames: readonly string[]): Promise<readonly string[]> {
  const name = `web-${number}`;
  const addresses = [`10.20.64.${number}`, `fd00:20::1:${(number + 1).toString(16)}`];
  await kube.create('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
    metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: nodeNames.map((nodeName, index) => ({
      addresses: [`10.244.${index}.10`],
      nodeName,
      conditions: { ready: true, serving: true, terminating: false },
    })),
  });
  const services = '/api/v1/namespaces/default/services';
  await kube.create(services, {
    metadata: { name },
    spec: {
      type: 'LoadBalancer',
      allocateLoadBalancerNodePorts: false,
      ipFamilyPolicy: 'RequireDualStack',
      ipFamilies: ['IPv4', 'IPv6'],
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
    },
  });
  const ingress = addresses.map((ip) => ({ ip }));
  await kube.patch(`${services}/${name}/status`, { status: { loadBalancer: { ingress } } });
  return addresses;
}

/** After a test that failed, prints the last lines of every speaker: what fails once in a hundred runs is explained at once. */
export function tellLogsOnFailure(fleetNow: () => Fleet | undefined): void {
  afterEach(({ task }) => {
    const fleet = fleetNow();
    if (task.result?.state !== 'fail' || fleet === undefined) return;
    for (const node of fleet.lan.nodes) {
      const { name, end, lines } = fleet.speaker(node);
      const state = end === undefined ? '' : ` (ended with ${end.signal ?? end.code})`;
      process.stderr.write(`${name}${state}:\n${lines.slice(-40).join('\n')}\n`);
    }
  });
}
