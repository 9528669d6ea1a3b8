import type { NotificationMessage } from '../message.ts';
import { CEASE, CEASE_SUBCODE } from './error-codes.ts';

/** What a NOTIFICATION says. */
export type NotificationContent = Omit<NotificationMessage, 'type'>;

/**
 * Makes a Hard Reset of a NOTIFICATION: after it the peer keeps no stale routes, whatever graceful restart says.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8538#section-3.1 | RFC 8538, section 3.1}
 */
export function hardReset({ errorCode, errorSubcode, data }: NotificationContent): NotificationMessage {
  const inner = new Uint8Array(2 + data.length);
  inner[0] = errorCode;
  inner[1] = errorSubcode;
  inner.set(data, 2);
  return { type: 'notification', errorCode: CEASE, errorSubcode: CEASE_SUBCODE.hardReset, data: inner };
}

/** The NOTIFICATION inside of a Hard Reset; undefined where it is none, or has nothing in it. */
export function hardResetReason(notification: NotificationContent): NotificationMessage | undefined {
  if (notification.errorCode !== CEASE || notification.errorSubcode !== CEASE_SUBCODE.hardReset) return undefined;
  const [errorCode, errorSubcode] = notification.data;
  if (errorCode === undefined || errorSubcode === undefined) return undefined;
  return { type: 'notification', errorCode, errorSubcode, data: notification.data.slice(2) };
}
