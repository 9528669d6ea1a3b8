import type { NodeView } from '../configuration-input.ts';

/** The kinds that MetalLB's webhooks review. */
export type AdmissionKind =
  | 'IPAddressPool'
  | 'L2Advertisement'
  | 'BGPAdvertisement'
  | 'BGPPeer'
  | 'BFDProfile'
  | 'Community';

/** What the API server asks about, in its words. */
export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What exists beside the object under review, in MetalLB's namespace; Nodes of the cluster. */
export interface AdmissionSlices {
  readonly ipAddressPools?: readonly unknown[];
  readonly l2Advertisements?: readonly unknown[];
  readonly bgpAdvertisements?: readonly unknown[];
  /** v1beta2. */
  readonly bgpPeers?: readonly unknown[];
  readonly communities?: readonly unknown[];
  readonly nodes?: readonly NodeView[];
}

/** One of them. */
export type AdmissionSlice = keyof AdmissionSlices;

/** A kind's own list, and the lists that it is judged with. */
interface AdmissionView {
  readonly own?: Exclude<AdmissionSlice, 'nodes'>;
  readonly others: readonly AdmissionSlice[];
}

const VIEWS: Readonly<Record<AdmissionKind, AdmissionView>> = {
  IPAddressPool: { own: 'ipAddressPools', others: [] },
  L2Advertisement: { own: 'l2Advertisements', others: ['ipAddressPools'] },
  BGPAdvertisement: { own: 'bgpAdvertisements', others: ['ipAddressPools', 'nodes'] },
  BGPPeer: { own: 'bgpPeers', others: ['nodes'] },
  BFDProfile: { others: [] },
  Community: { own: 'communities', others: [] },
};

/** The list that objects of a kind stand in; a BFDProfile is judged by itself. */
export function ownSlice(kind: AdmissionKind): Exclude<AdmissionSlice, 'nodes'> | undefined {
  return VIEWS[kind].own;
}

/**
 * The lists that `reviewObject` needs for a kind. Each kind sees its own part of the world: an object may only be judged
 * by what is sure to be there before it.
 *
 * @param operation - Of a deletion only that of a BFDProfile looks at anything. Without it, what any operation needs.
 * @see MetalLB `internal/k8s/webhooks/webhookv1beta1`, `webhookv1beta2`
 */
export function slicesNeeded(kind: AdmissionKind, operation?: AdmissionOperation): readonly AdmissionSlice[] {
  const { own, others } = VIEWS[kind];
  const changed = [...(own === undefined ? [] : [own]), ...others];
  const deleted: readonly AdmissionSlice[] = kind === 'BFDProfile' ? ['bgpPeers'] : [];
  switch (operation) {
    case undefined:
      return [...changed, ...deleted];
    case 'CREATE':
    case 'UPDATE':
      return changed;
    case 'DELETE':
      return deleted;
    case 'CONNECT':
      return [];
  }
}
