/** A control plane with our CRDs, as a user applies them, and their conversion webhook. */

import {
  type ApiClient,
  type ControlPlane,
  type EndpointRoutes,
  type KubeLab,
  openApiClient,
  openEndpointRoutes,
  openRealControlPlane,
} from '@steelyard/testkit';
import { CRDS } from '../cluster/roles.ts';
import { type ConversionWebhook, NAMESPACE, serveConversions, untilTrusted } from './conversion-webhook.ts';
import { readPatiently } from './outcomes.ts';

export interface ObjectRead {
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: object;
  readonly status?: object;
}

export interface CrdBed extends AsyncDisposable {
  readonly routes: EndpointRoutes;
  readonly controlPlane: ControlPlane;
  readonly client: ApiClient;
  readonly webhook: ConversionWebhook;
  /** What kubectl said when it applied them. */
  readonly applied: string;
  /** In the namespace of MetalLB. */
  kubectl(command: string, input?: object): Promise<string>;
  read(path: string): Promise<ObjectRead>;
  /** Does what whoever makes the certificate does to the CRD that is installed, and waits for it to have an effect. */
  trustWebhook(): Promise<void>;
}

export async function openCrdBed(kubeLab: KubeLab): Promise<CrdBed> {
  await using opened = new AsyncDisposableStack();
  const routes = await openEndpointRoutes();
  opened.defer(() => routes.close());
  const controlPlane = opened.use(await openRealControlPlane({ kubeLab, apiServerFlags: routes.apiServerFlags }));
  const client = opened.use(await openApiClient(controlPlane.kubeconfigPath));
  await controlPlane.kubectl(['create', 'namespace', NAMESPACE]);
  const webhook = opened.use(await serveConversions(controlPlane, routes));
  const applied = await controlPlane.kubectl(['apply', '-f', CRDS]);
  await controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']);
  const running = opened.move();
  const kubectl = (command: string, input?: object): Promise<string> =>
    controlPlane.kubectl(['--namespace', NAMESPACE, ...command.split(' ')], input && { input: JSON.stringify(input) });
  return {
    routes,
    controlPlane,
    client,
    webhook,
    applied,
    kubectl,
    read: async (path) => (await readPatiently(client, path)) as ObjectRead,
    async trustWebhook() {
      const clientConfig = { caBundle: webhook.caBundle };
      const change = JSON.stringify({ spec: { conversion: { webhook: { clientConfig } } } });
      await kubectl(`patch crd bgppeers.metallb.io --type=merge --patch=${change}`);
      await untilTrusted(client);
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

export function bgpPeer(version: string, name: string, spec: object): object {
  const metadata = { name, namespace: NAMESPACE };
  return { apiVersion: `metallb.io/${version}`, kind: 'BGPPeer', metadata, spec };
}

export function namesOf(list: unknown): string[] {
  return (list as { readonly items: readonly ObjectRead[] }).items.map(({ metadata }) => metadata.name);
}
