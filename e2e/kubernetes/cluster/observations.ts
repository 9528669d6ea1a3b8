import { metalLbRoles } from '@steelyard/testkit';
import type { KubernetesCluster } from './cluster.ts';
import type { Controller } from './controllers.ts';

/** What an administrator sees of a controller from outside: its metrics, as somebody who may read them. */
export interface Observations {
  /** Of an account that may read metrics, and of one that may not. */
  readonly token: string;
  readonly strangersToken: string;
  /** The page, as text. */
  metrics(controller: Controller): Promise<string>;
  /** One of its values; undefined where it is not there. */
  metric(controller: Controller, series: string): Promise<number | undefined>;
}

const opened = new WeakMap<object, Promise<Observations>>();

/**
 * Makes the accounts, once for a cluster. MetalLB's plain manifests let nobody read its metrics, so with its roles those of
 * its Prometheus manifests are put beside them.
 */
export function openObservations(cluster: KubernetesCluster): Promise<Observations> {
  const known = opened.get(cluster) ?? open(cluster);
  opened.set(cluster, known);
  return known;
}

async function open({ apply, kubectl, roles }: KubernetesCluster): Promise<Observations> {
  const account = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'default' },
  });
  const ofRoles = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'metrics-reader' } };
  await apply(
    account('prometheus'),
    account('stranger'),
    { ...ofRoles, kind: 'ClusterRole', rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }] },
    {
      ...ofRoles,
      kind: 'ClusterRoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'metrics-reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'prometheus', namespace: 'default' }],
    },
    ...(roles === 'metallb' ? metalLbRoles({ metricsAuthentication: true }) : []),
  );
  const tokenOf = async (name: string): Promise<string> => (await kubectl(['create', 'token', name])).trim();
  const [token, strangersToken] = [await tokenOf('prometheus'), await tokenOf('stranger')];
  const metrics = async (controller: Controller): Promise<string> => {
    const url = 'https://127.0.0.1:9120/metrics';
    const { status, body } = await controller.get(url, '-k', '-H', `Authorization: Bearer ${token}`);
    return status === 200 ? body : '';
  };
  return {
    token,
    strangersToken,
    metrics,
    async metric(controller, series) {
      const line = (await metrics(controller)).split('\n').find((each) => each.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length + 1));
    },
  };
}

/**
 * The Pod of the controller that writes, by the record of it: a Lease, or an annotation where the roles are MetalLB's. Empty
 * where nobody does.
 */
export async function writingPod({ kube, roles }: KubernetesCluster): Promise<string> {
  const path =
    roles === 'metallb'
      ? '/apis/metallb.io/v1beta1/namespaces/metallb-system/configurationstates/controller'
      : '/apis/coordination.k8s.io/v1/namespaces/metallb-system/leases/steelyard-controller';
  const object = (await kube.get(path).catch(() => ({}))) as {
    readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
    readonly spec?: { readonly holderIdentity?: string };
  };
  const annotation = object.metadata?.annotations?.['steelyard.io/writer'];
  const record = annotation === undefined ? object.spec : (JSON.parse(annotation) as { holderIdentity?: string });
  return record?.holderIdentity?.split('_')[0] ?? '';
}
