import { createHash } from 'node:crypto';
import type { LanHost } from './lan.ts';

/**
 * The owner that MetalLB elects among nodes that may all announce a Service: the one whose name and the Service's first
 * address have the smallest hash. Written apart from what is tested.
 *
 * @see MetalLB `speaker/layer2_controller.go`, `ShouldAnnounce`
 */
export function electedOwner(nodes: readonly LanHost[], firstAddress: string): LanHost {
  const hashOf = ({ name }: LanHost): string => createHash('sha256').update(`${name}#${firstAddress}`).digest('hex');
  const [owner] = nodes.toSorted((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1));
  if (owner === undefined) throw new RangeError('there is no node');
  return owner;
}
