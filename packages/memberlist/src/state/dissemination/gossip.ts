import { COMPOUND_HEADER_OCTETS, COMPOUND_PART_OCTETS, GREATEST_COMPOUND_PARTS } from '../../packet/compound.ts';
import { isGone, leavePool, type MemberEntry } from '../membership/member-table.ts';
import { pickMembers } from '../membership/pick-members.ts';
import type { Turn } from '../turn.ts';
import { endLeave, takeBroadcasts } from './broadcast.ts';
import { sendParts } from './send-message.ts';

/**
 * Tells a few members what is new: living and suspected ones, and those that died lately, which may be alive all the
 * same and then contradict.
 *
 * @see hashicorp/memberlist `state.go`, `gossip`
 */
export function gossip(turn: Turn): void {
  const { config, state } = turn;
  const { reachable, recentlyDead } = state.members;
  const longDead: MemberEntry[] = [];
  const targets = pickMembers(config.gossipNodes, [reachable, recentlyDead], config.random, (entry) => {
    if (!isGone(entry.member) || turn.nowMs - entry.changedAtMs <= config.gossipToTheDeadTimeMs) return true;
    longDead.push(entry);
    return false;
  });
  // They are met once only: else ten thousand of them would be asked for at each tick.
  for (const entry of longDead) leavePool(entry);
  for (const { member } of targets) {
    const messages = takeBroadcasts(turn, {
      octets: config.udpBufferSize - COMPOUND_HEADER_OCTETS - config.packetOverheadOctets(),
      overheadOctets: COMPOUND_PART_OCTETS,
      messages: Number.POSITIVE_INFINITY,
    });
    if (messages.length === 0) return;
    for (let from = 0; from < messages.length; from += GREATEST_COMPOUND_PARTS) {
      sendParts(turn, member, messages.slice(from, from + GREATEST_COMPOUND_PARTS));
    }
  }
  if (targets.length === 0 && state.leave?.sent === false) endLeave(turn);
}
