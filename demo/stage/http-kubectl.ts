import {
  type ConfigMap,
  configMapManifest,
  type ExposeOptions,
  type Kubectl,
  type KubectlCall,
  LISTS,
  words,
} from './kubectl.ts';
import { formatTable, type Table } from './table.ts';

/** For a machine without kubectl: makes the calls that kubectl would make, and prints what it would print. */
export function createHttpKubectl(url: string, token: string): Kubectl {
  const request = async <T>(method: string, path: string, body?: unknown, types: RequestTypes = {}): Promise<T> => {
    const { accept = 'application/json', contentType = 'application/json' } = types;
    const response = await fetch(new URL(path, url), {
      method,
      headers: { authorization: `Bearer ${token}`, accept, 'content-type': contentType },
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { message?: string };
    if (!response.ok) throw new HttpFailure(response.status, `${method} ${path}: ${answer.message}`);
    return answer;
  };
  const call = (line: string, run: () => Promise<string>, input?: string): KubectlCall => ({
    words: line,
    ...(input === undefined ? {} : { input }),
    run,
  });
  return {
    createDeployment: (name, image, port) =>
      call(words.createDeployment(name, image, port), async () => {
        await request('POST', `${APPS}/deployments`, deployment(name, image, port));
        return `deployment.apps/${name} created`;
      }),
    expose: (options) =>
      call(words.expose(options), async () => {
        const { spec } = await request<Deployment>('GET', `${APPS}/deployments/${options.deployment}`);
        await request('POST', `${CORE}/services`, service(options, spec.selector.matchLabels));
        return `service/${options.name} exposed`;
      }),
    get: (plural) =>
      call(words.get(plural), async () => {
        return formatTable(await request<Table>('GET', LISTS[plural].path, undefined, { accept: TABLE }));
      }),
    apply: (configMap) => call(words.apply, () => applyConfigMap(request, configMap), configMapManifest(configMap)),
    deleteService: (name) =>
      call(words.deleteService(name), async () => {
        await request('DELETE', `${CORE}/services/${name}`);
        return `service "${name}" deleted from default namespace`;
      }),
  };
}

const CORE = '/api/v1/namespaces/default';
const APPS = '/apis/apps/v1/namespaces/default';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

interface RequestTypes {
  readonly accept?: string;
  readonly contentType?: string;
}

type Request = <T>(method: string, path: string, body?: unknown, types?: RequestTypes) => Promise<T>;

async function applyConfigMap(request: Request, { namespace, name, key, text }: ConfigMap): Promise<string> {
  const collection = `/api/v1/namespaces/${namespace}/configmaps`;
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { [key]: text } };
  try {
    await request('PATCH', `${collection}/${name}`, object, { contentType: 'application/merge-patch+json' });
    return `configmap/${name} configured`;
  } catch (error) {
    if (!(error instanceof HttpFailure && error.status === 404)) throw error;
    await request('POST', collection, object);
    return `configmap/${name} created`;
  }
}

interface Deployment {
  readonly spec: { readonly selector: { readonly matchLabels: Record<string, string> } };
}

class HttpFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** As `kubectl create deployment` makes it. */
function deployment(name: string, image: string, port: number): object {
  const labels = { app: name };
  const container = { name: image.split(':')[0], image, ports: [{ containerPort: port }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

/** As `kubectl expose` makes it. */
function service(options: ExposeOptions, selector: Record<string, string>): object {
  const { name, port, targetPort, loadBalancerIp } = options;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: selector },
    spec: {
      type: 'LoadBalancer',
      selector,
      ports: [{ protocol: 'TCP', port, targetPort }],
      ...(loadBalancerIp === undefined ? {} : { loadBalancerIP: loadBalancerIp }),
    },
  };
}
