/** What the API server refuses of a Service, in its words (kubernetes pkg/apis/core/validation, `validateService`). */

import { isIP } from 'node:net';
import {
  duplicateValue,
  type FieldError,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '../status-error.ts';
import {
  hasNodePorts,
  isExternallyAccessible,
  isHeadless,
  isLoadBalancer,
  type Service,
  type ServicePort,
} from './service-spec.ts';

const SERVICE_TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const NOT_AN_ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const NOT_A_PREFIX = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";
const SET_ONCE = 'may not change once set';

export function validateService(service: Service, old: Service | undefined): FieldError[] {
  return [
    ...(old ? changesOf(service, old) : []),
    ...portErrors(service),
    ...affinityErrors(service),
    ...familyErrors(service),
    ...addressErrors(service),
    ...typeErrors(service),
    ...loadBalancerErrors(service),
    ...trafficPolicyErrors(service),
  ];
}

function changesOf(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  const addresses = service.spec.clusterIPs ?? [];
  if (service.spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName') {
    for (const [i, address] of (old.spec.clusterIPs ?? []).entries()) {
      if (i < addresses.length && addresses[i] !== address) {
        errors.push(invalidValue(`spec.clusterIPs[${i}]`, addresses, SET_ONCE));
      }
    }
  }
  if (isLoadBalancer(service) && isLoadBalancer(old) && service.spec.loadBalancerClass !== old.spec.loadBalancerClass) {
    errors.push(invalidValue('spec.loadBalancerClass', service.spec.loadBalancerClass ?? null, SET_ONCE));
  }
  return errors;
}

function portErrors(service: Service): FieldError[] {
  const ports = service.spec.ports ?? [];
  const errors: FieldError[] = [];
  if (ports.length === 0 && !isHeadless(service) && service.spec.type !== 'ExternalName') {
    errors.push(requiredValue('spec.ports'));
  }
  if (hasNodePorts(service) && isHeadless(service)) {
    const why = `may not be set to 'None' for ${service.spec.type} services`;
    errors.push(invalidValue('spec.clusterIPs[0]', 'None', why));
  }
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    const field = `spec.ports[${i}]`;
    errors.push(...onePortErrors(port, field, ports.length > 1));
    if (port.name && names.has(port.name)) errors.push(duplicateValue(`${field}.name`, port.name));
    names.add(port.name ?? '');
    if (service.spec.type === 'ClusterIP' && port.nodePort) {
      errors.push(forbiddenValue(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  return [...errors, ...duplicatePortErrors(ports)];
}

/** First the node ports, then the ports: each pair of protocol and number once. */
function duplicatePortErrors(ports: readonly ServicePort[]): FieldError[] {
  const seen = new Set<string>();
  const isSeen = (what: string, { protocol }: ServicePort, number: number): boolean => {
    const key = `${what} ${protocol} ${number}`;
    const known = seen.has(key);
    seen.add(key);
    return known;
  };
  const nodePorts = ports.flatMap((port, i) =>
    port.nodePort && isSeen('nodePort', port, port.nodePort)
      ? [duplicateValue(`spec.ports[${i}].nodePort`, port.nodePort)]
      : [],
  );
  const numbers = ports.flatMap((port, i) => {
    if (!isSeen('port', port, port.port)) return [];
    // The value is Go's structure, under Go's names.
    const { protocol, port: Port } = port;
    const value = { Name: '', Protocol: protocol, AppProtocol: null, Port, TargetPort: 0, NodePort: 0 };
    return [duplicateValue(`spec.ports[${i}]`, value)];
  });
  return [...nodePorts, ...numbers];
}

function onePortErrors(port: ServicePort, field: string, nameRequired: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (nameRequired && !port.name) errors.push(requiredValue(`${field}.name`));
  const isPort = (value: unknown): boolean => typeof value === 'number' && value >= 1 && value <= 65_535;
  if (!isPort(port.port))
    errors.push(invalidValue(`${field}.port`, port.port, 'must be between 1 and 65535, inclusive'));
  if (!PROTOCOLS.includes(port.protocol ?? '')) {
    errors.push(unsupportedValue(`${field}.protocol`, port.protocol, PROTOCOLS));
  }
  if (typeof port.targetPort === 'number' && !isPort(port.targetPort)) {
    errors.push(invalidValue(`${field}.targetPort`, port.targetPort, 'must be between 1 and 65535, inclusive'));
  }
  return errors;
}

function affinityErrors(service: Service): FieldError[] {
  const affinity = service.spec.sessionAffinity ?? '';
  const supported = ['ClientIP', 'None'];
  return supported.includes(affinity) ? [] : [unsupportedValue('spec.sessionAffinity', affinity, supported)];
}

function familyErrors(service: Service): FieldError[] {
  const { type, ipFamilyPolicy, externalName } = service.spec;
  if (type === 'ExternalName') return externalName ? [] : [requiredValue('spec.externalName')];
  if (ipFamilyPolicy === undefined || FAMILY_POLICIES.includes(ipFamilyPolicy)) return [];
  return [unsupportedValue('spec.ipFamilyPolicy', ipFamilyPolicy, FAMILY_POLICIES)];
}

function addressErrors(service: Service): FieldError[] {
  const addresses = service.spec.externalIPs ?? [];
  return addresses.flatMap((ip, i) => (isIP(ip) ? [] : [invalidValue(`spec.externalIPs[${i}]`, ip, NOT_AN_ADDRESS)]));
}

function typeErrors(service: Service): FieldError[] {
  const type = service.spec.type ?? '';
  return SERVICE_TYPES.includes(type) ? [] : [unsupportedValue('spec.type', type, SERVICE_TYPES)];
}

function loadBalancerErrors(service: Service): FieldError[] {
  const { loadBalancerSourceRanges, allocateLoadBalancerNodePorts, loadBalancerClass } = service.spec;
  const errors: FieldError[] = [];
  const ranges = loadBalancerSourceRanges ?? [];
  if (ranges.length > 0 && !isLoadBalancer(service)) {
    errors.push(forbiddenValue('spec.LoadBalancerSourceRanges', ONLY_LOAD_BALANCER));
  }
  for (const [i, range] of ranges.entries()) {
    const [network = '', prefixLength = ''] = range.trim().split('/');
    const longest = isIP(network) === 6 ? 128 : 32;
    if (isIP(network) && /^\d{1,3}$/.test(prefixLength) && Number(prefixLength) <= longest) continue;
    errors.push(invalidValue(`spec.LoadBalancerSourceRanges[${i}]`, range, NOT_A_PREFIX));
  }
  if (isLoadBalancer(service)) return errors;
  if (allocateLoadBalancerNodePorts !== undefined) {
    errors.push(forbiddenValue('spec.allocateLoadBalancerNodePorts', ONLY_LOAD_BALANCER));
  }
  if (loadBalancerClass !== undefined) errors.push(forbiddenValue('spec.loadBalancerClass', ONLY_LOAD_BALANCER));
  return errors;
}

function trafficPolicyErrors(service: Service): FieldError[] {
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal } = service.spec;
  const errors: FieldError[] = [];
  if (external && !isExternallyAccessible(service)) {
    const why = 'may only be set for externally-accessible services';
    errors.push(invalidValue('spec.externalTrafficPolicy', external, why));
  } else if (external && !TRAFFIC_POLICIES.includes(external)) {
    errors.push(unsupportedValue('spec.externalTrafficPolicy', external, TRAFFIC_POLICIES));
  }
  if (internal && !TRAFFIC_POLICIES.includes(internal)) {
    errors.push(unsupportedValue('spec.internalTrafficPolicy', internal, TRAFFIC_POLICIES));
  }
  return errors;
}

/** kubernetes pkg/apis/core/validation, `ValidateLoadBalancerStatus`. */
export function validateLoadBalancerStatus(service: Service): FieldError[] {
  const field = 'status.loadBalancer.ingress';
  const ingress = service.status.loadBalancer.ingress ?? [];
  if (!isLoadBalancer(service)) {
    return ingress.length > 0 ? [forbiddenValue(field, "may only be used when `spec.type` is 'LoadBalancer'")] : [];
  }
  return ingress.flatMap((one, i) => {
    const errors: FieldError[] = [];
    if (one.ip && !isIP(one.ip)) errors.push(invalidValue(`${field}[${i}].ip`, one.ip, NOT_AN_ADDRESS));
    if (one.ip && one.ipMode === undefined) {
      errors.push(requiredValue(`${field}[${i}].ipMode`, 'must be specified when `ip` is set'));
    } else if (one.ipMode !== undefined && !one.ip) {
      errors.push(forbiddenValue(`${field}[${i}].ipMode`, 'may not be specified when `ip` is not set'));
    } else if (one.ipMode !== undefined && one.ipMode !== 'VIP' && one.ipMode !== 'Proxy') {
      errors.push(unsupportedValue(`${field}[${i}].ipMode`, one.ipMode, ['Proxy', 'VIP']));
    }
    if (one.hostname && isIP(one.hostname)) {
      errors.push(invalidValue(`${field}[${i}].hostname`, one.hostname, 'must be a DNS name, not an IP address'));
    }
    return errors;
  });
}
