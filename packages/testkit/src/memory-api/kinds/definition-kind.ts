/** CustomResourceDefinitions: creating one makes its kind appear. */

import { objectAt, setDefault, textAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import { nameColumn, textColumn } from './common-columns.ts';
import { defineKind, type ResourceKind } from './resource-kind.ts';

export const customResourceDefinitions: ResourceKind = defineKind({
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
