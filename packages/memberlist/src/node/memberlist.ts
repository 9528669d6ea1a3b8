import type { Endpoint, MemberlistConfig, StreamMessage } from '../index.ts';
import type { Member, ProtocolConfig, ProtocolEvent } from '../state/protocol.ts';
import { initialProtocolState, memberCountOf, membersOf, type ProtocolState } from '../state/protocol-state.ts';
import { stepProtocol } from '../state/step-protocol.ts';
import { createGossipCodec, type GossipCodec } from './codec.ts';
import { carryOut, type EffectHands } from './effects.ts';
import { formatEndpoint, parseEndpoint } from './endpoint.ts';
import { giveBack } from './give-back.ts';
import { JoinAttempts, type JoinTarget } from './join-attempts.ts';
import { NoticeLimiter } from './notices.ts';
import type { JoinFailure, JoinResult, Memberlist, MemberlistOptions, MemberlistStatistics } from './options.ts';
import type { PacketSocket } from './packet-socket.ts';
import { StreamClient } from './stream/stream-client.ts';
import type { StreamServer } from './stream/stream-server.ts';
import { WakeTimer } from './wake-timer.ts';

/** hashicorp/memberlist `memberlist.go`, `MetaMaxSize`. */
const MAX_META_OCTETS = 512;

/** What is known before anything is heard: the options, checked, and sockets that are bound. */
export interface Beginning {
  readonly options: MemberlistOptions;
  readonly advertised: Endpoint;
  readonly config: MemberlistConfig;
  readonly initialIncarnation: number;
  readonly packets: PacketSocket;
  readonly server: StreamServer;
}

/** The sockets, the clock and the hands of the state machine. */
export class OpenMemberlist implements Memberlist {
  readonly name: string;
  readonly advertised: Endpoint;
  readonly #options: MemberlistOptions;
  readonly #config: ProtocolConfig;
  readonly #notices: NoticeLimiter;
  readonly #hands: EffectHands;
  readonly #packets: PacketSocket;
  readonly #server: StreamServer;
  readonly #client: StreamClient;
  readonly #timer: WakeTimer;
  readonly #joins: JoinAttempts = new JoinAttempts();
  readonly #leaves = new Set<() => void>();
  readonly #packetsRefused: Record<string, number> = {};
  /** What happened while an effect was carried out: handled after it. */
  readonly #events: ProtocolEvent[] = [];
  #codec: GossipCodec;
  #keysHeard: number[] = [];
  #state: ProtocolState;
  #stepping: boolean = false;
  #closing: Promise<void> | undefined;

