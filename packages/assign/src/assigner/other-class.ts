import type { Ipam } from '@steelyard/ipam';
import { clear } from '../converge/converge.ts';
import type { Convergence } from '../converge/convergence.ts';
import { recordedAddresses } from '../converge/current-addresses.ts';
import { sameAddresses } from '../service/requested-addresses.ts';
import type { ServedService } from './served-service.ts';

/** A class that is not ours: what we gave is taken back, and what others wrote stays. */
export function letGo(entry: ServedService, ipam: Ipam): Convergence {
  const { view } = entry;
  const gave = ipam.allocationOf(view.key)?.addresses ?? entry.takingBack;
  const shown = recordedAddresses(view);
  const message = `its loadBalancerClass is ${JSON.stringify(view.loadBalancerClass)}`;
  const outcome = clear(view, ipam, { because: { code: 'OtherLoadBalancerClass', message } });
  const ours = gave.length > 0 && (shown.length === 0 || sameAddresses(gave, shown));
  entry.takingBack = ours && outcome.write !== undefined ? gave : [];
  return ours ? outcome : { ...outcome, write: undefined, events: [] };
}
