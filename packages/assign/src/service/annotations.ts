/** The annotations that MetalLB reads and writes; the second name of each is the deprecated one. */
export const ADDRESS_POOL = ['metallb.io/address-pool', 'metallb.universe.tf/address-pool'] as const;
export const LOAD_BALANCER_IPS = ['metallb.io/loadBalancerIPs', 'metallb.universe.tf/loadBalancerIPs'] as const;
export const ALLOW_SHARED_IP = ['metallb.io/allow-shared-ip', 'metallb.universe.tf/allow-shared-ip'] as const;
export const IP_ALLOCATED_FROM_POOL = [
  'metallb.io/ip-allocated-from-pool',
  'metallb.universe.tf/ip-allocated-from-pool',
] as const;

const DEPRECATED_PREFIX = 'metallb.universe.tf';
const STABLE_PREFIX = 'metallb.io';

/** Whether an annotation is one that a controller has to keep of a Service. */
export function isOwnAnnotation(name: string): boolean {
  return name.startsWith(STABLE_PREFIX) || name.startsWith(DEPRECATED_PREFIX);
}

/** The value under the stable name if it is there at all, else under the deprecated one, else nothing. */
export function annotation(
  annotations: ReadonlyMap<string, string>,
  [stable, deprecated]: readonly [string, string],
): string {
  return annotations.get(stable) ?? annotations.get(deprecated) ?? '';
}

/** The deprecated annotations of a Service, sorted. */
export function deprecatedAnnotations(annotations: ReadonlyMap<string, string>): string[] {
  return [...annotations.keys()].filter((name) => name.startsWith(DEPRECATED_PREFIX)).sort((a, b) => (a < b ? -1 : 1));
}
