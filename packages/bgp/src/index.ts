/**
 * BGP-4 without I/O: messages, the state machine of RFC 4271, the Adj-RIB-Out.
 *
 * @packageDocumentation
 */
export { initialPeerFsm, type PeerFsmState, type PeerFsmStep, stateOf, stepPeerFsm } from './fsm/step.ts';
export type {
  ConnectionId,
  FsmStateName,
  NegotiatedSession,
  PeerFsmConfig,
  PeerFsmEffect,
  PeerFsmEvent,
  SessionEnd,
  StopReason,
} from './fsm/vocabulary.ts';
export { type AddressFamily, type AfiSafi, addressFamilyOf, afiSafiOf } from './messages/address-family.ts';
export type { Capability } from './messages/capability.ts';
export type { BgpDecodeCode, BgpDecoded, BgpDecodeFailure, FailureScope } from './messages/decode-failure.ts';
export { decodeMessage } from './messages/decode-message.ts';
export { encodeMessage } from './messages/encode-message.ts';
export { explainMessage } from './messages/explain/explain-message.ts';
export type { ExplainedField } from './messages/explain/explained-field.ts';
export { createMessageFramer, type FramingContext, type MessageFramer } from './messages/framing/message-framer.ts';
export { encodeKeepalive } from './messages/keepalive.ts';
export type {
  BgpMessage,
  KeepaliveMessage,
  NotificationMessage,
  OpenMessage,
  RouteRefreshMessage,
} from './messages/message.ts';
export { CEASE, CEASE_SUBCODE } from './messages/notification/error-codes.ts';
export { hardReset, hardResetReason, type NotificationContent } from './messages/notification/hard-reset.ts';
export { encodeNotification } from './messages/notification/notification.ts';
export { notificationText } from './messages/notification/notification-text.ts';
export { shutdownCommunication, shutdownCommunicationOf } from './messages/notification/shutdown-communication.ts';
export { AS_TRANS, asnOf, myAutonomousSystemOf } from './messages/open/autonomous-system.ts';
export { encodeOpen } from './messages/open/encode-open.ts';
export { encodeRouteRefresh, ROUTE_REFRESH_SUBTYPE } from './messages/route-refresh.ts';
export { OPENING_SESSION, type SessionContext } from './messages/session-context.ts';
export { createAdjRibOut } from './rib/adj-rib-out.ts';
export type { AdjRibOut, RoutePatch } from './rib/vocabulary.ts';
export type { AsPathSegment } from './update/attributes/as-path.ts';
export { aggregatorOf, asPathOf } from './update/attributes/as-path-of.ts';
export { communityText } from './update/attributes/community.ts';
export type { Aggregator, PathAttribute } from './update/attributes/path-attribute.ts';
export { readPathAttribute } from './update/attributes/read-path-attribute.ts';
export { attributeName } from './update/attributes/registry.ts';
export { decodeUpdate } from './update/decode-update.ts';
export { encodeUpdate, type UpdateContent } from './update/encode/encode-update.ts';
export { type PackedAnnouncements, packAnnouncements, packWithdrawals } from './update/encode/pack.ts';
export { encodePathAttributes } from './update/encode/path-attributes.ts';
export { endOfRib } from './update/encode/update-layout.ts';
export type { AdvertisementContext, LargeCommunity, Route, RouteAttributes } from './update/route.ts';
export type { RawPathAttribute, UpdateMessage, UpdatePrefixes } from './update/update-message.ts';
