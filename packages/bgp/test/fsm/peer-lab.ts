import { initialPeerFsm, type PeerFsmState, stateOf, stepPeerFsm } from '../../src/fsm/step.ts';
import type {
  ConnectionId,
  FsmStateName,
  PeerFsmConfig,
  PeerFsmEffect,
  PeerFsmEvent,
} from '../../src/fsm/vocabulary.ts';
import type { OpenMessage } from '../../src/messages/message.ts';

/** The number of the first connection that the peer makes. */
export const FIRST_INCOMING: ConnectionId = 2 ** 40;

/** The defaults of `BgpPeerOptions`, AS 64512 towards AS 64513, and no luck. */
export const CONFIG: PeerFsmConfig = {
  localAsn: 64_512,
  bgpIdentifier: '192.0.2.1',
  peerAsn: 64_513,
  holdTimeSeconds: 90,
  connectRetryTimeMs: 10_000,
  idleHoldTimeMs: 1_000,
  maxIdleHoldTimeMs: 120_000,
  openHoldTimeMs: 240_000,
  passive: false,
  capabilities: [
    { type: 'multiprotocol', afi: 1, safi: 1 },
    { type: 'route-refresh' },
    { type: 'four-octet-asn', asn: 64_512 },
  ],
  random: () => 0.5,
};

/** The peer's OPEN, good for `CONFIG`. */
export const PEER_OPEN: OpenMessage = {
  type: 'open',
  version: 4,
  myAutonomousSystem: 64_513,
  holdTimeSeconds: 30,
  bgpIdentifier: '192.0.2.2',
  capabilities: [
    { type: 'multiprotocol', afi: 1, safi: 1 },
    { type: 'route-refresh' },
    { type: 'four-octet-asn', asn: 64_513 },
  ],
};

type WithoutTime<E> = E extends PeerFsmEvent ? Omit<E, 'nowMs'> : never;
/** An event to which the lab adds the time. */
export type LabEvent = WithoutTime<PeerFsmEvent>;

/** A peer in virtual time. */
export interface PeerLab {
  config: PeerFsmConfig;
  nowMs: number;
  state: PeerFsmState;
  readonly name: FsmStateName;
  /** The number of the connection that was begun last. */
  readonly connection: ConnectionId;
  /** @returns What the door was told, in short: see `inShort`. */
  take(event: LabEvent): string;
  /** @returns The effects themselves. */
  effectsOf(event: LabEvent): readonly PeerFsmEffect[];
  /** Lets time pass, and wakes the machine whenever it wants to be. @returns Everything that it did, in short. */
  pass(durationMs: number): string;
  /** Up to a state, by the shortest way, with the peer's OPEN. */
  reach(name: FsmStateName, open?: OpenMessage): void;
}

/** `OPEN`, `KEEPALIVE`, `6/2` (a NOTIFICATION), `close`, `abort`, `failed`, `down` …; that of another connection in brackets. */
export function inShort(effects: readonly PeerFsmEffect[], connection: ConnectionId): string {
  const words = effects.flatMap((effect): readonly string[] => {
    const mark = (word: string, id: ConnectionId): readonly string[] => [id === connection ? word : `(${word})`];
    switch (effect.type) {
      case 'send':
        return effect.message.type === 'notification'
          ? mark(`${effect.message.errorCode}/${effect.message.errorSubcode}`, effect.connection)
          : mark(effect.message.type.toUpperCase(), effect.connection);
      case 'close':
        return mark(effect.abort ? 'abort' : 'close', effect.connection);
      case 'negotiated':
        return mark('agreed', effect.session.connection);
      case 'established':
        return mark('up', effect.session.connection);
      case 'sessionDown':
        return mark('down', effect.connection);
      case 'attemptFailed':
        return ['failed'];
      case 'stateChanged':
        return [];
      default:
        return [effect.type];
    }
  });
  return words.join(' ');
}

/** A peer that is not started. */
export function createPeerLab(changes: Partial<PeerFsmConfig> = {}): PeerLab {
  const config: PeerFsmConfig = { ...CONFIG, ...changes };
  const lab: PeerLab = {
    config,
    nowMs: 0,
    state: initialPeerFsm(config),
    get name() {
      return stateOf(lab.state);
    },
    get connection() {
      return lab.state.connections.at(-1)?.id ?? lab.state.nextConnection - 1;
    },
    effectsOf(event) {
      const { state, effects } = stepPeerFsm(lab.state, { ...event, nowMs: lab.nowMs }, lab.config);
      lab.state = state;
      return effects;
    },
    take(event) {
      const before = lab.state.connections.at(-1)?.id;
      const effects = lab.effectsOf(event);
      return inShort(effects, before ?? lab.connection);
    },
    pass(durationMs) {
      const untilMs = lab.nowMs + durationMs;
      const done: string[] = [];
      while (lab.state.wakeAtMs !== undefined && lab.state.wakeAtMs <= untilMs) {
        lab.nowMs = Math.max(lab.nowMs, lab.state.wakeAtMs);
        done.push(lab.take({ type: 'TimerExpires' }));
      }
      lab.nowMs = untilMs;
      return done.filter((words) => words !== '').join(', ');
    },
    reach(name, open = PEER_OPEN) {
      if (name === 'Idle') return;
      lab.take({ type: 'ManualStart' });
      if (name === 'Active') {
        lab.take({ type: 'TcpConnectionFails', connection: lab.connection, systemCode: 'ECONNREFUSED' });
      }
      if (name === 'Connect' || name === 'Active') return;
      const { connection } = lab;
      lab.take({ type: 'TcpConnectionAcked', connection });
      if (name === 'OpenSent') return;
      lab.take({ type: 'MessageReceived', connection, message: open });
      if (name === 'OpenConfirm') return;
      lab.take({ type: 'MessageReceived', connection, message: { type: 'keepalive' } });
    },
  };
  return lab;
}
