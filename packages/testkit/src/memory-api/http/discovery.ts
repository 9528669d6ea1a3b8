/**
 * Discovery: which kinds are served, as a tree of lists or all in one answer.
 * @see {@link https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api | Discovery API}
 */

import type { JsonObject } from '../json-value.ts';
import { apiVersionOf, type ResourceKind } from '../kinds/resource-kind.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const STATUS_VERBS = ['get', 'patch', 'update'];

interface Subresource {
  readonly path: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

function subresourcesOf(kind: ResourceKind): Subresource[] {
  const subresources: Subresource[] = [];
  if (kind.plural === 'pods') subresources.push({ path: 'binding', kind: 'Binding', verbs: ['create'] });
  if (kind.hasScale) {
    subresources.push({ path: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: STATUS_VERBS });
  }
  if (kind.hasStatus) subresources.push({ path: 'status', kind: kind.kind, verbs: STATUS_VERBS });
  return subresources;
}

/** `/api/v1` or `/apis/GROUP/VERSION`; undefined where nothing is served under it. */
export function resourceList(kinds: readonly ResourceKind[], group: string, version: string): JsonObject | undefined {
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  if (served.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group ? `${group}/${version}` : version,
    resources: served.flatMap((kind) => [
      {
        name: kind.plural,
        singularName: kind.singular,
        namespaced: kind.namespaced,
        kind: kind.kind,
        verbs: VERBS,
        ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
        ...(kind.categories.length > 0 && { categories: kind.categories }),
      },
      ...subresourcesOf(kind).map(({ path, ...rest }) => ({
        name: `${kind.plural}/${path}`,
        singularName: '',
        namespaced: kind.namespaced,
        ...rest,
      })),
    ]),
  };
}

/** `/api`: the versions of the group without a name. */
export function coreVersions(address: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

/** `/apis`: the groups. */
export function groupList(kinds: readonly ResourceKind[]): JsonObject {
  const groups = [...groupsOf(kinds)].filter(([name]) => name !== '').map(([name]) => groupOf(kinds, name));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** `/apis/GROUP`; undefined for a group that is not there. */
export function oneGroup(kinds: readonly ResourceKind[], name: string): JsonObject | undefined {
  const group = groupOf(kinds, name);
  return group && { kind: 'APIGroup', apiVersion: 'v1', ...group };
}

const STABILITY: readonly (string | undefined)[] = ['alpha', 'beta', undefined];

/** Stable versions first, then beta, then alpha; later ones before earlier ones, as an API server puts them. */
function byPriority(a: string, b: string): number {
  const [one, other] = [a, b].map((version) => /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? []);
  const rank = ([, major, stability, minor]: readonly (string | undefined)[]): readonly number[] => [
    STABILITY.indexOf(stability),
    Number(major),
    Number(minor ?? 0),
  ];
  const [left, right] = [rank(one ?? []), rank(other ?? [])];
  return left.map((number, i) => (right[i] ?? 0) - number).find((difference) => difference !== 0) ?? 0;
}

function groupOf(kinds: readonly ResourceKind[], name: string): JsonObject | undefined {
  const versions = [...(groupsOf(kinds).get(name) ?? [])].toSorted(byPriority).map((version) => ({
    groupVersion: `${name}/${version}`,
    version,
  }));
  return versions.length === 0 ? undefined : { name, versions, preferredVersion: versions[0] };
}

function groupsOf(kinds: readonly ResourceKind[]): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const { group, version } of kinds) {
    const versions = groups.get(group) ?? new Set();
    versions.add(version);
    groups.set(group, versions);
  }
  return groups;
}

/** What a client that asks for aggregated discovery (`as=APIGroupDiscoveryList`) gets at `/api` and `/apis`. */
export function aggregatedDiscovery(
  kinds: readonly ResourceKind[],
  coreOnly: boolean,
  form: 'v2' | 'v2beta1',
): JsonObject {
  const items = [...groupsOf(kinds)]
    .filter(([group]) => (group === '') === coreOnly)
    .map(([group, versions]) => ({
      metadata: { name: group || null, creationTimestamp: null },
      versions: [...versions].toSorted(byPriority).map((version) => ({
        version,
        freshness: 'Current',
        resources: kinds.filter((kind) => kind.group === group && kind.version === version).map(aggregatedResource),
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${form}`, metadata: {}, items };
}

function aggregatedResource(kind: ResourceKind): JsonObject {
  return {
    resource: kind.plural,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: VERBS,
    ...(kind.shortNames.length > 0 && { shortNames: kind.shortNames }),
    ...(kind.categories.length > 0 && { categories: kind.categories }),
    subresources: subresourcesOf(kind).map((subresource) => ({
      subresource: subresource.path,
      responseKind: {
        group: subresource.group ?? kind.group,
        version: subresource.version ?? kind.version,
        kind: subresource.kind,
      },
      verbs: subresource.verbs,
    })),
  };
}

/**
 * `/openapi/v3`: no schemas, only what kubectl looks for before it leaves
 * validation to the server: that PATCH takes the parameter `fieldValidation`.
 */
export function openApiIndex(kinds: readonly ResourceKind[]): JsonObject {
  const versions = new Set(
    kinds.map((kind) => (kind.group ? `apis/${apiVersionOf(kind)}` : `api/${apiVersionOf(kind)}`)),
  );
  return {
    paths: Object.fromEntries([...versions].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])),
  };
}

/** `/openapi/v3/apis/GROUP/VERSION`. */
export function openApiOf(kinds: readonly ResourceKind[], group: string, version: string): JsonObject {
  const prefix = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const parameters = ['fieldValidation', 'dryRun', 'fieldManager'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string', uniqueItems: true },
  }));
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  const paths = served.map((kind) => {
    const scope = kind.namespaced ? '/namespaces/{namespace}' : '';
    const operation = {
      parameters,
      responses: {},
      'x-kubernetes-action': 'patch',
      'x-kubernetes-group-version-kind': { group, version, kind: kind.kind },
    };
    return [`${prefix}${scope}/${kind.plural}/{name}`, { patch: operation }];
  });
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1' }, paths: Object.fromEntries(paths) };
}
