import type { OpenMessage } from '../messages/message.ts';
import { myAutonomousSystemOf } from '../messages/open/autonomous-system.ts';
import { CONNECTION_COLLISION_RESOLUTION, CONNECTION_REJECTED, OUT_OF_RESOURCES } from './notifications.ts';
import { offeredCapabilities } from './offered-capabilities.ts';
import { type DelayingConnection, isAgreed } from './peer-state.ts';
import { jittered } from './timers.ts';
import { change, close, put, sendNotification, type Turn } from './turn.ts';
import type { ConnectionId } from './vocabulary.ts';

/** One that the peer has forgotten, and its successor. */
const MAX_INCOMING_CONNECTIONS = 2;

/** RFC 4271, section 4.2, with the identifier of the connection: the configuration has that of the newest. */
export function localOpen(turn: Turn, bgpIdentifier: string): OpenMessage {
  const { config } = turn;
  return {
    type: 'open',
    version: 4,
    myAutonomousSystem: myAutonomousSystemOf(config.localAsn),
    holdTimeSeconds: config.holdTimeSeconds,
    bgpIdentifier,
    capabilities: offeredCapabilities(turn),
  };
}

/** Calls the peer, unless that is pointless: RFC 4271, section 8.2.2, "initiates a TCP connection". */
export function beginConnect(turn: Turn): void {
  const { peer, config, nowMs } = turn;
  if (config.passive || peer.connections.some((other) => !other.incoming || isAgreed(other))) {
    change(turn, { connectRetryAtMs: undefined });
    return;
  }
  const id = peer.nextConnection;
  put(turn, { stage: 'connecting', id, incoming: false, sinceMs: nowMs });
  change(turn, { nextConnection: id + 1, connectRetryAtMs: nowMs + jittered(config.connectRetryTimeMs, config) });
  turn.effects.push({ type: 'connect', connection: id });
}

/** TCP stands: the own OPEN goes out, or is held back for the peer's. */
function openOrDelay(turn: Turn, id: ConnectionId, incoming: boolean): void {
  const { config, nowMs } = turn;
  const common = { id, incoming, sinceMs: nowMs, sendBlockedSinceMs: undefined, bgpIdentifier: config.bgpIdentifier };
  if (config.delayOpenTimeMs === undefined || config.delayOpenTimeMs <= 0) sendLocalOpen(turn, common);
  else put(turn, { ...common, stage: 'delaying', delayOpenAtMs: nowMs + config.delayOpenTimeMs });
}

/** Sends the OPEN, and waits for the peer's: RFC 4271, section 8.2.2, with a HoldTimer of "a large value". */
export function sendLocalOpen(
  turn: Turn,
  { id, incoming, sendBlockedSinceMs, bgpIdentifier }: Omit<DelayingConnection, 'stage' | 'sinceMs' | 'delayOpenAtMs'>,
): void {
  const { config, nowMs } = turn;
  const open = localOpen(turn, bgpIdentifier);
  put(turn, {
    stage: 'openSent',
    id,
    incoming,
    sinceMs: nowMs,
    localOpen: open,
    holdAtMs: nowMs + config.openHoldTimeMs,
    sendBlockedSinceMs,
  });
  turn.effects.push({ type: 'send', connection: id, message: open });
}

/** Event 16, Tcp_CR_Acked: the peer has answered. ConnectRetryTimer stops. */
export function connectionAcked(turn: Turn, id: ConnectionId): void {
  change(turn, { connectRetryAtMs: undefined });
  openOrDelay(turn, id, false);
}

/**
 * Event 17, TcpConnectionConfirmed: the peer has called.
 *
 * RFC 4271 refuses connections in Idle. Here only a peer that was not started does, or one whose last connection failed
 * less than `idleHoldTimeMs` ago: a router that comes back is not kept waiting until the IdleHoldTimer expires,
 * and who fails again and again is still slowed down. An attempt of our own goes on until the peer has said a good OPEN.
 */
export function connectionConfirmed(turn: Turn, id: ConnectionId): void {
  const { peer, config, nowMs } = turn;
  const established = peer.connections.some(({ stage }) => stage === 'established');
  const incoming = peer.connections.filter((connection) => connection.incoming).length;
  if (!peer.started || nowMs < peer.incomingFromMs) sendNotification(turn, id, CONNECTION_REJECTED);
  else if (established && config.collisionDetectEstablishedState !== true) {
    // RFC 4271, section 6.8: it "causes closing of the newly created connection".
    sendNotification(turn, id, CONNECTION_COLLISION_RESOLUTION);
  } else if (incoming >= MAX_INCOMING_CONNECTIONS) sendNotification(turn, id, OUT_OF_RESOURCES);
  else {
    openOrDelay(turn, id, true);
    return;
  }
  close(turn, id, false);
}
