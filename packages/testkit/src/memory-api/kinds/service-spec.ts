/** A Service as its strategy reads it: the fields that are defaulted, allocated, wiped and validated. */

import type { KubeObject } from '../kube-object.ts';

export interface ServicePort {
  name?: string;
  protocol?: string;
  port: number;
  targetPort?: number | string;
  nodePort?: number;
}

interface ServiceSpec {
  type?: string;
  clusterIP?: string;
  clusterIPs?: string[];
  ipFamilies?: string[];
  ipFamilyPolicy?: string;
  ports?: ServicePort[];
  selector?: Record<string, string>;
  externalIPs?: string[];
  externalName?: string;
  externalTrafficPolicy?: string;
  internalTrafficPolicy?: string;
  healthCheckNodePort?: number;
  sessionAffinity?: string;
  sessionAffinityConfig?: unknown;
  allocateLoadBalancerNodePorts?: boolean;
  loadBalancerClass?: string;
  loadBalancerIP?: string;
  loadBalancerSourceRanges?: string[];
}

interface LoadBalancerIngress {
  ip?: string;
  hostname?: string;
  ipMode?: string;
}

/** A Service; `spec` is there after {@link asService}. */
export interface Service extends KubeObject {
  spec: ServiceSpec;
  status: { loadBalancer: { ingress?: LoadBalancerIngress[] }; conditions?: unknown[] };
}

/** The object itself, with a spec and a status to write to. */
export function asService(object: KubeObject): Service {
  object['spec'] ??= {};
  object['status'] ??= {};
  const service = object as Service;
  service.status.loadBalancer ??= {};
  return service;
}

export function needsClusterIp(service: Service): boolean {
  return service.spec.type !== 'ExternalName';
}

export function isHeadless(service: Service): boolean {
  return service.spec.clusterIP === 'None';
}

export function isLoadBalancer(service: Service): boolean {
  return service.spec.type === 'LoadBalancer';
}

/** Whether the type has node ports at all; a load balancer may do without. */
export function hasNodePorts(service: Service): boolean {
  return service.spec.type === 'NodePort' || isLoadBalancer(service);
}

export function allocatesNodePorts(service: Service): boolean {
  return (
    service.spec.type === 'NodePort' ||
    (isLoadBalancer(service) && service.spec.allocateLoadBalancerNodePorts !== false)
  );
}

export function needsHealthCheckPort(service: Service): boolean {
  return isLoadBalancer(service) && service.spec.externalTrafficPolicy === 'Local';
}

/** kubernetes pkg/api/service, `ExternallyAccessible`. */
export function isExternallyAccessible(service: Service): boolean {
  const { type, externalIPs } = service.spec;
  return hasNodePorts(service) || (type === 'ClusterIP' && (externalIPs?.length ?? 0) > 0);
}
