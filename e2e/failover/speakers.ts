import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient, LabProcess, LanHost } from '@steelyard/testkit';
import { HEALTH_PROBE_PORT, STEELYARD_NAMESPACE, startApp } from '../system/apps.ts';

/** Whose speaker. */
export type Make = 'steelyard' | 'metallb';

/** The labels by which MetalLB's manifests let speakers find each other. */
const LABELS = { app: 'metallb', component: 'speaker' };
const PODS = `/api/v1/namespaces/${STEELYARD_NAMESPACE}/pods`;

/** MetalLB's own speaker, where STEELYARD_METALLB_SPEAKER names it. */
export function metalLbSpeaker(): string | undefined {
  return process.env['STEELYARD_METALLB_SPEAKER'];
}

function podName(node: LanHost): string {
  return `speaker-${node.name}`;
}

/** Whose speakers the tests are about: ours, unless STEELYARD_FAILOVER_SPEAKERS=metallb puts the same questions to MetalLB's. */
export const TESTED_MAKE: Make = process.env['STEELYARD_FAILOVER_SPEAKERS'] === 'metallb' ? 'metallb' : 'steelyard';

/** The Pods of the DaemonSet, on the network of their hosts. */
export async function createSpeakerPods(kube: ApiClient, nodes: readonly LanHost[]): Promise<void> {
  for (const node of nodes) {
    const containers = [{ name: 'speaker', image: 'none' }];
    const spec = { nodeName: node.name, hostNetwork: true, terminationGracePeriodSeconds: 2, containers };
    await kube.create(PODS, { metadata: { name: podName(node), labels: LABELS }, spec });
  }
}

/** The Secret `memberlist`, as kubelet mounts it. */
export function mountSecret(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'steelyard-gossip-'));
  writeFileSync(join(path, 'secretkey'), 'UGxlYXNlRG9Ob3RVc2VUaGlz');
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Starts a speaker with the environment that MetalLB's manifests give it. */
export function startSpeaker(make: Make, node: LanHost, kubeconfigPath: string, secretPath: string): LabProcess {
  const env = {
    METALLB_NODE_NAME: node.name,
    METALLB_POD_NAME: podName(node),
    METALLB_HOST: node.ipv4,
    METALLB_ML_BIND_ADDR: node.ipv4,
    METALLB_ML_LABELS: Object.entries(LABELS)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    METALLB_ML_SECRET_KEY_PATH: secretPath,
    METALLB_BGP_TYPE: 'native',
  };
  const flags = [`--namespace=${STEELYARD_NAMESPACE}`, `--health-probe-port=${HEALTH_PROBE_PORT}`];
  if (make === 'steelyard') {
    const own = [`--kubeconfig=${kubeconfigPath}`, '--port=0'];
    return startApp('speaker', podName(node), node.namespace, { flags: [...flags, ...own], env }).process;
  }
  const program = metalLbSpeaker();
  if (program === undefined) throw new Error('STEELYARD_METALLB_SPEAKER names no program');
  return node.namespace.spawn(program, flags, { name: podName(node), env: { ...env, KUBECONFIG: kubeconfigPath } });
}
