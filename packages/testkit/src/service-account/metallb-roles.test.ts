import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metalLbRoles } from './metallb-roles.ts';
import { permissionLines } from './rbac-objects.ts';

test('the roles allow what MetalLB’s own manifests allow, and nothing else', () => {
  const recorded = readFileSync(new URL('./recorded/metallb-roles.txt', import.meta.url), 'utf8');
  const rights = recorded.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  expect(permissionLines(metalLbRoles())).toEqual(rights);
});

test('the rights to judge bearer tokens come on top, for both accounts', () => {
  const plain = permissionLines(metalLbRoles());
  const more = permissionLines(metalLbRoles({ metricsAuthentication: true })).filter((line) => !plain.includes(line));

  expect(more).toEqual(
    ['controller', 'speaker'].flatMap((account) => [
      `ClusterRole metallb-system:${account}: create subjectaccessreviews.authorization.k8s.io`,
      `ClusterRole metallb-system:${account}: create tokenreviews.authentication.k8s.io`,
    ]),
  );
});

test('every role is bound to accounts of its namespace', () => {
  const objects = metalLbRoles({ namespace: 'elsewhere' });
  const kinds = (kind: string): readonly string[] =>
    objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);

  expect(kinds('RoleBinding')).toEqual(kinds('Role'));
  expect(kinds('ClusterRoleBinding')).toEqual(kinds('ClusterRole'));
  expect(JSON.stringify(objects)).not.toContain('"namespace":"metallb-system"');
});

test('a right is one line, however the rules are grouped', () => {
  const common = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name: 'r' } };
  const grouped = {
    ...common,
    kind: 'Role',
    rules: [{ apiGroups: ['', 'apps'], resources: ['a', 'b/status'], resourceNames: ['x'], verbs: ['get', 'list'] }],
  };

  expect(permissionLines([grouped, { ...common, kind: 'ServiceAccount' }])).toEqual([
    'Role r: get a "x"',
    'Role r: get a.apps "x"',
    'Role r: get b.apps/status "x"',
    'Role r: get b/status "x"',
    'Role r: list a "x"',
    'Role r: list a.apps "x"',
    'Role r: list b.apps/status "x"',
    'Role r: list b/status "x"',
  ]);
});
