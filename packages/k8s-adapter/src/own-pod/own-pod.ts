import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { metadataOf } from '../list-watch/watch-event.ts';

/** The Pod that a process runs in. */
export interface OwnPod {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the first container; empty where it is not known. */
  readonly image: string;
  /** How long it may take to stop; undefined where the Pod does not say. */
  readonly terminationGracePeriodSeconds: number | undefined;
}

/** The Pod, or why it is not known; MetalLB ends the process then, as what it writes would have no owner. */
export type OwnPodOutcome =
  | { readonly found: true; readonly pod: OwnPod }
  | { readonly found: false; readonly because: string };

/** Reads a Pod as far as it is used here; undefined for what is none. */
export function projectPod(object: unknown): OwnPod | undefined {
  const { name, uid, labels } = metadataOf(object) ?? {};
  if (typeof name !== 'string' || typeof uid !== 'string') return undefined;
  const spec: unknown = typeof object === 'object' && object !== null ? Reflect.get(object, 'spec') : undefined;
  const containers: unknown = typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'containers') : undefined;
  const first: unknown = Array.isArray(containers) ? containers[0] : undefined;
  const image: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'image') : undefined;
  const texts = Object.entries(typeof labels === 'object' && labels !== null ? labels : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const grace: unknown =
    typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'terminationGracePeriodSeconds') : undefined;
  return {
    name,
    uid,
    labels: Object.fromEntries(texts),
    image: typeof image === 'string' ? image : '',
    terminationGracePeriodSeconds: typeof grace === 'number' && grace >= 0 ? grace : undefined,
  };
}

/**
 * Reads the Pod named by METALLB_POD_NAME. It must exist (metallb-behaviour 3.9): what is to be done if not, the caller says.
 *
 * @see MetalLB `internal/k8s/k8s.go`, `New`
 */
export async function readOwnPod(options: {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly podName: string;
  readonly signal?: AbortSignal;
}): Promise<OwnPodOutcome> {
  const { client, namespace, podName, signal } = options;
  if (podName === '') return { found: false, because: 'no Pod name is given: set METALLB_POD_NAME or --pod-name' };
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(podName)}`;
  try {
    const { body } = await client.request('GET', path, signal === undefined ? {} : { signal });
    const pod = projectPod(body);
    return pod === undefined ? { found: false, because: `GET ${path}: not a Pod` } : { found: true, pod };
  } catch (error) {
    if (!isApiError(error)) throw error;
    const rule = error.code === 'ERR_K8S_FORBIDDEN' ? '; allow "get" of pods in the namespace' : '';
    return { found: false, because: `unable to get own pod for owner references: ${error.message}${rule}` };
  }
}
