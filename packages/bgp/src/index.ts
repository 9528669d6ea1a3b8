/**
 * BGP-4 without I/O: messages, the state machine of RFC 4271, the Adj-RIB-Out.
 *
 * @packageDocumentation
 */
export type { PeerFsmConfig, PeerFsmEffect, PeerFsmEvent } from './fsm/vocabulary.ts';
export type { AddressFamily, AfiSafi } from './messages/address-family.ts';
export type { Capability } from './messages/capability.ts';
export type { BgpDecoded, BgpDecodeFailure } from './messages/decode-failure.ts';
export type { BgpMessage } from './messages/message.ts';
export type { SessionContext } from './messages/session-context.ts';
export type { AdjRibOut, RoutePatch } from './rib/vocabulary.ts';
export type { LargeCommunity, Route, RouteAttributes } from './update/route.ts';
