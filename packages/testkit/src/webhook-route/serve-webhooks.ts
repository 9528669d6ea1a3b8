import type { ControlPlane } from '../kube-lab/index.ts';

/** Where the webhooks are served. */
export interface WebhookEndpoint {
  /** Of the Service: MetalLB's own. */
  readonly namespace: string;
  /** Not a loopback address: EndpointSlices refuse them. It need not exist, see `openEndpointRoutes`. */
  readonly address: string;
  /** Default 9443: MetalLB's. */
  readonly port?: number;
  /** Default `metallb-webhook-service`. */
  readonly service?: string;
}

/**
 * Makes the Service by which the API server knows the webhooks, at port 443,
 * and says by an EndpointSlice that they are served at an address, without a
 * Pod. May be called again, to move them.
 */
export async function serveWebhooksFrom(
  controlPlane: Pick<ControlPlane, 'kubectl'>,
  { namespace, address, port = 9443, service = 'metallb-webhook-service' }: WebhookEndpoint,
): Promise<void> {
  const name = service;
  const objects = [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { ports: [{ port: 443, protocol: 'TCP', targetPort: port }] }, // no selector: the slice is ours
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-by-hand`, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: address.includes(':') ? 'IPv6' : 'IPv4',
      ports: [{ name: '', port, protocol: 'TCP' }],
      endpoints: [{ addresses: [address], conditions: { ready: true, serving: true, terminating: false } }],
    },
  ];
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await controlPlane.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input });
}
