/** The kinds that the API has of itself: what Steelyard, its demo and its tests use of them. */

import { isJsonObject, numberAt, objectAt, setDefault } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { ageColumn, integerColumn, nameColumn, textColumn, workloadColumns } from './common-columns.ts';
import { customResourceDefinitions } from './definition-kind.ts';
import { endpointKinds } from './endpoint-kinds.ts';
import { eventKinds } from './event-kinds.ts';
import { nodeColumns } from './node-columns.ts';
import { podColumns } from './pod-columns.ts';
import { defineKind, fieldAt, type ResourceKind } from './resource-kind.ts';
import { serviceColumns } from './service-columns.ts';
import { serviceStrategy } from './service-strategy.ts';
import { deploymentStrategy, podStrategy, replicaSetStrategy } from './workload-strategy.ts';

const core = { group: '', version: 'v1' } as const;
const apps = { group: 'apps', version: 'v1' } as const;

const namespaces = defineKind({
  ...core,
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  hasStatus: true,
  nameRule: 'label',
  returnsDeletedObject: true,
  columns: [nameColumn, textColumn('Status', ['status', 'phase']), ageColumn],
  selectableFields: { 'status.phase': fieldAt('status', 'phase') },
  strategy: {
    prepareForCreate: (namespace) => {
      namespace.metadata.labels = {
        ...namespace.metadata.labels,
        'kubernetes.io/metadata.name': namespace.metadata.name,
      };
      namespace['spec'] = { finalizers: ['kubernetes'] };
      namespace['status'] = { phase: 'Active' };
    },
  },
});

const nodes = defineKind({
  ...core,
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  hasStatus: true,
  columns: nodeColumns,
  strategy: { setDefaults: (node) => setDefault(node, 'spec', {}) },
});

const pods = defineKind({
  ...core,
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  hasStatus: true,
  countsGenerations: true,
  returnsDeletedObject: true,
  columns: podColumns,
  strategy: podStrategy,
  selectableFields: {
    'spec.nodeName': fieldAt('spec', 'nodeName'),
    'spec.restartPolicy': fieldAt('spec', 'restartPolicy'),
    'status.phase': fieldAt('status', 'phase'),
    'status.podIP': fieldAt('status', 'podIP'),
  },
});

const services = defineKind({
  ...core,
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  hasStatus: true,
  allowsCreateOnUpdate: true,
  returnsDeletedObject: true,
  nameRule: 'label',
  columns: serviceColumns,
  strategy: serviceStrategy,
  selectableFields: { 'spec.clusterIP': fieldAt('spec', 'clusterIP'), 'spec.type': fieldAt('spec', 'type') },
});

const configMaps = defineKind({
  ...core,
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  columns: [
    nameColumn,
    {
      name: 'Data',
      type: 'string',
      cell: (map) => Object.keys({ ...objectAt(map, 'data'), ...objectAt(map, 'binaryData') }).length,
    },
    ageColumn,
  ],
  strategy: { setDefaults: (map) => dropEmptyMaps(map, 'data', 'binaryData') },
});

const secrets = defineKind({
  ...core,
  kind: 'Secret',
  plural: 'secrets',
  columns: [
    nameColumn,
    textColumn('Type', ['type']),
    { name: 'Data', type: 'string', cell: (secret) => Object.keys(objectAt(secret, 'data')).length },
    ageColumn,
  ],
  selectableFields: { type: fieldAt('type') },
  strategy: { setDefaults: setSecretDefaults },
});

const serviceAccounts = defineKind({
  ...core,
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  returnsDeletedObject: true,
  columns: [nameColumn, ageColumn],
});

const deployments = defineKind({
  ...apps,
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  hasStatus: true,
  hasScale: true,
  countsGenerations: true,
  strategy: deploymentStrategy,
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      cell: (one) => `${numberAt(one, 'status', 'readyReplicas')}/${numberAt(one, 'spec', 'replicas')}`,
    },
    integerColumn('Up-to-date', ['status', 'updatedReplicas'], { type: 'string' }),
    integerColumn('Available', ['status', 'availableReplicas'], { type: 'string' }),
    ageColumn,
    ...workloadColumns,
  ],
});

const replicaSets = defineKind({
  ...apps,
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  hasStatus: true,
  hasScale: true,
  countsGenerations: true,
  strategy: replicaSetStrategy,
  columns: [
    nameColumn,
    integerColumn('Desired', ['spec', 'replicas']),
    integerColumn('Current', ['status', 'replicas']),
    integerColumn('Ready', ['status', 'readyReplicas']),
    ageColumn,
    ...workloadColumns,
  ],
});

const leases = defineKind({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  allowsUnconditionalUpdate: false,
  allowsCreateOnUpdate: true,
  columns: [nameColumn, textColumn('Holder', ['spec', 'holderIdentity']), ageColumn],
});

export const builtInKinds: readonly ResourceKind[] = [
  namespaces,
  nodes,
  pods,
  services,
  configMaps,
  secrets,
  serviceAccounts,
  ...eventKinds,
  deployments,
  replicaSets,
  ...endpointKinds,
  leases,
  customResourceDefinitions,
];

/** Go leaves out a map that holds nothing. */
function dropEmptyMaps(object: KubeObject, ...fields: readonly string[]): void {
  for (const field of fields) {
    if (Object.keys(objectAt(object, field)).length === 0) delete object[field];
  }
}

/** Clear text is stored encoded, and never given back. */
function setSecretDefaults(secret: KubeObject): void {
  setDefault(secret, 'type', 'Opaque');
  dropEmptyMaps(secret, 'data');
  const clear = secret['stringData'];
  if (!isJsonObject(clear)) return;
  const encoded = Object.entries(clear).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
  secret['data'] = { ...objectAt(secret, 'data'), ...Object.fromEntries(encoded) };
  delete secret['stringData'];
}
