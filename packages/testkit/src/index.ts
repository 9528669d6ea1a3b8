/**
 * What tests and the demo stand on: network namespaces, processes in them,
 * clocks, and Kubernetes APIs. Not published.
 *
 * @packageDocumentation
 */

// Who answers ARP, and how fast.
export * from './arp-prober/index.ts';
// Real BGP daemons: FRR, BIRD, GoBGP, ExaBGP.
export * from './bgp-daemons/index.ts';
// What makes an API look alive: small controllers, and kubelets that run nothing.
export { type ApiClient, ApiError, openApiClient, type WatchEvent } from './cluster/api-client.ts';
export { startDeploymentController } from './cluster/deployment-controller.ts';
export { startEndpointSliceController } from './cluster/endpoint-slice-controller.ts';
export type { LevelLoop } from './cluster/level-loop.ts';
export { type PretendKubelet, type PretendKubeletOptions, startPretendKubelet } from './cluster/pretend-kubelet.ts';
export type { PretendNode } from './cluster/pretend-node.ts';
export type { PodHooks, PretendPod } from './cluster/pretend-pod.ts';
export { type Clock, createFakeClock, type FakeClock } from './fake-clock.ts';
// The real control plane of Kubernetes.
export * from './kube-lab/index.ts';
// nftables rules as kube-proxy writes them.
export * from './kube-proxy/index.ts';
// Namespace labs, and what runs inside them.
export * from './lab/index.ts';
// A Kubernetes API in this process.
export type { LoggedRequest } from './memory-api/http/access-log.ts';
export type { Fault, Injection } from './memory-api/http/faults.ts';
export { metallbDefinitions } from './memory-api/kinds/metallb-definitions.ts';
export { type MemoryApi, type MemoryApiOptions, openMemoryApi } from './memory-api/open-memory-api.ts';
export { readManifests } from './memory-api/read-manifests.ts';
// Who answers neighbour discovery, and how fast.
export * from './ndp-prober/index.ts';
// What passes over a cable, as a file.
export * from './pcap/index.ts';
// Whose rights a process has.
export * from './service-account/index.ts';
export { type WaitOptions, waitUntil } from './wait-until.ts';
// What stands for the container of a Pod.
export * from './web-server/index.ts';
// How the API server reaches webhooks.
export * from './webhook-route/index.ts';
