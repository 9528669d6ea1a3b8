export { type KubeProxy, type KubeProxyOptions, type ProxiedNode, startKubeProxy } from './kube-proxy.ts';
export type { ProxiedEndpointSlice, ProxiedService, ProxyNode } from './objects.ts';
export { kubeProxyRuleset } from './ruleset.ts';
