import type { AdmissionOperation, AdmissionRequest } from '../review/admission-review.ts';

/** A kind that has a validating webhook. */
export interface ReviewedKind {
  readonly kind: 'IPAddressPool' | 'L2Advertisement' | 'BGPAdvertisement' | 'BGPPeer' | 'BFDProfile' | 'Community';
  readonly version: 'v1beta1' | 'v1beta2';
  /** What MetalLB's webhook configuration asks about; whatever else comes is allowed. */
  readonly operations: readonly AdmissionOperation[];
}

const CREATE_UPDATE = ['CREATE', 'UPDATE'] as const;

const REVIEWED_KINDS: readonly ReviewedKind[] = [
  { kind: 'BGPPeer', version: 'v1beta2', operations: CREATE_UPDATE },
  { kind: 'IPAddressPool', version: 'v1beta1', operations: CREATE_UPDATE },
  { kind: 'BGPAdvertisement', version: 'v1beta1', operations: CREATE_UPDATE },
  { kind: 'L2Advertisement', version: 'v1beta1', operations: CREATE_UPDATE },
  { kind: 'Community', version: 'v1beta1', operations: CREATE_UPDATE },
  { kind: 'BFDProfile', version: 'v1beta1', operations: ['CREATE', 'DELETE'] },
];

/** Path → what is reviewed there: `config/webhook/manifests.yaml` of MetalLB. */
export const VALIDATING_WEBHOOK_PATHS: ReadonlyMap<string, ReviewedKind> = new Map(
  REVIEWED_KINDS.map((reviewed) => [
    `/validate-metallb-io-${reviewed.version}-${reviewed.kind.toLowerCase()}`,
    reviewed,
  ]),
);

/** Of the CustomResourceDefinition `bgppeers.metallb.io`. */
export const CONVERSION_WEBHOOK_PATH = '/convert';

/** What is said about an object of another kind, undefined when it is the right one: a webhook configuration may name the wrong path. */
export function wrongKind(reviewed: ReviewedKind, { kind }: AdmissionRequest): string | undefined {
  if (kind.group === 'metallb.io' && kind.version === reviewed.version && kind.kind === reviewed.kind) return undefined;
  const asked = JSON.stringify(`${kind.group}/${kind.version} ${kind.kind}`.slice(0, 200));
  return `metallb.io/${reviewed.version} ${reviewed.kind} is reviewed here, not ${asked}`;
}
