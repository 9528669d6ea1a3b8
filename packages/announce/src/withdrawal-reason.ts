import type { Layer2Decision } from './decide-layer2.ts';
import { decideForNode } from './layer2-entry.ts';

/**
 * Says why a node wants to announce an address no more: an entry that goes carries no reason.
 *
 * @param decision - What holds for the Service now; `undefined` where it is gone, or is no load balancer any more.
 * @returns A reason of `decideLayer2` or of `decideForNode`, or `serviceDeleted` or `loadBalancerIPChanged`, which are MetalLB's.
 * @see MetalLB `speaker/main.go`, `SetBalancer`
 */
export function withdrawalReason(decision: Layer2Decision | undefined, node: string, address: string): string {
  if (decision === undefined) return 'serviceDeleted';
  if (!decision.eligible) return decision.because;
  const own = decideForNode(decision, node);
  if (!own.candidate) return own.because;
  return decision.refusedAddresses.find((refused) => refused.address === address)?.because ?? 'loadBalancerIPChanged';
}
