/**
 * What happens to a Service on its way into the storage: defaults, cluster
 * addresses and node ports, and the fields that are wiped when the type
 * changes (kubernetes pkg/apis/core/v1/defaults.go and
 * pkg/registry/core/service/{strategy.go,storage/}).
 */

import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../kube-object.ts';
import { invalid, invalidValue, StatusError } from '../status-error.ts';
import type { ClusterView, Strategy } from './resource-kind.ts';
import {
  familyOf,
  freeClusterIp,
  isInRange,
  isSameService,
  NODE_PORT_FIRST,
  NODE_PORT_LAST,
  nodePortsOf,
  takeNodePort,
} from './service-allocation.ts';
import {
  allocatesNodePorts,
  asService,
  hasNodePorts,
  isExternallyAccessible,
  isHeadless,
  isLoadBalancer,
  needsClusterIp,
  needsHealthCheckPort,
  type Service,
} from './service-spec.ts';
import { validateLoadBalancerStatus, validateService } from './service-validation.ts';

const serviceName = { group: '', plural: 'services', kind: 'Service' };

/** kubernetes pkg/apis/core/v1: three hours. */
const CLIENT_IP_AFFINITY_SECONDS = 10_800;

export const serviceStrategy: Strategy = {
  setDefaults: (object) => setServiceDefaults(asService(object)),
  prepareForCreate: (object, cluster) => {
    const service = asService(object);
    service.status = { loadBalancer: {} };
    const { clusterIP, clusterIPs } = service.spec;
    if (clusterIP && !clusterIPs?.length) service.spec.clusterIPs = [clusterIP];
    allocate(service, undefined, cluster);
  },
  prepareForUpdate: (object, oldObject, cluster) => {
    const service = asService(object);
    const old = asService(structuredClone(oldObject));
    wipeWhatTheTypeLacks(service, old);
    keepAllocatedValues(service, old);
    allocate(service, old, cluster);
  },
  validate: (object, old) => validateService(asService(object), old && asService(structuredClone(old))),
  validateStatus: (object) => validateLoadBalancerStatus(asService(object)),
};

function setServiceDefaults(service: Service): void {
  const { spec } = service;
  spec.sessionAffinity ||= 'None';
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === 'ClientIP') {
    spec.sessionAffinityConfig ??= { clientIP: { timeoutSeconds: CLIENT_IP_AFFINITY_SECONDS } };
  }
  spec.type ||= 'ClusterIP';
  for (const port of spec.ports ?? []) {
    port.protocol ||= 'TCP';
    port.targetPort ||= port.port;
    if (port.nodePort === 0) delete port.nodePort;
  }
  if (isExternallyAccessible(service)) spec.externalTrafficPolicy ||= 'Cluster';
  if (spec.type === 'ExternalName') delete spec.internalTrafficPolicy;
  else spec.internalTrafficPolicy ||= 'Cluster';
  if (isLoadBalancer(service)) {
    spec.allocateLoadBalancerNodePorts ??= true;
    for (const ingress of service.status.loadBalancer.ingress ?? []) {
      if (ingress.ip) ingress.ipMode ??= 'VIP';
    }
  }
}

