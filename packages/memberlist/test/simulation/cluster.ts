import { decodeMessage } from '../../src/messages/decode-message.ts';
import type { Endpoint, PacketMessage, StreamMessage } from '../../src/messages/message.ts';
import type { Member, ProtocolConfig, ProtocolEffect, ProtocolEvent } from '../../src/state/protocol.ts';
import { initialProtocolState, membersOf, type ProtocolState } from '../../src/state/protocol-state.ts';
import { stepProtocol } from '../../src/state/step-protocol.ts';
import { type Clock, createClock } from './clock.ts';
import { lanConfig } from './lan-config.ts';
import { seededRandom } from './seeded-random.ts';

/** One process with one state machine, on one host. */
export interface Process {
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly config: ProtocolConfig;
  state: ProtocolState;
  /** `stopped`: SIGSTOP; its kernel takes packets and connections, but nobody reads them. `dead`: killed. */
  condition: 'running' | 'stopped' | 'dead';
  /** Packets in the socket of a stopped process. */
  readonly inbox: (() => void)[];
  cancelWake: (() => void) | undefined;
}

/** What the network does to what is sent. */
export interface Network {
  minDelayMs: number;
  maxDelayMs: number;
  /** Of packets, from 0 to 1. Streams are not lost, only refused. */
  loss: number;
  duplicates: number;
  reaches: (from: Process, to: Process) => boolean;
}

export interface Happening {
  readonly atMs: number;
  readonly at: string;
  readonly effect: ProtocolEffect;
}

export interface Cluster {
  readonly clock: Clock;
  readonly random: () => number;
  readonly network: Network;
  readonly processes: Process[];
  readonly happenings: Happening[];
  /** Starts a process; a name may be used again. */
  readonly boot: (options: {
    readonly name: string;
    readonly host: number;
    readonly config?: Partial<ProtocolConfig>;
  }) => Process;
  readonly step: (process: Process, event: ProtocolEvent) => void;
  readonly join: (process: Process, others: readonly Process[]) => void;
  readonly kill: (process: Process) => void;
  readonly stop: (process: Process) => void;
  readonly resume: (process: Process) => void;
  readonly run: (forMs: number) => void;
  /** What one thinks of another. */
  readonly view: (process: Process, name: string) => Member | undefined;
}

type PushPull = StreamMessage & { readonly type: 'pushPull' };

