import type { BgpPeerEntry, BgpRouteEntry, Layer2Entry, Layer2EntryKey } from '@steelyard/announce';
import type { ControlMessageCode } from './checks.ts';
import { decodeControlMessage, exceedsSnapshot } from './decode.ts';
import type { ControlMessage, SnapshotEnd, Stamp } from './messages.ts';

/** Why a session is refused: a message that is none, or one that cannot come now. */
export type RefusalCode =
  | ControlMessageCode
  | 'ERR_SPEAKER_WIRE_LOST_MESSAGE'
  | 'ERR_SPEAKER_WIRE_UNEXPECTED_MESSAGE'
  | 'ERR_SPEAKER_WIRE_WRONG_COUNT';

/** What can happen on the port. */
export type ReceiverEvent =
  /** A new control thread: its session may have any number. What is in force stays in force. */
  { readonly type: 'attached' } | { readonly type: 'message'; readonly message: unknown };

/** What the caller must now do, in this order. */
export type ReceiverEffect =
  /** These will be in force soon: what is costly about them can be done now. */
  | { readonly type: 'staged'; readonly entries: readonly Layer2Entry[] }
  | {
      readonly type: 'snapshot';
      readonly entries: ReadonlyMap<string, Layer2Entry>;
      /** By prefix. */
      readonly routes: ReadonlyMap<string, BgpRouteEntry>;
      readonly bgpPeers: readonly BgpPeerEntry[];
      readonly complete: boolean;
      readonly bgpComplete: boolean;
      readonly nodesSynced: boolean;
    }
  | {
      readonly type: 'change';
      readonly upserts: readonly Layer2Entry[];
      readonly removals: readonly Layer2EntryKey[];
      readonly routeUpserts: readonly BgpRouteEntry[];
      readonly routeRemovals: readonly string[];
      readonly bgpPeers: readonly BgpPeerEntry[] | undefined;
    }
  | ({ readonly type: 'acknowledge' } & Stamp)
  | ({ readonly type: 'refuse'; readonly code: RefusalCode; readonly message: string } & Stamp);

/** Each state holds only what means something in it. */
export type ReceiverState =
  /** No session yet, or one that was refused: only a session above `floor` is heard. */
  | { readonly name: 'AwaitingSnapshot'; readonly floor: number }
  | ({
      readonly name: 'InSnapshot';
      readonly staged: Map<string, Layer2Entry>;
      readonly stagedRoutes: Map<string, BgpRouteEntry>;
    } & Stamp)
  | ({ readonly name: 'Following' } & Stamp);

export interface ReceiverStep {
  readonly state: ReceiverState;
  readonly effects: readonly ReceiverEffect[];
}

/** Before the first control thread. */
export const INITIAL_RECEIVER_STATE: ReceiverState = { name: 'AwaitingSnapshot', floor: -1 };

/** Names an entry in one string. */
export function entryKey({ serviceKey, address }: Layer2EntryKey): string {
  return `${serviceKey} ${address}`;
}

/**
 * Takes in one message. Whatever a sender that died left half-done changes nothing: only `snapshot-end` puts a
 * snapshot in force, and a message of an older session is not heard.
 */
export function stepReceiver(state: ReceiverState, event: ReceiverEvent): ReceiverStep {
  if (event.type === 'attached') return { state: INITIAL_RECEIVER_STATE, effects: [] };
  const message = decodeControlMessage(event.message);
  if (!message.ok) {
    const { code, message: why } = message.failure;
    const stamp = state.name === 'AwaitingSnapshot' ? { session: state.floor, generation: 0 } : state;
    return refuse(state, stamp, code, why);
  }
  const { value } = message;
  const isNewer = value.session > (state.name === 'AwaitingSnapshot' ? state.floor : state.session);
  if (isNewer) {
    if (value.type !== 'snapshot-begin') {
      const why = `a session begins with snapshot-begin, got ${value.type}`;
      return refuse(state, value, 'ERR_SPEAKER_WIRE_UNEXPECTED_MESSAGE', why);
    }
    return { state: inSnapshot(value), effects: [acknowledge(value)] };
  }
  if (state.name === 'AwaitingSnapshot' || value.session < state.session) return { state, effects: [] }; // stale
  if (value.generation !== state.generation + 1) {
    const why = `expected generation ${state.generation + 1}, got ${value.generation}`;
    return refuse(state, value, 'ERR_SPEAKER_WIRE_LOST_MESSAGE', why);
  }
  return state.name === 'InSnapshot' ? stage(state, value) : follow(state, value);
}

