import { type Decoded, decoded } from '@steelyard/wire';
import type { NetlinkDecodeCode, NetlinkMessage } from './netlink.ts';
import type { NetworkFact } from './network-table.ts';
import {
  AF_INET,
  decodeAddressMessage,
  decodeDefaultRoute,
  decodeLinkMessage,
  RTM_DELADDR,
  RTM_DELLINK,
  RTM_DELROUTE,
  RTM_NEWADDR,
  RTM_NEWLINK,
  RTM_NEWROUTE,
} from './rtnetlink.ts';

/** What a message states about the network; `undefined` if it is of no interest here. */
export function decodeFact(message: NetlinkMessage): Decoded<NetworkFact | undefined, NetlinkDecodeCode> {
  const { type, payload } = message;
  switch (type) {
    case RTM_NEWLINK:
    case RTM_DELLINK: {
      const link = decodeLinkMessage(payload);
      if (!link.ok || link.value === undefined) return link.ok ? decoded(undefined) : link;
      return decoded(
        type === RTM_NEWLINK ? { type: 'link', link: link.value } : { type: 'linkGone', index: link.value.index },
      );
    }
    case RTM_NEWADDR:
    case RTM_DELADDR: {
      const of = decodeAddressMessage(payload);
      if (!of.ok || of.value === undefined) return of.ok ? decoded(undefined) : of;
      return decoded({ type: type === RTM_NEWADDR ? 'address' : 'addressGone', of: of.value });
    }
    case RTM_NEWROUTE:
    case RTM_DELROUTE: {
      const gateways = decodeDefaultRoute(payload);
      if (!gateways.ok || gateways.value === undefined) return gateways.ok ? decoded(undefined) : gateways;
      return decoded({ type: 'defaultRoute', family: payload[0] === AF_INET ? 4 : 6, gateways: gateways.value });
    }
    default:
      return decoded(undefined);
  }
}
