import { isOwnAnnotation } from './annotations.ts';
import { parseCreationTimestampMs } from './creation-time.ts';

/** One entry of `status.loadBalancer.ingress`. What the API server adds (`ipMode: VIP`) is nothing to us. */
export interface IngressView {
  readonly ip: string;
  readonly hostname: string;
  /** It says more than an address, as no write of ours does: ports, or that kube-proxy shall leave it alone (`ipMode`). */
  readonly altered?: true;
}

/** One of `spec.ports`. */
export interface PortView {
  readonly protocol: string;
  readonly port: number;
}

/** What a controller keeps of a Service: everything that a decision depends on, and nothing else. */
export interface ServiceView {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestampMs: number;
  readonly type: string;
  readonly clusterIP: string;
  readonly clusterIPs: readonly string[];
  readonly ipFamilies: readonly string[];
  readonly ipFamilyPolicy: string;
  /** Only those of MetalLB, by both prefixes. */
  readonly annotations: ReadonlyMap<string, string>;
  readonly labels: ReadonlyMap<string, string>;
  readonly ports: readonly PortView[];
  readonly selector: ReadonlyMap<string, string>;
  readonly externalTrafficPolicy: string;
  readonly loadBalancerIP: string;
  /** Empty where the Service names none. */
  readonly loadBalancerClass: string;
  readonly ingress: readonly IngressView[];
}

/** Longer lists come from no API server: a Service has two cluster IPs at most, and its object 1.5 MB. */
const MAX_ENTRIES = 100_000;

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, MAX_ENTRIES) : [];
}

function textsOf(value: unknown): string[] {
  return listOf(value).filter((entry): entry is string => typeof entry === 'string');
}

function textMap(value: unknown, wanted: (name: string) => boolean): ReadonlyMap<string, string> {
  const entries = Object.entries(fieldsOf(value)).filter(([name]) => wanted(name));
  return new Map(entries.flatMap(([name, text]) => (typeof text === 'string' ? [[name, text] as const] : [])));
}

function portsOf(value: unknown): PortView[] {
  return listOf(value).flatMap((entry) => {
    const { protocol, port } = fieldsOf(entry);
    // The API server's default; a Service that was stored by an old one may lack it.
    return typeof port === 'number' ? [{ protocol: textOf(protocol) || 'TCP', port }] : [];
  });
}

function ingressOf(entry: unknown): IngressView {
  const { ip, hostname, ipMode, ports } = fieldsOf(entry);
  const plain = (textOf(ipMode) || 'VIP') === 'VIP' && listOf(ports).length === 0;
  return { ip: textOf(ip), hostname: textOf(hostname), ...(plain ? {} : { altered: true }) };
}

/**
 * Reduces a Service as the API server sends it to what decisions depend on. Trusts nothing in it: a field of the wrong
 * type counts as absent.
 *
 * @param object - A `v1.Service`. Not kept.
 * @returns `undefined` if it is nothing that has a name and a namespace.
 */
export function projectService(object: unknown): ServiceView | undefined {
  const { metadata, spec, status } = fieldsOf(object);
  const { name, namespace, uid, resourceVersion, creationTimestamp, annotations, labels } = fieldsOf(metadata);
  const { type, clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, ports, selector } = fieldsOf(spec);
  const { externalTrafficPolicy, loadBalancerIP, loadBalancerClass } = fieldsOf(spec);
  const { loadBalancer } = fieldsOf(status);
  const { ingress } = fieldsOf(loadBalancer);
  if (textOf(namespace) === '' || textOf(name) === '') {
    return undefined;
  }
  return {
    key: `${textOf(namespace)}/${textOf(name)}`,
    namespace: textOf(namespace),
    name: textOf(name),
    uid: textOf(uid),
    resourceVersion: textOf(resourceVersion),
    creationTimestampMs: parseCreationTimestampMs(creationTimestamp) ?? 0,
    type: textOf(type) || 'ClusterIP',
    clusterIP: textOf(clusterIP),
    clusterIPs: textsOf(clusterIPs),
    ipFamilies: textsOf(ipFamilies),
    ipFamilyPolicy: textOf(ipFamilyPolicy) || 'SingleStack',
    annotations: textMap(annotations, isOwnAnnotation),
    labels: textMap(labels, () => true),
    ports: portsOf(ports),
    selector: textMap(selector, () => true),
    externalTrafficPolicy: textOf(externalTrafficPolicy) || 'Cluster',
    loadBalancerIP: textOf(loadBalancerIP),
    loadBalancerClass: textOf(loadBalancerClass),
    ingress: listOf(ingress).map(ingressOf),
  };
}

/** The order in which Services are served: the older first, then by name. */
export function byAge(a: ServiceView, b: ServiceView): number {
  return a.creationTimestampMs - b.creationTimestampMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
