import { decodeMessage } from '../../src/messages/decode-message.ts';
import type { Endpoint, MemberRecord, MemberState, MemberStatus, PacketMessage } from '../../src/messages/message.ts';
import type { Member, ProtocolConfig, ProtocolEffect, ProtocolEvent } from '../../src/state/protocol.ts';
import { initialProtocolState, membersOf, type ProtocolState } from '../../src/state/protocol-state.ts';
import { stepProtocol } from '../../src/state/step-protocol.ts';
import { lanConfig } from '../simulation/lan-config.ts';
import { seededRandom } from '../simulation/seeded-random.ts';

export const SELF = 'self';
export const VERSIONS: Uint8Array = Uint8Array.of(1, 5, 2, 0, 0, 0);

/** An event without its time. */
export type Untimed = ProtocolEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'nowMs'>
    : never
  : never;

export interface SentPacket {
  readonly to: Endpoint;
  readonly messages: readonly PacketMessage[];
  readonly checksum: boolean;
}

/** One state machine, and who makes things happen to it. */
export interface Driver {
  readonly config: ProtocolConfig;
  readonly state: () => ProtocolState;
  readonly nowMs: () => number;
  readonly wakeAtMs: () => number | undefined;
  /** Lets time pass in which nothing happens, not even a wake. */
  readonly skip: (ms: number) => void;
  readonly step: (event: Untimed) => readonly ProtocolEffect[];
  readonly receive: (message: PacketMessage, from?: Endpoint) => readonly ProtocolEffect[];
  /** Lets time pass, and wakes the machine whenever it wants. */
  readonly advance: (ms: number) => readonly ProtocolEffect[];
  readonly member: (node: string) => Member | undefined;
  readonly status: (node: string) => MemberStatus | undefined;
}

export function createDriver(overrides: Partial<ProtocolConfig> = {}): Driver {
  const config = lanConfig({
    node: SELF,
    address: Uint8Array.of(192, 0, 2, 254),
    random: seededRandom(1),
    ...overrides,
  });
  let state = initialProtocolState(config);
  let nowMs = 0;
  let wakeAtMs: number | undefined;
  const step = (event: Untimed): readonly ProtocolEffect[] => {
    const stepped = stepProtocol(state, { ...event, nowMs }, config);
    state = stepped.state;
    for (const effect of stepped.effects) if (effect.type === 'wakeAt') wakeAtMs = effect.atMs;
    return stepped.effects;
  };
  const member = (node: string): Member | undefined => {
    for (const known of membersOf(state)) if (known.node === node) return known;
    return undefined;
  };
  return {
    config,
    state: () => state,
    nowMs: () => nowMs,
    wakeAtMs: () => wakeAtMs,
    skip: (ms) => {
      nowMs += ms;
    },
    step,
    receive: (message, from = endpointOf(1)) => step({ type: 'packetMessage', message, from }),
    advance: (ms) => {
      const untilMs = nowMs + ms;
      const effects: ProtocolEffect[] = [];
      while (wakeAtMs !== undefined && wakeAtMs <= untilMs) {
        nowMs = Math.max(nowMs, wakeAtMs);
        effects.push(...step({ type: 'wake' }));
      }
      nowMs = untilMs;
      return effects;
    },
    member,
    status: (node) => member(node)?.status,
  };
}

/** A machine that has begun and knows members `node-1` and so on. */
export function driverWith(count: number, overrides: Partial<ProtocolConfig> = {}): Driver {
  const driver = createDriver(overrides);
  driver.step({ type: 'start' });
  for (let index = 1; index <= count; index += 1) driver.receive(alive(index));
  return driver;
}

export function endpointOf(index: number): Endpoint {
  return { address: Uint8Array.of(192, 0, 2, index), port: 7946 };
}

function record(index: number, changes: Partial<MemberRecord> = {}): MemberRecord {
  return {
    node: `node-${index}`,
    ...endpointOf(index),
    incarnation: 1,
    meta: new Uint8Array(),
    versions: VERSIONS,
    ...changes,
  };
}

export function alive(index: number, changes: Partial<MemberRecord> = {}): PacketMessage {
  return { type: 'alive', ...record(index, changes) };
}

export function accusation(
  type: 'suspect' | 'dead',
  node: string,
  incarnation = 1,
  from = 'accuser',
): PacketMessage & { readonly type: 'suspect' | 'dead' } {
  return { type, node, incarnation, from };
}

export function memberState(index: number, status: MemberStatus, changes: Partial<MemberRecord> = {}): MemberState {
  return { ...record(index, changes), status };
}

/** What went out, read again. */
export function packets(effects: readonly ProtocolEffect[]): readonly SentPacket[] {
  return effects.flatMap((effect) =>
    effect.type === 'sendPacket'
      ? [{ to: effect.to, checksum: effect.checksum, messages: effect.parts.map(read) }]
      : [],
  );
}

export function effectsOf<Type extends ProtocolEffect['type']>(
  effects: readonly ProtocolEffect[],
  type: Type,
): readonly (ProtocolEffect & { readonly type: Type })[] {
  return effects.filter((effect): effect is ProtocolEffect & { readonly type: Type } => effect.type === type);
}

/** All that is to be told to others, once: the queue is emptied. */
export function queued(driver: Driver): readonly PacketMessage[] {
  const room = { octets: Number.POSITIVE_INFINITY, overheadOctets: 0, messages: Number.POSITIVE_INFINITY };
  return driver.state().broadcasts.take(room, 1).map(read);
}

function read(octets: Uint8Array): PacketMessage {
  const decoded = decodeMessage(octets);
  if (!decoded.ok) throw new Error(decoded.failure.message);
  return decoded.value;
}
