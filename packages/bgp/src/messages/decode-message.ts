import { decodeUpdate } from '../update/decode-update.ts';
import { type BgpDecoded, refused } from './decode-failure.ts';
import { badLength, faultOfHeader, lengthOf, typeOf } from './framing/header.ts';
import { HEADER_LENGTH, MESSAGE_TYPE } from './framing/limits.ts';
import type { BgpMessage } from './message.ts';
import { decodeNotification } from './notification/notification.ts';
import { decodeOpen } from './open/decode-open.ts';
import { decodeRouteRefresh } from './route-refresh.ts';
import type { SessionContext } from './session-context.ts';

/**
 * Reads one message, from its marker to its end, as a `MessageFramer` yields it.
 *
 * @param octets - Kept by the path attributes of an UPDATE, which are views of it; by nothing else.
 * @param context - What the session has agreed on: `OPENING_SESSION` before both OPENs were read.
 * @returns The message, or what to tell the peer. Never throws.
 */
export function decodeMessage(octets: Uint8Array, context: SessionContext): BgpDecoded<BgpMessage> {
  if (octets.length < HEADER_LENGTH) {
    return refused(badLength(octets, 0, `a message has at least ${HEADER_LENGTH} octets, got ${octets.length}`));
  }
  const fault = faultOfHeader(octets, 0, context);
  if (fault !== undefined) return refused(fault);
  const length = lengthOf(octets, 0);
  if (length !== octets.length) {
    return refused(badLength(octets, 0, `the message has ${octets.length} octets, its length says ${length}`));
  }
  switch (typeOf(octets, 0)) {
    case MESSAGE_TYPE.open:
      return decodeOpen(octets);
    case MESSAGE_TYPE.update:
      return decodeUpdate(octets, HEADER_LENGTH, context);
    case MESSAGE_TYPE.notification:
      return decodeNotification(octets);
    case MESSAGE_TYPE.routeRefresh:
      return decodeRouteRefresh(octets);
    default: // the header was found good, so it is the one type that is left
      return { ok: true, value: { type: 'keepalive' } };
  }
}
