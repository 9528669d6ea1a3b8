import {
  type ApiClient,
  type ControlPlane,
  type EndpointRoutes,
  type Lab,
  type LabProcess,
  type Namespace,
  nodeProgram,
  type PretendKubelet,
  relayInto,
  relayOutOf,
  waitUntil,
} from '@steelyard/testkit';
import { HEALTH_PROBE_PORT, startApp } from '../../system/apps.ts';
import { createControllerPod, deletePod, showReady } from './pods.ts';

/** Whose controller: ours, a program that writes as MetalLB's does, or MetalLB's own. */
export type ControllerKind = 'steelyard' | 'stand-in' | 'metallb';

export interface ControllerOptions {
  readonly kind?: ControllerKind;
  readonly flags?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Whether it serves webhooks that the API server is to find. Default: as the cluster was opened. */
  readonly webhooks?: boolean;
}

/** A controller in a Pod: a process in a network namespace of its own, which all that it has listened on is in. */
export interface Controller {
  readonly kind: ControllerKind;
  readonly pod: string;
  /** The Pod's address, as the API has it; there is no network behind it. */
  readonly address: string;
  readonly namespace: Namespace;
  /** The process of now: after {@link restart} another one. */
  readonly process: LabProcess;
  /** The lines of its log that are JSON, of all its processes. */
  records(): readonly Readonly<Record<string, unknown>>[];
  /** Resolves when /readyz is 200 and the Pod is shown as ready; rejects with its last words if it ends first. */
  ready(): Promise<void>;
  /** What it answers at a port of its own, by curl: `get('http://127.0.0.1:17472/readyz')`, `get(url, '-k')`. */
  get(url: string, ...curlFlags: readonly string[]): Promise<{ readonly status: number; readonly body: string }>;
  /** SIGKILL, as out of memory; the Pod stays. */
  kill(): Promise<void>;
  /** Starts the container anew in the same Pod, perhaps with other flags; stops it before, where it runs. */
  restart(options?: Pick<ControllerOptions, 'flags' | 'env'>): Promise<void>;
  /** SIGTERM and, after it has ended, the Pod is gone: a rolling update. Gives the exit code. */
  stop(): Promise<number | null>;
}

export interface ControllerPlace {
  readonly lab: Lab;
  readonly kube: ApiClient;
  readonly controlPlane: ControlPlane;
  readonly routes: EndpointRoutes;
  readonly kubeconfigPath: string;
  readonly kubelet: PretendKubelet;
  readonly pod: string;
  readonly webhooks: boolean;
}

const WEBHOOK_PORT = 9443;
const READY_TIMEOUT_MS = 30_000;
/** How long each has to end: as its manifest says. MetalLB's says zero. */
const GRACE_MS: Readonly<Record<ControllerKind, number>> = { steelyard: 10_000, 'stand-in': 0, metallb: 0 };

/** What stands in the Pod: by the image controllers tell their own kind from MetalLB's. */
const IMAGES: Readonly<Record<ControllerKind, string>> = {
  steelyard: 'example.com/steelyard/controller:test',
  'stand-in': 'quay.io/metallb/controller:v0.16.1',
  metallb: 'quay.io/metallb/controller:v0.16.1',
};

