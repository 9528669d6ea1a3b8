import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiClient } from '@steelyard/testkit';
import { type App, STEELYARD_NAMESPACE } from './app.ts';
import type { ClusterApi } from './cluster-api.ts';
import type { Host } from './network.ts';

/** Where a speaker's probes are, in its own namespace: MetalLB's default. */
export const SPEAKER_HEALTH_PORT = 17_472;
/** The labels by which MetalLB's manifests let speakers find each other. */
const LABELS = { app: 'metallb', component: 'speaker' };
const PODS = `/api/v1/namespaces/${STEELYARD_NAMESPACE}/pods`;

/** A speaker that is compared. */
export interface SpeakerContender {
  readonly name: 'steelyard' | 'metallb';
  readonly version: string;
  /** @param env - More of the environment, such as {@link GossipSecret.environment}. */
  start(api: ClusterApi, node: Host, env?: NodeJS.ProcessEnv): App;
}

export function speakerPodName(nodeName: string): string {
  return `speaker-${nodeName}`;
}

/** The Pods of the DaemonSet, on the network of their hosts. Pretend kubelets show their addresses. */
export async function createSpeakerPods(client: ApiClient, nodes: readonly Host[]): Promise<void> {
  for (const { name } of nodes) {
    await client.create(PODS, {
      metadata: { name: speakerPodName(name), labels: LABELS },
      spec: {
        nodeName: name,
        hostNetwork: true,
        terminationGracePeriodSeconds: 2,
        containers: [{ name: 'speaker', image: 'none' }],
      },
    });
  }
}

/** The Secret `memberlist` as kubelet mounts it. */
export interface GossipSecret extends Disposable {
  /** What makes a speaker of this node take part in the gossip. */
  environment(node: Host): NodeJS.ProcessEnv;
}

export function createGossipSecret(): GossipSecret {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-gossip-'));
  writeFileSync(join(folder, 'secretkey'), 'UGxlYXNlRG9Ob3RVc2VUaGlz'.slice(0, 22));
  return {
    environment: ({ ipv4 }) => ({
      METALLB_ML_BIND_ADDR: ipv4,
      METALLB_ML_LABELS: Object.entries(LABELS)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
      METALLB_ML_SECRET_KEY_PATH: folder,
    }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
