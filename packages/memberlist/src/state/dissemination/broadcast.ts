import { encodeMessage } from '../../messages/encode-message.ts';
import type { Accusation, MemberRecord } from '../../messages/message.ts';
import { retransmitLimit } from '../cluster-scaling.ts';
import { clusterSize, type Turn } from '../turn.ts';
import type { Broadcast, BroadcastRoom } from './broadcast-queue.ts';

/** Lets all know that a member lives. */
export function broadcastAlive(turn: Turn, record: MemberRecord): Broadcast {
  const { node, address, port, incarnation, meta, versions } = record;
  const octets = encodeMessage({ type: 'alive', node, address, port, incarnation, meta, versions });
  return turn.state.broadcasts.add(node, octets);
}

/** Lets all know that a member is suspected, dead or gone. */
export function broadcastAccusation(turn: Turn, accusation: Accusation): Broadcast {
  const { type, incarnation, node, from } = accusation;
  return turn.state.broadcasts.add(node, encodeMessage({ type, incarnation, node, from }));
}

/** Takes what a packet has room for. The last of a leave's own messages among it ends the leave. */
export function takeBroadcasts(turn: Turn, room: BroadcastRoom): readonly Uint8Array[] {
  const limit = retransmitLimit(turn.config.retransmitMult, clusterSize(turn));
  const taken = turn.state.broadcasts.take(room, limit);
  const { leave } = turn.state;
  if (leave?.broadcast?.finished === true && !leave.sent) endLeave(turn);
  return taken;
}

/** Everybody was told, or nobody is left to tell. */
export function endLeave(turn: Turn): void {
  if (turn.state.leave !== undefined) turn.state.leave.sent = true;
  turn.effects.push({ type: 'leaveSent' });
}
