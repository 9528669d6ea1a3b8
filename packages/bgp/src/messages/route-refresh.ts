import { createOctetWriter } from '@steelyard/wire';
import { type BgpDecoded, refused } from './decode-failure.ts';
import { createMessage } from './framing/header.ts';
import { HEADER_LENGTH, MESSAGE_TYPE } from './framing/limits.ts';
import type { RouteRefreshMessage } from './message.ts';

/** AFI, Message Subtype, SAFI: RFC 2918, section 3; RFC 7313, section 3.2. */
const BODY_LENGTH = 4;

/** Subtypes: RFC 7313, section 3.2. */
export const ROUTE_REFRESH_SUBTYPE = { request: 0, beginningOfRouteRefresh: 1, endOfRouteRefresh: 2 } as const;

/**
 * Writes a ROUTE-REFRESH: RFC 2918, section 3; RFC 7313, section 3.2.
 *
 * @throws RangeError for a number that does not fit.
 */
export function encodeRouteRefresh({ afi, safi, subtype }: Omit<RouteRefreshMessage, 'type'>): Uint8Array {
  const message = createMessage(MESSAGE_TYPE.routeRefresh, HEADER_LENGTH + BODY_LENGTH);
  message.set(createOctetWriter(BODY_LENGTH).uint16(afi).uint8(subtype).uint8(safi).finish(), HEADER_LENGTH);
  return message;
}

/**
 * Reads a ROUTE-REFRESH.
 *
 * Another length than 23 is refused for every subtype: RFC 7313, section 5, says so of BoRR and EoRR; a request is only
 * longer with RFC 5291's filters, which nobody sends who was not offered them.
 *
 * @param octets - The whole message, whose header was found good. Not kept.
 */
export function decodeRouteRefresh(octets: Uint8Array): BgpDecoded<RouteRefreshMessage> {
  if (octets.length !== HEADER_LENGTH + BODY_LENGTH) {
    return refused({
      code: 'ERR_BGP_ROUTE_REFRESH',
      scope: 'session',
      errorCode: 7, // ROUTE-REFRESH Message Error
      errorSubcode: 1, // Invalid Message Length
      data: octets.slice(),
      offset: 16,
      message: `a ROUTE-REFRESH has ${HEADER_LENGTH + BODY_LENGTH} octets, this one has ${octets.length}`,
    });
  }
  const view = new DataView(octets.buffer, octets.byteOffset + HEADER_LENGTH, BODY_LENGTH);
  return {
    ok: true,
    value: { type: 'route-refresh', afi: view.getUint16(0), subtype: view.getUint8(2), safi: view.getUint8(3) },
  };
}
