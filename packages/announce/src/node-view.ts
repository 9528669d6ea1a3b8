import { canonicalAddress } from '@steelyard/config';
import { labelsOf, listOr, objectOr, textOr } from './untrusted.ts';

/** What a speaker keeps of a Node. */
export interface NodeView {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** The condition `NetworkUnavailable` is "True". No other condition counts, nor do taints. */
  readonly networkUnavailable: boolean;
  /** The label `node.kubernetes.io/exclude-from-external-load-balancers` is there, whatever its value. */
  readonly excludedFromLoadBalancers: boolean;
  /** The IP addresses in `status.addresses`, in canonical text. */
  readonly addresses: readonly string[];
}

const EXCLUDE_LABEL = 'node.kubernetes.io/exclude-from-external-load-balancers';

/**
 * Reduces a Node as the API server sends it.
 *
 * @returns `undefined` if it is no Node that has a name.
 */
export function projectNode(object: unknown): NodeView | undefined {
  const { metadata, status } = objectOr(object);
  const { name, labels: written } = objectOr(metadata);
  const { conditions, addresses } = objectOr(status);
  if (textOr(name) === '') {
    return undefined;
  }
  const labels = labelsOf(written);
  return {
    name: textOr(name),
    labels,
    networkUnavailable: listOr(conditions)
      .map(objectOr)
      .some(({ type, status: value }) => type === 'NetworkUnavailable' && value === 'True'),
    excludedFromLoadBalancers: labels.has(EXCLUDE_LABEL),
    addresses: listOr(addresses).flatMap((entry) => canonicalAddress(textOr(objectOr(entry)['address'])) ?? []),
  };
}

/** Whether two views lead to the same decisions: a heartbeat changes a Node object, and nothing here. */
export function sameNode(a: NodeView, b: NodeView): boolean {
  return (
    a.networkUnavailable === b.networkUnavailable &&
    a.excludedFromLoadBalancers === b.excludedFromLoadBalancers &&
    a.labels.size === b.labels.size &&
    [...a.labels].every(([key, value]) => b.labels.get(key) === value) &&
    a.addresses.length === b.addresses.length &&
    a.addresses.every((address, i) => b.addresses[i] === address)
  );
}
