/** A `v1.Service`, as far as anybody here reads it. */
export interface StoredService {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    resourceVersion: string;
    readonly creationTimestamp: string;
    annotations: Record<string, string>;
    labels: Record<string, string>;
  };
  spec: {
    type: string;
    clusterIP: string;
    clusterIPs: string[];
    ipFamilies: string[];
    ipFamilyPolicy: string;
    externalTrafficPolicy: string;
    selector: Record<string, string>;
    ports: { protocol: string; port: number }[];
    loadBalancerIP?: string;
    loadBalancerClass?: string;
  };
  status: { loadBalancer: { ingress?: { ip: string; ipMode?: string }[] } };
}

/** A range as it is written, and the addresses in it: the judges of these histories parse nothing. */
export interface Block {
  readonly text: string;
  readonly addresses: readonly string[];
}

/** Who may use a pool. */
export interface PoolRule {
  readonly priority?: number;
  readonly namespaces?: readonly string[];
  /** The namespaces with this label. */
  readonly team?: string;
  /** The Services with this label. */
  readonly app?: string;
}

/** An IPAddressPool, as somebody applies it. */
export interface PoolSpec {
  readonly blocks: readonly Block[];
  readonly autoAssign: boolean;
  readonly avoidBuggyIPs: boolean;
  readonly rule?: PoolRule | undefined;
  /** One of its entries is no range. */
  readonly broken: boolean;
}

export interface StoredPool {
  readonly name: string;
  /** Of two that overlap the older stands. */
  readonly creationTimestamp: string;
  readonly spec: PoolSpec;
}

/** The labels of each Namespace. */
export type Namespaces = ReadonlyMap<string, Readonly<Record<string, string>>>;

export function keyOf({ metadata }: StoredService): string {
  return `${metadata.namespace}/${metadata.name}`;
}

export function shownBy({ status }: StoredService): string[] {
  return (status.loadBalancer.ingress ?? []).map(({ ip }) => ip);
}

export const FROM_POOL = 'metallb.io/ip-allocated-from-pool';
export const ALLOW_SHARED_IP = 'metallb.io/allow-shared-ip';
export const ADDRESS_POOL = 'metallb.io/address-pool';
export const LOAD_BALANCER_IPS = 'metallb.io/loadBalancerIPs';

/** Seconds since the cluster was made, as the API server writes a time. */
export function timestampAt(nowMs: number): string {
  return new Date(Date.UTC(2026, 0, 1) + Math.floor(nowMs / 1000) * 1000).toISOString().replace('.000Z', 'Z');
}

/** An IPAddressPool as the API server sends it. */
export function poolObject({ name, creationTimestamp, spec }: StoredPool): object {
  const { blocks, autoAssign, avoidBuggyIPs, rule, broken } = spec;
  const { priority, namespaces, team, app } = rule ?? {};
  return {
    apiVersion: 'metallb.io/v1beta1',
    kind: 'IPAddressPool',
    metadata: { name, namespace: 'metallb-system', creationTimestamp },
    spec: {
      addresses: [...blocks.map(({ text }) => text), ...(broken ? ['garbage'] : [])],
      autoAssign,
      avoidBuggyIPs,
      ...(rule === undefined
        ? {}
        : {
            serviceAllocation: {
              ...(priority === undefined ? {} : { priority }),
              ...(namespaces === undefined ? {} : { namespaces }),
              ...(team === undefined ? {} : { namespaceSelectors: [{ matchLabels: { team } }] }),
              ...(app === undefined ? {} : { serviceSelectors: [{ matchLabels: { app } }] }),
            },
          }),
    },
  };
}
