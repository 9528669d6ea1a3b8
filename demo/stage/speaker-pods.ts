import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, waitUntil } from '@steelyard/testkit';
import { type Host, NODES } from './cast.ts';

/** The labels by which MetalLB's manifests let speakers find each other. */
const LABELS = { app: 'metallb', component: 'speaker' };

export function speakerPodName({ name }: Host): string {
  return `speaker-${name}`;
}

/** The Pods of the speakers' DaemonSet, on the network of their nodes: speakers look up each other's addresses there. */
export async function createSpeakerPods(client: ApiClient, namespace: string): Promise<void> {
  for (const node of NODES) {
    const pod = {
      metadata: { name: speakerPodName(node), labels: LABELS },
      spec: { nodeName: node.name, hostNetwork: true, containers: [{ name: 'speaker', image: 'none' }] },
    };
    // Kubernetes' own API server refuses Pods until a namespace has its service account.
    const create = (): Promise<unknown> => client.create(`/api/v1/namespaces/${namespace}/pods`, pod);
    await waitUntil(`the Pod ${pod.metadata.name}`, create, { timeoutMs: 30_000, intervalMs: 200 });
  }
}

/** Puts a key where kubelet would mount the Secret `memberlist`. */
export function mountGossipKey(folder: string): string {
  const mounted = join(folder, 'ml_secret_key');
  mkdirSync(mounted);
  writeFileSync(join(mounted, 'secretkey'), 'a key of the demo only');
  return mounted;
}

/** What makes the speaker of a node take part in the gossip, as MetalLB's manifests write it. */
export function gossipEnvironment({ address }: Host, keyFolder: string): NodeJS.ProcessEnv {
  return {
    METALLB_ML_BIND_ADDR: address,
    METALLB_ML_LABELS: Object.entries(LABELS)
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
    METALLB_ML_SECRET_KEY_PATH: keyFolder,
  };
}
