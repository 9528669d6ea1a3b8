import { isObject, objectOr, textOr, type UntrustedObject } from '../objects/untrusted.ts';
import { type ConversionOptions, convertBgpPeer } from './convert-bgp-peer.ts';

/** The answer to a `ConversionReview` of `apiextensions.k8s.io`. */
export interface ConversionReviewResponse {
  /** As in the request: v1 or v1beta1. */
  readonly apiVersion: string;
  readonly kind: 'ConversionReview';
  readonly response: {
    readonly uid: string;
    /** In the order of the request; none where one of them could not be converted. */
    readonly convertedObjects: readonly Readonly<Record<string, unknown>>[];
    readonly result: ConversionResult;
  };
}

/** What became of a conversion: the part of `metav1.Status` that is used. */
export interface ConversionResult {
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  /** 400 where what was asked is no review at all, and the HTTP answer has to say so, as MetalLB's does. */
  readonly code?: number;
}

const API_VERSION = 'apiextensions.k8s.io/v1';
/** MetalLB's CRDs ask for v1beta1, which differs in nothing that is used here. */
const API_VERSIONS: ReadonlySet<unknown> = new Set([API_VERSION, 'apiextensions.k8s.io/v1beta1']);

/**
 * Answers what the API server asks of a conversion webhook: `/convert` of MetalLB, for BGPPeer.
 *
 * @param review - The body of the request, from JSON; anything else is answered with a failure.
 */
export function convertReview(review: unknown, options: ConversionOptions = {}): ConversionReviewResponse {
  if (!isObject(review) || review['kind'] !== 'ConversionReview' || !API_VERSIONS.has(review['apiVersion'])) {
    return answer(API_VERSION, '', failed('no ConversionReview of apiextensions.k8s.io/v1 or v1beta1', 400));
  }
  const apiVersion = textOr(review['apiVersion']);
  const { request } = review;
  if (!isObject(request) || !Array.isArray(request['objects'])) {
    return answer(
      apiVersion,
      textOr(objectOr(request)['uid']),
      failed('the ConversionReview has no request with a list of objects', 400),
    );
  }
  const uid = textOr(request['uid']);
  const convertedObjects: UntrustedObject[] = [];
  for (const object of request['objects']) {
    const outcome = convertBgpPeer(object, textOr(request['desiredAPIVersion']), options);
    if (!outcome.ok) {
      return answer(apiVersion, uid, failed(outcome.message));
    }
    convertedObjects.push(outcome.object);
  }
  return answer(apiVersion, uid, { status: 'Success' }, convertedObjects);
}

function answer(
  apiVersion: string,
  uid: string,
  result: ConversionResult,
  convertedObjects: readonly UntrustedObject[] = [],
): ConversionReviewResponse {
  return { apiVersion, kind: 'ConversionReview', response: { uid, convertedObjects, result } };
}

function failed(message: string, code?: number): ConversionResult {
  return { status: 'Failure', message, ...(code !== undefined && { code }) };
}
