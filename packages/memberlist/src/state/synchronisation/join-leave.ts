import type { Endpoint } from '../../messages/message.ts';
import { pushPullIntervalMs } from '../cluster-scaling.ts';
import { broadcastAccusation, broadcastAlive, endLeave } from '../dissemination/broadcast.ts';
import { markGone } from '../membership/accuse.ts';
import { equalOctets } from '../membership/endpoint.ts';
import { MAX_META_OCTETS } from '../membership/member-record.ts';
import { announceSelf } from '../membership/refutation.ts';
import { setDeadline } from '../timing/deadlines.ts';
import { clusterSize, type Turn } from '../turn.ts';
import { startExchange } from './push-pull.ts';

/**
 * Begins: this member says that it lives, and its clocks run, each with a phase of its own.
 *
 * @see hashicorp/memberlist `memberlist.go`, `Create`; `state.go`, `schedule`
 */
export function start(turn: Turn): void {
  const { state, config, nowMs } = turn;
  if (state.started) return;
  state.started = true;
  state.self.changedAtMs = nowMs;
  broadcastAlive(turn, state.self.member);
  turn.effects.push({ type: 'memberJoined', member: state.self.member });
  if (config.probeIntervalMs > 0) {
    setDeadline(state.deadlines, state.probeTick, nowMs + config.random() * config.probeIntervalMs);
  }
  if (config.gossipIntervalMs > 0 && config.gossipNodes > 0) {
    setDeadline(state.deadlines, state.gossipTick, nowMs + config.random() * config.gossipIntervalMs);
  }
  if (config.pushPullIntervalMs > 0) {
    const firstMs = config.random() * config.pushPullIntervalMs;
    setDeadline(
      state.deadlines,
      state.pushPullTick,
      nowMs + firstMs + pushPullIntervalMs(config.pushPullIntervalMs, clusterSize(turn)),
    );
  }
}

/** Asks each of them for a push/pull at once; Go's library asks one after the other. */
export function join(turn: Turn, firstExchange: number, endpoints: readonly Endpoint[]): void {
  for (const [index, endpoint] of endpoints.entries()) {
    const exchange = firstExchange + index;
    if (turn.state.exchanges.size >= turn.config.maxMembers) {
      turn.effects.push({ type: 'exchangeEnded', exchange, failure: 'too many exchanges run at one time' });
    } else {
      startExchange(turn, exchange, endpoint, undefined);
    }
  }
}

/**
 * Tells others what this member now says of itself. What is no change is not told.
 *
 * @throws RangeError for more octets than others take.
 * @see hashicorp/memberlist `memberlist.go`, `UpdateNode`
 */
export function setMeta(turn: Turn, meta: Uint8Array): void {
  if (meta.length > MAX_META_OCTETS) {
    throw new RangeError(`metadata has at most ${MAX_META_OCTETS} octets, got ${meta.length}`);
  }
  const { state } = turn;
  if (state.leave !== undefined || equalOctets(meta, state.self.member.meta)) return;
  announceSelf(turn, { meta: meta.slice() });
  turn.effects.push({ type: 'memberUpdated', member: state.self.member });
}

/**
 * Says that this member goes. It answers as before; nothing that is said of it any more makes it come back.
 *
 * @see hashicorp/memberlist `memberlist.go`, `Leave`
 */
export function leave(turn: Turn): void {
  const { state, config } = turn;
  if (state.leave !== undefined) {
    if (state.leave.sent) turn.effects.push({ type: 'leaveSent' });
    return;
  }
  const { incarnation } = state.self.member;
  const dead = { type: 'dead', incarnation, node: config.node, from: config.node } as const;
  state.leave = { broadcast: broadcastAccusation(turn, dead), sent: false };
  markGone(turn, state.self, dead);
  if (state.members.reachable.length === 0) endLeave(turn);
}
