import { ADDRESS_POOL, ALLOW_SHARED_IP, LOAD_BALANCER_IPS, type StoredService } from '../world/objects.ts';

/** A Service that is for us: of type LoadBalancer, and of no class (metallb-behaviour 2.5). */
export function isServed({ spec }: StoredService): boolean {
  return spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;
}

function backendKey({ spec }: StoredService): string {
  if (spec.externalTrafficPolicy !== 'Local') return '';
  return Object.entries(spec.selector)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join();
}

/** Whether two Services may have one address (metallb-behaviour 2.8). */
export function mayShare(a: StoredService, b: StoredService): boolean {
  const key = a.metadata.annotations[ALLOW_SHARED_IP] ?? '';
  const portsOf = ({ spec }: StoredService): string[] => spec.ports.map(({ protocol, port }) => `${protocol}${port}`);
  return (
    key !== '' &&
    key === (b.metadata.annotations[ALLOW_SHARED_IP] ?? '') &&
    backendKey(a) === backendKey(b) &&
    !portsOf(a).some((port) => portsOf(b).includes(port))
  );
}

/** `4`, `6` or `46`; undefined where its cluster IPs do not tell. */
export function familiesOf(service: StoredService): '4' | '6' | '46' | undefined {
  const found = [...new Set(service.spec.clusterIPs.map((ip) => (ip.includes(':') ? '6' : '4')))].sort().join('');
  return found === '4' || found === '6' || found === '46' ? found : undefined;
}

/** The addresses that a Service asks for; empty if it asks for none; undefined if that cannot be read. */
export function requestOf({ metadata, spec }: StoredService): readonly string[] | undefined {
  const list = metadata.annotations[LOAD_BALANCER_IPS] ?? '';
  if (list !== '' && spec.loadBalancerIP !== undefined) return undefined;
  const asked = list === '' ? [spec.loadBalancerIP ?? ''].filter((ip) => ip !== '') : list.split(',');
  return asked.every((ip) => /^[0-9.]{7,}$|^[0-9a-f:]{3,}$/.test(ip)) ? asked : undefined;
}

export function poolAskedBy({ metadata }: StoredService): string {
  return metadata.annotations[ADDRESS_POOL] ?? '';
}
