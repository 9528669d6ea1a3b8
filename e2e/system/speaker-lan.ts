import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  type ApiClient,
  type LabProcess,
  type Lan,
  type LanHost,
  layLan,
  type MemoryApi,
  type NamespaceListener,
  openApiClient,
  openMemoryApi,
  probeArp,
  probeNdp,
  relayInto,
  startPretendKubelet,
  waitUntil,
} from '@steelyard/testkit';
import { afterEach } from 'vitest';
import { createSpeakerPods } from '../failover/speakers.ts';
import { HEALTH_PROBE_PORT, type LogRecord, STEELYARD_NAMESPACE } from './apps.ts';
import { openReviewingApi } from './speaker-lan-reviews.ts';

/** Nodes and a client on one switch, Services of both families, and speakers whose surroundings each test makes. */
export interface SpeakerLan extends AsyncDisposable {
  readonly lan: Lan;
  readonly api: MemoryApi;
  readonly kube: ApiClient;
  /** Of each Service its IPv4, then its IPv6 address. */
  readonly addresses: readonly string[];
  /** The way to the API server, by the name of the node. */
  readonly relays: ReadonlyMap<string, NamespaceListener>;
  /** Starts the speaker of a node, in whose place none runs. */
  start(node: LanHost, surroundings?: Surroundings): Speaker;
  /** Stops all that run. */
  stopAll(): Promise<void>;
  /** Address → names of the nodes that answer for it. */
  answering(addresses?: readonly string[]): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Waits until each address is answered for by one node, and says by which. */
  owners(addresses?: readonly string[]): Promise<Readonly<Record<string, string>>>;
  createService(number: number): Promise<readonly string[]>;
  deleteService(number: number): Promise<void>;
}

/** What a speaker finds where it is started. */
export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly flags?: readonly string[];
  /** A folder that it sees as /etc/metallb, as what is mounted there from ConfigMaps. */
  readonly etcMetallb?: string;
}

/** A running speaker. */
export interface Speaker {
  readonly node: LanHost;
  readonly process: LabProcess;
  readonly records: readonly LogRecord[];
  /** The first line, logged already or to come, that has all these pairs. */
  waitForRecord(pairs: LogRecord): Promise<LogRecord>;
  /** Those so far. */
  recordsWith(pairs: LogRecord): readonly LogRecord[];
  /** What kubelet would be told. */
  readyz(): Promise<string>;
  /** Waits until that is so. */
  waitUntilReadyzSays(expected: string | RegExp): Promise<void>;
  rssMib(): number;
}

const MAIN = `${process.env['STEELYARD_APPS'] ?? fileURLToPath(new URL('../../apps', import.meta.url))}/speaker/dist/main.js`;
const SERVICES = '/api/v1/namespaces/default/services';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const REST_TIMEOUT_MS = 40_000;
/** The environment of MetalLB's manifests that makes speakers find each other. */
const LABELS = 'app=metallb,component=speaker';

/** Shows the program that follows a folder as /etc/metallb. It keeps its process id. */
const WITH_ETC_METALLB = `set -e
mount -t tmpfs tmpfs /etc
mkdir /etc/metallb
mount --bind "$0" /etc/metallb
exec "$@"`;

export interface SpeakerLanOptions {
  readonly nodeCount: number;
  readonly serviceCount: number;
  /** Whether the API also says who may read metrics. Default false. */
  readonly reviews?: boolean;
}