function inSnapshot({ session, generation }: Stamp): ReceiverState {
  return { name: 'InSnapshot', session, generation, staged: new Map(), stagedRoutes: new Map() };
}

function acknowledge({ session, generation }: Stamp): ReceiverEffect {
  return { type: 'acknowledge', session, generation };
}

function refuse(state: ReceiverState, stamp: Stamp, code: RefusalCode, message: string): ReceiverStep {
  const { session, generation } = stamp;
  const current = state.name === 'AwaitingSnapshot' ? state.floor : state.session;
  return {
    state: { name: 'AwaitingSnapshot', floor: Math.max(current, session) },
    effects: [{ type: 'refuse', session, generation, code, message }],
  };
}

function stage(state: ReceiverState & { readonly name: 'InSnapshot' }, message: ControlMessage): ReceiverStep {
  switch (message.type) {
    case 'entries':
      if (exceedsSnapshot(state.staged.size + message.entries.length)) {
        return refuse(state, message, 'ERR_SPEAKER_WIRE_TOO_MANY_ENTRIES', 'the snapshot is too large');
      }
      for (const entry of message.entries) state.staged.set(entryKey(entry), entry);
      return {
        state: { ...state, generation: message.generation },
        effects: [{ type: 'staged', entries: message.entries }, acknowledge(message)],
      };
    case 'routes':
      if (exceedsSnapshot(state.stagedRoutes.size + message.routes.length)) {
        return refuse(state, message, 'ERR_SPEAKER_WIRE_TOO_MANY_ENTRIES', 'the snapshot has too many routes');
      }
      for (const route of message.routes) state.stagedRoutes.set(route.prefix, route);
      return { state: { ...state, generation: message.generation }, effects: [acknowledge(message)] };
    case 'snapshot-end':
      return endSnapshot(state, message);
    case 'snapshot-begin': // the sender thought better of it
      return { state: inSnapshot(message), effects: [acknowledge(message)] };
    case 'change':
      return refuse(state, message, 'ERR_SPEAKER_WIRE_UNEXPECTED_MESSAGE', 'a change within a snapshot');
  }
}

function endSnapshot(
  { staged, stagedRoutes }: ReceiverState & { readonly name: 'InSnapshot' },
  message: SnapshotEnd & Stamp,
): ReceiverStep {
  const { session, generation, entryCount, routeCount, bgpPeers, complete, bgpComplete, nodesSynced } = message;
  if (staged.size !== entryCount || stagedRoutes.size !== routeCount) {
    const why = `the snapshot has ${entryCount} entries and ${routeCount} routes, got ${staged.size} and ${stagedRoutes.size}`;
    return refuse({ name: 'Following', session, generation }, message, 'ERR_SPEAKER_WIRE_WRONG_COUNT', why);
  }
  return {
    state: { name: 'Following', session, generation },
    effects: [
      { type: 'snapshot', entries: staged, routes: stagedRoutes, bgpPeers, complete, bgpComplete, nodesSynced },
      acknowledge(message),
    ],
  };
}

function follow(state: ReceiverState & { readonly name: 'Following' }, message: ControlMessage): ReceiverStep {
  switch (message.type) {
    case 'change': {
      const { session, generation, ...change } = message;
      return { state: { name: 'Following', session, generation }, effects: [change, acknowledge(message)] };
    }
    case 'snapshot-begin': // everything anew, within the session
      return { state: inSnapshot(message), effects: [acknowledge(message)] };
    case 'entries':
    case 'routes':
    case 'snapshot-end':
      return refuse(state, message, 'ERR_SPEAKER_WIRE_UNEXPECTED_MESSAGE', `${message.type} outside a snapshot`);
  }
}
