import {
  type ApiClient,
  type MemoryApi,
  type NamespaceListener,
  openApiClient,
  openMemoryApi,
  type PretendKubelet,
  relayInto,
  startPretendKubelet,
  waitUntil,
} from '@steelyard/testkit';
import { afterEach } from 'vitest';
import { type App, type AppOptions, HEALTH_PROBE_PORT, STEELYARD_NAMESPACE, startApp, waitUntilReady } from './apps.ts';
import { type Host, layNetwork, type Network } from './network.ts';

/** An API server, in this process or the real one. */
export interface ClusterApi {
  readonly url: string;
  readonly kubeconfigPath: string;
}

/** A cluster with Steelyard in it: as real as processes, sockets and an API server make it. */
export interface Cluster extends AsyncDisposable {
  readonly network: Network;
  readonly kube: ApiClient;
  readonly kubelet: PretendKubelet;
  controller: App;
  readonly speakers: Map<string, App>;
  /** The controller and the speakers, as far as they were started. */
  apps(): readonly App[];
  /** Starts the apps that do not run, and waits until all are ready. */
  start(options?: { readonly controller?: AppOptions; readonly speaker?: AppOptions }): Promise<void>;
  /** Stops them as a Pod is stopped. */
  stopApps(): Promise<void>;
  startController(options?: AppOptions): App;
  startSpeaker(node: Host, options?: AppOptions): App;
  /** Creates a Service of type LoadBalancer with an endpoint on each node. */
  createService(name: string, service?: ServiceOptions): Promise<void>;
  /** Says which nodes have an endpoint of a Service, and which of those can serve. */
  setEndpoints(name: string, ready: Readonly<Record<string, boolean>>): Promise<void>;
  deleteService(name: string): Promise<void>;
  /** The addresses in the status of a Service. */
  addressesOf(name: string): Promise<readonly string[]>;
  /** Waits until a Service has an address, and returns it. */
  addressOf(name: string, timeoutMs?: number): Promise<string>;
  /** Name → addresses, of all Services of type LoadBalancer. */
  allAddresses(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Creates the old ConfigMap, or gives it other contents. */
  putConfigMap(contents: ConfigMapContents): Promise<void>;
  /** Creates an IPAddressPool. */
  createPool(name: string, spec: object): Promise<void>;
  /** Creates an L2Advertisement. */
  createAdvertisement(name: string, spec?: object): Promise<void>;
  /** `reason: message` of the Events about an object. */
  eventsOf(kind: string, name: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface ServiceOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  /** The endpoints; undefined for one on each node. */
  readonly endpoints?: Readonly<Record<string, boolean>>;
}

/** What a ConfigMap holds. */
export interface ConfigMapContents {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** A pool, as the old ConfigMap has it. */
export function legacyPool(name: string, addresses: readonly string[], protocol = 'layer2'): string {
  return `- name: ${name}\n  protocol: ${protocol}\n  addresses: ${JSON.stringify(addresses)}\n`;
}

/** The old ConfigMap with these pools. */
export function legacyConfiguration(...pools: readonly string[]): ConfigMapContents {
  return { data: { config: `address-pools:\n${pools.join('')}` } };
}

/** The API's URL of objects of a kind in the namespace `default`. */
export const SERVICES = '/api/v1/namespaces/default/services';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
export const CONFIG_MAPS = `/api/v1/namespaces/${STEELYARD_NAMESPACE}/configmaps`;
const METALLB_API = 'metallb.io/v1beta1';
export const POOLS = `/apis/${METALLB_API}/namespaces/${STEELYARD_NAMESPACE}/ipaddresspools`;
export const ADVERTISEMENTS = `/apis/${METALLB_API}/namespaces/${STEELYARD_NAMESPACE}/l2advertisements`;

/** A cluster on the in-memory API, whose requests can be counted. */
export async function openMemoryCluster(): Promise<Cluster & { readonly api: MemoryApi }> {
  const api = await openMemoryApi();
  const cluster = await openCluster(api).catch(async (error: unknown) => {
    await api.close();
    throw error;
  });
  const closeCluster = cluster.close;
  const close = async (): Promise<void> => {
    await closeCluster();
    await api.close();
  };
  return Object.assign(cluster, { api, close, [Symbol.asyncDispose]: close });
}

/** After a test that failed, prints the last lines of every app: what fails once in a hundred runs is explained at once. */
export function tellLogsOnFailure(clusterNow: () => Cluster | undefined): void {
  afterEach(({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const { name, process: running } of clusterNow()?.apps() ?? []) {
      process.stderr.write(
        `${name}${running.end === undefined ? '' : ` (ended with ${running.end.signal ?? running.end.code})`}:\n${running.lines.slice(-40).join('\n')}\n`,
      );
    }
  });
}

/** Lays the network and registers the nodes. No app runs yet. */
export async function openCluster(api: ClusterApi): Promise<Cluster> {
  const network = await layNetwork();
  const { lab, nodes, controlPlane } = network;
  let relays: NamespaceListener[] = [];
  let kube: ApiClient | undefined;
  let kubelet: PretendKubelet | undefined;
  const close = async (): Promise<void> => {
    await kubelet?.close();
    await lab.close();
    await Promise.all(relays.map((relay) => relay.close()));
    kube?.close();
  };
  try {
    const inside = [controlPlane, ...nodes.map(({ namespace }) => namespace)];
    relays = await Promise.all(inside.map((namespace) => relayInto(namespace, api.url)));
    kube = await openApiClient(api.kubeconfigPath);
    await kube.create('/api/v1/namespaces', { metadata: { name: STEELYARD_NAMESPACE } });
    kubelet = await startPretendKubelet({
      client: kube,
      nodes: nodes.map(({ name, address }, i) => ({ name, addresses: [address], podCidrs: [`10.42.${i}.0/24`] })),
      bindPods: false,
      onError: () => {}, // tests take the API away
    });
    return compose(api, network, kube, kubelet, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function compose(
  api: ClusterApi,
  network: Network,
  kube: ApiClient,
  kubelet: PretendKubelet,
  close: () => Promise<void>,
): Cluster {
  const { nodes, controlPlane } = network;
  const speakers = new Map<string, App>();
  let controller: App | undefined;
  const common = [
    `--kubeconfig=${api.kubeconfigPath}`,
    `--namespace=${STEELYARD_NAMESPACE}`,
    `--health-probe-port=${HEALTH_PROBE_PORT}`,
    '--port=0',
  ];
  const runs = (app: App | undefined): boolean => app !== undefined && app.process.end === undefined;

  const cluster: Cluster = {
    network,
    kube,
    kubelet,
    get controller() {
      if (controller === undefined) throw new Error('the controller was not started');
      return controller;
    },
    set controller(app) {
      controller = app;
    },
    speakers,
    apps: () => [...(controller === undefined ? [] : [controller]), ...speakers.values()],
    async start(options = {}) {
      if (!runs(controller)) cluster.startController(options.controller);
      for (const node of nodes) if (!runs(speakers.get(node.name))) cluster.startSpeaker(node, options.speaker);
      await Promise.all(cluster.apps().map(waitUntilReady));
    },
    async stopApps() {
      await Promise.all(cluster.apps().map((app) => app.process.stop(10_000)));
    },
    startController({ flags = [], env } = {}) {
      controller = startApp('controller', 'controller', controlPlane, {
        flags: [...common, ...flags],
        env: { METALLB_POD_NAME: 'controller', ...env },
      });
      return controller;
    },
    startSpeaker(node, { flags = [], env } = {}) {
      const name = `speaker-${node.name}`;
      const app = startApp('speaker', name, node.namespace, {
        flags: [...common, ...flags],
        env: { METALLB_NODE_NAME: node.name, METALLB_POD_NAME: name, ...env },
      });
      speakers.set(node.name, app);
      return app;
    },
    async createService(name, { annotations = {}, labels = {}, spec = {}, endpoints } = {}) {
      const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
      await kube.create(SERVICES, {
        metadata: { name, annotations, labels },
        spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports, ...spec },
      });
      await cluster.setEndpoints(name, endpoints ?? Object.fromEntries(nodes.map((node) => [node.name, true])));
    },
    async setEndpoints(service, ready) {
      const name = `${service}-1`;
      const endpoints = Object.entries(ready).map(([nodeName, isReady], i) => ({
        addresses: [`10.42.${i}.10`],
        conditions: { ready: isReady, serving: isReady, terminating: false },
        nodeName,
      }));
      const slice = { addressType: 'IPv4', endpoints, ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] };
      const labels = { 'kubernetes.io/service-name': service };
      try {
        await kube.create(SLICES, { metadata: { name, labels }, ...slice });
      } catch (error) {
        if ((error as { code?: number }).code !== 409) throw error;
        await kube.patch(`${SLICES}/${name}`, slice);
      }
    },
    async deleteService(name) {
      await Promise.all([kube.delete(`${SERVICES}/${name}`), kube.delete(`${SLICES}/${name}-1`)]);
    },
    async addressesOf(name) {
      return ingressOf((await kube.get(`${SERVICES}/${name}`)) as ServiceObject);
    },
    async addressOf(name, timeoutMs = 10_000) {
      const first = async (): Promise<string | undefined> => (await cluster.addressesOf(name))[0];
      return waitUntil(`an address of ${name}`, first, { timeoutMs });
    },
    async allAddresses() {
      const { items } = (await kube.get(SERVICES)) as { items: readonly ServiceObject[] };
      const balanced = items.filter(({ spec }) => spec.type === 'LoadBalancer');
      return Object.fromEntries(balanced.map((service) => [service.metadata.name, ingressOf(service)]));
    },
    async putConfigMap(contents) {
      const path = `${CONFIG_MAPS}/config`;
      try {
        const { data, binaryData } = (await kube.get(path)) as ConfigMapContents;
        const none = (keys: object = {}): object => Object.fromEntries(Object.keys(keys).map((key) => [key, null]));
        await kube.patch(path, {
          data: { ...none(data), ...contents.data },
          binaryData: { ...none(binaryData), ...contents.binaryData },
        });
      } catch (error) {
        if ((error as { code?: number }).code !== 404) throw error;
        await kube.create(CONFIG_MAPS, { metadata: { name: 'config' }, ...contents });
      }
    },
    async createPool(name, spec) {
      await kube.create(POOLS, { apiVersion: METALLB_API, kind: 'IPAddressPool', metadata: { name }, spec });
    },
    async createAdvertisement(name, spec = {}) {
      await kube.create(ADVERTISEMENTS, { apiVersion: METALLB_API, kind: 'L2Advertisement', metadata: { name }, spec });
    },
    async eventsOf(kind, name) {
      const { items } = (await kube.get('/api/v1/events')) as { items: readonly EventObject[] };
      return items
        .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
        .map(({ reason, message }) => `${reason}: ${message}`);
    },
    close,
    [Symbol.asyncDispose]: () => cluster.close(),
  };
  return cluster;
}

interface ServiceObject {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly type: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

interface EventObject {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly reason: string;
  readonly message: string;
}

function ingressOf({ status }: ServiceObject): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip);
}
