import type { BgpMessage, NotificationMessage } from '../messages/message.ts';
import { CEASE, CEASE_SUBCODE } from '../messages/notification/error-codes.ts';
import { shutdownCommunication } from '../messages/notification/shutdown-communication.ts';
import type { ConnectionState } from './peer-state.ts';
import type { StopReason } from './vocabulary.ts';

const NO_DATA = new Uint8Array(0);

/** The NOTIFICATIONs that the state machine itself has reason for: RFC 4271, section 6. */
export function notification(errorCode: number, errorSubcode: number, data: Uint8Array = NO_DATA): NotificationMessage {
  return { type: 'notification', errorCode, errorSubcode, data };
}

/** RFC 4271, section 6.5. */
export const HOLD_TIMER_EXPIRED: NotificationMessage = notification(4, 0);

/** RFC 9687, section 3.3. */
export const SEND_HOLD_TIMER_EXPIRED: NotificationMessage = notification(8, 0);

/** RFC 4271, section 6.8; RFC 4486, section 4. */
export const CONNECTION_COLLISION_RESOLUTION: NotificationMessage = notification(
  CEASE,
  CEASE_SUBCODE.connectionCollisionResolution,
);

/** RFC 4486, section 4: the peer is not wanted, or not now. */
export const CONNECTION_REJECTED: NotificationMessage = notification(CEASE, CEASE_SUBCODE.connectionRejected);

/** RFC 4486, section 4: it has too many connections. */
export const OUT_OF_RESOURCES: NotificationMessage = notification(CEASE, CEASE_SUBCODE.outOfResources);

/** RFC 4271, section 4.1; RFC 2918. */
const MESSAGE_TYPES: Readonly<Record<BgpMessage['type'], number>> = {
  open: 1,
  update: 2,
  notification: 3,
  keepalive: 4,
  'route-refresh': 5,
};

/** RFC 6608, section 3: the state in which it came, and the type of what was not expected there. */
export function finiteStateMachineError(
  { stage }: ConnectionState,
  unexpected: BgpMessage['type'] | undefined,
): NotificationMessage {
  const subcode = stage === 'openSent' ? 1 : stage === 'openConfirm' ? 2 : stage === 'established' ? 3 : 0;
  return notification(5, subcode, unexpected === undefined ? NO_DATA : Uint8Array.of(MESSAGE_TYPES[unexpected]));
}

/** RFC 4486; the text of RFC 9003 goes with Administrative Shutdown and Administrative Reset only. */
export function cease({ ceaseSubcode, communication }: StopReason): NotificationMessage {
  const carriesText =
    ceaseSubcode === CEASE_SUBCODE.administrativeShutdown || ceaseSubcode === CEASE_SUBCODE.administrativeReset;
  if (communication === undefined || communication === '' || !carriesText) return notification(CEASE, ceaseSubcode);
  return notification(CEASE, ceaseSubcode, shutdownCommunication(communication));
}

/** The peer prefers another connection: RFC 4486, section 4. */
export function isCollision({ errorCode, errorSubcode }: NotificationMessage): boolean {
  return errorCode === CEASE && errorSubcode === CEASE_SUBCODE.connectionCollisionResolution;
}