/** Starts a controller as in its Pod. Resolves before it is ready: a test may want to see it come. */
export async function startControllerIn(place: ControllerPlace, options: ControllerOptions): Promise<Controller> {
  const { lab, kube, controlPlane, routes, kubelet, pod } = place;
  const { kind = 'steelyard' } = options;
  await using opened = new AsyncDisposableStack(); // of one that does not start nothing is left, its Pod least of all
  const address = await createControllerPod(kube, kubelet, { name: pod, image: IMAGES[kind] });
  opened.defer(() => deletePod(kube, pod));
  const namespace = await lab.namespace(pod);
  opened.defer(() => namespace.close());
  opened.use(await relayInto(namespace, controlPlane.url));
  if (options.webhooks ?? place.webhooks) {
    const outward = opened.use(await relayOutOf(namespace, { port: WEBHOOK_PORT }));
    routes.set({ address, port: WEBHOOK_PORT }, { path: outward.path });
    opened.defer(async () => routes.delete({ address, port: WEBHOOK_PORT }));
  }

  const processes = [start(kind, namespace, place, options)];
  const rest = opened.move();
  const current = (): LabProcess => {
    const last = processes.at(-1);
    if (last === undefined) throw new Error(`${pod} was never started`);
    return last;
  };
  const get: Controller['get'] = async (url, ...curlFlags) => {
    const args = ['-s', '--max-time', '5', '-w', '\n%{http_code}', ...curlFlags, url];
    const { stdout } = await namespace.run('curl', args, { allowFailure: true });
    const at = stdout.lastIndexOf('\n');
    return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
  };
  return {
    kind,
    pod,
    address,
    namespace,
    get process() {
      return current();
    },
    records: () => processes.flatMap(({ lines }) => lines.flatMap(recordOf)),
    async ready() {
      const readyz = `http://127.0.0.1:${HEALTH_PROBE_PORT}/readyz`;
      const settled = async (): Promise<boolean> => current().end !== undefined || (await get(readyz)).status === 200;
      await waitUntil(`${pod} to be ready`, settled, { timeoutMs: READY_TIMEOUT_MS, intervalMs: 50 });
      const { end, lines } = current();
      if (end !== undefined)
        throw new Error(`${pod} ended with ${end.signal ?? end.code}:\n${lines.slice(-5).join('\n')}`);
      await showReady(kubelet, pod);
    },
    get,
    async kill() {
      current().kill('SIGKILL');
      await current().ended;
    },
    async restart(again = {}) {
      await current().stop(GRACE_MS[kind]);
      processes.push(start(kind, namespace, place, { ...options, ...again }));
    },
    async stop() {
      const end = await current().stop(GRACE_MS[kind]);
      await rest.disposeAsync(); // which does nothing the second time
      return end.code;
    },
  };
}

function start(
  kind: ControllerKind,
  namespace: Namespace,
  { kubeconfigPath, pod, webhooks }: ControllerPlace,
  { flags = [], env = {} }: ControllerOptions,
): LabProcess {
  const common = {
    KUBECONFIG: kubeconfigPath,
    METALLB_NAMESPACE: 'metallb-system',
    METALLB_POD_NAME: pod,
    METALLB_DEPLOYMENT: 'controller',
    ...env,
  };
  switch (kind) {
    case 'steelyard': {
      const own = [`--kubeconfig=${kubeconfigPath}`, '--namespace=metallb-system', ...flags];
      return startApp('controller', pod, namespace, { flags: own, env: common }).process;
    }
    case 'stand-in': {
      const [program, args] = nodeProgram(new URL('../metallb-stand-in.ts', import.meta.url));
      return namespace.spawn(program, args, { name: pod, env: common });
    }
    case 'metallb': {
      const binary = realMetalLb();
      if (binary === undefined) throw new Error('STEELYARD_METALLB_CONTROLLER names no controller of MetalLB');
      const mode = webhooks ? [] : ['--webhook-mode=disabled', '--disable-cert-rotation'];
      return namespace.spawn(binary, ['--port=0', ...mode, ...flags], { name: pod, env: common });
    }
  }
}

/** The binary of MetalLB's own controller, where the environment names one. */
export function realMetalLb(): string | undefined {
  const { STEELYARD_METALLB_CONTROLLER: binary } = process.env;
  return binary === '' ? undefined : binary;
}

function recordOf(line: string): readonly Readonly<Record<string, unknown>>[] {
  try {
    return [JSON.parse(line) as Readonly<Record<string, unknown>>];
  } catch {
    return []; // MetalLB's libraries print as they like
  }
}
