/** What is in a cluster before anybody asks for anything. */

import type { ResourceKind } from '../kinds/resource-kind.ts';
import { addressAt } from '../kinds/service-allocation.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Registry } from './registry.ts';
import type { Storage } from './storage.ts';

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** Makes the namespaces and the Service `kubernetes`, and from now on what each namespace gets. */
export function makeFirstObjects(
  storage: Storage,
  registry: Registry,
  kindOf: (plural: string) => ResourceKind,
  serviceCidrs: readonly string[],
): void {
  storage.subscribe((change) => {
    if (change.storage === 'namespaces' && change.type === 'ADDED') fillNamespace(registry, kindOf, change.object);
  });
  for (const name of NAMESPACES) registry.create(kindOf('namespaces'), undefined, { metadata: { name } });
  registry.create(kindOf('services'), 'default', {
    metadata: { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      clusterIP: addressAt(serviceCidrs[0] ?? '', 1),
      ports: [{ name: 'https', port: 443, targetPort: 6443, protocol: 'TCP' }],
    },
  });
}

/** What kube-controller-manager puts into every namespace. */
function fillNamespace(registry: Registry, kindOf: (plural: string) => ResourceKind, namespace: KubeObject): void {
  const { name } = namespace.metadata;
  registry.create(kindOf('serviceaccounts'), name, { metadata: { name: 'default' } });
  registry.create(kindOf('configmaps'), name, {
    metadata: {
      name: 'kube-root-ca.crt',
      annotations: {
        'kubernetes.io/description':
          'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
          'No other usage is guaranteed across distributions of Kubernetes clusters.',
      },
    },
    data: { 'ca.crt': '' },
  });
}
