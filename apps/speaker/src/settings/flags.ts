import { DAEMON_FLAGS, type FlagDefinitions } from '@steelyard/daemon';

/** What a timer takes: 24 days. */
const MAX_INTERVAL_MS = 2_147_483_000;

/**
 * The speaker's flags: MetalLB's, by name, default and environment variable, and a few of our own.
 *
 * @see MetalLB `speaker/main.go`
 */
export const flags = {
  ...DAEMON_FLAGS,
  'bgp-debounce-timeout': {
    type: 'string',
    env: 'METALLB_BGP_DEBOUNCE_TIMEOUT',
    help: 'Accepted for MetalLB’s sake: there is nothing to debounce where nothing is reloaded',
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
  'control-heap-mib': {
    type: 'int',
    default: 384,
    min: 16,
    max: 16384,
    help: 'The heap, in `MiB`, of the thread that reads Kubernetes; if it runs out, that thread is restarted and the announcements go on',
  },
  'frrk8s-namespace': {
    type: 'string',
    env: 'FRRK8S_NAMESPACE',
    help: 'Accepted for MetalLB’s sake: BGP is spoken by this process, and frr-k8s is not asked',
  },
  'frrk8s-secret-passthrough': {
    type: 'bool',
    help: 'Accepted for MetalLB’s sake: nothing is handed to frr-k8s',
  },
  'gratuitous-arp-interval': {
    type: 'duration',
    min: 0,
    max: MAX_INTERVAL_MS,
    bareNumber: 'seconds',
    env: 'METALLB_GRATUITOUS_ARP_INTERVAL',
    help: 'Announce every address anew by gratuitous ARP and unsolicited neighbor advertisements, once in so many `seconds` (or 5m): for switches that forget sooner than routers ask. 0: only when something changes',
  },
  'health-probe-port': {
    ...DAEMON_FLAGS['health-probe-port'],
    help: 'The `port` of /healthz and /readyz, on 127.0.0.1',
  },
  host: { type: 'string', env: 'METALLB_HOST', help: 'Ignored, as MetalLB does' },
  'ignore-exclude-lb': {
    type: 'bool',
    help: 'Announce from nodes labelled node.kubernetes.io/exclude-from-external-load-balancers too',
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
  'ml-bindaddr': {
    type: 'string',
    env: 'METALLB_ML_BIND_ADDR',
    help: 'The `address` that memberlist listens on',
  },
  'ml-bindport': {
    type: 'int',
    default: 7946,
    min: 1,
    max: 65535,
    env: 'METALLB_ML_BIND_PORT',
    help: 'The `port` that memberlist listens on',
  },
  'ml-labels': {
    type: 'string',
    env: 'METALLB_ML_LABELS',
    help: 'The `labels` of the speaker Pods',
  },
  'ml-secret-key-path': {
    type: 'string',
    env: 'METALLB_ML_SECRET_KEY_PATH',
    help: 'The `directory` of the file secretkey',
  },
  'ml-wan-config': { type: 'bool', help: 'memberlist’s timing for wide-area networks' },
  namespace: {
    type: 'string',
    env: 'METALLB_NAMESPACE',
    help: 'The `namespace` of the configuration; by default that of the Pod’s service account',
  },
  'node-name': {
    type: 'string',
    env: 'METALLB_NODE_NAME',
    required: true,
    help: 'The `name` of the Kubernetes Node that this speaker runs on',
  },
  parity: {
    type: 'string',
    oneOf: ['', 'metallb'],
    help: 'metallb: decide as MetalLB does also where it could be done better',
  },
  'pod-name': { type: 'string', env: 'METALLB_POD_NAME', help: 'The `name` of the speaker’s own Pod' },
} as const satisfies FlagDefinitions;
