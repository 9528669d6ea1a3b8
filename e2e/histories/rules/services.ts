import { ADDRESS_POOL, ALLOW_SHARED_IP, LOAD_BALANCER_IPS, type StoredService } from '../world/objects.ts';

/** A Service that is for us: of type LoadBalancer, and of no class (metallb-behaviour 2.5). */
export function isServed({ spec }: StoredService): boolean {
  return spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
}

/** Empty where there is none. */
export function annotation({ metadata }: StoredService, name: string): string {
  return Object.hasOwn(metadata.annotations, name) ? String(metadata.annotations[name]) : '';
}

function backendKey({ spec }: StoredService): string {
  if (spec.externalTrafficPolicy !== 'Local') return '';
  return Object.entries(spec.selector)
    .map(([name, value]) => `${name}=${value}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join();
}

/** Whether two Services may have one address (metallb-behaviour 2.8). */
export function mayShare(a: StoredService, b: StoredService): boolean {
  const key = annotation(a, ALLOW_SHARED_IP);
  const portsOf = ({ spec }: StoredService): string[] => spec.ports.map(({ protocol, port }) => `${protocol}${port}`);
  return (
    key !== '' &&
    key === annotation(b, ALLOW_SHARED_IP) &&
    backendKey(a) === backendKey(b) &&
    !portsOf(a).some((port) => portsOf(b).includes(port))
  );
}

/** `4`, `6` or `46`. */
export function familiesOfAddresses(addresses: readonly string[]): '4' | '6' | '46' {
  const hasIpv6 = addresses.some((ip) => ip.includes(':'));
  const hasIpv4 = addresses.some((ip) => !ip.includes(':'));
  return hasIpv4 && hasIpv6 ? '46' : hasIpv6 ? '6' : '4';
}

/** The same ones, in whatever order. */
export function sameAddresses(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((ip) => b.includes(ip));
}

/** `4`, `6` or `46`; undefined where its cluster IPs do not tell. */
export function familiesOf(service: StoredService): '4' | '6' | '46' | undefined {
  return service.spec.clusterIPs.length > 0 ? familiesOfAddresses(service.spec.clusterIPs) : undefined;
}

/** The addresses that a Service asks for; empty if it asks for none; undefined if that cannot be read. */
export function requestOf(service: StoredService): readonly string[] | undefined {
  const { spec } = service;
  const list = annotation(service, LOAD_BALANCER_IPS);
  if (list !== '' && spec.loadBalancerIP !== undefined) return undefined;
  const asked = list === '' ? [spec.loadBalancerIP ?? ''].filter((ip) => ip !== '') : list.split(',');
  return asked.every((ip) => /^[0-9.]{7,}$|^[0-9a-f:]{3,}$/.test(ip)) ? asked : undefined;
}

export function poolAskedBy(service: StoredService): string {
  return annotation(service, ADDRESS_POOL);
}
