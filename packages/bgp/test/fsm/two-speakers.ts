import { initialPeerFsm, type PeerFsmState, stateOf, stepPeerFsm } from '../../src/fsm/step.ts';
import type { ConnectionId, FsmStateName, PeerFsmConfig, PeerFsmEffect } from '../../src/fsm/vocabulary.ts';
import type { BgpMessage } from '../../src/messages/message.ts';
import { FIRST_INCOMING, type LabEvent } from './peer-lab.ts';

/** What the network does to what is sent now. */
export interface Network {
  /** Milliseconds on the way. */
  delayMs(): number;
  /** A connection that is begun now is refused, or never answered. */
  fate(): 'connects' | 'refused' | 'unanswered';
  /** A connection on which something is sent now breaks. */
  breaks(): boolean;
}

/** Two state machines that speak to each other in virtual time. */
export interface TwoSpeakers {
  readonly nowMs: number;
  readonly names: readonly [FsmStateName, FsmStateName];
  /** The number of the wire that each is established on. */
  readonly established: readonly [number | undefined, number | undefined];
  /** How often each was established. */
  readonly sessions: readonly [number, number];
  readonly connects: readonly [number, number];
  readonly states: readonly [PeerFsmState, PeerFsmState];
  start(who: 0 | 1, atMs: number): void;
  network: Network;
  runUntil(untilMs: number): void;
}

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly happen: () => void;
}

/** No machine that is right comes near it in an hour. */
const MAX_STEPS = 200_000;

export function createTwoSpeakers(configs: readonly [PeerFsmConfig, PeerFsmConfig], network: Network): TwoSpeakers {
  const states: [PeerFsmState, PeerFsmState] = [initialPeerFsm(configs[0]), initialPeerFsm(configs[1])];
  let wires = 0;
  const numbers: [Map<ConnectionId, number>, Map<ConnectionId, number>] = [new Map(), new Map()];
  const arrivals: [Map<number, number>, Map<number, number>] = [new Map(), new Map()];
  const established: [number | undefined, number | undefined] = [undefined, undefined];
  const sessions: [number, number] = [0, 0];
  const connects: [number, number] = [0, 0];
  let pending: Pending[] = [];
  let order = 0;
  let nowMs = 0;
  let nextIncoming = FIRST_INCOMING;
  const lab: { network: Network } = { network };

  const at = (atMs: number, happen: () => void): void => {
    order += 1;
    pending.push({ atMs, order, happen });
  };
  /** In order on each wire and direction, as TCP is. */
  const onWire = (to: 0 | 1, wire: number, happen: () => void): void => {
    const atMs = Math.max(nowMs + lab.network.delayMs(), arrivals[to].get(wire) ?? 0);
    arrivals[to].set(wire, atMs);
    at(atMs, happen);
  };
  const dispatch = (who: 0 | 1, event: LabEvent): void => {
    const step = stepPeerFsm(states[who], { ...event, nowMs }, configs[who]);
    states[who] = step.state;
    for (const effect of step.effects) carryOut(who, effect);
  };
  const gone = (who: 0 | 1, wire: number): void => {
    for (const [connection, number] of numbers[who]) {
      if (number !== wire) continue;
      numbers[who].delete(connection);
      dispatch(who, { type: 'TcpConnectionFails', connection });
      return;
    }
  };
  const received = (who: 0 | 1, wire: number, message: BgpMessage): void => {
    for (const [connection, number] of numbers[who]) {
      if (number !== wire) continue;
      dispatch(who, { type: 'MessageReceived', connection, message });
      return;
    }
  };
  const connect = (who: 0 | 1, connection: ConnectionId): void => {
    const other = who === 0 ? 1 : 0;
    const wire = wires;
    wires += 1;
    numbers[who].set(connection, wire);
    connects[who] += 1;
    const fate = lab.network.fate();
    if (fate === 'unanswered') return;
    onWire(other, wire, () => {
      if (fate === 'refused') {
        onWire(who, wire, () => gone(who, wire));
        return;
      }
      const incoming = nextIncoming;
      nextIncoming += 1;
      numbers[other].set(incoming, wire);
      onWire(who, wire, () => {
        if (numbers[who].has(connection)) dispatch(who, { type: 'TcpConnectionAcked', connection });
        else onWire(other, wire, () => gone(other, wire));
      });
      dispatch(other, { type: 'TcpConnectionConfirmed', connection: incoming });
    });
  };
  const carryOut = (who: 0 | 1, effect: PeerFsmEffect): void => {
    const other = who === 0 ? 1 : 0;
    switch (effect.type) {
      case 'connect':
        connect(who, effect.connection);
        return;
      case 'send': {
        const wire = numbers[who].get(effect.connection);
        if (wire === undefined) return;
        if (lab.network.breaks()) {
          onWire(who, wire, () => gone(who, wire));
          onWire(other, wire, () => gone(other, wire));
        } else onWire(other, wire, () => received(other, wire, effect.message));
        return;
      }
      case 'close': {
        const wire = numbers[who].get(effect.connection);
        numbers[who].delete(effect.connection);
        if (wire !== undefined) onWire(other, wire, () => gone(other, wire));
        return;
      }
      case 'established':
        established[who] = numbers[who].get(effect.session.connection);
        sessions[who] += 1;
        return;
      case 'sessionDown':
        established[who] = undefined;
        return;
      default:
    }
  };
  const firstPending = (): Pending | undefined => {
    let first: Pending | undefined;
    for (const one of pending) {
      if (first === undefined || one.atMs < first.atMs || (one.atMs === first.atMs && one.order < first.order))
        first = one;
    }
    return first;
  };

  return {
    get nowMs() {
      return nowMs;
    },
    get names(): readonly [FsmStateName, FsmStateName] {
      return [stateOf(states[0]), stateOf(states[1])];
    },
    established,
    sessions,
    connects,
    states,
    get network() {
      return lab.network;
    },
    set network(changed: Network) {
      lab.network = changed;
    },
    start(who, atMs) {
      at(atMs, () => dispatch(who, { type: 'ManualStart' }));
    },
    runUntil(untilMs) {
      for (let steps = 0; ; steps += 1) {
        if (steps > MAX_STEPS) throw new Error('the machines do not come to rest');
        const next = firstPending();
        const wakes = ([0, 1] as const).map((who) => states[who].wakeAtMs ?? Number.POSITIVE_INFINITY);
        const [wake0 = Number.POSITIVE_INFINITY, wake1 = Number.POSITIVE_INFINITY] = wakes;
        const atMs = Math.min(wake0, wake1, next?.atMs ?? Number.POSITIVE_INFINITY);
        if (atMs > untilMs) break;
        nowMs = Math.max(nowMs, atMs);
        if (next !== undefined && next.atMs <= atMs) {
          pending = pending.filter((one) => one !== next);
          next.happen();
        } else dispatch(wake0 <= wake1 ? 0 : 1, { type: 'TimerExpires' });
      }
      nowMs = untilMs;
    },
  };
}