/** Many state machines, a clock and a network between them, all decided by a seed. */
export function createCluster(seed: number, afterStep?: (process: Process) => void): Cluster {
  const random = seededRandom(seed);
  const clock = createClock();
  const network: Network = { minDelayMs: 0.1, maxDelayMs: 1, loss: 0, duplicates: 0, reaches: () => true };
  const processes: Process[] = [];
  const byEndpoint = new Map<string, Process>();
  const happenings: Happening[] = [];
  let exchanges = 0;

  const delayMs = (): number => network.minDelayMs + random() * (network.maxDelayMs - network.minDelayMs);
  const connected = (one: Process, other: Process): boolean =>
    network.reaches(one, other) && network.reaches(other, one);
  const listener = (to: Endpoint): Process | undefined => {
    const process = byEndpoint.get(keyOf(to));
    return process === undefined || process.condition === 'dead' ? undefined : process;
  };

  const step = (process: Process, event: ProtocolEvent): void => {
    if (process.condition !== 'running') return;
    const stepped = stepProtocol(process.state, event, process.config);
    process.state = stepped.state;
    for (const effect of stepped.effects) perform(process, effect);
    afterStep?.(process);
  };

  /** The same octets are sent many times: they are read once. */
  const known = new WeakMap<Uint8Array, PacketMessage>();
  const read = (octets: Uint8Array): PacketMessage => {
    const before = known.get(octets);
    if (before !== undefined) return before;
    const decoded = decodeMessage(octets);
    if (!decoded.ok) throw new Error(`sent what cannot be read: ${decoded.failure.message}`);
    known.set(octets, decoded.value);
    return decoded.value;
  };

  /** Runs in the process, or when it is resumed. */
  const inside = (process: Process, run: () => void): void => {
    if (process.condition === 'stopped') process.inbox.push(run);
    else if (process.condition === 'running') run();
  };

  const sendPacket = (from: Process, effect: ProtocolEffect & { readonly type: 'sendPacket' }): void => {
    const to = listener(effect.to);
    if (to === undefined || !network.reaches(from, to)) return;
    const copies = random() < network.duplicates ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      if (random() < network.loss) continue;
      clock.after(delayMs(), () =>
        inside(to, () => {
          for (const part of effect.parts) {
            step(to, { type: 'packetMessage', message: read(part), from: from.endpoint, nowMs: clock.nowMs() });
          }
        }),
      );
    }
  };

  /** A connection: `serve` runs at the other end and answers with `reply`; nothing in time is a failure. */
  const connect = (
    from: Process,
    to: Endpoint,
    timeoutMs: number,
    ends: { readonly serve: (server: Process, reply: (back: () => void) => void) => void; readonly fail: () => void },
  ): void => {
    let over = false;
    const end = (run: () => void): void => {
      if (over) return;
      over = true;
      cancel();
      inside(from, run);
    };
    const cancel = clock.after(timeoutMs, () => end(ends.fail));
    const server = listener(to);
    if (server === undefined || !connected(from, server)) return;
    clock.after(2 * delayMs(), () =>
      inside(server, () =>
        ends.serve(server, (back) => {
          if (connected(from, server)) clock.after(delayMs(), () => end(back));
        }),
      ),
    );
  };

  const replies = new Map<number, (states: PushPull) => void>();
  const streamReplies = new Map<number, () => void>();

  const perform = (process: Process, effect: ProtocolEffect): void => {
    switch (effect.type) {
      case 'sendPacket':
        sendPacket(process, effect);
        break;
      case 'wakeAt':
        process.cancelWake?.();
        process.cancelWake = undefined;
        if (effect.atMs !== undefined) {
          process.cancelWake = clock.after(effect.atMs - clock.nowMs(), () =>
            step(process, { type: 'wake', nowMs: clock.nowMs() }),
          );
        }
        break;
      case 'exchangeStates':
        connect(process, effect.to, process.config.tcpTimeoutMs, {
          serve: (server, reply) => {
            exchanges += 1;
            const { exchange } = effect;
            replies.set(exchanges, (message) =>
              reply(() => step(process, { type: 'pushPullAnswered', exchange, message, nowMs: clock.nowMs() })),
            );
            const message: PushPull = {
              type: 'pushPull',
              join: effect.join,
              states: effect.states,
              userState: new Uint8Array(),
            };
            step(server, { type: 'pushPullRequested', exchange: exchanges, message, nowMs: clock.nowMs() });
          },
          fail: () =>
            step(process, {
              type: 'exchangeFailed',
              exchange: effect.exchange,
              reason: 'timed out',
              nowMs: clock.nowMs(),
            }),
        });
        break;
      case 'answerPushPull':
        replies.get(effect.exchange)?.({
          type: 'pushPull',
          join: effect.join,
          states: effect.states,
          userState: new Uint8Array(),
        });
        replies.delete(effect.exchange);
        break;
      case 'pingByStream':
        connect(process, effect.to, effect.timeoutMs, {
          serve: (server, reply) => {
            exchanges += 1;
            const { sequence, message } = effect;
            streamReplies.set(exchanges, () =>
              reply(() => step(process, { type: 'streamPingAnswered', sequence, nowMs: clock.nowMs() })),
            );
            step(server, { type: 'streamPing', exchange: exchanges, message, nowMs: clock.nowMs() });
          },
          fail: () => step(process, { type: 'streamPingFailed', sequence: effect.sequence, nowMs: clock.nowMs() }),
        });
        break;
      case 'answerStreamPing':
        streamReplies.get(effect.exchange)?.();
        streamReplies.delete(effect.exchange);
        break;
      case 'closeExchange':
        streamReplies.delete(effect.exchange);
        break;
      default:
        happenings.push({ atMs: clock.nowMs(), at: process.name, effect });
    }
  };

  const boot: Cluster['boot'] = ({ name, host, config }) => {
    const address = Uint8Array.of(10, 0, host >> 8, host & 0xff);
    const full = lanConfig({ node: name, address, random, ...config });
    const process: Process = {
      name,
      endpoint: full.advertise,
      config: full,
      state: initialProtocolState(full),
      condition: 'running',
      inbox: [],
      cancelWake: undefined,
    };
    processes.push(process);
    byEndpoint.set(keyOf(process.endpoint), process);
    step(process, { type: 'start', nowMs: clock.nowMs() });
    return process;
  };

  let joins = 0;
  return {
    clock,
    random,
    network,
    processes,
    happenings,
    boot,
    step,
    join: (process, others) => {
      const exchange = joins;
      joins += others.length;
      const endpoints = others.map((other) => other.endpoint);
      step(process, { type: 'join', exchange, endpoints, nowMs: clock.nowMs() });
    },
    kill: (process) => {
      process.condition = 'dead';
      process.cancelWake?.();
    },
    stop: (process) => {
      process.condition = 'stopped';
    },
    resume: (process) => {
      process.condition = 'running';
      // What waits in the sockets comes before the timer that ran out.
      for (const run of process.inbox.splice(0)) run();
      step(process, { type: 'wake', nowMs: clock.nowMs() });
    },
    run: (forMs) => clock.runUntil(clock.nowMs() + forMs),
    view: (process, name) => {
      for (const member of membersOf(process.state)) if (member.node === name) return member;
      return undefined;
    },
  };
}

function keyOf(endpoint: Endpoint): string {
  return `${endpoint.address.join('.')}:${endpoint.port}`;
}
