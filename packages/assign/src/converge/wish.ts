import type { Families } from '@steelyard/ipam';

/** Which families a Service lacks; `either` is one address of whichever can be had. */
export type Need = Families | 'either';

/** What would help a Service that got less than it wants: one of these coming free. */
export type Wish =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  | { readonly kind: 'pool'; readonly need: Need; readonly pool: string }
  /** A general pool, or one of the pinned ones that admit it. */
  | { readonly kind: 'any'; readonly need: Need; readonly pinned: readonly string[] };

/** What meets a need, any one of these. */
export const MEETING: Readonly<Record<Need, readonly Families[]>> = {
  ipv4: ['ipv4'],
  ipv6: ['ipv6'],
  dual: ['dual'],
  either: ['ipv4', 'ipv6'],
};
