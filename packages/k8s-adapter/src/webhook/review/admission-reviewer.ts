import { reviewObject, slicesNeeded } from '@steelyard/config';
import type { KubeClient } from '../../client/kube-client.ts';
import type { AdmissionReviewer } from '../server/webhook-endpoints.ts';
import type { AdmissionRequest, AdmissionVerdict } from './admission-review.ts';
import { createSliceReader } from './reviewed-slices.ts';

export interface AdmissionReviewerOptions {
  readonly client: KubeClient;
  /** MetalLB's. */
  readonly namespace: string;
  /** `METALLB_BGP_TYPE`. */
  readonly bgpType?: string;
  /** `--parity=metallb`. */
  readonly parity?: boolean;
  /** For each list that a review needs; by default 4 s, so that two in a row fit into the API server's patience. */
  readonly listTimeoutMs?: number;
}

/** The object that is judged has to be there: what `admission.Decoder` says where it is not. */
function missingContent({ operation, object, oldObject }: AdmissionRequest): AdmissionVerdict | undefined {
  const content = operation === 'DELETE' ? oldObject : object;
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return undefined;
  return { allowed: false, code: 400, message: 'there is no content to decode' };
}

/**
 * Judges objects as MetalLB's webhooks do (metallb-behaviour 3.5), beside what the API server has at this moment. Where it
 * cannot be read, the object is not admitted: the answer is an error, with what is missing.
 */
export function createAdmissionReviewer(options: AdmissionReviewerOptions): AdmissionReviewer {
  const { client, namespace, bgpType, parity, listTimeoutMs } = options;
  const slices = createSliceReader({
    client,
    namespace,
    ...(listTimeoutMs === undefined ? {} : { timeoutMs: listTimeoutMs }),
  });
  return async ({ kind }, request) => {
    const missing = missingContent(request);
    if (missing !== undefined) return missing;
    const { operation, object, oldObject } = request;
    return reviewObject({
      kind,
      operation,
      object,
      oldObject,
      namespace,
      existing: await slices.read(slicesNeeded(kind, operation)),
      ...(bgpType === undefined ? {} : { bgpType }),
      ...(parity === undefined ? {} : { parity }),
    });
  };
}
