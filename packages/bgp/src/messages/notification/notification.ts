import { type BgpDecoded, refused } from '../decode-failure.ts';
import { createMessage } from '../framing/header.ts';
import {
  HEADER_LENGTH,
  MAX_NOTIFICATION_DATA_LENGTH,
  MESSAGE_TYPE,
  MIN_NOTIFICATION_LENGTH,
} from '../framing/limits.ts';
import type { NotificationMessage } from '../message.ts';

function unsigned8(value: number, what: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 255) throw new RangeError(`not ${what} from 0 to 255: ${value}`);
  return value;
}

/**
 * Writes a NOTIFICATION: RFC 4271, section 4.5.
 *
 * It never has more than 4,096 octets, for it must be readable by whom it tells that something is wrong: data that does
 * not fit is cut.
 *
 * @throws RangeError for a code or subcode that is not one octet.
 */
export function encodeNotification(notification: Omit<NotificationMessage, 'type'>): Uint8Array {
  const data = notification.data.subarray(0, MAX_NOTIFICATION_DATA_LENGTH);
  const octets = createMessage(MESSAGE_TYPE.notification, MIN_NOTIFICATION_LENGTH + data.length);
  octets[HEADER_LENGTH] = unsigned8(notification.errorCode, 'an error code');
  octets[HEADER_LENGTH + 1] = unsigned8(notification.errorSubcode, 'an error subcode');
  octets.set(data, MIN_NOTIFICATION_LENGTH);
  return octets;
}

/**
 * Reads a NOTIFICATION. Codes that nobody knows are none the worse: RFC 4271, section 6.4, leaves nothing to answer.
 *
 * @param octets - The whole message, whose header was found good. Not kept.
 */
export function decodeNotification(octets: Uint8Array): BgpDecoded<NotificationMessage> {
  const [errorCode, errorSubcode] = octets.subarray(HEADER_LENGTH);
  if (errorCode === undefined || errorSubcode === undefined) {
    return refused({
      code: 'ERR_BGP_NOTIFICATION',
      scope: 'session',
      errorCode: 1,
      errorSubcode: 2,
      data: octets.slice(16, 18),
      offset: octets.length,
      message: `a NOTIFICATION has at least ${MIN_NOTIFICATION_LENGTH} octets, got ${octets.length}`,
    });
  }
  const data = octets.slice(MIN_NOTIFICATION_LENGTH);
  return { ok: true, value: { type: 'notification', errorCode, errorSubcode, data } };
}
