import { broadcastAlive } from '../dissemination/broadcast.ts';
import { changedHealth } from '../probing/awareness.ts';
import type { Turn } from '../turn.ts';
import { incarnationDifference, nextIncarnation } from './incarnation.ts';
import { updateMember } from './member-table.ts';

/**
 * Contradicts what is said of this member: with an incarnation newer than that of whoever says so. It costs health: who
 * is accused may be slow.
 *
 * The library queues this under its address instead of its name, so that it does not replace an older message of ours;
 * here one name has one message.
 *
 * @see hashicorp/memberlist `state.go`, `refute`
 */
export function refute(turn: Turn, accusedIncarnation: number): void {
  const { state } = turn;
  state.healthScore = changedHealth(state.healthScore, 1, turn.config.awarenessMaxMultiplier);
  announceSelf(turn, { meta: state.self.member.meta, newerThan: accusedIncarnation });
}

/** Says with the next incarnation who this member is. */
export function announceSelf(
  turn: Turn,
  news: { readonly meta: Uint8Array; readonly newerThan?: number | undefined },
): void {
  const { self, members } = turn.state;
  let incarnation = nextIncarnation(self.member.incarnation);
  if (news.newerThan !== undefined && incarnationDifference(incarnation, news.newerThan) <= 0) {
    incarnation = nextIncarnation(news.newerThan);
  }
  updateMember(members, self, { ...self.member, incarnation, meta: news.meta }, turn.nowMs);
  broadcastAlive(turn, self.member);
}
