import type { UpdateMessage } from '../update/update-message.ts';
import type { AfiSafi } from './address-family.ts';
import type { Capability } from './capability.ts';

/** Any message of BGP-4. */
export type BgpMessage = OpenMessage | UpdateMessage | NotificationMessage | KeepaliveMessage | RouteRefreshMessage;

/** RFC 4271, section 4.2. */
export interface OpenMessage {
  readonly type: 'open';
  readonly version: number;
  /** The field My Autonomous System: AS_TRANS (23456) where the real number needs four octets. See `asnOf`. */
  readonly myAutonomousSystem: number;
  /** 0, or 3 to 65,535. */
  readonly holdTimeSeconds: number;
  /** In dotted decimal. */
  readonly bgpIdentifier: string;
  /** In the order in which they came, from all optional parameters. */
  readonly capabilities: readonly Capability[];
}

/** RFC 4271, section 4.5. */
export interface NotificationMessage {
  readonly type: 'notification';
  readonly errorCode: number;
  readonly errorSubcode: number;
  readonly data: Uint8Array;
}

/** RFC 4271, section 4.4. */
export interface KeepaliveMessage {
  readonly type: 'keepalive';
}

/** RFC 2918 and RFC 7313, section 3. */
export interface RouteRefreshMessage extends AfiSafi {
  readonly type: 'route-refresh';
  /** 0 a request, 1 BoRR, 2 EoRR; others are to be ignored. */
  readonly subtype: number;
}
