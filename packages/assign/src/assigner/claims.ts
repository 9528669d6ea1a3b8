import type { Ipam } from '@steelyard/ipam';
import { claimRecorded, recordedAddresses } from '../converge/current-addresses.ts';
import type { Habits } from '../converge/habits.ts';
import type { OrderedPools } from '../converge/pool-order.ts';
import { sameAddresses } from '../service/requested-addresses.ts';
import { byAge } from '../service/service-view.ts';
import type { ServedService } from './served-service.ts';

/** What an assigner's claims depend on. */
export interface ClaimContext {
  readonly ipam: Ipam;
  readonly habits: Habits;
  readonly loadBalancerClass: string;
}

/** The order in which holders are judged: of two that show one address the first keeps it. */
export function inOrderOfClaims(services: Iterable<ServedService>, habits: Habits): ServedService[] {
  return [...services].sort((a, b) =>
    habits.olderHolderStays ? byAge(a.view, b.view) : b.view.ingress.length - a.view.ingress.length,
  );
}

/** Claims for Services what their statuses show. Nobody loses what he has in our books. */
export function claimAll(inOrder: readonly ServedService[], pools: OrderedPools, context: ClaimContext): void {
  const { ipam, habits, loadBalancerClass } = context;
  for (const { view } of inOrder) {
    if (view.loadBalancerClass === loadBalancerClass) {
      claimRecorded(view, ipam, pools, habits);
    }
  }
}

/** Keeps the books by what statuses show, while another controller decides. */
export interface Bookkeeper {
  /** A Service is another than it was, or new. */
  follow(served: ServedService, pools: OrderedPools): void;
  /** A Service is gone. */
  forget(key: string, pools: OrderedPools): void;
  /** Everything may be another than it was; what no status shows is dropped. */
  followAll(inOrder: readonly ServedService[], pools: OrderedPools): void;
}

/** Creates a bookkeeper. */
export function createBookkeeper(context: ClaimContext): Bookkeeper {
  const { ipam } = context;
  /** Those who show what another has: it is theirs when he gives it up. */
  const contested = new Map<string, ServedService>();

  function claim(served: ServedService, pools: OrderedPools): void {
    const { view } = served;
    claimAll([served], pools, context);
    const others = recordedAddresses(view).some((address) => ipam.holdersOf(address).length > 0);
    if (ipam.allocationOf(view.key) === undefined && others) {
      contested.set(view.key, served);
    } else {
      contested.delete(view.key);
    }
  }

  function claimContested(pools: OrderedPools): void {
    for (const served of [...contested.values()]) {
      claim(served, pools);
    }
  }

  return {
    follow(served, pools) {
      contested.delete(served.view.key);
      ipam.release(served.view.key);
      claim(served, pools);
      claimContested(pools);
    },
    forget(key, pools) {
      contested.delete(key);
      ipam.release(key);
      claimContested(pools);
    },
    followAll(inOrder, pools) {
      contested.clear();
      for (const { view } of inOrder) {
        const held = ipam.allocationOf(view.key)?.addresses ?? [];
        if (!sameAddresses(held, recordedAddresses(view))) {
          ipam.release(view.key);
        }
      }
      for (const served of inOrder) {
        claim(served, pools);
      }
    },
  };
}
