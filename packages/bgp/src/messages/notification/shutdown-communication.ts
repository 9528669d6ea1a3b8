import type { NotificationMessage } from '../message.ts';
import { CEASE, CEASE_SUBCODE } from './error-codes.ts';

/** RFC 9003, section 2: the length has one octet. */
const MAX_COMMUNICATION_LENGTH = 255;

/**
 * Writes what goes as data with Administrative Shutdown and Administrative Reset: RFC 9003, section 2.
 *
 * @param text - Beyond 255 octets of UTF-8 it is cut, between two characters. Half of a surrogate pair becomes U+FFFD.
 * @returns The length in one octet, and the text.
 */
export function shutdownCommunication(text: string): Uint8Array {
  const octets = new Uint8Array(1 + MAX_COMMUNICATION_LENGTH);
  // `encodeInto` writes whole characters only.
  const { written } = new TextEncoder().encodeInto(text, octets.subarray(1));
  octets[0] = written;
  return octets.subarray(0, 1 + written);
}

/**
 * Reads the text that came with Administrative Shutdown or Administrative Reset, also inside of a Hard Reset's data.
 *
 * Octets that are no UTF-8 become U+FFFD: RFC 9003, section 5, warns of them. The text is a stranger's: escape it before it
 * is shown, as `notificationText` does.
 *
 * @returns Undefined where there is none: other codes, no data, a length of 0 or one that goes beyond the data.
 */
export function shutdownCommunicationOf(
  notification: Pick<NotificationMessage, 'errorCode' | 'errorSubcode' | 'data'>,
): string | undefined {
  const { errorCode, errorSubcode, data } = notification;
  const carries =
    errorCode === CEASE &&
    (errorSubcode === CEASE_SUBCODE.administrativeShutdown || errorSubcode === CEASE_SUBCODE.administrativeReset);
  const length = data[0] ?? 0;
  if (!carries || length === 0 || 1 + length > data.length) return undefined;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(data.subarray(1, 1 + length));
}