export async function openSpeakerLan({
  nodeCount,
  serviceCount,
  reviews = false,
}: SpeakerLanOptions): Promise<SpeakerLan> {
  await using stack = new AsyncDisposableStack();
  const lan = await layLan({ nodeCount });
  stack.defer(() => lan.lab.close());
  const api = stack.use(await openMemoryApi());
  const served = reviews ? stack.use(await openReviewingApi(api)) : api;
  const kube = await openApiClient(api.kubeconfigPath);
  stack.defer(() => kube.close());
  const relays = new Map<string, NamespaceListener>();
  for (const { name, namespace } of lan.nodes) {
    const relay = await relayInto(namespace, served.url);
    stack.defer(() => relay.close());
    relays.set(name, relay);
  }
  await kube.create('/api/v1/namespaces', { metadata: { name: STEELYARD_NAMESPACE } });
  const nodes = lan.nodes.map(({ name, ipv4, ipv6 }, i) => ({
    name,
    addresses: [ipv4, ipv6],
    podCidrs: [`10.244.${i}.0/24`],
  }));
  stack.use(await startPretendKubelet({ client: kube, nodes, bindPods: false, onError: () => {} })); // tests take the API away
  await createSpeakerPods(kube, lan.nodes);
  await configure(kube);
  const speakers = new Map<string, Speaker>();
  const nameOf = new Map(lan.nodes.map(({ name, cable }) => [cable.mac, name]));
  const stopAll = async (): Promise<void> => {
    await Promise.all([...speakers.values()].map(({ process }) => process.stop()));
  };
  stack.defer(stopAll);
  const addresses: string[] = [];

  async function createService(number: number): Promise<readonly string[]> {
    const name = `web-${number}`;
    const octets = `${number >> 8}.${number & 255}`;
    const own = [`10.20.${64 + (number >> 8)}.${number & 255}`, `fd00:20::1:${(number + 1).toString(16)}`];
    await kube.create(SLICES, {
      metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: lan.nodes.map(({ name: nodeName }) => ({
        addresses: [`10.244.${octets}`],
        nodeName,
        conditions: { ready: true, serving: true, terminating: false },
      })),
    });
    const ports = [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }];
    const families = { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] };
    const spec = { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports, ...families };
    await kube.create(SERVICES, { metadata: { name }, spec });
    const ingress = own.map((ip) => ({ ip }));
    await kube.patch(`${SERVICES}/${name}/status`, { status: { loadBalancer: { ingress } } });
    return own;
  }

  async function answering(asked: readonly string[] = addresses): Promise<Record<string, readonly string[]>> {
    const of = (family: (address: string) => boolean): string[] => asked.filter(family);
    const [ipv4, ipv6] = [of((address) => !address.includes(':')), of((address) => address.includes(':'))];
    const how = { intervalMs: 5, replyTimeoutMs: 600, settleMs: 100 };
    const replies = await Promise.all([
      ipv4.length === 0 ? [] : probeArp(lan.client.cable, { addresses: ipv4, ...how }),
      ipv6.length === 0 ? [] : probeNdp(lan.client.cable, { addresses: ipv6, ...how }),
    ]);
    return Object.fromEntries(
      asked.map((address) => {
        const macs = replies.flat().filter((reply) => reply.address === address);
        return [address, [...new Set(macs.map(({ mac }) => nameOf.get(mac) ?? mac))]];
      }),
    );
  }

  for (let number = 0; number < serviceCount; number += 1) addresses.push(...(await createService(number)));
  const opened = stack.move();
  return {
    lan,
    api,
    kube,
    addresses,
    relays,
    stopAll,
    answering,
    createService,
    start(node, surroundings = {}) {
      const speaker = startSpeaker(node, served.kubeconfigPath, surroundings);
      speakers.set(node.name, speaker);
      return speaker;
    },
    async owners(asked = addresses) {
      let last: Readonly<Record<string, readonly string[]>> = {};
      const settled = async (): Promise<boolean> => {
        last = await answering(asked);
        return Object.values(last).every(({ length }) => length === 1);
      };
      try {
        await waitUntil('one owner of each address', settled, { timeoutMs: REST_TIMEOUT_MS });
      } catch (error) {
        throw new Error(`${(error as Error).message}; last seen: ${JSON.stringify(last)}`, { cause: error });
      }
      return Object.fromEntries(Object.entries(last).map(([address, [owner = '']]) => [address, owner]));
    },
    async deleteService(number) {
      await Promise.all([kube.delete(`${SERVICES}/web-${number}`), kube.delete(`${SLICES}/web-${number}-1`)]);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** The surroundings in which speakers take part in a gossip; with a folder that holds its secret, an encrypted one. */
export function gossiping(node: LanHost, secretPath: string | undefined, more: Surroundings = {}): Surroundings {
  return {
    ...more,
    env: {
      METALLB_ML_BIND_ADDR: node.ipv4,
      METALLB_ML_LABELS: LABELS,
      ...(secretPath === undefined ? {} : { METALLB_ML_SECRET_KEY_PATH: secretPath }),
      ...more.env,
    },
  };
}

function startSpeaker(
  node: LanHost,
  kubeconfigPath: string,
  { env = {}, flags = [], etcMetallb }: Surroundings,
): Speaker {
  const podName = `speaker-${node.name}`;
  const words = [
    MAIN,
    `--kubeconfig=${kubeconfigPath}`,
    `--namespace=${STEELYARD_NAMESPACE}`,
    `--health-probe-port=${HEALTH_PROBE_PORT}`,
    '--port=0',
    ...flags,
  ];
  const environment = { METALLB_NODE_NAME: node.name, METALLB_POD_NAME: podName, METALLB_HOST: node.ipv4, ...env };
  const shown = etcMetallb === undefined ? [] : ['unshare', '--mount', 'sh', '-c', WITH_ETC_METALLB, etcMetallb];
  const [program = process.execPath, ...args] = [...shown, process.execPath, ...words];
  const running = node.namespace.spawn(program, args, { name: podName, env: environment });
  const records: LogRecord[] = [];
  running.onLine((line) => {
    const isJson = line.startsWith('{');
    records.push(isJson ? (JSON.parse(line) as LogRecord) : { level: 'error', msg: `no JSON: ${line}` });
  });
  const recordsWith = (pairs: LogRecord): LogRecord[] =>
    records.filter((record) =>
      Object.entries(pairs).every(([key, value]) =>
        value instanceof RegExp ? value.test(String(record[key])) : record[key] === value,
      ),
    );
  const readyz = async (): Promise<string> => {
    const url = `http://127.0.0.1:${HEALTH_PROBE_PORT}/readyz`;
    return (await node.namespace.run('curl', ['-s', '--max-time', '5', url], { allowFailure: true })).stdout;
  };
  return {
    node,
    process: running,
    records,
    recordsWith,
    readyz,
    waitForRecord(pairs) {
      const what = `${podName} to log ${Object.entries(pairs).map(String).join(' ')}`;
      return waitUntil(what, () => recordsWith(pairs)[0], { timeoutMs: REST_TIMEOUT_MS });
    },
    async waitUntilReadyzSays(expected) {
      let last = '';
      const says = async (): Promise<boolean> => {
        if (running.end !== undefined) throw new Error(`${podName} ended: ${running.lines.slice(-5).join('\n')}`);
        last = await readyz();
        return typeof expected === 'string' ? last === expected : expected.test(last);
      };
      await waitUntil(`${podName} to be: ${expected}`, says, { timeoutMs: REST_TIMEOUT_MS, intervalMs: 100 }).catch(
        (error: unknown) => {
          throw new Error(`${(error as Error).message}; last said: ${last}`, { cause: error });
        },
      );
    },
    rssMib: () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${running.pid}/status`, 'utf8'))?.[1]) / 1024,
  };
}

async function configure(kube: ApiClient): Promise<void> {
  const apiVersion = 'metallb.io/v1beta1';
  const folder = `/apis/${apiVersion}/namespaces/${STEELYARD_NAMESPACE}`;
  const addresses = ['10.20.64.0/20', 'fd00:20::1:0/112'];
  const pool = { apiVersion, kind: 'IPAddressPool', metadata: { name: 'all' }, spec: { addresses } };
  await kube.create(`${folder}/ipaddresspools`, pool);
  const advertisement = { apiVersion, kind: 'L2Advertisement', metadata: { name: 'all' }, spec: {} };
  await kube.create(`${folder}/l2advertisements`, advertisement);
}

/** After a test that failed, prints the last lines of every speaker that was started: a rare failure is explained at once. */
export function tellSpeakersOnFailure(speakersNow: () => Iterable<Speaker>): void {
  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const { process: running } of speakersNow()) {
      const state = running.end === undefined ? '' : ` (ended with ${running.end.signal ?? running.end.code})`;
      process.stderr.write(`${running.name}${state}:\n${running.lines.slice(-40).join('\n')}\n`);
    }
  });
}
