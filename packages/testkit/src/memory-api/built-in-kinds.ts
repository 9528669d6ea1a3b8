/** The kinds that the API has of itself: what Steelyard, its demo and its tests use of them. */

import { ageColumn, firstThree, integerColumn, nameColumn, textColumn, workloadColumns } from './common-columns.ts';
import { eventColumns } from './event-columns.ts';
import { eventsConversion } from './events-conversion.ts';
import { isJsonObject, listAt, numberAt, objectAt, setDefault, textAt, valueAt } from './json-value.ts';
import type { KubeObject } from './kube-object.ts';
import { nodeColumns } from './node-columns.ts';
import { podColumns } from './pod-columns.ts';
import { defineKind, fieldAt, type ResourceKind } from './resource-kind.ts';
import type { FieldReader } from './selectors.ts';
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
  nameRule: 'rfc1035',
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

const endpoints = defineKind({
  ...core,
  kind: 'Endpoints',
  plural: 'endpoints',
  singular: 'endpoints',
  shortNames: ['ep'],
  columns: [nameColumn, { name: 'Endpoints', type: 'string', cell: endpointsCell }, ageColumn],
});

const involved = (field: string): FieldReader => fieldAt('involvedObject', field);

const events = defineKind({
  ...core,
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  allowsCreateOnUpdate: true,
  columns: eventColumns,
  strategy: { setDefaults: setEventDefaults },
  selectableFields: {
    'involvedObject.kind': involved('kind'),
    'involvedObject.namespace': involved('namespace'),
    'involvedObject.name': involved('name'),
    'involvedObject.uid': involved('uid'),
    'involvedObject.apiVersion': involved('apiVersion'),
    'involvedObject.resourceVersion': involved('resourceVersion'),
    'involvedObject.fieldPath': involved('fieldPath'),
    reason: fieldAt('reason'),
    reportingComponent: (event) => textAt(event, 'reportingComponent') || textAt(event, 'source', 'component'),
    source: (event) => textAt(event, 'source', 'component') || textAt(event, 'reportingComponent'),
    type: fieldAt('type'),
  },
});

const newEvents: ResourceKind = {
  ...events,
  group: 'events.k8s.io',
  version: 'v1',
  conversion: eventsConversion,
  selectableFields: {
    ...events.selectableFields,
    'regarding.kind': involved('kind'),
    'regarding.namespace': involved('namespace'),
    'regarding.name': involved('name'),
    'regarding.uid': involved('uid'),
    reportingController: fieldAt('reportingComponent'),
  },
};

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

const endpointSlices = defineKind({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  countsGenerations: true,
  columns: [
    nameColumn,
    textColumn('AddressType', ['addressType']),
    { name: 'Ports', type: 'string', cell: slicePorts },
    {
      name: 'Endpoints',
      type: 'string',
      cell: (slice) => firstThree(listAt(slice, 'endpoints').flatMap((one) => listAt(one, 'addresses').map(String))),
    },
    ageColumn,
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

/** `kubectl get crd` asks for them; creating one makes its kind appear. */
const customResourceDefinitions = defineKind({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  hasStatus: true,
  countsGenerations: true,
  allowsUnconditionalUpdate: false,
  columns: [nameColumn, textColumn('Created At', ['metadata', 'creationTimestamp'], { type: 'date' })],
  strategy: { setDefaults: setDefinitionDefaults, prepareForCreate: acceptDefinition },
});

export const builtInKinds: readonly ResourceKind[] = [
  namespaces,
  nodes,
  pods,
  services,
  configMaps,
  secrets,
  serviceAccounts,
  endpoints,
  events,
  newEvents,
  deployments,
  replicaSets,
  endpointSlices,
  leases,
  customResourceDefinitions,
];

function endpointsCell(object: KubeObject): string {
  const sockets = listAt(object, 'subsets').flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((address) => textAt(address, 'ip'));
    const ports = listAt(subset, 'ports').map((port) => numberAt(port, 'port'));
    if (ports.length === 0) return addresses;
    return ports.flatMap((port) => addresses.map((ip) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)));
  });
  return firstThree(sockets, '<none>');
}

function slicePorts(slice: KubeObject): string {
  return firstThree(
    listAt(slice, 'ports').map((port) => String(valueAt(port, 'port') ?? (textAt(port, 'name') || '*'))),
  );
}

/** Clear text is stored encoded, and never given back. */
function setSecretDefaults(secret: KubeObject): void {
  setDefault(secret, 'type', 'Opaque');
  const clear = secret['stringData'];
  if (!isJsonObject(clear)) return;
  const encoded = Object.entries(clear).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
  secret['data'] = { ...objectAt(secret, 'data'), ...Object.fromEntries(encoded) };
  delete secret['stringData'];
}

/** These are there even when they are empty, as Go writes them. */
function setEventDefaults(event: KubeObject): void {
  for (const field of ['firstTimestamp', 'lastTimestamp', 'eventTime']) event[field] ??= null;
  event['source'] ??= {};
  event['reportingComponent'] ??= '';
  event['reportingInstance'] ??= '';
}

function setDefinitionDefaults(definition: KubeObject): void {
  const names = objectAt(definition, 'spec', 'names');
  const kind = textAt(names, 'kind');
  setDefault(names, 'singular', kind.toLowerCase());
  setDefault(names, 'listKind', `${kind}List`);
}

/** What the controllers of the API server do within a moment: the names are accepted and the kind is served. */
function acceptDefinition(definition: KubeObject): void {
  definition['status'] = {
    acceptedNames: objectAt(definition, 'spec', 'names'),
    conditions: [
      { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
      {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      },
    ],
    storedVersions: ['v1beta1'],
  };
}
