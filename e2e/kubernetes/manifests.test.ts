import { readdir, readFile } from 'node:fs/promises';
import { API_GROUP, kindDefinitions, steelyardKindDefinitions } from '@steelyard/config';
import {
  type ControlPlane,
  createServiceAccountKubeconfig,
  metalLbRoles,
  openRealControlPlane,
  permissionLines,
} from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MANIFESTS, manifest, objectsOf } from './cluster/roles.ts';

const NAMESPACE = 'metallb-system';

describe('the manifests', () => {
  test('grant what MetalLB grants, and beyond that what their README says', async () => {
    const own = permissionLines(await objectsOf('own'));
    const metalLb = permissionLines(metalLbRoles());

    expect(own.filter((line) => !metalLb.includes(line))).toEqual([
      'ClusterRole metallb-system:controller: create subjectaccessreviews.authorization.k8s.io',
      'ClusterRole metallb-system:controller: create tokenreviews.authentication.k8s.io',
      'ClusterRole metallb-system:speaker: create subjectaccessreviews.authorization.k8s.io',
      'ClusterRole metallb-system:speaker: create tokenreviews.authentication.k8s.io',
      'Role controller: create leases.coordination.k8s.io',
      'Role controller: get leases.coordination.k8s.io',
      'Role controller: update leases.coordination.k8s.io',
      'Role speaker: create bgppeersessions.steelyard.io',
      'Role speaker: delete bgppeersessions.steelyard.io',
      'Role speaker: get bgppeersessions.steelyard.io',
      'Role speaker: list bgppeersessions.steelyard.io',
      'Role speaker: patch bgppeersessions.steelyard.io',
      'Role speaker: patch bgppeersessions.steelyard.io/status',
      'Role speaker: watch bgppeersessions.steelyard.io',
      'Role speaker: watch pods',
    ]);
    expect(metalLb.filter((line) => !own.includes(line))).toEqual([
      'ClusterRole metallb-system:controller: use podsecuritypolicies.policy "controller"',
      'ClusterRole metallb-system:speaker: use podsecuritypolicies.policy "speaker"',
      'Role controller: list secrets "memberlist"', // which it may do with every Secret
    ]);
  });

  test.for(['controller', 'speaker'])('run the image of the version that the %s has', async (app) => {
    const { version } = JSON.parse(await readFile(new URL(`../../apps/${app}/package.json`, import.meta.url), 'utf8'));
    const [workload] = await manifest<Workload>(`${app}.yaml`);

    expect(workload?.spec.template.spec.containers[0]?.image).toBe(`ghcr.io/steelyard/${app}:v${version}`);
  });

  test('are all in what kustomize applies', async () => {
    const files = (await readdir(MANIFESTS)).filter((name) => name.endsWith('.yaml'));
    const kustomization = await readFile(`${MANIFESTS}/Kustomization`, 'utf8');

    expect(new Set([...kustomization.matchAll(/- (\S+\.yaml)$/gm)].map(([, file]) => file))).toEqual(new Set(files));
  });
});

await describeKubeLab('the manifests on the real API server', (kubeLab) => {
  let controlPlane: ControlPlane;
  let applied = '';

  beforeAll(async () => {
    controlPlane = await openRealControlPlane({ kubeLab });
    applied = await controlPlane.kubectl(['apply', '-k', MANIFESTS]);
  });
  afterAll(() => controlPlane.stop());

  test('are applied at once, in an order that fits', () => {
    expect(
      applied
        .trim()
        .split('\n')
        .map((line) => line.replace(/ created$/, ''))
        .toSorted((a, b) => (a < b ? -1 : 1)),
    ).toEqual([...OBJECTS, ...CRD_OBJECTS].toSorted((a, b) => (a < b ? -1 : 1)));
  });

  test('mean the same when they are applied file by file', async () => {
    const again = await controlPlane.kubectl(['apply', '--dry-run=server', '-f', MANIFESTS]);

    const unchanged = OBJECTS.map((object) => `${object} unchanged (server dry run)`);
    expect(again.trim().split('\n').sort()).toEqual(unchanged);
  });

  test('take nothing from the Secret and from the webhooks that the controller has filled', async () => {
    const ofSecret = ['secret/metallb-webhook-cert', `--namespace=${NAMESPACE}`];
    const ofWebhooks = ['validatingwebhookconfiguration/metallb-webhook-configuration'];
    const authority = (await readFile(controlPlane.certificateAuthorityPath)).toString('base64');
    const data = { 'ca.crt': authority };
    const caBundle = { op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: authority };
    await controlPlane.kubectl(['patch', ...ofSecret, `--patch=${JSON.stringify({ data })}`]);
    await controlPlane.kubectl(['patch', ...ofWebhooks, '--type=json', `--patch=${JSON.stringify([caBundle])}`]);

    await controlPlane.kubectl(['apply', '-k', MANIFESTS]);

    expect(JSON.parse(await controlPlane.kubectl(['get', ...ofSecret, '-o', 'json'])).data).toEqual(data);
    const { webhooks } = JSON.parse(await controlPlane.kubectl(['get', ...ofWebhooks, '-o', 'json']));
    expect(webhooks[0].clientConfig.caBundle).toBe(authority);
  });

  test('are taken as they are: no object is warned of', async () => {
    // A speaker in a namespace that is not privileged would be.
    const warned = await controlPlane.kubectl(['apply', '-k', MANIFESTS, '--warnings-as-errors']);

    expect(warned).not.toBe('');
  });

  describe.each(['controller', 'speaker'])('let the %s', (account) => {
    let kubeconfig = '';
    beforeAll(async () => {
      kubeconfig = await createServiceAccountKubeconfig(controlPlane, { namespace: NAMESPACE, name: account });
    });

    test.for(RIGHTS)('%s %s in %s: %o', async ([verb, resource, namespace, may]) => {
      const scope = namespace === 'every namespace' ? '--all-namespaces' : `--namespace=${namespace}`;
      const asked = ['auth', 'can-i', verb, ...resource.split(' '), scope, `--kubeconfig=${kubeconfig}`];
      // It exits with 1 where the answer is no.
      const answer = await controlPlane.kubectl(asked).catch(() => 'no');

      expect(answer.trim()).toBe(may.includes(account) ? 'yes' : 'no');
    });
  });
});

