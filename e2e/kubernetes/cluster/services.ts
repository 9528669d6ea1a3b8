import { type ApiClient, waitUntil } from '@steelyard/testkit';

export const SERVICES = '/api/v1/namespaces/default/services';
const METALLB_API = 'metallb.io/v1beta1';
const POOLS = `/apis/${METALLB_API}/namespaces/metallb-system/ipaddresspools`;

/** What a test says of a Service. */
export interface ServiceOptions {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** A Service, as far as tests look at it. */
export interface ServiceObject {
  readonly metadata: {
    readonly name: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly type: string };
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string }[] } };
}

interface EventObject {
  readonly involvedObject: { readonly kind: string; readonly name: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
}

/** What a test does with Services and pools, as administrator, in the namespace `default`. */
export interface ServiceDesk {
  createPool(name: string, addresses: readonly string[], spec?: object): Promise<void>;
  createService(name: string, service?: ServiceOptions): Promise<void>;
  service(name: string): Promise<ServiceObject>;
  /** The addresses in the status of a Service. */
  addressesOf(name: string): Promise<readonly string[]>;
  /** Waits until a Service has an address, and returns the first. */
  addressOf(name: string, timeoutMs?: number): Promise<string>;
  /** Name → addresses, of all Services of type LoadBalancer. */
  allAddresses(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Waits until so many Services have an address, and returns them all. */
  servedServices(count: number, timeoutMs?: number): Promise<Readonly<Record<string, readonly string[]>>>;
  /** `Normal IPAllocated: Assigned IP …` of the Events about an object, each with ` (x3)` where it was repeated. */
  eventsOf(kind: string, name: string): Promise<readonly string[]>;
  /** Deletes all that tests made: Services, Events, and the objects of metallb.io. */
  reset(): Promise<void>;
}

export function openServiceDesk(kube: ApiClient): ServiceDesk {
  const desk: ServiceDesk = {
    async createPool(name, addresses, spec = {}) {
      const pool = { apiVersion: METALLB_API, kind: 'IPAddressPool', metadata: { name } };
      await kube.create(POOLS, { ...pool, spec: { addresses, ...spec } });
    },
    async createService(name, { annotations = {}, labels = {}, spec = {} } = {}) {
      const ports = [{ name: 'http', port: 80, targetPort: 8080 }];
      await kube.create(SERVICES, {
        metadata: { name, annotations, labels },
        spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports, ...spec },
      });
    },
    service: async (name) => (await kube.get(`${SERVICES}/${name}`)) as ServiceObject,
    addressesOf: async (name) => ingressOf(await desk.service(name)),
    addressOf: (name, timeoutMs = 15_000) =>
      waitUntil(`an address of ${name}`, async () => (await desk.addressesOf(name))[0], { timeoutMs }),
    async allAddresses() {
      const { items } = (await kube.get(SERVICES)) as { items: readonly ServiceObject[] };
      const balanced = items.filter(({ spec }) => spec.type === 'LoadBalancer');
      return Object.fromEntries(balanced.map((service) => [service.metadata.name, ingressOf(service)]));
    },
    servedServices: (count, timeoutMs = 45_000) =>
      waitUntil(
        `addresses of ${count} Services`,
        async () => {
          const all = await desk.allAddresses();
          return Object.values(all).filter((addresses) => addresses.length > 0).length === count ? all : undefined;
        },
        { timeoutMs, intervalMs: 100 },
      ),
    async eventsOf(kind, name) {
      const { items } = (await kube.get('/api/v1/namespaces/default/events')) as { items: readonly EventObject[] };
      return items
        .filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name)
        .map(
          ({ type, reason, message, count = 1 }) => `${type} ${reason}: ${message}${count > 1 ? ` (x${count})` : ''}`,
        );
    },
    async reset() {
      await kube.delete(`${SERVICES}?labelSelector=provider!%3Dkubernetes`);
      await kube.delete('/api/v1/namespaces/default/events');
      for (const path of await configurationPaths(kube)) await kube.delete(path);
    },
  };
  return desk;
}

export function ingressOf({ status }: ServiceObject): readonly string[] {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip);
}

/** The collections of all kinds of metallb.io, each in its newest version: an older one may want a webhook to convert it. */
async function configurationPaths(kube: ApiClient): Promise<readonly string[]> {
  const { versions } = (await kube.get('/apis/metallb.io')) as {
    versions: readonly { readonly groupVersion: string }[];
  };
  const paths = new Map<string, string>();
  for (const { groupVersion } of versions.toReversed()) {
    const { resources } = (await kube.get(`/apis/${groupVersion}`)) as {
      resources: readonly { readonly name: string }[];
    };
    for (const { name } of resources.filter((resource) => !resource.name.includes('/'))) {
      paths.set(name, `/apis/${groupVersion}/namespaces/metallb-system/${name}`); // the newest comes first in `versions`
    }
  }
  return [...paths.values()];
}
