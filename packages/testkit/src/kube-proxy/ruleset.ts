import type { ProxiedEndpointSlice, ProxiedService, ProxyNode, ServicePort } from './objects.ts';

/** The label by which an EndpointSlice names its Service: `discoveryv1.LabelServiceName`. */
const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** kube-proxy's own mark for what is to be masqueraded (`--iptables-masquerade-bit=14`). */
const MASQUERADE_MARK = '0x4000';
const TABLE = 'steelyard_kube_proxy';

interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly local: boolean;
}

interface Rules {
  readonly nat: string[];
  /** For addresses without endpoints: NAT chains cannot reject. */
  readonly filter: string[];
}

/**
 * What kube-proxy would have the kernel do on one node, as input for `nft -f -`.
 *
 * Reachable are cluster IPs, node ports and the addresses in a Service's
 * status. With `externalTrafficPolicy: Local` what comes from outside goes to
 * this node's own Pods and keeps its sender, or is dropped; otherwise it goes
 * to any Pod, from this node's own address. The whole table is replaced in one
 * transaction.
 */
export function kubeProxyRuleset(
  node: ProxyNode,
  services: readonly ProxiedService[],
  slices: readonly ProxiedEndpointSlice[],
): string {
  return (['ip', 'ip6'] as const).map((family) => table(family, node, services, slices)).join('');
}

function table(
  family: 'ip' | 'ip6',
  node: ProxyNode,
  services: readonly ProxiedService[],
  slices: readonly ProxiedEndpointSlice[],
): string {
  const rules: Rules = { nat: [], filter: [] };
  const ours = (address: string): boolean => address.includes(':') === (family === 'ip6');
  for (const service of [...services].sort(byName)) {
    for (const port of service.spec.ports ?? []) {
      const endpoints = endpointsOf(service, port, family, node, slices);
      const local = service.spec.externalTrafficPolicy === 'Local';
      const external = local ? endpoints.filter((endpoint) => endpoint.local) : endpoints;
      const protocol = (port.protocol ?? 'TCP').toLowerCase();
      const rule = (address: string, number: number, to: readonly Endpoint[], policy: Policy): void =>
        addRule(rules, family, `${family} daddr ${address} ${protocol} dport ${number}`, to, policy);
      const clusterIps = (service.spec.clusterIPs ?? []).filter((address) => address !== 'None' && ours(address));
      for (const address of clusterIps) rule(address, port.port, endpoints, 'inside');
      const policy: Policy = local ? 'local' : 'masquerade';
      for (const { ip } of service.status?.loadBalancer?.ingress ?? []) {
        if (ip !== undefined && ours(ip)) rule(ip, port.port, external, policy);
      }
      if (port.nodePort !== undefined && port.nodePort > 0) {
        for (const address of node.addresses.filter(ours)) rule(address, port.nodePort, external, policy);
      }
    }
  }
  const lines = (each: readonly string[]): string => each.map((line) => `    ${line}\n`).join('');
  return `table ${family} ${TABLE}
delete table ${family} ${TABLE}
table ${family} ${TABLE} {
  chain services {
${lines(rules.nat)}  }
  chain without_endpoints {
${lines(rules.filter)}  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    jump services
  }
  chain nat_output {
    type nat hook output priority -100; policy accept;
    jump services
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    meta mark and ${MASQUERADE_MARK} == ${MASQUERADE_MARK} meta mark set meta mark xor ${MASQUERADE_MARK} masquerade
  }
  chain filter_forward {
    type filter hook forward priority 0; policy accept;
    ct state new jump without_endpoints
  }
  chain filter_input {
    type filter hook input priority 0; policy accept;
    ct state new jump without_endpoints
  }
  chain filter_output {
    type filter hook output priority 0; policy accept;
    ct state new jump without_endpoints
  }
}
`;
}

type Policy = 'inside' | 'masquerade' | 'local';

function addRule(rules: Rules, family: string, match: string, endpoints: readonly Endpoint[], policy: Policy): void {
  if (endpoints.length === 0) {
    rules.filter.push(`${match} ${policy === 'local' ? 'drop' : 'reject'}`);
    return;
  }
  const targets = endpoints.map(({ address, port }, i) => `${i} : ${address} . ${port}`).join(', ');
  const mark = policy === 'masquerade' ? `meta mark set meta mark or ${MASQUERADE_MARK} ` : '';
  rules.nat.push(
    `${match} ${mark}dnat ${family} addr . port to numgen random mod ${endpoints.length} map { ${targets} }`,
  );
}

/** The ready endpoints of a port, sorted so that the same state gives the same text. */
function endpointsOf(
  service: ProxiedService,
  port: ServicePort,
  family: 'ip' | 'ip6',
  node: ProxyNode,
  slices: readonly ProxiedEndpointSlice[],
): Endpoint[] {
  const addressType = family === 'ip' ? 'IPv4' : 'IPv6';
  const found = new Map<string, Endpoint>();
  for (const slice of slices) {
    if (slice.metadata.namespace !== service.metadata.namespace || slice.addressType !== addressType) continue;
    if (slice.metadata.labels?.[SERVICE_NAME_LABEL] !== service.metadata.name) continue;
    const target = slice.ports?.find(({ name }) => (name ?? '') === (port.name ?? ''))?.port;
    if (target === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue; // absent means ready
      for (const address of endpoint.addresses) {
        found.set(address, { address, port: target, local: endpoint.nodeName === node.name });
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
}

function byName(a: ProxiedService, b: ProxiedService): number {
  const [left, right] = [a, b].map(({ metadata }) => `${metadata.namespace}/${metadata.name}`) as [string, string];
  return left < right ? -1 : 1;
}