  constructor({ options, advertised, config, initialIncarnation, packets, server }: Beginning) {
    this.#options = options;
    this.name = options.name;
    this.advertised = advertised;
    this.#notices = new NoticeLimiter(
      (notice) => this.#call(() => options.onNotice?.(notice)),
      () => performance.now(),
    );
    this.#config = {
      ...config,
      node: options.name,
      advertise: advertised,
      meta: options.meta ?? new Uint8Array(),
      initialIncarnation,
      packetOverheadOctets: () => this.#codec.packetOverheadOctets,
      random: Math.random,
    };
    this.#codec = this.#useKeys(options.keys ?? []);
    this.#state = initialProtocolState(this.#config);
    this.#packets = packets;
    this.#server = server;
    this.#client = new StreamClient(() => this.#codec);
    this.#timer = new WakeTimer({
      itemsRead: () => packets.packetsReceived + server.itemsRead + this.#client.itemsRead,
      wake: () => this.#step({ type: 'wake', nowMs: performance.now() }),
    });
    const { tcpTimeoutMs } = config;
    this.#hands = {
      options,
      packets,
      server,
      client: this.#client,
      timer: this.#timer,
      joins: this.#joins,
      notices: this.#notices,
      timeouts: { tcpTimeoutMs, dialTimeoutMs: options.dialTimeoutMs ?? tcpTimeoutMs },
      codec: () => this.#codec,
      step: (event) => this.#step(event),
      left: () => this.#allTold(),
    };
  }

  start(): void {
    this.#packets.start({
      packet: (octets, from, source) => this.#call(() => this.#onPacket(octets, from, source)),
      sendFailed: (to, code, remote) => {
        this.#notices.notice('debug', 'a packet could not be sent', formatEndpoint(to), { code });
        if (remote) this.#step({ type: 'sendFailed', to, nowMs: performance.now() });
      },
      error: (error) => this.#onError(error),
    });
    this.#server.start({
      codec: () => this.#codec,
      timeoutMs: this.#config.tcpTimeoutMs,
      membersKnown: () => memberCountOf(this.#state),
      request: (exchange, message, from) => this.#call(() => this.#onRequest(exchange, message, from)),
      refused: (message, source, fields) => this.#notices.notice('warn', message, source, fields),
      error: (error) => this.#onError(error),
    });
    this.#step({ type: 'start', nowMs: performance.now() });
  }

  members(): readonly Member[] {
    return [...membersOf(this.#state)].filter(({ status }) => status === 'alive' || status === 'suspect');
  }

  async join(addresses: readonly string[]): Promise<JoinResult> {
    this.#assertOpen();
    const targets: JoinTarget[] = [];
    const failures: JoinFailure[] = [];
    for (const address of addresses) {
      const endpoint = parseEndpoint(address, this.advertised.port);
      if (endpoint === undefined) failures.push({ address, reason: 'not an IP address' });
      else targets.push({ address, endpoint });
    }
    return this.#joins.begin(targets, failures, (exchange) => {
      const endpoints = targets.map(({ endpoint }) => endpoint);
      this.#step({ type: 'join', exchange, endpoints, nowMs: performance.now() });
    });
  }

  async leave(timeoutMs: number): Promise<void> {
    this.#assertOpen();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => left(), timeoutMs);
      const left = (): void => {
        clearTimeout(timer);
        this.#leaves.delete(left);
        resolve();
      };
      this.#leaves.add(left);
      this.#step({ type: 'leave', nowMs: performance.now() });
    });
  }

  setMeta(meta: Uint8Array): void {
    this.#assertOpen();
    checkMeta(meta);
    this.#step({ type: 'setMeta', meta, nowMs: performance.now() });
  }

  setKeys(keys: readonly Uint8Array[]): void {
    this.#assertOpen();
    this.#codec = this.#useKeys(keys);
  }

  statistics(): MemberlistStatistics {
    const packets = this.#packets;
    const server = this.#server;
    const known = [...membersOf(this.#state)];
    return {
      membersKnown: known.length,
      membersLiving: known.filter(({ status }) => status === 'alive' || status === 'suspect').length,
      packetsReceived: packets.packetsReceived,
      octetsReceived: packets.octetsReceived,
      packetsSent: packets.packetsSent,
      octetsSent: packets.octetsSent,
      packetsUnsent: packets.packetsUnsent,
      packetsRefused: { ...this.#packetsRefused },
      connectionsAccepted: server.accepted,
      connectionsRefused: server.refused,
      connectionsOpen: server.open,
      connectionOctetsHeld: server.heldOctets,
      keysHeard: [...this.#keysHeard],
      noticesSuppressed: this.#notices.suppressed,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#timer.close();
    this.#client.close();
    this.#events.length = 0;
    const closed = Promise.all([this.#packets.close(), this.#server.close()]);
    this.#joins.abandon('the memberlist was closed');
    this.#allTold();
    await closed;
  }

  #onPacket(octets: Uint8Array, from: Endpoint, source: string): void {
    const decoded = this.#codec.decodePacket(octets);
    if (!decoded.ok) {
      const { code, message } = decoded.failure;
      this.#countRefused(code);
      this.#notices.notice('warn', 'refused a packet', source, { code, because: message.slice(0, 200) });
      giveBack(octets);
      return;
    }
    for (const message of decoded.value) this.#step({ type: 'packetMessage', message, from, nowMs: performance.now() });
  }

  #onRequest(exchange: number, message: StreamMessage, from: Endpoint): void {
    const nowMs = performance.now();
    if (message.type === 'pushPull') this.#step({ type: 'pushPullRequested', exchange, message, nowMs });
    else if (message.type === 'ping') this.#step({ type: 'streamPing', exchange, message, nowMs });
    else {
      if (message.type === 'user') this.#call(() => this.#options.onUserMessage?.(message.payload, from));
      this.#server.closeExchange(exchange);
    }
  }

  /** One event after the other, and never an exception to whoever called us: a socket, a timer. */
  #step(event: ProtocolEvent): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#events.shift(); next !== undefined && !this.#closing; next = this.#events.shift()) {
        const { state, effects } = stepProtocol(this.#state, next, this.#config);
        this.#state = state;
        // One that fails takes no other with it: the next may be the clock.
        for (const effect of effects) this.#call(() => carryOut(effect, this.#hands));
      }
    } catch (error) {
      this.#onError(error);
    } finally {
      this.#stepping = false;
    }
  }

  /** Everybody who has to know of our leave does, or nobody will be told any more. */
  #allTold(): void {
    for (const left of [...this.#leaves]) left();
  }

  #useKeys(keys: readonly Uint8Array[]): GossipCodec {
    const heard = keys.map(() => 0);
    this.#keysHeard = heard;
    return createGossipCodec({
      config: this.#config,
      keys,
      keyHeard: (index) => {
        const before = heard[index] ?? 0;
        heard[index] = before + 1;
        if (before === 0 && this.#keysHeard === heard) this.#call(() => this.#options.onKeyHeard?.(index));
      },
      refusedPart: ({ code }) => this.#countRefused(code),
    });
  }

  #countRefused(code: string): void {
    this.#packetsRefused[code] = (this.#packetsRefused[code] ?? 0) + 1;
  }

  /** What is thrown by code of ours or of somebody else must not end a socket's. */
  #call(callback: () => void): void {
    if (this.#closing !== undefined) return;
    try {
      callback();
    } catch (error) {
      this.#onError(error);
    }
  }

  #onError(thrown: unknown): void {
    if (this.#closing !== undefined) return;
    try {
      this.#options.onError?.(thrown instanceof Error ? thrown : new Error(String(thrown)));
    } catch {
      // Nobody is left to be told.
    }
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw Object.assign(new Error(`the memberlist of ${this.name} is closed`), { code: 'ERR_MEMBERLIST_CLOSED' });
  }
}

/** @throws RangeError for more than every member takes. */
export function checkMeta(meta: Uint8Array): void {
  if (meta.length > MAX_META_OCTETS)
    throw new RangeError(`the meta of a member has at most ${MAX_META_OCTETS} octets, not ${meta.length}`);
}
