import { ApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { projectWritableMetadata, type WritableMetadata } from './object-metadata.ts';

/** `core/v1 ServiceStatus`, as far as it must survive a write of ours. */
export interface ServiceStatus {
  readonly loadBalancer: { readonly ingress?: readonly Readonly<Record<string, unknown>>[] };
  /** Of others; written back as they were read. */
  readonly conditions?: readonly unknown[];
}

export interface ServiceStatusWrite {
  /** Of the version that the decision was made on, with annotations as they shall be. */
  readonly metadata: WritableMetadata;
  readonly status: ServiceStatus;
}

/** What became of a write. */
export type WriteOutcome =
  /** The version that the write made: the watch will bring it too. */
  | { readonly outcome: 'written'; readonly metadata: WritableMetadata }
  /** The object has changed since (409): decide again on what the watch brings. */
  | { readonly outcome: 'conflict' }
  /** The object is gone (404), or another of that name is there now (409 on the uid). */
  | { readonly outcome: 'gone' };

/** How long a write may take. */
export interface StatusWriteLimits {
  readonly timeoutMs?: number;
  /** On the scale of `performance.now()`: nothing leaves after this. */
  readonly leaveByMs?: number;
  readonly signal?: AbortSignal;
}

/** Whose the fields are in `managedFields`: MetalLB's controller, which is called after its binary. */
const FIELD_MANAGER = 'controller';

function isUidConflict(error: ApiError): boolean {
  return /Precondition failed: UID|uid mismatch/i.test(error.message);
}

/**
 * Writes `services/status` by PUT: MetalLB's role allows `update` there and nothing else (metallb-behaviour 7.7).
 * For this subresource the API server takes metadata and status from the request and the spec from what it has
 * (k8s.io/kubernetes, pkg/registry/core/service/strategy.go, serviceStatusStrategy): so a projection is enough, and no GET
 * comes first. Of the spec only the type is sent, as it decides whether a missing `ipMode` is defaulted, which validation
 * then demands (pkg/apis/core/v1/defaults.go, SetDefaults_Service; 422 without it on 1.37). The request leaves in the turn of
 * the call. Anything but the three outcomes rejects with an `ApiError`.
 */
export async function putServiceStatus(
  client: KubeClient,
  write: ServiceStatusWrite,
  limits: StatusWriteLimits = {},
): Promise<WriteOutcome> {
  const { namespace, name } = write.metadata;
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}/status`;
  try {
    const { body } = await client.request('PUT', `${path}?fieldManager=${FIELD_MANAGER}`, {
      ...limits,
      body: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: write.metadata,
        spec: { type: 'LoadBalancer' },
        status: write.status,
      },
    });
    const metadata = projectWritableMetadata(body);
    if (metadata === undefined) throw new ApiError('ERR_K8S_BAD_BODY', `PUT ${path}: no metadata in the answer`);
    return { outcome: 'written', metadata };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 'ERR_K8S_NOT_FOUND') return { outcome: 'gone' };
    if (error.code === 'ERR_K8S_CONFLICT') return { outcome: isUidConflict(error) ? 'gone' : 'conflict' };
    throw error;
  }
}
