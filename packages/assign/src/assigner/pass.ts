import type { Ipam } from '@steelyard/ipam';
import { recordedAddresses } from '../converge/current-addresses.ts';
import type { ServedService } from './served-service.ts';

/**
 * Looks at many Services in an order in which nobody is given what another has or had: first those who have something,
 * then those who can have again what they had, then those who had something, then all others.
 *
 * @param canGiveBack - Whether a Service could be given these addresses, which it had, now.
 */
export function passOver(
  inOrder: readonly ServedService[],
  ipam: Ipam,
  look: (entry: ServedService) => void,
  canGiveBack: (entry: ServedService, had: readonly string[]) => boolean,
): void {
  const holds = (entry: ServedService) => ipam.allocationOf(entry.view.key) !== undefined;
  const had = (entry: ServedService) => entry.memories.length > 0 || recordedAddresses(entry.view).length > 0;
  const mayTopUp = ({ view }: ServedService) =>
    view.ipFamilyPolicy === 'PreferDualStack' && ipam.allocationOf(view.key)?.addresses.length === 1;
  const holders = inOrder.filter(holds);
  const toTopUp = holders.filter(mayTopUp);
  const others = inOrder.filter((entry) => !holds(entry));
  const newcomers = others.filter((entry) => !had(entry));
  for (const entry of holders.filter((holder) => !mayTopUp(holder))) {
    look(entry);
  }
  let losers = others.filter(had);
  // What one had last goes before what another had earlier: that one has lost it since, or given it up.
  for (let depth = 0; losers.some(({ memories }) => memories.length > depth); depth++) {
    losers = losers.filter((entry) => {
      const memory = entry.memories[depth];
      const goesBack = memory !== undefined && canGiveBack(entry, memory);
      if (goesBack) {
        look(entry);
      }
      return !goesBack;
    });
  }
  for (const entry of [...toTopUp, ...losers, ...newcomers]) {
    look(entry);
  }
}
