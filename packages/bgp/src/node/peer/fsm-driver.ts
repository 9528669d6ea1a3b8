import { initialPeerFsm, type PeerFsmState, stateOf, stepPeerFsm } from '../../fsm/step.ts';
import type {
  ConnectionId,
  FsmStateName,
  NegotiatedSession,
  PeerFsmConfig,
  PeerFsmEffect,
  PeerFsmEvent,
} from '../../fsm/vocabulary.ts';
import { encodeMessage } from '../../messages/encode-message.ts';
import type { BgpMessage } from '../../messages/message.ts';
import { checkRouterId } from '../check-options.ts';
import type { SpeakerEnvironment } from '../environment.ts';
import type { Connection, ConnectionHandler } from '../transport/transport.ts';
import type { PeerCounters } from './counters.ts';
import { PeerConnection, type PeerConnectionHost } from './peer-connection.ts';
import { WakeTimer } from './wake-timer.ts';

/** The effects that are somebody else's to carry out. */
export type PeerNews = Extract<
  PeerFsmEffect,
  { readonly type: 'sessionDown' | 'attemptFailed' | 'deliver' | 'stateChanged' | 'capabilitiesReduced' }
>;

/** What the driver needs of its peer. */
export interface FsmDriverHost {
  dial(handler: ConnectionHandler): Connection;
  /** Asked for each connection. */
  routerId(localAddress: string): string;
  established(session: NegotiatedSession, connection: PeerConnection): void;
  news(effect: PeerNews): void;
  /** After everything that one event has brought about. */
  settled(): void;
  /** Another time to be woken at, for something that is not the machine's. */
  readonly wakeAtMs: number | undefined;
  wake(): void;
  /** Something that must not happen did. */
  crashed(error: unknown): void;
}

type EventWithoutTime<E> = E extends PeerFsmEvent ? Omit<E, 'nowMs'> : never;
/** What happens to a peer; the time is added. */
export type UntimedEvent = EventWithoutTime<PeerFsmEvent>;

/** The machine numbers the connections that it asks for from 1; those that the peer makes begin far above. */
const FIRST_INCOMING: ConnectionId = 2 ** 40;
/** One that is established, or forgotten by a peer that was started again, and its successor. */
const MAX_INCOMING = 2;
const IDENTIFIER_UNKNOWN = '0.0.0.0';

/** Keeps the state machine of one peer, its connections and its one timer together. */
export class FsmDriver implements PeerConnectionHost {
  readonly #environment: SpeakerEnvironment;
  readonly #counters: PeerCounters;
  readonly #host: FsmDriverHost;
  readonly #timer: WakeTimer;
  readonly #connections = new Map<ConnectionId, PeerConnection>();
  readonly #lingering = new Set<PeerConnection>();
  readonly #inbox: UntimedEvent[] = [];
  #config: PeerFsmConfig;
  #state: PeerFsmState;
  #stepping: boolean = false;
  #nextIncoming: ConnectionId = FIRST_INCOMING;
  #localAddress: string | undefined;

