import { IP_ALLOCATED_FROM_POOL } from './annotations.ts';
import type { ServiceView } from './service-view.ts';

/** What is to be written to a Service, through its status subresource. */
export interface StatusWrite {
  /** The whole of `status.loadBalancer.ingress`. */
  readonly ingress: readonly { readonly ip: string }[];
  /** Annotations to set; `null` takes one away. All others stay. */
  readonly annotations: Readonly<Record<string, string | null>>;
}

/**
 * What has to be written so that a Service shows these addresses of this pool; no addresses and no pool clear it.
 *
 * @returns `undefined` if it shows them already. What the API server adds to an entry (`ipMode: VIP`) is no difference.
 */
export function statusWrite(
  service: ServiceView,
  addresses: readonly string[],
  pool: string | undefined,
): StatusWrite | undefined {
  const [stable] = IP_ALLOCATED_FROM_POOL; // the deprecated one is left as it is, as by MetalLB
  const annotations: Record<string, string | null> = {};
  const shown = pool === '' ? undefined : pool; // held, but nobody knows from which pool
  if (shown !== undefined && service.annotations.get(stable) !== shown) {
    annotations[stable] = shown;
  }
  if (shown === undefined && service.annotations.has(stable)) {
    annotations[stable] = null;
  }
  const sameIngress =
    service.ingress.length === addresses.length &&
    service.ingress.every(
      ({ ip, hostname, altered }, index) => hostname === '' && altered === undefined && ip === addresses[index],
    );
  if (sameIngress && Object.keys(annotations).length === 0) {
    return undefined;
  }
  return { ingress: addresses.map((ip) => ({ ip })), annotations };
}

/** The Service as it is after a write. */
export function applyStatusWrite(service: ServiceView, write: StatusWrite, resourceVersion: string): ServiceView {
  const annotations = new Map(service.annotations);
  for (const [name, value] of Object.entries(write.annotations)) {
    if (value === null) {
      annotations.delete(name);
    } else {
      annotations.set(name, value);
    }
  }
  return { ...service, resourceVersion, annotations, ingress: write.ingress.map(({ ip }) => ({ ip, hostname: '' })) };
}