/** pkg/registry/core/service/strategy.go, `dropTypeDependentFields`: only what the user did not change as well. */
function wipeWhatTheTypeLacks(service: Service, old: Service): void {
  const { spec } = service;
  if (needsClusterIp(old) && !needsClusterIp(service)) {
    if (spec.clusterIP === old.spec.clusterIP && isDeepStrictEqual(spec.clusterIPs, old.spec.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    if (isDeepStrictEqual(spec.ipFamilies, old.spec.ipFamilies)) delete spec.ipFamilies;
    if (spec.ipFamilyPolicy === old.spec.ipFamilyPolicy) delete spec.ipFamilyPolicy;
  }
  if (hasNodePorts(old) && !hasNodePorts(service)) {
    const known = nodePortsOf([old]);
    const ports = spec.ports ?? [];
    if (ports.every((port) => !port.nodePort || known.has(port.nodePort))) {
      for (const port of ports) delete port.nodePort;
    }
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(service)) dropIfSame(service, old, 'healthCheckNodePort');
  if (isLoadBalancer(old) && !isLoadBalancer(service)) {
    dropIfSame(service, old, 'allocateLoadBalancerNodePorts');
    dropIfSame(service, old, 'loadBalancerClass');
  }
  if (isExternallyAccessible(old) && !isExternallyAccessible(service))
    dropIfSame(service, old, 'externalTrafficPolicy');
  // The addresses of a Service that is no load balancer any more go at once, before any controller looks.
  if (!isLoadBalancer(service)) service.status.loadBalancer = {};
}

function dropIfSame(service: Service, old: Service, field: keyof Service['spec']): void {
  if (isDeepStrictEqual(service.spec[field], old.spec[field])) delete service.spec[field];
}

/** pkg/registry/core/service/storage, `patchAllocatedValues` and `normalizeClusterIPs`: a PUT need not repeat them. */
function keepAllocatedValues(service: Service, old: Service): void {
  const { spec } = service;
  if (needsClusterIp(old) && needsClusterIp(service)) {
    if (!spec.clusterIP && old.spec.clusterIP) spec.clusterIP = old.spec.clusterIP;
    if (!spec.clusterIPs?.length && old.spec.clusterIPs) {
      spec.clusterIPs = spec.clusterIP === old.spec.clusterIP ? old.spec.clusterIPs : [spec.clusterIP ?? ''];
    }
  }
  if (allocatesNodePorts(old) && allocatesNodePorts(service)) {
    const stillUsed = nodePortsOf([service]);
    for (const port of spec.ports ?? []) {
      if (port.nodePort) continue;
      const before = old.spec.ports?.find((one) => (one.name ?? '') === (port.name ?? ''))?.nodePort;
      if (before && !stillUsed.has(before)) port.nodePort = before;
    }
  }
  if (needsHealthCheckPort(old) && needsHealthCheckPort(service) && !spec.healthCheckNodePort) {
    if (old.spec.healthCheckNodePort) spec.healthCheckNodePort = old.spec.healthCheckNodePort;
  }
}

function allocate(service: Service, old: Service | undefined, cluster: ClusterView): void {
  const others = [...cluster.all('services')].filter((other) => !isSameService(other, service));
  initFamilies(service, old, cluster);
  if (needsClusterIp(service) && !isHeadless(service)) allocateClusterIps(service, old, cluster, others);
  allocateNodePorts(service, old, others);
}

/** pkg/registry/core/service/storage/alloc.go, `initIPFamilyFields`. */
function initFamilies(service: Service, old: Service | undefined, cluster: ClusterView): void {
  if (!needsClusterIp(service)) return;
  const { spec } = service;
  const headlessWithoutSelector = isHeadless(service) && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= old?.spec.ipFamilyPolicy ?? (headlessWithoutSelector ? 'RequireDualStack' : 'SingleStack');
  const configured = cluster.serviceCidrs.map(familyOf);
  if (spec.ipFamilyPolicy === 'SingleStack' && old) {
    if (isDeepStrictEqual(spec.clusterIPs, old.spec.clusterIPs)) spec.clusterIPs = (spec.clusterIPs ?? []).slice(0, 1);
    if (isDeepStrictEqual(spec.ipFamilies, old.spec.ipFamilies)) spec.ipFamilies = (spec.ipFamilies ?? []).slice(0, 1);
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2 && !headlessWithoutSelector) {
    const why = 'this cluster is not configured for dual-stack services';
    throw invalid(serviceName, service.metadata.name, [invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, why)]);
  }
  const families = [...(spec.ipFamilies ?? [])];
  for (const address of isHeadless(service) ? [] : (spec.clusterIPs ?? []).slice(families.length)) {
    families.push(familyOf(address));
  }
  const first = families[0] ?? configured[0] ?? 'IPv4';
  if (families.length === 0) families.push(first);
  const wantsBoth = spec.ipFamilyPolicy !== 'SingleStack' && (configured.length === 2 || headlessWithoutSelector);
  if (wantsBoth && families.length === 1) families.push(first === 'IPv4' ? 'IPv6' : 'IPv4');
  for (const [i, family] of families.entries()) {
    if (headlessWithoutSelector || configured.some((one) => one === family)) continue;
    const wrong = invalidValue(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster');
    throw invalid(serviceName, service.metadata.name, [wrong]);
  }
  spec.ipFamilies = families;
}

function allocateClusterIps(
  service: Service,
  old: Service | undefined,
  cluster: ClusterView,
  others: readonly KubeObject[],
): void {
  const { spec } = service;
  const addresses = [...(spec.clusterIPs ?? [])];
  for (const [i, family] of (spec.ipFamilies ?? []).entries()) {
    const cidr = cluster.serviceCidrs.find((one) => familyOf(one) === family) ?? '';
    const wanted = addresses[i];
    if (!wanted) addresses[i] = freeClusterIp(cidr, others) ?? '';
    else if (!old?.spec.clusterIPs?.includes(wanted)) checkRequestedClusterIp(service, i, wanted, cidr, others);
  }
  spec.clusterIPs = addresses;
  if (addresses[0] !== undefined) spec.clusterIP = addresses[0];
}

function checkRequestedClusterIp(
  service: Service,
  i: number,
  wanted: string,
  cidr: string,
  others: readonly KubeObject[],
): void {
  const refuse = (why: string): StatusError => {
    const wrong = invalidValue('spec.clusterIPs', service.spec.clusterIPs, `failed to allocate IP ${wanted}: ${why}`);
    return invalid(serviceName, service.metadata.name, [wrong]);
  };
  if (!isInRange(cidr, wanted)) throw refuse('the provided network does not match the current range');
  if (others.some((other) => asService({ ...other }).spec.clusterIPs?.[i] === wanted))
    throw refuse('provided IP is already allocated');
}

function allocateNodePorts(service: Service, old: Service | undefined, others: readonly KubeObject[]): void {
  const { spec } = service;
  const hasOwn = (spec.ports ?? []).some((port) => port.nodePort);
  if (!hasOwn && !allocatesNodePorts(service) && !needsHealthCheckPort(service)) return;
  const used = nodePortsOf(others);
  const mine = old ? nodePortsOf([old]) : new Set<number>();
  if (hasNodePorts(service)) {
    /** One node port serves both protocols of a port number. */
    const byPort = new Map<number, number>();
    for (const [i, port] of (spec.ports ?? []).entries()) {
      if (port.nodePort) {
        checkRequestedNodePort(service, `spec.ports[${i}].nodePort`, port.nodePort, used, mine);
        byPort.set(port.port, port.nodePort);
      }
    }
    for (const nodePort of byPort.values()) used.add(nodePort);
    for (const port of spec.ports ?? []) {
      if (port.nodePort || !allocatesNodePorts(service)) continue;
      port.nodePort = byPort.get(port.port) ?? required(takeNodePort(used));
      byPort.set(port.port, port.nodePort);
    }
  }
  if (needsHealthCheckPort(service)) spec.healthCheckNodePort ||= required(takeNodePort(used));
}

function checkRequestedNodePort(
  service: Service,
  field: string,
  port: number,
  used: Set<number>,
  mine: Set<number>,
): void {
  const inRange = port >= NODE_PORT_FIRST && port <= NODE_PORT_LAST;
  if (inRange && (!used.has(port) || mine.has(port))) return;
  const why = inRange
    ? 'provided port is already allocated'
    : `provided port is not in the valid range. The range of valid ports is ${NODE_PORT_FIRST}-${NODE_PORT_LAST}`;
  throw invalid(serviceName, service.metadata.name, [invalidValue(field, port, why)]);
}

function required(nodePort: number | undefined): number {
  if (nodePort !== undefined) return nodePort;
  throw new StatusError(500, 'InternalError', 'Internal error occurred: failed to allocate a nodePort: range is full', {
    causes: [{ message: 'failed to allocate a nodePort: range is full' }],
  });
}
