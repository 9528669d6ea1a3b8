import type { NetConnectOpts } from 'node:net';
import { convertReview } from '@steelyard/config';
import {
  type AdmissionReviewer,
  type CertificateSource,
  type KubeClient,
  openKubeClient,
  startWebhookCertificates,
  startWebhookServer,
  type WebhookServer,
  webhookReadiness,
} from '@steelyard/k8s-adapter';
import {
  type BuiltKubeLab,
  type ControlPlane,
  createServiceAccountKubeconfig,
  openEndpointRoutes,
  openRealControlPlane,
  serveWebhooksFrom,
  waitUntil,
} from '@steelyard/testkit';
import { CRDS, MANIFESTS, manifest, objectsOf, type Roles } from './cluster/roles.ts';

/** MetalLB's. */
export const NAMESPACE = 'metallb-system';
const ENDPOINT = { address: '192.0.2.11', port: 9443 };

/** A controller's webhooks, in this process. */
export interface Webhooks {
  readonly server: WebhookServer;
  readonly certificates: CertificateSource;
  /** Everything above debug. */
  readonly logged: readonly string[];
}

export interface WebhookOptions {
  readonly review: AdmissionReviewer;
  readonly settleMs?: number;
  readonly nowMs?: () => number;
}

/** The real control plane with our definitions and webhook configuration, and a way to what is started here. */
export interface WebhookBed extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  /** As administrator. */
  readonly admin: KubeClient;
  /** With the rights of the account `controller`. */
  readonly client: KubeClient;
  readonly controllerKubeconfigPath: string;
  /** Serves webhooks, and leads the API server to them; resolves when they are ready. */
  start(options: WebhookOptions): Promise<Webhooks>;
  stopAll(): Promise<void>;
  /** Leads the API server to webhooks that were not started here. */
  lead(to: NetConnectOpts): void;
}

export async function openWebhookBed(kubeLab: BuiltKubeLab, roles: Roles): Promise<WebhookBed> {
  await using opened = new AsyncDisposableStack();
  const routes = opened.use(await openEndpointRoutes());
  const controlPlane = opened.use(await openRealControlPlane({ kubeLab, apiServerFlags: routes.apiServerFlags }));
  const { kubectl } = controlPlane;
  await kubectl(['apply', '-f', CRDS, '-f', `${MANIFESTS}/namespace.yaml`]);
  const webhook = await manifest<{ readonly kind: string }>('webhook.yaml');
  const items = [...(await objectsOf(roles)), ...webhook.filter(({ kind }) => kind !== 'Service')];
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
  await kubectl(['wait', '--for=condition=established', '--timeout=20s', '-f', CRDS]);
  await serveWebhooksFrom(controlPlane, { namespace: NAMESPACE, ...ENDPOINT });
  const account = { namespace: NAMESPACE, name: 'controller' };
  const controllerKubeconfigPath = await createServiceAccountKubeconfig(controlPlane, account);
  const client = opened.use(await openKubeClient({ kubeconfigPath: controllerKubeconfigPath, env: {} }));
  const admin = opened.use(await openKubeClient({ kubeconfigPath: controlPlane.kubeconfigPath, env: {} }));
  const running: (() => Promise<void>)[] = [];

  async function start({ review, settleMs = 2000, nowMs = Date.now }: WebhookOptions): Promise<Webhooks> {
    const logged: string[] = [];
    const log = (pairs: object, msg: string): void => {
      const text = JSON.stringify(pairs, (_, value: unknown) => (value instanceof Error ? value.message : value));
      logged.push(`${msg} ${text}`);
    };
    const logger = { debug: () => undefined, info: log, warn: log, error: log };
    const server = await startWebhookServer({ host: '127.0.0.1', port: 0, review, convert: convertReview, logger });
    const certificates = startWebhookCertificates({
      client,
      namespace: NAMESPACE,
      onCertificate: (pair) => server.setCertificate(pair),
      nowMs,
      timing: { settleMs, recreateAfterMs: 100 },
      logger,
    });
    running.push(async () => {
      await certificates.stop();
      await server.close(0);
    });
    routes.set(ENDPOINT, { host: '127.0.0.1', port: server.port });
    await waitUntil('the webhooks to be ready', () => webhookReadiness(server, certificates).ready);
    return { server, certificates, logged };
  }

  async function stopAll(): Promise<void> {
    for (const stop of running.splice(0)) await stop();
  }

  opened.defer(stopAll);
  const rest = opened.move();
  return {
    controlPlane,
    admin,
    client,
    controllerKubeconfigPath,
    start,
    stopAll,
    lead: (to) => routes.set(ENDPOINT, to),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}
