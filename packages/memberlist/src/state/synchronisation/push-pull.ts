import type { Endpoint, MemberState, StreamMessage } from '../../messages/message.ts';
import { considerDead, considerSuspect } from '../membership/accuse.ts';
import { considerAlive } from '../membership/alive.ts';
import { pickMembers } from '../membership/pick-members.ts';
import { incompatibility } from '../membership/versions.ts';
import { membersOf } from '../protocol-state.ts';
import { notice, type Turn } from '../turn.ts';

/** Connecting, asking and waiting for the answer each take a TCP time-out at most. After one more it is forgotten. */
const FORGOTTEN_AFTER_TCP_TIMEOUTS = 4;

type PushPull = StreamMessage & { readonly type: 'pushPull' };

/**
 * Exchanges all that is known with one living member. One at a time: whatever hinders the first hinders the next.
 *
 * @see hashicorp/memberlist `state.go`, `pushPull`
 */
export function pushPullTick(turn: Turn): void {
  const { state, config, nowMs } = turn;
  const running = state.exchanges.get(state.ownExchange);
  if (running !== undefined) {
    if (nowMs - running.startedAtMs <= FORGOTTEN_AFTER_TCP_TIMEOUTS * config.tcpTimeoutMs) return;
    state.exchanges.delete(state.ownExchange);
  }
  const [partner] = pickMembers(1, [state.members.reachable], config.random, ({ member }) => member.status === 'alive');
  if (partner === undefined) return;
  state.ownExchange -= 1;
  startExchange(turn, state.ownExchange, partner.member, partner.member.node);
}

/** Asks for a push/pull: to join, where no member is named as the partner. */
export function startExchange(turn: Turn, exchange: number, to: Endpoint, partner: string | undefined): void {
  turn.state.exchanges.set(exchange, { partner, startedAtMs: turn.nowMs });
  turn.effects.push({
    type: 'exchangeStates',
    exchange,
    to: { address: to.address, port: to.port },
    join: partner === undefined,
    states: localStates(turn),
  });
}

/**
 * Somebody asks for a push/pull: it gets what was known before, then what it brought is taken in.
 *
 * @see hashicorp/memberlist `net.go`, `handleConn`
 */
export function answerPushPull(turn: Turn, exchange: number, request: PushPull): void {
  turn.effects.push({ type: 'answerPushPull', exchange, join: request.join, states: localStates(turn) });
  const fault = merge(turn, request.states);
  if (fault !== undefined) notice(turn, 'warn', 'a push/pull is not merged', { because: fault });
}

/** What the other side knows has come back. */
export function pushPullAnswered(turn: Turn, exchange: number, answer: PushPull): void {
  if (!turn.state.exchanges.has(exchange)) return;
  endExchange(turn, exchange, merge(turn, answer.states));
}

export function endExchange(turn: Turn, exchange: number, failure: string | undefined): void {
  const ended = turn.state.exchanges.get(exchange);
  if (ended === undefined) return;
  turn.state.exchanges.delete(exchange);
  // Who asked to join is told by the effect; nobody waits for the others.
  if (ended.partner !== undefined && failure !== undefined) {
    notice(turn, 'warn', 'a push/pull failed', { node: ended.partner, because: failure });
  }
  turn.effects.push({ type: 'exchangeEnded', exchange, failure });
}

/** Everybody in the order of the probe list, which is random. */
function localStates(turn: Turn): readonly MemberState[] {
  return turn.state.members.probeList.map((entry) => entry.member);
}

/**
 * Takes in what somebody else knows. That it holds a member for dead only makes us suspect it ourselves.
 *
 * @returns Why nothing was taken in, or `undefined`.
 * @see hashicorp/memberlist `state.go`, `mergeState`
 */
function merge(turn: Turn, remote: readonly MemberState[]): string | undefined {
  const fault = incompatibility(membersOf(turn.state), remote);
  if (fault !== undefined) return fault;
  for (const state of remote) {
    const { status, node, incarnation } = state;
    if (status === 'alive') considerAlive(turn, state);
    else if (status === 'left') considerDead(turn, { type: 'dead', incarnation, node, from: node });
    else considerSuspect(turn, { type: 'suspect', incarnation, node, from: turn.config.node });
  }
  return undefined;
}
