import type { PolicyRule, RbacObject } from './rbac-objects.ts';

/** What MetalLB's manifests vary. */
export interface MetalLbRolesOptions {
  /** Default `metallb-system`. */
  readonly namespace?: string;
  /**
   * Whether bearer tokens can be judged: MetalLB's Helm chart and its prometheus overlays grant it, the plain manifests
   * do not. Default false.
   */
  readonly metricsAuthentication?: boolean;
}

const READ = ['get', 'list', 'watch'];
const ALL = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

/** The CRDs whose certificate authority the controller may write: all but the two of the speakers' Service status. */
const CONFIGURATION_DEFINITIONS = [
  'bfdprofiles',
  'bgpadvertisements',
  'bgppeers',
  'ipaddresspools',
  'l2advertisements',
  'communities',
  'configurationstates',
].map((plural) => `${plural}.metallb.io`);

const core = (resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  apiGroups: [''],
  resources,
  verbs,
});

const metalLb = (resources: readonly string[], verbs: readonly string[]): PolicyRule => ({
  apiGroups: ['metallb.io'],
  resources,
  verbs,
});

/** Left over in MetalLB: Kubernetes has had no such resource since 1.25. */
const podSecurityPolicy = (name: string): PolicyRule => ({
  apiGroups: ['policy'],
  resources: ['podsecuritypolicies'],
  resourceNames: [name],
  verbs: ['use'],
});

/** MetalLB's `config/rbac/role.yaml`, the ClusterRole of the controller. */
const controllerClusterRules: readonly PolicyRule[] = [
  core(['services', 'namespaces'], READ),
  core(['nodes'], ['list']),
  core(['services/status'], ['update']),
  core(['events'], ['create', 'patch']),
  podSecurityPolicy('controller'),
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['validatingwebhookconfigurations'],
    resourceNames: ['metallb-webhook-configuration'],
    verbs: ALL,
  },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['validatingwebhookconfigurations'],
    verbs: ['list', 'watch'],
  },
  {
    apiGroups: ['apiextensions.k8s.io'],
    resources: ['customresourcedefinitions'],
    resourceNames: CONFIGURATION_DEFINITIONS,
    verbs: ALL,
  },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['list', 'watch'] },
  metalLb(['configurationstates'], ALL),
  metalLb(['configurationstates/status'], ['get', 'patch', 'update']),
];

const speakerClusterRules: readonly PolicyRule[] = [
  metalLb(
    ['servicel2statuses', 'servicel2statuses/status', 'configurationstates', 'configurationstates/status'],
    ['*'],
  ),
  core(['services', 'endpoints', 'nodes', 'namespaces'], READ),
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  core(['events'], ['create', 'patch']),
  podSecurityPolicy('speaker'),
];

/** Bound to both accounts. */
const podListerRules: readonly PolicyRule[] = [
  core(['pods'], ['list', 'get']),
  core(['secrets', 'configmaps'], READ),
  metalLb(['bfdprofiles', 'bgppeers', 'l2advertisements', 'bgpadvertisements', 'ipaddresspools', 'communities'], READ),
  metalLb(['servicebgpstatuses', 'servicebgpstatuses/status'], ['*']),
];

const controllerRules: readonly PolicyRule[] = [
  core(['secrets'], ALL),
  { apiGroups: [''], resources: ['secrets'], resourceNames: ['memberlist'], verbs: ['list'] },
  { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['controller'], verbs: ['get'] },
  metalLb(['bgppeers'], ['get', 'list']),
  metalLb(['bfdprofiles', 'ipaddresspools', 'bgpadvertisements', 'l2advertisements', 'communities'], READ),
  metalLb(['ipaddresspools/status'], ['update']),
];

/** As `config/prometheus-native/rbac-proxy-patch.yaml` and the chart add them. */
const metricsAuthenticationRules: readonly PolicyRule[] = [
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
  { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
];

const RBAC = 'rbac.authorization.k8s.io/v1';
const labels = { app: 'metallb' };

/**
 * The ServiceAccounts, roles and bindings with which MetalLB runs in native mode, to the letter: whatever works with
 * them works in a cluster in which only the images were exchanged.
 *
 * @see MetalLB `config/rbac`
 */
export function metalLbRoles(options: MetalLbRolesOptions = {}): readonly RbacObject[] {
  const { namespace = 'metallb-system', metricsAuthentication = false } = options;
  const extra = metricsAuthentication ? metricsAuthenticationRules : [];
  return [
    ...['controller', 'speaker'].map((name) => ({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name, namespace, labels },
    })),
    ...clusterRole('metallb-system:controller', [...controllerClusterRules, ...extra], namespace, ['controller']),
    ...clusterRole('metallb-system:speaker', [...speakerClusterRules, ...extra], namespace, ['speaker']),
    ...role('pod-lister', podListerRules, namespace, ['controller', 'speaker']),
    ...role('controller', controllerRules, namespace, ['controller']),
  ];
}

function clusterRole(
  name: string,
  rules: readonly PolicyRule[],
  namespace: string,
  accounts: readonly string[],
): readonly RbacObject[] {
  return [
    { apiVersion: RBAC, kind: 'ClusterRole', metadata: { name, labels }, rules },
    {
      apiVersion: RBAC,
      kind: 'ClusterRoleBinding',
      metadata: { name, labels },
      ...bound('ClusterRole', name, namespace, accounts),
    },
  ];
}

function role(
  name: string,
  rules: readonly PolicyRule[],
  namespace: string,
  accounts: readonly string[],
): readonly RbacObject[] {
  return [
    { apiVersion: RBAC, kind: 'Role', metadata: { name, namespace, labels }, rules },
    {
      apiVersion: RBAC,
      kind: 'RoleBinding',
      metadata: { name, namespace, labels },
      ...bound('Role', name, namespace, accounts),
    },
  ];
}

function bound(kind: string, name: string, namespace: string, accounts: readonly string[]): object {
  return {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: accounts.map((account) => ({ kind: 'ServiceAccount', name: account, namespace })),
  };
}
