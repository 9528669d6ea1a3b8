import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { metadataOf } from '../list-watch/watch-event.ts';
import { type OwnPod, projectPod } from '../own-pod/own-pod.ts';
import type { OtherPod } from './machine/state.ts';

/** How MetalLB's manifests and its Helm chart label a controller's Pod (metallb-behaviour 7.7). */
const KNOWN_LABELS: readonly Readonly<Record<string, string>>[] = [
  { app: 'metallb', component: 'controller' },
  { 'app.kubernetes.io/name': 'metallb', 'app.kubernetes.io/component': 'controller' },
];
/** Differ from one revision of a Deployment to the next. */
const REVISION_LABELS: ReadonlySet<string> = new Set(['pod-template-hash', 'controller-revision-hash']);
const MAX_PODS = 100;
const CALL_TIMEOUT_MS = 3_000;
const MIN_REFUSALS = 3;

/** An image without tag and digest. */
export function repositoryOf(image: string): string {
  const name = image.split('@')[0] ?? '';
  const tag = name.lastIndexOf(':');
  return tag > name.lastIndexOf('/') ? name.slice(0, tag) : name;
}

/** The label selectors of all that may be a controller, as few as possible. */
export function controllerSelectors(own: OwnPod | undefined): string[] {
  const selectors = [...KNOWN_LABELS];
  const labels = Object.entries(own?.labels ?? {}).filter(([name]) => !REVISION_LABELS.has(name));
  const ownLabels = Object.fromEntries(labels);
  const covered = KNOWN_LABELS.some((known) =>
    Object.entries(known).every(([name, value]) => ownLabels[name] === value),
  );
  if (labels.length > 0 && !covered) selectors.push(ownLabels);
  return selectors.map((selector) =>
    Object.entries(selector)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
  );
}

function phaseOf(object: unknown): unknown {
  const status: unknown = typeof object === 'object' && object !== null ? Reflect.get(object, 'status') : undefined;
  return typeof status === 'object' && status !== null ? Reflect.get(status, 'phase') : undefined;
}

/** It runs or is about to, and nobody has asked it to end. */
function isAlive(object: unknown): boolean {
  if (metadataOf(object)?.['deletionTimestamp'] !== undefined) return false;
  const phase = phaseOf(object);
  return phase === undefined || phase === 'Running' || phase === 'Pending';
}

export interface ControllerPods {
  /** The living ones but our own; `forbidden` where the rule for Pods is missing. Rejects when they cannot be listed now. */
  list(): Promise<readonly OtherPod[] | 'forbidden'>;
  /** Whether a Pod has ended or is not there; false while that is not known. */
  hasEnded(podName: string): Promise<boolean>;
}

/** The Pods of controllers in the namespace: MetalLB's role allows `list` and `get`. */
export function createControllerPods(
  client: KubeClient,
  namespace: string,
  own: OwnPod | undefined,
  podName: string,
): ControllerPods {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`;
  const selectors = controllerSelectors(own);
  const request = { timeoutMs: CALL_TIMEOUT_MS };
  let refusals = 0;

  async function listOf(labelSelector: string): Promise<readonly unknown[]> {
    const query = new URLSearchParams({ labelSelector, limit: String(MAX_PODS) }).toString();
    const { body } = await client.request('GET', `${path}?${query}`, request);
    const items: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'items') : undefined;
    return Array.isArray(items) ? items : [];
  }

  return {
    async list() {
      try {
        const pods = new Map<string, OtherPod>();
        for (const object of (await Promise.all(selectors.map(listOf))).flat()) {
          const pod = projectPod(object);
          if (pod === undefined || pod.name === podName || !isAlive(object)) continue;
          pods.set(pod.name, { name: pod.name, repository: repositoryOf(pod.image) });
        }
        refusals = 0;
        return [...pods.values()];
      } catch (error) {
        // An API server that starts refuses for a while what it will allow.
        const refused = isApiError(error) && error.code === 'ERR_K8S_FORBIDDEN' && ++refusals >= MIN_REFUSALS;
        if (refused) return 'forbidden';
        throw error;
      }
    },
    async hasEnded(name) {
      try {
        const { body } = await client.request('GET', `${path}/${encodeURIComponent(name)}`, request);
        const phase = phaseOf(body);
        return phase === 'Succeeded' || phase === 'Failed';
      } catch (error) {
        return isApiError(error) && error.code === 'ERR_K8S_NOT_FOUND';
      }
    },
  };
}
