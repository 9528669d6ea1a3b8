import { encodeKeepalive } from './keepalive.ts';
import type { KeepaliveMessage, NotificationMessage, OpenMessage, RouteRefreshMessage } from './message.ts';
import { encodeNotification } from './notification/notification.ts';
import { encodeOpen } from './open/encode-open.ts';
import { encodeRouteRefresh } from './route-refresh.ts';

/**
 * Writes any message but an UPDATE, which needs to know the session: `packAnnouncements` and `packWithdrawals`.
 *
 * @throws RangeError or TypeError for what does not fit into the message, as its own encoder says.
 */
export function encodeMessage(
  message: OpenMessage | NotificationMessage | KeepaliveMessage | RouteRefreshMessage,
): Uint8Array {
  switch (message.type) {
    case 'open':
      return encodeOpen(message);
    case 'notification':
      return encodeNotification(message);
    case 'keepalive':
      return encodeKeepalive();
    case 'route-refresh':
      return encodeRouteRefresh(message);
  }
}
