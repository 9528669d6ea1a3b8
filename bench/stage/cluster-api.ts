import { fileURLToPath } from 'node:url';
import { type ApiClient, openApiClient, openMemoryApi, openRealControlPlane } from '@steelyard/testkit';

/** Requests that change something, by what they ask for: `PUT services/status`, `POST events`, … */
export type Writes = ReadonlyMap<string, number>;

/** What kubelet gives a Pod. */
export interface PodCredentials {
  readonly host: string;
  readonly port: string;
  readonly token: string;
  readonly certificateAuthorityPath: string;
}

/** An API server that can be away. */
export interface Outage {
  /** Breaks all connections, and refuses new ones. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Forgets the past: who watched must list everything again. */
  expireHistory(): void;
}

/** A cluster's API server. */
export interface ClusterApi {
  readonly url: string;
  readonly kubeconfigPath: string;
  readonly client: ApiClient;
  /** How a Pod would reach it; undefined where it speaks no TLS. */
  readonly inPod: PodCredentials | undefined;
  /** As it calls itself. */
  readonly version: string;
  /** All since it was started, by anybody. */
  writes(): Promise<Writes>;
  /** Undefined where that is not possible. */
  readonly outage: Outage | undefined;
  close(): Promise<void>;
}

export type ApiKind = 'memory' | 'real';

/** Opens the in-memory API, or Kubernetes' own control plane. */
export function openClusterApi(kind: ApiKind): Promise<ClusterApi> {
  return kind === 'memory' ? openInMemory() : openReal();
}

const CRDS = fileURLToPath(new URL('../../deploy/crds', import.meta.url));

async function openReal(): Promise<ClusterApi> {
  const controlPlane = await openRealControlPlane();
  await controlPlane.kubectl(['apply', '-f', CRDS]);
  await controlPlane.kubectl(['wait', '--for=condition=established', '--timeout=10s', '-f', CRDS]);
  const client = await openApiClient(controlPlane.kubeconfigPath);
  const { hostname, port } = new URL(controlPlane.url);
  const { token, certificateAuthorityPath } = controlPlane;
  return {
    url: controlPlane.url,
    inPod: { host: hostname, port, token, certificateAuthorityPath },
    kubeconfigPath: controlPlane.kubeconfigPath,
    client,
    version: await versionOf(client),
    outage: undefined,
    async writes() {
      // Not JSON, which the client hands on as a message.
      const { message } = (await client.get('/metrics')) as { message: string };
      return writesInMetrics(message);
    },
    async close() {
      client.close();
      await controlPlane.stop();
    },
  };
}

async function openInMemory(): Promise<ClusterApi> {
  const api = await openMemoryApi();
  const client = await openApiClient(api.kubeconfigPath);
  const counted = new Map<string, number>();
  return {
    url: api.url,
    inPod: undefined,
    kubeconfigPath: api.kubeconfigPath,
    client,
    version: `in memory, as ${await versionOf(client)}`,
    outage: { stop: () => api.stop(), start: () => api.start(), expireHistory: () => api.expireHistory() },
    async writes() {
      for (const { method, path } of api.writes) count(counted, `${method} ${resourceIn(path)}`, 1);
      api.clearRequests(); // its log is bounded
      return new Map(counted);
    },
    async close() {
      client.close();
      await api.close();
    },
  };
}

async function versionOf(client: ApiClient): Promise<string> {
  return ((await client.get('/version')) as { gitVersion: string }).gitVersion;
}

function count(counts: Map<string, number>, key: string, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

/** `services/status` for /api/v1/namespaces/default/services/web/status. */
export function resourceIn(path: string): string {
  const [root, ...rest] = path.split('?', 1)[0]?.split('/').filter(Boolean) ?? [];
  const words = rest.slice(root === 'api' ? 1 : 2);
  const [resource = '', , subresource] = words[0] === 'namespaces' && words.length > 2 ? words.slice(2) : words;
  return subresource === undefined ? resource : `${resource}/${subresource}`;
}

const WRITING = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION']);

/** Reads `apiserver_request_total` out of the API server's own metrics. What was refused is counted apart. */
export function writesInMetrics(metrics: string): Writes {
  const counts = new Map<string, number>();
  for (const [, labels = '', value] of metrics.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
    if (!WRITING.has(label('verb'))) continue;
    const resource = [label('resource'), label('subresource')].filter(Boolean).join('/');
    const refused = label('code').startsWith('2') ? '' : ` (${label('code')})`;
    count(counts, `${label('verb')} ${resource}${refused}`, Number(value));
  }
  return counts;
}

/** What Nodes that are alive write all the time has no part in any question. */
const BACKGROUND = /leases|nodes/;

/** The writes between two looks. */
export function writesBetween(before: Writes, after: Writes): Readonly<Record<string, number>> {
  const more = [...after].map(([key, value]) => [key, value - (before.get(key) ?? 0)] as const);
  const telling = more.filter(([key, value]) => value > 0 && !BACKGROUND.test(key));
  return Object.fromEntries(telling.sort(([a], [b]) => a.localeCompare(b)));
}
