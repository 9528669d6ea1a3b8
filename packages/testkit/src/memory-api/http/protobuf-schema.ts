/**
 * The messages that kubectl sends as protobuf instead of JSON: what `kubectl
 * create deployment|namespace|configmap|secret|service|serviceaccount` makes.
 * Field numbers are from the generated.proto files of k8s.io/api and
 * k8s.io/apimachinery.
 */

/**
 * A field's type: `?` marks what is a pointer in Go, where an explicit zero
 * counts; of the others a zero means "not set". A field that is named by a
 * message holds that message.
 */
export type FieldType =
  | 'text'
  | 'text?'
  | 'int'
  | 'int?'
  | 'bool'
  | 'bool?'
  | 'textMap'
  | 'bytesMap'
  | 'time'
  | 'intOrString'
  | { readonly message: string }
  | { readonly list: string }
  | 'textList';

export type MessageSchema = Readonly<Record<number, readonly [name: string, type: FieldType]>>;

const metadata = ['metadata', { message: 'ObjectMeta' }] as const;

export const messages: Readonly<Record<string, MessageSchema>> = {
  ObjectMeta: {
    1: ['name', 'text'],
    2: ['generateName', 'text'],
    3: ['namespace', 'text'],
    4: ['selfLink', 'text'],
    5: ['uid', 'text'],
    6: ['resourceVersion', 'text'],
    7: ['generation', 'int'],
    8: ['creationTimestamp', 'time'],
    9: ['deletionTimestamp', 'time'],
    10: ['deletionGracePeriodSeconds', 'int?'],
    11: ['labels', 'textMap'],
    12: ['annotations', 'textMap'],
    13: ['ownerReferences', { list: 'OwnerReference' }],
    14: ['finalizers', 'textList'],
  },
  OwnerReference: {
    1: ['kind', 'text'],
    3: ['name', 'text'],
    4: ['uid', 'text'],
    5: ['apiVersion', 'text'],
    6: ['controller', 'bool?'],
    7: ['blockOwnerDeletion', 'bool?'],
  },
  LabelSelector: {
    1: ['matchLabels', 'textMap'],
    2: ['matchExpressions', { list: 'LabelSelectorRequirement' }],
  },
  LabelSelectorRequirement: { 1: ['key', 'text'], 2: ['operator', 'text'], 3: ['values', 'textList'] },
  Namespace: { 1: metadata, 2: ['spec', { message: 'NamespaceSpec' }], 3: ['status', { message: 'NamespaceStatus' }] },
  NamespaceSpec: { 1: ['finalizers', 'textList'] },
  NamespaceStatus: { 1: ['phase', 'text'] },
  ConfigMap: { 1: metadata, 2: ['data', 'textMap'], 3: ['binaryData', 'bytesMap'], 4: ['immutable', 'bool?'] },
  Secret: {
    1: metadata,
    2: ['data', 'bytesMap'],
    3: ['type', 'text'],
    4: ['stringData', 'textMap'],
    5: ['immutable', 'bool?'],
  },
  ServiceAccount: { 1: metadata, 4: ['automountServiceAccountToken', 'bool?'] },
  Service: { 1: metadata, 2: ['spec', { message: 'ServiceSpec' }], 3: ['status', { message: 'ServiceStatus' }] },
  ServiceSpec: {
    1: ['ports', { list: 'ServicePort' }],
    2: ['selector', 'textMap'],
    3: ['clusterIP', 'text'],
    4: ['type', 'text'],
    5: ['externalIPs', 'textList'],
    7: ['sessionAffinity', 'text'],
    8: ['loadBalancerIP', 'text'],
    9: ['loadBalancerSourceRanges', 'textList'],
    10: ['externalName', 'text'],
    11: ['externalTrafficPolicy', 'text'],
    12: ['healthCheckNodePort', 'int'],
    13: ['publishNotReadyAddresses', 'bool'],
    17: ['ipFamilyPolicy', 'text?'],
    18: ['clusterIPs', 'textList'],
    19: ['ipFamilies', 'textList'],
    20: ['allocateLoadBalancerNodePorts', 'bool?'],
    21: ['loadBalancerClass', 'text?'],
    22: ['internalTrafficPolicy', 'text?'],
  },
  ServicePort: {
    1: ['name', 'text'],
    2: ['protocol', 'text'],
    3: ['port', 'int'],
    4: ['targetPort', 'intOrString'],
    5: ['nodePort', 'int'],
    6: ['appProtocol', 'text?'],
  },
  ServiceStatus: { 1: ['loadBalancer', { message: 'LoadBalancerStatus' }] },
  LoadBalancerStatus: {},
  Deployment: {
    1: metadata,
    2: ['spec', { message: 'DeploymentSpec' }],
    3: ['status', { message: 'DeploymentStatus' }],
  },
  DeploymentSpec: {
    1: ['replicas', 'int?'],
    2: ['selector', { message: 'LabelSelector' }],
    3: ['template', { message: 'PodTemplateSpec' }],
    4: ['strategy', { message: 'DeploymentStrategy' }],
    5: ['minReadySeconds', 'int'],
    6: ['revisionHistoryLimit', 'int?'],
    7: ['paused', 'bool'],
    9: ['progressDeadlineSeconds', 'int?'],
  },
  DeploymentStrategy: { 1: ['type', 'text'], 2: ['rollingUpdate', { message: 'RollingUpdateDeployment' }] },
  RollingUpdateDeployment: { 1: ['maxUnavailable', 'intOrString'], 2: ['maxSurge', 'intOrString'] },
  DeploymentStatus: {
    1: ['observedGeneration', 'int'],
    2: ['replicas', 'int'],
    3: ['updatedReplicas', 'int'],
    4: ['availableReplicas', 'int'],
    5: ['unavailableReplicas', 'int'],
    7: ['readyReplicas', 'int'],
  },
  PodTemplateSpec: { 1: metadata, 2: ['spec', { message: 'PodSpec' }] },
  PodSpec: {
    2: ['containers', { list: 'Container' }],
    3: ['restartPolicy', 'text'],
    4: ['terminationGracePeriodSeconds', 'int?'],
    5: ['activeDeadlineSeconds', 'int?'],
    6: ['dnsPolicy', 'text'],
    7: ['nodeSelector', 'textMap'],
    8: ['serviceAccountName', 'text'],
    9: ['serviceAccount', 'text'],
    10: ['nodeName', 'text'],
    11: ['hostNetwork', 'bool'],
    12: ['hostPID', 'bool'],
    13: ['hostIPC', 'bool'],
    16: ['hostname', 'text'],
    17: ['subdomain', 'text'],
    19: ['schedulerName', 'text'],
    24: ['priorityClassName', 'text'],
  },
  Container: {
    1: ['name', 'text'],
    2: ['image', 'text'],
    3: ['command', 'textList'],
    4: ['args', 'textList'],
    5: ['workingDir', 'text'],
    6: ['ports', { list: 'ContainerPort' }],
    7: ['env', { list: 'EnvVar' }],
    8: ['resources', { message: 'ResourceRequirements' }],
    13: ['terminationMessagePath', 'text'],
    14: ['imagePullPolicy', 'text'],
    16: ['stdin', 'bool'],
    17: ['stdinOnce', 'bool'],
    18: ['tty', 'bool'],
    20: ['terminationMessagePolicy', 'text'],
  },
  ContainerPort: {
    1: ['name', 'text'],
    2: ['hostPort', 'int'],
    3: ['containerPort', 'int'],
    4: ['protocol', 'text'],
    5: ['hostIP', 'text'],
  },
  EnvVar: { 1: ['name', 'text'], 2: ['value', 'text'] },
  ResourceRequirements: {},
};
