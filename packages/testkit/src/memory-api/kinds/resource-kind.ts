/** What the API server knows of a kind: where it is served, what it defaults and refuses, how kubectl lists it. */

import { textAt } from '../json-value.ts';
import type { KubeObject } from '../kube-object.ts';
import type { FieldError } from '../status-error.ts';
import type { FieldReader } from '../store/selectors.ts';

/** What a kind may look at besides the object itself. */
export interface ClusterView {
  readonly nowMs: number;
  /** Service address ranges, in the order of preference. */
  readonly serviceCidrs: readonly string[];
  /** All objects of a storage, in no order. */
  all(storage: string): Iterable<KubeObject>;
}

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'number' | 'date';
  readonly format?: string;
  /** Above 0: only in `-o wide`. */
  readonly priority?: number;
  readonly cell: (object: KubeObject, nowMs: number) => unknown;
}

/** What happens to an object on its way into the storage. Each may change the object it is given. */
export interface Strategy {
  /** Defaults that need nothing but the object. */
  readonly setDefaults?: (object: KubeObject) => void;
  readonly prepareForCreate?: (object: KubeObject, cluster: ClusterView) => void;
  readonly prepareForUpdate?: (object: KubeObject, old: KubeObject, cluster: ClusterView) => void;
  /** What is wrong with the object, in the API server's words; `old` is there on an update. */
  readonly validate?: (object: KubeObject, old: KubeObject | undefined, cluster: ClusterView) => readonly FieldError[];
  readonly validateStatus?: (object: KubeObject) => readonly FieldError[];
}

/** An older or newer form of the same stored objects, such as Events of the group events.k8s.io. */
export interface Conversion {
  readonly toStorage: (object: KubeObject) => KubeObject;
  readonly fromStorage: (object: KubeObject) => KubeObject;
}

export interface ResourceKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
  readonly hasScale: boolean;
  /** Defined by a CustomResourceDefinition: no strategic merge patch, and its own rules for the status subresource. */
  readonly custom: boolean;
  /** metadata.generation counts the changes of the spec. */
  readonly countsGenerations: boolean;
  readonly allowsUnconditionalUpdate: boolean;
  readonly allowsCreateOnUpdate: boolean;
  /** DELETE answers with the object instead of a Status. */
  readonly returnsDeletedObject: boolean;
  readonly nameRule: 'subdomain' | 'label';
  readonly storage: string;
  readonly selectableFields: Readonly<Record<string, FieldReader>>;
  readonly columns: readonly Column[];
  readonly strategy: Strategy;
  readonly conversion?: Conversion;
}

export function apiVersionOf(kind: Pick<ResourceKind, 'group' | 'version'>): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version;
}

/** A field selected by its own path. */
export function fieldAt(...path: readonly string[]): FieldReader {
  return (object) => textAt(object, ...path);
}

const metadataFields: Readonly<Record<string, FieldReader>> = {
  'metadata.name': fieldAt('metadata', 'name'),
  'metadata.namespace': fieldAt('metadata', 'namespace'),
};

type KindDescription = Pick<ResourceKind, 'group' | 'version' | 'kind' | 'plural'> & Partial<ResourceKind>;

/** A kind with what most kinds have in common filled in. */
export function defineKind(description: KindDescription): ResourceKind {
  return {
    singular: description.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    hasStatus: false,
    hasScale: false,
    custom: false,
    countsGenerations: false,
    allowsUnconditionalUpdate: true,
    allowsCreateOnUpdate: false,
    returnsDeletedObject: false,
    nameRule: 'subdomain',
    storage: description.group ? `${description.plural}.${description.group}` : description.plural,
    columns: [],
    strategy: {},
    ...description,
    selectableFields: { ...metadataFields, ...description.selectableFields },
  };
}
