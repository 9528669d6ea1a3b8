import type { Capability } from '../messages/capability.ts';
import type { OpenMessage } from '../messages/message.ts';
import type { ConnectionId, FsmStateName, NegotiatedSession } from './vocabulary.ts';

interface ConnectionCommon {
  readonly id: ConnectionId;
  /** The peer has made it. */
  readonly incoming: boolean;
  /** When it came into its state. */
  readonly sinceMs: number;
}

/** The peer was called, and has not answered. */
export interface ConnectingConnection extends ConnectionCommon {
  readonly stage: 'connecting';
}

/** TCP stands; the peer's OPEN is waited for before the own one is sent: RFC 4271, section 8.1.1, DelayOpen. */
export interface DelayingConnection extends ConnectionCommon {
  readonly stage: 'delaying';
  /** That of the configuration when TCP stood: it may depend on the connection's own address. */
  readonly bgpIdentifier: string;
  /** DelayOpenTimer. */
  readonly delayOpenAtMs: number;
  readonly sendBlockedSinceMs: number | undefined;
}

/** The own OPEN is sent. */
export interface OpenSentConnection extends ConnectionCommon {
  readonly stage: 'openSent';
  readonly localOpen: OpenMessage;
  /** HoldTimer, at its large value. */
  readonly holdAtMs: number;
  readonly sendBlockedSinceMs: number | undefined;
}

/** Both OPENs were found good. */
export interface AgreedConnection extends ConnectionCommon {
  /** OpenConfirm, and Established. */
  readonly stage: 'openConfirm' | 'established';
  readonly localOpen: OpenMessage;
  readonly session: NegotiatedSession;
  /** HoldTimer; undefined with a hold time of 0. */
  readonly holdAtMs: number | undefined;
  /** KeepaliveTimer; undefined with a hold time of 0. */
  readonly keepaliveAtMs: number | undefined;
  /** SendHoldTimer (RFC 9687) runs from here. */
  readonly sendBlockedSinceMs: number | undefined;
}

/** RFC 4271's state machine of one connection. */
export type ConnectionState = ConnectingConnection | DelayingConnection | OpenSentConnection | AgreedConnection;

/** Fewer capabilities than the configuration has are offered. */
export interface FewerCapabilities {
  readonly offered: readonly Capability[];
  /** The configuration's, when it was decided. */
  readonly insteadOf: readonly Capability[];
  readonly untilMs: number;
}

/** All state machines of one peer, and what they share. Never changed in place. */
export interface PeerFsmState {
  /** ManualStart has come, and no ManualStop since. */
  readonly started: boolean;
  /** At most one of our own making, a few of the peer's. In the order in which they were begun. */
  readonly connections: readonly ConnectionState[];
  /** ConnectRetryTimer: how long an attempt may take, or when the next one begins. */
  readonly connectRetryAtMs: number | undefined;
  /** IdleHoldTimer: when a peer that failed is started again. */
  readonly idleHoldAtMs: number | undefined;
  /** RFC 4271's ConnectRetryCounter: sessions, and attempts at one, that failed since one that lasted. */
  readonly connectRetryCounter: number;
  /** Attempts since the last good OPEN that ended with TCP. */
  readonly unansweredConnects: number;
  /** Earlier connections of the peer are refused: its last one failed just now. */
  readonly incomingFromMs: number;
  readonly fewerCapabilities: FewerCapabilities | undefined;
  readonly nextConnection: ConnectionId;
  /** When `TimerExpires` is wanted. */
  readonly wakeAtMs: number | undefined;
}

/** RFC 4271's name for the state of a connection. Waiting for the peer's OPEN, it stays where TCP found it. */
function connectionStateName({ stage, incoming }: ConnectionState): FsmStateName {
  switch (stage) {
    case 'connecting':
      return 'Connect';
    case 'delaying':
      return incoming ? 'Active' : 'Connect';
    case 'openSent':
      return 'OpenSent';
    case 'openConfirm':
      return 'OpenConfirm';
    case 'established':
      return 'Established';
  }
}

/** Both OPENs of it were found good. */
export function isAgreed(connection: ConnectionState): connection is AgreedConnection {
  return connection.stage === 'openConfirm' || connection.stage === 'established';
}

const RANK: Readonly<Record<FsmStateName, number>> = {
  Idle: 0,
  Connect: 1,
  Active: 2,
  OpenSent: 3,
  OpenConfirm: 4,
  Established: 5,
};

/** The state of the peer as a whole: of the connection that is furthest. Without one it listens, or it is Idle. */
export function stateOf(peer: PeerFsmState): FsmStateName {
  let furthest: FsmStateName = peer.started && peer.idleHoldAtMs === undefined ? 'Active' : 'Idle';
  // A peer that is called is in Connect, although it listens, too.
  if (peer.connections.length > 0) furthest = 'Idle';
  for (const connection of peer.connections) {
    const name = connectionStateName(connection);
    if (RANK[name] > RANK[furthest]) furthest = name;
  }
  return furthest;
}
