import { DAEMON_FLAGS, type FlagDefinitions } from '@steelyard/daemon';

/**
 * The controller's flags: MetalLB's, by name, default and environment variable, and a few of our own.
 *
 * @see MetalLB `controller/main.go`
 */
export const flags = {
  ...DAEMON_FLAGS,
  'cert-dir': {
    type: 'string',
    help: 'The `directory` of tls.crt and tls.key of the webhooks, with -disable-cert-rotation; by default k8s-webhook-server/serving-certs under the system’s temporary directory',
  },
  'cert-service-name': {
    type: 'string',
    default: 'metallb-webhook-service',
    help: 'The `name` of the Service that the webhook certificates are for',
  },
  config: {
    type: 'string',
    default: 'config',
    help: 'The `name` of the old ConfigMap, as up to MetalLB 0.12',
  },
  'config-strictness': {
    type: 'string',
    default: 'isolate',
    oneOf: ['isolate', 'all-or-nothing'],
    help: 'What a wrong object takes out of force: isolate, the smallest part that is wrong, or all-or-nothing, as MetalLB, every change until it is mended',
  },
  deployment: {
    type: 'string',
    env: 'METALLB_DEPLOYMENT',
    help: 'The `name` of the controller’s own Deployment',
  },
  'disable-cert-rotation': {
    type: 'bool',
    help: 'Leave the webhook certificates to somebody else',
  },
  kubeconfig: {
    type: 'string',
    help: 'The `file` that says how to reach the API server; by default KUBECONFIG, then the Pod’s service account',
  },
  'lb-class': {
    type: 'string',
    help: 'Serve only Services with this loadBalancerClass; by default those without one',
  },
  'legacy-config': {
    type: 'string',
    default: 'auto',
    oneOf: ['auto', 'on', 'off'],
    help: 'Whether the ConfigMap "config" is read: auto means while no metallb.io configuration object exists, and never with -parity=metallb',
  },
  'ml-secret-name': {
    type: 'string',
    env: 'METALLB_ML_SECRET_NAME',
    help: 'The `name` of the memberlist Secret to create',
  },
  namespace: {
    type: 'string',
    env: 'METALLB_NAMESPACE',
    help: 'The `namespace` of the configuration; by default that of the Pod’s service account',
  },
  parity: {
    type: 'string',
    oneOf: ['', 'metallb'],
    help: 'metallb: decide as MetalLB does also where it could be done better',
  },
  'pod-name': { type: 'string', env: 'METALLB_POD_NAME', help: 'The `name` of the controller’s own Pod' },
  'webhook-http2': { type: 'bool', help: 'Serve the webhooks over HTTP/2 too' },
  'webhook-mode': {
    type: 'string',
    default: 'enabled',
    oneOf: ['enabled', 'disabled', 'onlywebhook'],
    help: 'enabled, disabled or onlywebhook',
  },
  'webhook-port': { type: 'int', default: 9443, min: 1, max: 65535, help: 'The `port` of the webhooks' },
  'webhook-secret': {
    type: 'string',
    default: 'metallb-webhook-cert',
    help: 'The `name` of the Secret of the webhook certificates',
  },
} as const satisfies FlagDefinitions;
