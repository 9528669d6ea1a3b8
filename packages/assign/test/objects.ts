import { parseConfiguration } from '@steelyard/config';
import { type AssignConfig, projectService, type ServiceView } from '../src/index.ts';

/** What a test says of a Service; the rest is as `kubectl expose` would make it. */
export interface ServiceSpec {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Seconds after the first Service of the cluster. */
  readonly age?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ingress?: readonly Readonly<Record<string, unknown>>[];
  /** `4`, `6`, `46` or `64`: the families of its cluster IPs. */
  readonly families?: '4' | '6' | '46' | '64';
  readonly ports?: readonly { readonly protocol?: string; readonly port: number }[];
  /** Anything of `spec`. */
  readonly spec?: Readonly<Record<string, unknown>>;
}

const CLUSTER_IPS = { 4: '10.96.0.10', 6: 'fd00:96::10' } as const;

/** A `v1.Service` as the API server sends it. */
export function serviceObject(service: ServiceSpec = {}): object {
  const { name = 'a', namespace = 'ns', age = 0, families = '4' } = service;
  const list = [...families] as ('4' | '6')[];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      namespace,
      uid: service.uid ?? `uid-${namespace}-${name}`,
      resourceVersion: service.resourceVersion ?? '1',
      creationTimestamp: `2026-01-01T00:${String(Math.floor(age / 60)).padStart(2, '0')}:${String(age % 60).padStart(2, '0')}Z`,
      annotations: service.annotations,
      labels: service.labels,
    },
    spec: {
      type: 'LoadBalancer',
      clusterIP: CLUSTER_IPS[list[0] ?? '4'],
      clusterIPs: list.map((family) => CLUSTER_IPS[family]),
      ipFamilies: list.map((family) => `IPv${family}`),
      ipFamilyPolicy: families.length === 2 ? 'PreferDualStack' : 'SingleStack',
      externalTrafficPolicy: 'Cluster',
      selector: { app: name },
      ports: service.ports ?? [{ protocol: 'TCP', port: 80 }],
      ...service.spec,
    },
    status: { loadBalancer: service.ingress === undefined ? {} : { ingress: service.ingress } },
  };
}

/** The same, as a controller keeps it. */
export function service(spec: ServiceSpec = {}): ServiceView {
  const view = projectService(serviceObject(spec));
  if (view === undefined) {
    throw new TypeError('a Service without a name');
  }
  return view;
}

/** What a test says of a pool: its addresses alone, or its whole `spec`. */
export type PoolText = string | readonly string[] | Readonly<Record<string, unknown>>;

/** A configuration of IPAddressPools, the first the oldest. */
export function configOf(
  pools: Readonly<Record<string, PoolText>>,
  namespaces: Readonly<Record<string, Readonly<Record<string, string>>>> = { ns: {} },
): AssignConfig {
  return parseConfiguration({
    l2Advertisements: [],
    namespaces: Object.entries(namespaces).map(([name, labels]) => ({ name, labels })),
    ipAddressPools: Object.entries(pools).map(([name, text], index) => ({
      apiVersion: 'metallb.io/v1beta1',
      kind: 'IPAddressPool',
      metadata: {
        name,
        namespace: 'metallb-system',
        creationTimestamp: `2025-01-01T00:00:${String(index).padStart(2, '0')}Z`,
      },
      spec:
        typeof text === 'string' || Array.isArray(text)
          ? { addresses: typeof text === 'string' ? [text] : text }
          : text,
    })),
  }).config;
}
