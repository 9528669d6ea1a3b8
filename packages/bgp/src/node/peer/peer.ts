import type { FsmStateName, NegotiatedSession } from '../../fsm/vocabulary.ts';
import { addressFamilyOf } from '../../messages/address-family.ts';
import type { BgpMessage } from '../../messages/message.ts';
import type { UpdateMessage } from '../../update/update-message.ts';
import type { PeerSettings } from '../check-options.ts';
import type { SpeakerEnvironment } from '../environment.ts';
import { nextHopsOf } from '../next-hops.ts';
import type { BgpCloseOptions, BgpPeer, BgpPeerEvent, BgpPeerRoutes, BgpPeerStatus } from '../options.ts';
import type { Connection } from '../transport/transport.ts';
import { PeerCounters } from './counters.ts';
import { EventQueue } from './event-queue.ts';
import { fsmConfigOf } from './fsm-config.ts';
import { FsmDriver, type FsmDriverHost, type PeerNews } from './fsm-driver.ts';
import type { PeerConnection } from './peer-connection.ts';
import { RouteSender } from './route-sender.ts';
import { SessionEnds } from './session-ends.ts';
import { UpdateFailures } from './update-failures.ts';
import { unlessAborted } from './whenever-sent.ts';

/** What a peer needs of its speaker. */
export interface PeerHost {
  onError(error: Error): void;
  /** It is closed, or leaves by itself. */
  removed(peer: Peer): void;
}

const DEFAULT_CLOSE_TIMEOUT_MS = 1_000;
/** How often the kernel is asked whether the peer has everything. */
const ACKNOWLEDGED_POLL_MS = 5;
/** RFC 4486, and what `BgpCloseOptions` calls them. */
const CEASE = { shutdown: 2, deconfigured: 3, reset: 4, changed: 6 } as const;

/** One neighbour: a state machine, its connections, and what it is told. */
export class Peer implements BgpPeer, FsmDriverHost {
  readonly name: string;
  readonly address: string;
  readonly routes: BgpPeerRoutes = {
    set: (routes, options) => this.#tellRoutes(options?.signal, () => this.#routes.set(routes)),
    patch: (patch, options) => this.#tellRoutes(options?.signal, () => this.#routes.patch(patch)),
  };
  readonly settings: PeerSettings;
  readonly #environment: SpeakerEnvironment;
  readonly #host: PeerHost;
  readonly #counters: PeerCounters = new PeerCounters();
  readonly #driver: FsmDriver;
  readonly #routes: RouteSender;
  readonly #queues = new Set<EventQueue>();
  readonly #updateFailures = new UpdateFailures();
  readonly #ends: SessionEnds;
  #established: { readonly session: NegotiatedSession; readonly atMs: number } | undefined;
  /** The peer has connected to us. */
  #connected: boolean = false;
  #crashes: number = 0;
  #cancelRestart: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #closed: boolean = false;