interface Workload {
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } };
  };
}

const BOTH = ['controller', 'speaker'];
const CONTROLLER = ['controller'];
const SPEAKER = ['speaker'];
const NOBODY: readonly string[] = [];
const EVERYWHERE = 'every namespace';

const RIGHTS: readonly [verb: string, resource: string, namespace: string, may: readonly string[]][] = [
  ['watch', 'services', EVERYWHERE, BOTH],
  ['watch', 'namespaces', EVERYWHERE, BOTH],
  ['update', 'services --subresource=status', EVERYWHERE, CONTROLLER],
  ['patch', 'services --subresource=status', EVERYWHERE, NOBODY],
  ['update', 'services', EVERYWHERE, NOBODY],
  ['create', 'events', EVERYWHERE, BOTH],
  ['list', 'nodes', EVERYWHERE, BOTH],
  ['watch', 'nodes', EVERYWHERE, SPEAKER],
  ['watch', 'endpointslices.discovery.k8s.io', EVERYWHERE, SPEAKER],
  ['create', 'tokenreviews.authentication.k8s.io', EVERYWHERE, BOTH],
  ['create', 'subjectaccessreviews.authorization.k8s.io', EVERYWHERE, BOTH],
  ['update', 'validatingwebhookconfigurations/metallb-webhook-configuration', EVERYWHERE, CONTROLLER],
  ['update', 'validatingwebhookconfigurations/of-somebody-else', EVERYWHERE, NOBODY],
  ['patch', 'customresourcedefinitions/bgppeers.metallb.io', EVERYWHERE, CONTROLLER],
  ['patch', 'customresourcedefinitions/servicel2statuses.metallb.io', EVERYWHERE, NOBODY],
  ['watch', 'ipaddresspools.metallb.io', NAMESPACE, BOTH],
  ['watch', 'ipaddresspools.metallb.io', EVERYWHERE, NOBODY],
  ['update', 'ipaddresspools.metallb.io --subresource=status', NAMESPACE, CONTROLLER],
  ['update', 'ipaddresspools.metallb.io', NAMESPACE, NOBODY],
  ['watch', 'bgppeers.metallb.io', NAMESPACE, BOTH],
  ['patch', 'bgppeersessions.steelyard.io --subresource=status', NAMESPACE, SPEAKER],
  ['delete', 'bgppeersessions.steelyard.io', EVERYWHERE, NOBODY],
  ['list', 'pods', NAMESPACE, BOTH],
  ['watch', 'pods', NAMESPACE, SPEAKER],
  ['watch', 'configmaps', NAMESPACE, BOTH],
  ['watch', 'secrets', NAMESPACE, BOTH],
  ['create', 'secrets', NAMESPACE, CONTROLLER],
  ['get', 'secrets', EVERYWHERE, NOBODY],
  ['get', 'deployments.apps/controller', NAMESPACE, CONTROLLER],
  ['get', 'leases.coordination.k8s.io', NAMESPACE, CONTROLLER],
  ['create', 'leases.coordination.k8s.io', NAMESPACE, CONTROLLER],
  ['update', 'leases.coordination.k8s.io', NAMESPACE, CONTROLLER],
  ['update', 'leases.coordination.k8s.io', EVERYWHERE, NOBODY],
];

const CRD_OBJECTS = [...kindDefinitions, ...steelyardKindDefinitions].map(
  ({ plural, group = API_GROUP }) => `customresourcedefinition.apiextensions.k8s.io/${plural}.${group}`,
);

const OBJECTS = [
  'clusterrole.rbac.authorization.k8s.io/metallb-system:controller',
  'clusterrole.rbac.authorization.k8s.io/metallb-system:speaker',
  'clusterrolebinding.rbac.authorization.k8s.io/metallb-system:controller',
  'clusterrolebinding.rbac.authorization.k8s.io/metallb-system:speaker',
  'configmap/metallb-excludel2',
  'daemonset.apps/speaker',
  'deployment.apps/controller',
  'namespace/metallb-system',
  'role.rbac.authorization.k8s.io/controller',
  'role.rbac.authorization.k8s.io/pod-lister',
  'role.rbac.authorization.k8s.io/speaker',
  'rolebinding.rbac.authorization.k8s.io/controller',
  'rolebinding.rbac.authorization.k8s.io/pod-lister',
  'rolebinding.rbac.authorization.k8s.io/speaker',
  'secret/metallb-webhook-cert',
  'service/metallb-webhook-service',
  'serviceaccount/controller',
  'serviceaccount/speaker',
  'validatingwebhookconfiguration.admissionregistration.k8s.io/metallb-webhook-configuration',
];