  constructor(
    config: Omit<PeerFsmConfig, 'bgpIdentifier' | 'random'>,
    environment: SpeakerEnvironment,
    counters: PeerCounters,
    host: FsmDriverHost,
  ) {
    this.#config = { ...config, bgpIdentifier: IDENTIFIER_UNKNOWN, random: () => environment.random() };
    this.#environment = environment;
    this.#counters = counters;
    this.#host = host;
    this.#state = initialPeerFsm(this.#config);
    this.#timer = new WakeTimer(environment.clock, {
      octetsRead: () => counters.octetsReceived,
      wake: () => this.#wake(),
    });
  }

  get stateName(): FsmStateName {
    return stateOf(this.#state);
  }

  /** What the connection that is furthest has agreed on. */
  get session(): NegotiatedSession | undefined {
    return this.#furthest()?.session;
  }

  /** Of the session, else of the newest connection. */
  get localAddress(): string | undefined {
    return this.#furthest()?.localAddress ?? this.#localAddress;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Octets that the peer has not acknowledged, on all connections. */
  get unacknowledgedOctets(): number {
    let octets = 0;
    for (const connection of [...this.#connections.values(), ...this.#lingering]) {
      octets += connection.unacknowledgedOctets ?? connection.queue.backlogOctets;
    }
    return octets;
  }

  /** Connections that are still to take what was said last. */
  get lingering(): number {
    return this.#lingering.size;
  }

  dispatch(event: UntimedEvent): void {
    this.#inbox.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) this.#step(next);
      this.#host.settled();
    } catch (error) {
      this.#inbox.length = 0;
      this.#host.crashed(error);
    } finally {
      this.#stepping = false;
    }
    this.rearm();
  }

  /** A connection that the peer has made. @returns Whether it is taken. */
  accept(connection: Connection): boolean {
    let incoming = 0;
    for (const id of this.#connections.keys()) if (id >= FIRST_INCOMING) incoming += 1;
    if (incoming >= MAX_INCOMING) return false;
    const id = this.#nextIncoming++;
    this.#add(id, (handler) => {
      connection.handle(handler);
      return connection;
    });
    this.#stands(id, connection.localAddress, { type: 'TcpConnectionConfirmed', connection: id });
    return true;
  }

  rearm(): void {
    const times = [this.#state.wakeAtMs, this.#host.wakeAtMs].filter((time) => time !== undefined);
    this.#timer.at(times.length === 0 ? undefined : Math.min(...times));
  }

  /** Everything is closed at once, and nothing has ever been. */
  restart(): void {
    this.#inbox.length = 0;
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connections.clear();
    this.#state = initialPeerFsm(this.#config);
    this.rearm();
  }

  /** Who lingers stays until he has taken what he was told last. */
  close(): void {
    this.#timer.close();
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connections.clear();
  }

  // What connections tell.

  connected({ id, localAddress }: PeerConnection): void {
    this.#stands(id, localAddress, { type: 'TcpConnectionAcked', connection: id });
  }

  octetsReceived(count: number): void {
    this.#counters.octetsReceived += count;
  }

  octetsSent(count: number): void {
    this.#counters.octetsSent += count;
  }

  messageReceived({ id }: PeerConnection, message: BgpMessage): void {
    this.#counters.messageReceived(message.type);
    this.dispatch({ type: 'MessageReceived', connection: id, message });
  }

  messageFailed({ id }: PeerConnection, failure: Parameters<PeerConnectionHost['messageFailed']>[1]): void {
    this.dispatch({ type: 'MessageFailed', connection: id, failure });
  }

  closed({ id }: PeerConnection, error: Error | undefined): void {
    this.#connections.delete(id);
    const { code } = (error ?? {}) as { readonly code?: unknown };
    const systemCode = typeof code === 'string' ? code : undefined;
    this.dispatch({ type: 'TcpConnectionFails', connection: id, error: error?.message, systemCode });
  }

  blocked({ id }: PeerConnection): void {
    this.dispatch({ type: 'SendBlocked', connection: id });
  }

  progress({ id }: PeerConnection): void {
    this.dispatch({ type: 'SendProgress', connection: id });
  }

  crashed(error: unknown): void {
    this.#host.crashed(error);
  }

  gone(connection: PeerConnection): void {
    this.#lingering.delete(connection);
  }

  #furthest(): PeerConnection | undefined {
    let negotiated: PeerConnection | undefined;
    for (const connection of this.#connections.values()) if (connection.session !== undefined) negotiated = connection;
    return negotiated;
  }

  #wake(): void {
    if ((this.#state.wakeAtMs ?? Number.POSITIVE_INFINITY) <= this.#environment.clock.nowMs()) {
      this.dispatch({ type: 'TimerExpires' });
    }
    this.#host.wake();
    this.rearm();
  }

  #add(id: ConnectionId, open: (handler: ConnectionHandler) => Connection): void {
    this.#connections.set(id, new PeerConnection(id, this.#environment.clock, this, open));
  }

  /** The identifier may depend on the address that the connection has here, and is needed for the OPEN. */
  #stands(id: ConnectionId, localAddress: string | undefined, event: UntimedEvent): void {
    this.#localAddress = localAddress;
    let bgpIdentifier: string;
    try {
      bgpIdentifier = checkRouterId(this.#host.routerId(localAddress ?? ''));
    } catch (error) {
      this.#connections.get(id)?.destroy();
      this.#connections.delete(id);
      const message = error instanceof Error ? error.message : String(error);
      this.dispatch({ type: 'TcpConnectionFails', connection: id, error: message });
      return;
    }
    this.#config = { ...this.#config, bgpIdentifier };
    this.dispatch(event);
  }

  #step(event: UntimedEvent): void {
    const nowMs = this.#environment.clock.nowMs();
    const { state, effects } = stepPeerFsm(this.#state, { ...event, nowMs } as PeerFsmEvent, this.#config);
    this.#state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: PeerFsmEffect): void {
    switch (effect.type) {
      case 'connect':
        this.#add(effect.connection, (handler) => this.#host.dial(handler));
        return;
      case 'send':
        this.#counters.messageSent(effect.message.type);
        this.#connections.get(effect.connection)?.queue.add(encodeMessage(effect.message));
        return;
      case 'close':
        this.#close(effect.connection, effect.abort);
        return;
      case 'negotiated':
        this.#connections.get(effect.session.connection)?.negotiated(effect.session);
        return;
      case 'established': {
        const connection = this.#connections.get(effect.session.connection);
        if (connection === undefined) return;
        this.#counters.established += 1;
        this.#host.established(effect.session, connection);
        return;
      }
      default:
        this.#host.news(effect);
    }
  }

  #close(id: ConnectionId, abort: boolean): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    this.#connections.delete(id);
    if (abort) connection.reset();
    else {
      this.#lingering.add(connection);
      connection.finish();
    }
  }
}
