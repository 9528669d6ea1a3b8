import { readFile } from 'node:fs/promises';
import {
  type ApiClient,
  type BuiltKubeLab,
  type ControlPlane,
  createServiceAccountKubeconfig,
  type EndpointRoutes,
  type Lab,
  openApiClient,
  openEndpointRoutes,
  openLab,
  openRealControlPlane,
  type PretendKubelet,
} from '@steelyard/testkit';
import { type AuditLog, openAuditLog } from './audit-log.ts';
import { type Controller, type ControllerOptions, realMetalLb, startControllerIn } from './controllers.ts';
import { startNode } from './pods.ts';
import { CRDS, MANIFESTS, objectsOf, type Roles } from './roles.ts';
import { openServiceDesk, type ServiceDesk } from './services.ts';

export interface KubernetesClusterOptions {
  /** Default `metallb`. */
  readonly roles?: Roles;
  /**
   * Installs the webhook configuration and its Service, and leads the API server to the controllers that are started.
   * Default false: no object of metallb.io can be written while nobody serves them.
   */
  readonly webhooks?: boolean;
  /** Where the CustomResourceDefinitions are. Default: our own. */
  readonly crds?: string;
  /** More flags for kube-apiserver. */
  readonly apiServerFlags?: readonly string[];
}

/** The real control plane with Steelyard's objects in it, and controllers as they are started in their Pods. */
export interface KubernetesCluster extends ServiceDesk, AsyncDisposable {
  readonly controlPlane: ControlPlane;
  readonly roles: Roles;
  /** As administrator. */
  readonly kube: ApiClient;
  /** What the API server was asked. */
  readonly audit: AuditLog;
  readonly routes: EndpointRoutes;
  /** kubectl as administrator. */
  kubectl: ControlPlane['kubectl'];
  /** A kubeconfig with the rights of an account in `metallb-system`. */
  kubeconfigOf(account: 'controller' | 'speaker'): Promise<string>;
  /** Creates or changes objects, as `kubectl apply` does. */
  apply(...objects: readonly object[]): Promise<void>;
  /** The controllers that were started and not stopped. */
  readonly controllers: readonly Controller[];
  /** Starts a controller in a Pod of its own, and waits until it is ready. */
  startController(options?: ControllerOptions): Promise<Controller>;
  /** MetalLB's own controller where `STEELYARD_METALLB_CONTROLLER` names one, else what stands in for it. */
  startMetalLbController(options?: Omit<ControllerOptions, 'kind'>): Promise<Controller>;
  /** Stops the controllers and deletes what tests made: the next test begins anew. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it all; no controller runs yet. Takes about four seconds. */
export async function openKubernetesCluster(
  kubeLab: BuiltKubeLab,
  options: KubernetesClusterOptions = {},
): Promise<KubernetesCluster> {
  const { roles = 'metallb', webhooks = false, crds = CRDS, apiServerFlags = [] } = options;
  await using opened = new AsyncDisposableStack();
  const audit = await openAuditLog();
  opened.defer(() => audit.close());
  const routes = opened.use(await openEndpointRoutes());
  const controlPlane = opened.use(
    await openRealControlPlane({
      kubeLab,
      apiServerFlags: [...audit.apiServerFlags, ...routes.apiServerFlags, ...apiServerFlags],
    }),
  );
  const lab = opened.use(await openLab());
  const kube = opened.use(await openApiClient(controlPlane.kubeconfigPath));
  audit.attach(kube);
  await install(controlPlane, { roles, webhooks, crds });
  const kubelet = opened.use(await startNode(kube));
  const rest = opened.move();
  return compose({ controlPlane, lab, kube, kubelet, audit, routes, roles, webhooks }, () => rest.disposeAsync());
}

async function install(
  { kubectl }: ControlPlane,
  { roles, webhooks, crds }: Required<Pick<KubernetesClusterOptions, 'roles' | 'webhooks' | 'crds'>>,
): Promise<void> {
  await kubectl(['apply', '-f', crds, '-f', `${MANIFESTS}/namespace.yaml`]);
  await kubectl(['apply', '-f', '-'], { input: listOf(await objectsOf(roles)) });
  await kubectl(['wait', '--for=condition=established', '--timeout=20s', '-f', crds]);
  if (webhooks) await kubectl(['apply', '-f', '-'], { input: await readFile(`${MANIFESTS}/webhook.yaml`, 'utf8') });
}

interface Parts {
  readonly controlPlane: ControlPlane;
  readonly lab: Lab;
  readonly kube: ApiClient;
  readonly kubelet: PretendKubelet;
  readonly audit: AuditLog;
  readonly routes: EndpointRoutes;
  readonly roles: Roles;
  readonly webhooks: boolean;
}

function compose(parts: Parts, closeParts: () => Promise<void>): KubernetesCluster {
  const { controlPlane, kube, audit, routes, roles } = parts;
  const desk = openServiceDesk(kube);
  let controllers: readonly Controller[] = [];
  let started = 0;
  const kubeconfigs = new Map<string, Promise<string>>();
  const cluster: KubernetesCluster = {
    ...desk,
    controlPlane,
    roles,
    kube,
    audit,
    routes,
    kubectl: controlPlane.kubectl,
    kubeconfigOf(name) {
      const made =
        kubeconfigs.get(name) ?? createServiceAccountKubeconfig(controlPlane, { namespace: NAMESPACE, name });
      kubeconfigs.set(name, made);
      return made;
    },
    async apply(...objects) {
      await controlPlane.kubectl(['apply', '-f', '-'], { input: listOf(objects) });
    },
    get controllers() {
      return controllers;
    },
    async startController(options = {}) {
      started += 1;
      const pod = `controller-${started}`;
      const kubeconfigPath = await cluster.kubeconfigOf('controller');
      const controller = withStop(await startControllerIn({ ...parts, kubeconfigPath, pod }, options), (gone) => {
        controllers = controllers.filter((each) => each !== gone);
      });
      controllers = [...controllers, controller];
      await controller.ready();
      return controller;
    },
    startMetalLbController: (options = {}) =>
      cluster.startController({ ...options, kind: realMetalLb() === undefined ? 'stand-in' : 'metallb' }),
    async reset() {
      // A test that failed in the middle of an outage leaves it to the next one.
      await kube.get('/version').catch(() => controlPlane.restartApiServer());
      await stopAll();
      await desk.reset();
    },
    async close() {
      await stopAll();
      await closeParts();
    },
    [Symbol.asyncDispose]: () => cluster.close(),
  };
  const stopAll = async (): Promise<void> => {
    await Promise.all(controllers.map((controller) => controller.stop()));
  };
  return cluster;
}

const NAMESPACE = 'metallb-system';

function listOf(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** A controller that says when it was stopped. Its getters stay getters. */
function withStop(controller: Controller, stopped: (self: Controller) => void): Controller {
  const self: Controller = Object.create(controller, {
    stop: {
      value: async () => {
        const code = await controller.stop();
        stopped(self);
        return code;
      },
    },
  });
  return self;
}
