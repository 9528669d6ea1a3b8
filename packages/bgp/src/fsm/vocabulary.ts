import type { Capability } from '../messages/capability.ts';
import type { BgpDecodeFailure } from '../messages/decode-failure.ts';
import type { BgpMessage, KeepaliveMessage, NotificationMessage, OpenMessage } from '../messages/message.ts';
import type { SessionContext } from '../messages/session-context.ts';

/** RFC 4271, section 8.2.2. */
export type FsmStateName = 'Idle' | 'Connect' | 'Active' | 'OpenSent' | 'OpenConfirm' | 'Established';

/**
 * Names one TCP connection to the peer: RFC 4271 has a state machine for each, and collision detection between them.
 *
 * The machine counts those that it asks for from 1. The door numbers those that the peer has made, each once, and beyond
 * any count: from 2 ** 40.
 */
export type ConnectionId = number;

/** How one peer is spoken to. Times are those of RFC 4271, section 8.1, and of RFC 9687. */
export interface PeerFsmConfig {
  /** The AS number that the peer is shown. */
  readonly localAsn: number;
  /** In dotted decimal; not 0.0.0.0: RFC 6286. */
  readonly bgpIdentifier: string;
  /** The number, or any that makes an internal or an external peer of it. */
  readonly peerAsn: number | 'internal' | 'external';
  /** Offered; 0 for none, else at least 3. */
  readonly holdTimeSeconds: number;
  /** Default: a third of the negotiated hold time; never more than that. */
  readonly keepaliveTimeMs?: number | undefined;
  readonly connectRetryTimeMs: number;
  /** Wait for the peer's OPEN so long before the own one is sent; undefined: do not. */
  readonly delayOpenTimeMs?: number | undefined;
  /** The first pause after a session that failed; doubled for each further one. */
  readonly idleHoldTimeMs: number;
  readonly maxIdleHoldTimeMs: number;
  /** RFC 4271, section 8.2.2: "a large value", four minutes. */
  readonly openHoldTimeMs: number;
  /** RFC 9687; undefined: the larger of eight minutes and twice the hold time. */
  readonly sendHoldTimeMs?: number | undefined;
  /** Never connect: PassiveTcpEstablishment. */
  readonly passive: boolean;
  /**
   * RFC 4271, section 8.1.1, CollisionDetectEstablishedState: a new connection of the peer may replace an established one.
   * Default false: the new one is refused.
   */
  readonly collisionDetectEstablishedState?: boolean | undefined;
  /**
   * Offered, in this order. After a peer refuses them, fewer are offered: for an hour, or until this is another array.
   */
  readonly capabilities: readonly Capability[];
  /** A number from 0 (included) to 1 (excluded), for jitter: passed in, for the core has no randomness. */
  random(): number;
}

/** What a session has agreed on. */
export interface NegotiatedSession {
  readonly connection: ConnectionId;
  readonly peerAsn: number;
  readonly peerIdentifier: string;
  readonly internal: boolean;
  /** In force: the smaller of both; 0 for none. */
  readonly holdTimeSeconds: number;
  readonly keepaliveTimeMs: number;
  readonly localCapabilities: readonly Capability[];
  readonly peerCapabilities: readonly Capability[];
  readonly context: SessionContext;
  /** The peer answers to, and asks with, ROUTE-REFRESH; enhanced by RFC 7313. */
  readonly routeRefresh: boolean;
  readonly enhancedRouteRefresh: boolean;
}

/** Why a session, or an attempt at one, ended. */
export type SessionEnd =
  | { readonly type: 'notificationReceived'; readonly notification: NotificationMessage; readonly text: string }
  | { readonly type: 'notificationSent'; readonly notification: NotificationMessage; readonly text: string }
  | { readonly type: 'connectFailed'; readonly error: string; readonly systemCode: string | undefined }
  | { readonly type: 'connectTimedOut' }
  | {
      readonly type: 'connectionClosed';
      /** Nothing of BGP came before it: perhaps nobody is configured for this address there. */
      readonly beforeOpen: boolean;
      readonly error: string | undefined;
    }
  /** Another connection to the same peer stays: RFC 4271, section 6.8. */
  | { readonly type: 'collision' }
  | { readonly type: 'stopped' };

