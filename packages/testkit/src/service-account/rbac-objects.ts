import type { KubeObject } from '../memory-api/kube-object.ts';

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A Role or ClusterRole; other objects have no rules. */
export interface RbacObject extends KubeObject {
  readonly rules?: readonly PolicyRule[];
}

/**
 * What the roles among some objects allow, one line for each single right, sorted and each once:
 * `ClusterRole metallb-system:controller: update services/status`, with `"name"` behind it where only one object may be
 * touched. So two sets of roles can be compared however their rules are grouped.
 */
export function permissionLines(objects: readonly RbacObject[]): readonly string[] {
  const lines = objects
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .flatMap(({ kind, metadata, rules = [] }) =>
      rules.flatMap(linesOf).map((line) => `${kind} ${metadata.name}: ${line}`),
    );
  return [...new Set(lines)].sort((a, b) => (a < b ? -1 : 1)); // as the recorded ones: no locale's order
}

function linesOf({ apiGroups = [], resources = [], resourceNames, verbs }: PolicyRule): readonly string[] {
  const names = resourceNames?.map((name) => ` ${JSON.stringify(name)}`) ?? [''];
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => {
      const [plural = '', subresource] = resource.split('/');
      const full = `${plural}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
      return verbs.flatMap((verb) => names.map((name) => `${verb} ${full}${name}`));
    }),
  );
}
