import type { OpenMessage } from '../messages/message.ts';
import { asnOf } from '../messages/open/autonomous-system.ts';
import { identifierNumber } from './check-open.ts';
import { callAgain } from './damping.ts';
import { CONNECTION_COLLISION_RESOLUTION } from './notifications.ts';
import { type ConnectionState, isAgreed } from './peer-state.ts';
import { close, ended, sendNotification, type Turn } from './turn.ts';

/** RFC 4271, section 6.8, and RFC 6286, section 2.3: the larger identifier, or AS number, has the say. */
export function peerPrevails(local: OpenMessage, peer: OpenMessage): boolean {
  const ours = identifierNumber(local.bgpIdentifier);
  const theirs = identifierNumber(peer.bgpIdentifier);
  return ours === theirs ? asnOf(local) < asnOf(peer) : ours < theirs;
}

/**
 * Whether a connection on which the peer's OPEN has come must go, because another one stays.
 *
 * RFC 4271, section 6.8, calls the connection with the OPEN the new one, and means that it was made by the peer: what is
 * kept is the connection that was made by who prevails, whichever came first; both sides see that alike.
 * Of two that the peer has made, that on which it spoke last stays: it has given up the other.
 *
 * @param peerIsPreferred - See `peerPrevails`.
 * @param answerTimeMs - Another connection on which no OPEN came in this time is taken for dead, and does not stay.
 */
export function yieldsTo(
  opened: ConnectionState,
  other: ConnectionState,
  peerIsPreferred: boolean,
  nowMs: number,
  answerTimeMs: number,
): boolean {
  // TCP does not stand: nothing collides yet, and the attempt ends. It could only collide later, when one side has
  // perhaps an established session.
  if (other.stage === 'connecting') return false;
  if (!isAgreed(other) && nowMs - other.sinceMs > answerTimeMs) return false;
  if (opened.incoming === other.incoming) return false;
  return other.incoming === peerIsPreferred;
}

/** Ends a connection that another one makes superfluous: RFC 4271's OpenCollisionDump, event 23. No failure: nothing pauses. */
export function dumpConnection(turn: Turn, connection: ConnectionState): void {
  const { id, stage } = connection;
  if (stage !== 'connecting') sendNotification(turn, id, CONNECTION_COLLISION_RESOLUTION);
  close(turn, id, stage === 'connecting');
  ended(turn, connection, { type: 'collision' });
  callAgain(turn);
}