/** Why a peer is stopped, which decides about the NOTIFICATION: RFC 4486, RFC 8538. */
export interface StopReason {
  /** RFC 4486: 2 Administrative Shutdown, 3 Peer De-configured, 4 Administrative Reset, 6 Other Configuration Change. */
  readonly ceaseSubcode: number;
  /** RFC 9003: at most 255 octets of UTF-8. */
  readonly communication?: string | undefined;
}

/** What happens to a peer. Every event carries the time, in milliseconds of any monotonic clock. */
export type PeerFsmEvent = { readonly nowMs: number } /** Event 1. */ & (
  | { readonly type: 'ManualStart' }
  /** Event 2. The NOTIFICATION goes out where the state asks for one. */
  | { readonly type: 'ManualStop'; readonly reason: StopReason }
  /** Event 8: the session ends for a reason of our own, such as BFD's, and another is begun after the IdleHoldTimer. */
  | { readonly type: 'AutomaticStop'; readonly reason: StopReason }
  /** The time of `wakeAtMs` has come: events 9 to 13 and RFC 9687's 29, whichever are due. Too early is harmless. */
  | { readonly type: 'TimerExpires' }
  /** Event 16: a connection that `connect` asked for. */
  | { readonly type: 'TcpConnectionAcked'; readonly connection: ConnectionId }
  /** Event 17: the peer has connected; the door has chosen the number. */
  | { readonly type: 'TcpConnectionConfirmed'; readonly connection: ConnectionId }
  /** Event 18: it could not be made, or it is gone. No `close` answers it. */
  | {
      readonly type: 'TcpConnectionFails';
      readonly connection: ConnectionId;
      readonly error?: string | undefined;
      /** `ECONNREFUSED` and the like. */
      readonly systemCode?: string | undefined;
    }
  /** Events 19 and 24 to 27. */
  | { readonly type: 'MessageReceived'; readonly connection: ConnectionId; readonly message: BgpMessage }
  /** Events 21, 22 and 28: octets that end the session. */
  | { readonly type: 'MessageFailed'; readonly connection: ConnectionId; readonly failure: BgpDecodeFailure }
  /**
   * The socket took octets, or has nothing to take: stops RFC 9687's SendHoldTimer. Where octets are still left, another
   * `SendBlocked` follows.
   */
  | { readonly type: 'SendProgress'; readonly connection: ConnectionId }
  /** There are octets that the socket does not take: SendHoldTimer runs from here, if it does not yet. */
  | { readonly type: 'SendBlocked'; readonly connection: ConnectionId }
);

/** What the door must do now, in this order. */
export type PeerFsmEffect =
  /** Begin a TCP connection under this number. */
  | { readonly type: 'connect'; readonly connection: ConnectionId }
  | {
      readonly type: 'send';
      readonly connection: ConnectionId;
      readonly message: OpenMessage | KeepaliveMessage | NotificationMessage;
    }
  /** End it, after what was sent has left; at once where `abort`. No event about it is awaited any more. */
  | { readonly type: 'close'; readonly connection: ConnectionId; readonly abort: boolean }
  /** Read messages with this context from now on. */
  | { readonly type: 'negotiated'; readonly session: NegotiatedSession }
  /** Established: routes may go. */
  | { readonly type: 'established'; readonly session: NegotiatedSession }
  /** Established no more. */
  | { readonly type: 'sessionDown'; readonly connection: ConnectionId; readonly end: SessionEnd }
  /** An attempt ended before it was established. */
  | { readonly type: 'attemptFailed'; readonly end: SessionEnd }
  /** An UPDATE or ROUTE-REFRESH of an established session: the door's, or the user's. */
  | { readonly type: 'deliver'; readonly connection: ConnectionId; readonly message: BgpMessage }
  /** The state of the peer as a whole: of the connection that is furthest. */
  | { readonly type: 'stateChanged'; readonly from: FsmStateName; readonly to: FsmStateName }
  /** Fewer capabilities are offered from now on, because the peer refused more. */
  | { readonly type: 'capabilitiesReduced'; readonly offered: readonly Capability[] };
