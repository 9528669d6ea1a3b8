import type { ApiClient } from '@steelyard/testkit';
import { poolAddress, poolIpv6Address } from './network.ts';

const NAMESPACE = 'default';
export const SERVICES: string = `/api/v1/namespaces/${NAMESPACE}/services`;
const SLICES = `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`;
/** As many as `kubectl apply` and controllers have under way at a time. */
const CONCURRENT_REQUESTS = 16;

/** A LoadBalancer without a selector: its endpoints are those of {@link createSlice}. */
export function loadBalancer(
  name: string,
  { nodePort = true, ipFamily = 'IPv4' }: { readonly nodePort?: boolean; readonly ipFamily?: 'IPv4' | 'IPv6' } = {},
): object {
  return {
    metadata: { name },
    spec: {
      type: 'LoadBalancer',
      ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
      // There are fewer node ports than some questions have Services.
      ...(nodePort ? {} : { allocateLoadBalancerNodePorts: false }),
      ...(ipFamily === 'IPv4' ? {} : { ipFamilies: [ipFamily] }),
    },
  };
}

/** One ready endpoint for a Service, which need not exist yet. */
export async function createSlice(client: ApiClient, service: string, nodeName: string): Promise<void> {
  await client.create(SLICES, {
    metadata: { name: `${service}-1`, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.0.10'], nodeName, conditions: { ready: true, serving: true } }],
  });
}

/** The names `PREFIX-from` … `PREFIX-(to - 1)`. */
export function serviceNames(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `${prefix}-${from + index}`);
}

/** Does something with each of many, some at a time. */
export async function forEachConcurrently<T>(many: readonly T[], act: (one: T) => Promise<unknown>): Promise<void> {
  const rest = many[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (const one of rest) await act(one);
  };
  await Promise.all(Array.from({ length: CONCURRENT_REQUESTS }, worker));
}

/**
 * The Services `web-FROM` … `web-(TO - 1)`, each with an endpoint and the address of the pool with its number in its
 * status: what a speaker announces, without a controller.
 */
export async function announceWithoutController(
  client: ApiClient,
  nodeName: string,
  from: number,
  to: number,
  ipFamily: 'IPv4' | 'IPv6' = 'IPv4',
): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const addressOfNumber = ipFamily === 'IPv4' ? poolAddress : poolIpv6Address;
  await forEachConcurrently(numbers, async (number) => {
    const name = `web-${number}`;
    await createSlice(client, name, nodeName);
    await client.create(SERVICES, loadBalancer(name, { nodePort: false, ipFamily }));
    const status = { loadBalancer: { ingress: [{ ip: addressOfNumber(number) }] } };
    await client.patch(`${SERVICES}/${name}/status`, { status });
  });
}

/** An address of each family in the status of one Service. */
export interface DualStackService {
  readonly name: string;
  readonly addresses: readonly [ipv4: string, ipv6: string];
}

/** Services with two addresses each, without a controller; every one of the nodes has an endpoint of each. */
export async function announceDualStack(
  client: ApiClient,
  nodeNames: readonly string[],
  count: number,
): Promise<readonly DualStackService[]> {
  const services = Array.from({ length: count }, (_, number): DualStackService => {
    return { name: `dual-${number}`, addresses: [poolAddress(number), poolIpv6Address(number + 1)] };
  });
  await forEachConcurrently(services, async ({ name, addresses }) => {
    await client.create(SLICES, {
      metadata: { name: `${name}-1`, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: nodeNames.map((nodeName, index) => ({
        addresses: [`10.244.${index}.10`],
        nodeName,
        conditions: { ready: true, serving: true },
      })),
    });
    await client.create(SERVICES, {
      metadata: { name },
      spec: {
        type: 'LoadBalancer',
        allocateLoadBalancerNodePorts: false,
        ipFamilyPolicy: 'RequireDualStack',
        ipFamilies: ['IPv4', 'IPv6'],
        ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
      },
    });
    const ingress = addresses.map((ip) => ({ ip }));
    await client.patch(`${SERVICES}/${name}/status`, { status: { loadBalancer: { ingress } } });
  });
  return services;
}

interface ServiceObject {
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

/** The address in a Service's status. */
export function addressOf(service: unknown): string | undefined {
  return (service as ServiceObject).status?.loadBalancer?.ingress?.[0]?.ip;
}

/** How many Services have an address. */
export async function countServed(client: ApiClient): Promise<number> {
  const { items } = (await client.get(SERVICES)) as { items: readonly unknown[] };
  return items.filter((service) => addressOf(service) !== undefined).length;
}
