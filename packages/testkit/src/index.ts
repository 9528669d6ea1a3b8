/**
 * What tests and the demo stand on: network namespaces, processes in them,
 * clocks, and Kubernetes APIs. Not published.
 *
 * @packageDocumentation
 */

// The real control plane of Kubernetes.
export * from './kube-lab/index.ts';
// Namespace labs, and what runs inside them.
export * from './lab/index.ts';
// A Kubernetes API in this process.
export type { LoggedRequest } from './memory-api/access-log.ts';
export type { Fault, Injection } from './memory-api/faults.ts';
export { type MemoryApi, type MemoryApiOptions, openMemoryApi } from './memory-api/open-memory-api.ts';
export { type WaitOptions, waitUntil } from './wait-until.ts';