  constructor(settings: PeerSettings, environment: SpeakerEnvironment, host: PeerHost) {
    this.settings = settings;
    this.name = settings.name;
    this.address = settings.options.address;
    this.#environment = environment;
    this.#host = host;
    this.#ends = new SessionEnds(settings, environment);
    this.#routes = new RouteSender(environment.clock, this.#counters, {
      rearm: () => this.#driver.rearm(),
      crashed: (error) => this.crashed(error),
    });
    this.#driver = new FsmDriver(fsmConfigOf(settings), environment, this.#counters, this);
  }

  get status(): BgpPeerStatus {
    const { counts, unsendable } = this.#routes.rib;
    return {
      state: this.#driver.stateName,
      session: this.#driver.session,
      localAddress: this.#driver.localAddress,
      establishedAtMs: this.#established?.atMs,
      lastEnd: this.#ends.last?.end,
      lastError: this.#ends.last?.message,
      lastDown: this.#ends.lastDown,
      counters: this.#counters.copy(),
      routes: { ...counts, unsendable: unsendable.count, unsendableBecause: unsendable.because },
    };
  }

  events(options: { readonly signal?: AbortSignal | undefined } = {}): EventQueue {
    const queue = new EventQueue(options.signal, (ended) => this.#queues.delete(ended));
    if (this.#closed) queue.end();
    else this.#queues.add(queue);
    return queue;
  }

  start(): void {
    if (this.#closing === undefined) this.#driver.dispatch({ type: 'ManualStart' });
  }

  /** Whether a connection from the peer may be this one's. */
  get idle(): boolean {
    return this.#driver.connections === 0;
  }

  /** @returns Whether it is taken. */
  accept(connection: Connection): boolean {
    if (this.#closing !== undefined || !this.#driver.accept(connection)) return false;
    this.#connected = true;
    this.settled();
    return true;
  }

  reset(communication?: string): void {
    if (this.#closing !== undefined) return;
    this.#driver.dispatch({ type: 'ManualStop', reason: { ceaseSubcode: CEASE.reset, communication } });
    this.#driver.dispatch({ type: 'ManualStart' });
  }

  close(options: BgpCloseOptions = {}): Promise<void> {
    this.#closing ??= this.#leave(options).finally(() => this.#forget());
    return this.#closing;
  }

  // What the driver needs.

  dial(handler: Parameters<SpeakerEnvironment['transport']['dial']>[1]): Connection {
    const { settings } = this;
    const { transport } = this.#environment;
    this.#ends.dials();
    return transport.dial(
      {
        address: settings.options.address,
        port: settings.port,
        sourceAddress: settings.sourceAddress,
        device: settings.options.device,
        md5Password: settings.md5Password,
        ttl: settings.ttl,
        gtsmHops: settings.options.gtsmHops,
      },
      handler,
    );
  }

  routerId(localAddress: string): string {
    const { routerId } = this.settings;
    return typeof routerId === 'string' ? routerId : routerId(localAddress);
  }

  established(session: NegotiatedSession, connection: PeerConnection): void {
    const localAddress = connection.localAddress ?? '';
    const { ipv4, ipv6, linkLocal } = nextHopsOf({
      localAddress,
      peerAddress: this.address,
      interfaceAddresses: this.#environment.transport.interfaceAddresses(),
      chosen: this.settings.options.nextHop,
    });
    const { fourOctetAsn, extendedMessage, families, extendedNextHop } = session.context;
    this.#routes.begin(
      connection.queue,
      {
        localAsn: this.settings.localAsn,
        internal: session.internal,
        fourOctetAsn,
        extendedMessage,
        families,
        nextHopIpv4: ipv4,
        nextHopIpv6: ipv6,
        nextHopLinkLocal: linkLocal,
        extendedNextHop,
      },
      session.enhancedRouteRefresh,
    );
    this.#established = { session, atMs: this.#environment.clock.nowMs() };
    // Last: who is told looks at the status, and finds there what cannot be sent.
    this.#emit({ type: 'established', session, localAddress });
  }

  news(effect: PeerNews): void {
    switch (effect.type) {
      case 'deliver':
        this.#delivered(effect.message);
        return;
      case 'sessionDown':
        this.#down();
        this.#emit({ type: 'down', ...this.#ends.down(effect.end, this.#driver.localAddress) });
        return;
      case 'attemptFailed':
        this.#emit({ type: 'attemptFailed', ...this.#ends.attemptFailed(effect.end, this.#driver.localAddress) });
        return;
      case 'stateChanged':
      case 'capabilitiesReduced':
        this.#emit(effect);
    }
  }

  settled(): void {
    if (this.settings.dynamic && this.#connected && this.#driver.connections === 0 && this.#closing === undefined) {
      void this.close({ reason: 'abandon' });
    }
  }

  get wakeAtMs(): number | undefined {
    return this.#routes.wakeAtMs;
  }

  wake(): void {
    this.#routes.wake();
  }

  /** A mistake of ours ends this peer's session, and nobody else's: it begins anew after a pause. */
  crashed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#host.onError(new Error(`peer ${this.name} failed and is restarted: ${message}`, { cause: error }));
    const wasEstablished = this.#established !== undefined;
    const from = this.#driver.stateName;
    this.#down();
    this.#driver.restart();
    const ended = this.#ends.crashed(message, wasEstablished);
    this.#emit({ type: wasEstablished ? 'down' : 'attemptFailed', ...ended });
    const to: FsmStateName = this.#driver.stateName;
    if (from !== to) this.#emit({ type: 'stateChanged', from, to });
    const { idleHoldTimeMs, maxIdleHoldTimeMs } = fsmConfigOf(this.settings);
    const pauseMs = Math.min(maxIdleHoldTimeMs, idleHoldTimeMs * 2 ** Math.min(this.#crashes, 20));
    this.#crashes += 1;
    this.#cancelRestart?.();
    if (this.#closing === undefined) this.#cancelRestart = this.#environment.clock.callIn(pauseMs, () => this.start());
  }

  #tellRoutes(signal: AbortSignal | undefined, tell: () => Promise<void>): Promise<void> {
    if (this.#closing !== undefined) return rejected(peerClosed(this.name));
    return unlessAborted(tell(), signal);
  }

  #down(): void {
    this.#established = undefined;
    this.#routes.end();
  }

  #delivered(message: BgpMessage): void {
    if (message.type === 'update') this.#updateReceived(message);
    else if (message.type === 'route-refresh' && message.subtype === 0) {
      const family = addressFamilyOf(message);
      if (family !== undefined) this.#routes.refresh(family);
    }
  }

  #updateReceived(update: UpdateMessage): void {
    const { announced, withdrawn, failures, endOfRib } = update;
    for (const { count } of announced) this.#counters.prefixesReceived += count;
    for (const { count } of withdrawn) this.#counters.prefixesWithdrawn += count;
    if (failures.length > 0) {
      this.#counters.updateFailures += 1;
      const event = this.#updateFailures.add(update, this.#environment.clock.nowMs());
      if (event !== undefined) this.#emit(event);
    }
    const family = endOfRib === undefined ? undefined : addressFamilyOf(endOfRib);
    if (family !== undefined) this.#emit({ type: 'endOfRibReceived', family });
    this.#guard(() => this.settings.options.onUpdate?.(update));
  }

  #emit(event: BgpPeerEvent): void {
    this.#guard(() => this.settings.options.onEvent?.(event));
    for (const queue of this.#queues) queue.push(event);
  }

  /** What a callback throws is told, and changes nothing. */
  #guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#host.onError(error instanceof Error ? error : new Error(String(error), { cause: error }));
    }
  }

  async #leave(options: BgpCloseOptions): Promise<void> {
    const { reason = 'shutdown', communication, timeoutMs = DEFAULT_CLOSE_TIMEOUT_MS } = options;
    this.#cancelRestart?.();
    if (reason === 'abandon') return;
    const { clock } = this.#environment;
    const endsAtMs = clock.nowMs() + timeoutMs;
    if (reason !== 'changed' && this.#established !== undefined) {
      const withdrawn = this.#routes.set([]);
      let sent = false;
      withdrawn.then(() => (sent = true)).catch(() => {});
      await this.#until(
        endsAtMs,
        () => this.#established === undefined || (sent && this.#driver.unacknowledgedOctets === 0),
      );
    }
    this.#driver.dispatch({ type: 'ManualStop', reason: { ceaseSubcode: CEASE[reason], communication } });
    await this.#until(endsAtMs, () => this.#driver.lingering === 0 || this.#driver.unacknowledgedOctets === 0);
  }

  /** Waits for `done`, but no longer than that. */
  async #until(endsAtMs: number, done: () => boolean): Promise<void> {
    const { clock } = this.#environment;
    while (!done() && clock.nowMs() < endsAtMs) {
      await new Promise<void>((resolve) => {
        clock.callIn(Math.min(ACKNOWLEDGED_POLL_MS, endsAtMs - clock.nowMs()), resolve);
      });
    }
  }

  #forget(): void {
    this.#closed = true;
    this.#down();
    this.#driver.close();
    this.#routes.close(peerClosed(this.name));
    for (const queue of [...this.#queues]) queue.end();
    this.#host.removed(this);
  }
}

function peerClosed(name: string): Error {
  return Object.assign(new Error(`the peer ${name} was removed`), { code: 'ERR_BGP_PEER_CLOSED' });
}

function rejected(error: Error): Promise<never> {
  const promise = Promise.reject(error);
  promise.catch(() => {});
  return promise;
}
