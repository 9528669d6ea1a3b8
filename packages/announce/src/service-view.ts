import { canonicalAddress } from '@steelyard/config';
import { labelsOf, listOr, objectOr, textOr } from './untrusted.ts';

/** What a speaker keeps of a Service: all that its announcement depends on, and nothing else. */
export interface ServiceAnnouncementView {
  /** `namespace/name`. */
  readonly key: string;
  readonly type: string;
  /** Empty where the Service names none. */
  readonly loadBalancerClass: string;
  readonly labels: ReadonlyMap<string, string>;
  /** `status.loadBalancer.ingress[].ip` in its order and in canonical text; empty where there is no valid address. */
  readonly addresses: readonly string[];
  /** `externalTrafficPolicy: Local`: only nodes with an endpoint may announce it. */
  readonly localTraffic: boolean;
  /** It carries an annotation `allow-shared-ip`, of either prefix and with any value. */
  readonly sharesAddress: boolean;
  /** The pool that the controller noted, if any. */
  readonly allocatedFrom: string | undefined;
}

const ALLOW_SHARED_IP = ['metallb.io/allow-shared-ip', 'metallb.universe.tf/allow-shared-ip'];
const IP_ALLOCATED_FROM_POOL = 'metallb.io/ip-allocated-from-pool';

/**
 * Reduces a Service as the API server sends it. A field of the wrong type counts as absent.
 *
 * @returns `undefined` if it is no Service that has a name.
 */
export function projectServiceForAnnouncement(object: unknown): ServiceAnnouncementView | undefined {
  const { metadata, spec, status } = objectOr(object);
  const { namespace, name, labels, annotations: written } = objectOr(metadata);
  const { type, loadBalancerClass, externalTrafficPolicy } = objectOr(spec);
  const { ingress } = objectOr(objectOr(status)['loadBalancer']);
  if (textOr(name) === '') {
    return undefined;
  }
  const annotations = labelsOf(written);
  return {
    key: `${textOr(namespace)}/${textOr(name)}`,
    type: textOr(type),
    loadBalancerClass: textOr(loadBalancerClass),
    labels: labelsOf(labels),
    addresses: listOr(ingress).map((entry) => canonicalAddress(textOr(objectOr(entry)['ip'])) ?? ''),
    localTraffic: externalTrafficPolicy === 'Local',
    sharesAddress: ALLOW_SHARED_IP.some((annotation) => annotations.has(annotation)),
    allocatedFrom: annotations.get(IP_ALLOCATED_FROM_POOL),
  };
}
