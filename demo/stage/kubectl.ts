import { spawnBound } from '@steelyard/testkit';

/** A Service of a Deployment, as `kubectl expose` makes it. */
export interface ExposeOptions {
  readonly deployment: string;
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
  /** Asks for this very address. */
  readonly loadBalancerIp?: string;
}

/** A ConfigMap of one key. */
export interface ConfigMap {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  /** Lines of YAML. */
  readonly text: string;
}

/** The ConfigMap as one writes it by hand. */
export function configMapManifest({ namespace, name, key, text }: ConfigMap): string {
  const value = text.trimEnd().replaceAll('\n', '\n    ');
  return `apiVersion: v1
kind: ConfigMap
metadata:
  namespace: ${namespace}
  name: ${name}
data:
  ${key}: |
    ${value}
`;
}

/** A command that a person would type, and what it prints. */
export interface KubectlCall {
  /** Without `kubectl` in front. */
  readonly words: string;
  /** What it reads from its standard input. */
  readonly input?: string;
  run(): Promise<string>;
}

/** Kinds of objects that the story lists, how one asks for them, and where they are. */
export const LISTS = {
  services: { words: 'get svc', path: '/api/v1/namespaces/default/services' },
  nodes: { words: 'get nodes', path: '/api/v1/nodes' },
  bgppeersessions: {
    words: '-n metallb-system get bgppeersessions',
    path: '/apis/steelyard.io/v1alpha1/namespaces/metallb-system/bgppeersessions',
  },
  servicebgpstatuses: {
    words: '-n metallb-system get servicebgpstatuses',
    path: '/apis/metallb.io/v1beta1/namespaces/metallb-system/servicebgpstatuses',
  },
} as const;

export type Listed = keyof typeof LISTS;

/** What the story asks of the API, by kubectl itself or by the same calls. */
export interface Kubectl {
  createDeployment(name: string, image: string, port: number): KubectlCall;
  expose(options: ExposeOptions): KubectlCall;
  get(plural: Listed): KubectlCall;
  apply(configMap: ConfigMap): KubectlCall;
  deleteService(name: string): KubectlCall;
}

/** What a person types, whoever then does it. */
export const words = {
  createDeployment: (name: string, image: string, port: number): string =>
    `create deploy ${name} --image ${image} --port ${port}`,
  expose: ({ deployment, name, port, targetPort, loadBalancerIp }: ExposeOptions): string =>
    `expose deployment ${deployment} --name ${name} --port ${port} --target-port ${targetPort} --type LoadBalancer` +
    (loadBalancerIp === undefined ? '' : ` --load-balancer-ip ${loadBalancerIp}`),
  get: (plural: Listed): string => LISTS[plural].words,
  apply: 'apply -f -',
  deleteService: (name: string): string => `delete svc ${name}`,
} as const;

/** Runs the program. */
export function createRealKubectl(program: string, env: NodeJS.ProcessEnv): Kubectl {
  const call = (line: string, input?: string): KubectlCall => ({
    words: line,
    ...(input === undefined ? {} : { input }),
    async run() {
      const running = spawnBound(program, line.split(' '), { name: `kubectl ${line}`, env });
      running.child.stdin?.end(input ?? '');
      const timer = setTimeout(() => running.kill('SIGKILL'), 20_000);
      const { code, signal } = await running.ended;
      clearTimeout(timer);
      const printed = running.lines.join('\n');
      if (code !== 0) throw new Error(`kubectl ${line}: ended with ${signal ?? code}: ${printed}`);
      return printed;
    },
  });
  return {
    createDeployment: (name, image, port) => call(words.createDeployment(name, image, port)),
    expose: (options) => call(words.expose(options)),
    get: (plural) => call(words.get(plural)),
    apply: (configMap) => call(words.apply, configMapManifest(configMap)),
    deleteService: (name) => call(words.deleteService(name)),
  };
}
