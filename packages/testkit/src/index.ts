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
export { type WaitOptions, waitUntil } from './wait-until.ts';
