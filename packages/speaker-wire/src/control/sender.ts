import type { MessagePort } from 'node:worker_threads';
import type { BgpPeerEntry, BgpRouteEntry, Layer2Entry, Layer2EntryKey } from '@steelyard/announce';
import { type BgpCounters, readBgpCounters } from '../bgp/session-counters.ts';
import { CounterReader, type Layer2Counters } from '../counters/counter-reader.ts';
import type { WireFigures } from '../figures/layout.ts';
import { readFigures } from '../figures/shared-figures.ts';
import {
  type BgpCounterPlace,
  type ControlMessage,
  MAX_ENTRIES_PER_MESSAGE,
  type PeersMessage,
  type WireMessage,
} from '../protocol/messages.ts';
import { entryKey } from '../protocol/receive.ts';
import type { WireReport } from '../protocol/report.ts';

/** How a sender is to behave. */
export interface DesiredStateSenderOptions {
  /** Takes what the wire thread did, or could not do. */
  onReports?(reports: readonly WireReport[]): void;
  /** The first whole snapshot is in force, and what became of each of its entries has been reported. */
  onComplete?(): void;
  /** A message was refused, which is a defect: the sender begins again with a whole snapshot. */
  onRefused?(refusal: { readonly code: string; readonly message: string }): void;
  /** Messages on their way that the wire thread has not taken in yet. Default 2. */
  readonly maxOutstanding?: number;
}

/** What is known besides the entries of a snapshot. */
export interface SnapshotOptions {
  /** Whether whatever else is announced is to be withdrawn. Default true; false while part of it is unknown. */
  readonly complete?: boolean;
  /** Whether all Nodes have been listed. Default true. */
  readonly nodesSynced?: boolean;
}

/** What is announced by BGP, and to whom. */
export interface BgpDesired {
  readonly routes: Iterable<BgpRouteEntry>;
  readonly peers: readonly BgpPeerEntry[];
  /** Whether whatever else is announced and peered with is to end. Default: that of the snapshot. */
  readonly complete?: boolean | undefined;
}

/** What of it changed. */
export interface BgpChange {
  readonly routeUpserts: Iterable<BgpRouteEntry>;
  /** Prefixes. */
  readonly routeRemovals: Iterable<string>;
  /** All of them, where any changed. */
  readonly peers: readonly BgpPeerEntry[] | undefined;
}

/** Keeps the wire thread's desired state equal to the control thread's. */
export interface DesiredStateSender {
  /** Sends everything: the first thing to do, and whenever all of it is to be compared anew. */
  snapshot(entries: Iterable<Layer2Entry>, options?: SnapshotOptions, bgp?: BgpDesired): void;
  /**
   * Sends what changed since. Changes of one turn of the event loop become one.
   *
   * @throws Error with the code `ERR_SPEAKER_WIRE_NO_SNAPSHOT` before the first snapshot.
   */
  change(upserts: Iterable<Layer2Entry>, removals: Iterable<Layer2EntryKey>, bgp?: BgpChange): void;
  /** Tells the addresses of all speakers, this one's among them or not: at first, and whenever they may have changed. */
  peers(addresses: readonly string[]): void;
  /** Counters of the addresses that this node announces, read from shared memory. */
  layer2Counters(): readonly Layer2Counters[];
  /** Counters of the BGP sessions that there are, read from shared memory. */
  bgpCounters(): readonly BgpCounters[];
  /** Figures of the wire thread, read from shared memory; `undefined` before it has told where they are. */
  figures(): WireFigures | undefined;
  /** Whether everything has been taken in. */
  readonly settled: boolean;
  /** Sends and hears nothing more. What is in force stays in force. */
  close(): void;
}

/** Candidates in one message, for each costs the wire thread a hash: about 20 ms of them, and deadlines are met. */
const MAX_CANDIDATES_PER_MESSAGE = 2_048;
/** After a refusal; doubled for each further one, up to 64 times as long. */
const RESTART_PAUSE_MS = 250;
const MAX_RESTART_DOUBLINGS = 6;

/** Opens the control thread's side of the port that the wire thread has the other end of. */
export function createDesiredStateSender(
  port: MessagePort,
  options: DesiredStateSenderOptions = {},
): DesiredStateSender {
  return new PortSender(port, options);
}

interface SnapshotOnItsWay {
  readonly entries: readonly Layer2Entry[];
  readonly routes: readonly BgpRouteEntry[];
  /** Entries, -1 where it has not begun. */
  sent: number;
  routesSent: number;
}

class PortSender implements DesiredStateSender {
  readonly #port: MessagePort;
  readonly #options: DesiredStateSenderOptions;
  readonly #counters = new CounterReader();
  #figures: SharedArrayBuffer | undefined;
  /** All of it, so that it can be sent again. */
  readonly #entries = new Map<string, Layer2Entry>();
  readonly #upserts = new Map<string, Layer2Entry>();
  readonly #removals = new Map<string, Layer2EntryKey>();
  readonly #routes = new Map<string, BgpRouteEntry>();
  readonly #routeUpserts = new Map<string, BgpRouteEntry>();
  readonly #routeRemovals = new Map<string, string>();
  #bgpPeers: readonly BgpPeerEntry[] = [];
  #bgpPeersChanged: boolean = false;
  #bgpComplete: boolean = true;
  #bgpCounters: readonly BgpCounterPlace[] = [];
  #snapshot: SnapshotOnItsWay | undefined;
  #snapshotOptions: Required<SnapshotOptions> | undefined;
  #session = 1;
  #generation = 0;
  #acknowledged = 0;
  #flushing: NodeJS.Immediate | undefined;
  #restart: NodeJS.Timeout | undefined;
  /** The generation of the end of a complete snapshot. */
  #completing: number | undefined;
  #isComplete: boolean = false;
  #refusals = 0;

  constructor(port: MessagePort, options: DesiredStateSenderOptions) {
    this.#port = port;
    this.#options = options;
    port.on('message', this.#onMessage);
  }

  get settled(): boolean {
    const isQuiet = this.#snapshot === undefined && !this.#hasChanges;
    return isQuiet && this.#restart === undefined && this.#acknowledged === this.#generation;
  }

  get #hasChanges(): boolean {
    const changes = this.#upserts.size + this.#removals.size + this.#routeUpserts.size + this.#routeRemovals.size;
    return changes > 0 || this.#bgpPeersChanged;
  }

  snapshot(entries: Iterable<Layer2Entry>, options: SnapshotOptions = {}, bgp?: BgpDesired): void {
    const { complete = true } = options;
    const bgpComplete = bgp?.complete ?? complete;
    const wanted = new Map([...entries].map((entry) => [entryKey(entry), entry]));
    replace(this.#entries, wanted, complete ? undefined : this.#removals, keyOf);
    const routes = new Map([...(bgp?.routes ?? [])].map((route) => [route.prefix, route]));
    replace(this.#routes, routes, bgpComplete ? undefined : this.#routeRemovals, ({ prefix }) => prefix);
    this.#bgpPeers = bgp?.peers ?? [];
    this.#bgpComplete = bgpComplete;
    this.#snapshotOptions = { complete: true, nodesSynced: true, ...options };
    this.#beginSnapshot();
  }

  change(upserts: Iterable<Layer2Entry>, removals: Iterable<Layer2EntryKey>, bgp?: BgpChange): void {
    if (this.#snapshotOptions === undefined) {
      const code = 'ERR_SPEAKER_WIRE_NO_SNAPSHOT';
      throw Object.assign(new Error('a change without a snapshot before it'), { code });
    }
    for (const removal of removals) {
      const key = entryKey(removal);
      this.#entries.delete(key);
      this.#upserts.delete(key);
      this.#removals.set(key, { serviceKey: removal.serviceKey, address: removal.address });
    }
    for (const entry of upserts) {
      const key = entryKey(entry);
      this.#entries.set(key, entry);
      this.#upserts.set(key, entry);
      this.#removals.delete(key);
    }
    if (bgp !== undefined) this.#changeBgp(bgp);
    this.#flushSoon();
  }

  #changeBgp({ routeUpserts, routeRemovals, peers }: BgpChange): void {
    for (const prefix of routeRemovals) {
      this.#routes.delete(prefix);
      this.#routeUpserts.delete(prefix);
      this.#routeRemovals.set(prefix, prefix);
    }
    for (const route of routeUpserts) {
      this.#routes.set(route.prefix, route);
      this.#routeUpserts.set(route.prefix, route);
      this.#routeRemovals.delete(route.prefix);
    }
    if (peers === undefined) return;
    this.#bgpPeers = peers;
    this.#bgpPeersChanged = true;
  }

  peers(addresses: readonly string[]): void {
    this.#port.postMessage({ type: 'peers', addresses } satisfies PeersMessage);
  }

  figures(): WireFigures | undefined {
    return this.#figures === undefined ? undefined : readFigures(this.#figures);
  }

  bgpCounters(): readonly BgpCounters[] {
    return this.#bgpCounters.map(readBgpCounters);
  }

  layer2Counters(): readonly Layer2Counters[] {
    return this.#counters.read();
  }

  close(): void {
    clearImmediate(this.#flushing);
    clearTimeout(this.#restart);
    this.#port.off('message', this.#onMessage);
    this.#port.close();
  }

  #beginSnapshot(): void {
    this.#snapshot = {
      entries: [...this.#entries.values()],
      routes: [...this.#routes.values()],
      sent: -1,
      routesSent: 0,
    };
    this.#completing = undefined;
    this.#upserts.clear();
    this.#routeUpserts.clear();
    // What a snapshot does not have ends with it, if it is complete; else by the removals that follow it.
    if (this.#snapshotOptions?.complete === true) this.#removals.clear();
    if (this.#bgpComplete) this.#routeRemovals.clear();
    this.#bgpPeersChanged = false;
    this.#flushSoon();
  }

  #flushSoon(): void {
    this.#flushing ??= setImmediate(() => {
      this.#flushing = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    const { maxOutstanding = 2 } = this.#options;
    while (this.#restart === undefined && this.#generation - this.#acknowledged < maxOutstanding) {
      if (this.#snapshot !== undefined) this.#sendOfSnapshot(this.#snapshot);
      else if (this.#hasChanges) this.#sendChange();
      else return;
    }
  }

  #sendOfSnapshot(snapshot: SnapshotOnItsWay): void {
    const stamp = this.#stamp();
    if (snapshot.sent === -1) {
      snapshot.sent = 0;
      this.#post({ type: 'snapshot-begin', ...stamp });
    } else if (snapshot.sent < snapshot.entries.length) {
      const entries = fittingEntries(snapshot.entries, snapshot.sent);
      snapshot.sent += entries.length;
      this.#post({ type: 'entries', ...stamp, entries });
    } else if (snapshot.routesSent < snapshot.routes.length) {
      const routes = snapshot.routes.slice(snapshot.routesSent, snapshot.routesSent + MAX_ENTRIES_PER_MESSAGE);
      snapshot.routesSent += routes.length;
      this.#post({ type: 'routes', ...stamp, routes });
    } else {
      this.#snapshot = undefined;
      const { complete = true, nodesSynced = true } = this.#snapshotOptions ?? {};
      this.#completing = complete && nodesSynced ? stamp.generation : undefined;
      const counts = { entryCount: snapshot.entries.length, routeCount: snapshot.routes.length };
      this.#bgpPeersChanged = false;
      this.#post({
        type: 'snapshot-end',
        ...stamp,
        ...counts,
        bgpPeers: this.#bgpPeers,
        complete,
        bgpComplete: this.#bgpComplete,
        nodesSynced,
      });
    }
  }

  #sendChange(): void {
    const removals = take(this.#removals);
    const upserts = take(this.#upserts, ({ candidates }) => candidates.length);
    const routeRemovals = take(this.#routeRemovals);
    const routeUpserts = take(this.#routeUpserts);
    const bgpPeers = this.#bgpPeersChanged ? this.#bgpPeers : undefined;
    this.#bgpPeersChanged = false;
    this.#post({ type: 'change', ...this.#stamp(), upserts, removals, routeUpserts, routeRemovals, bgpPeers });
  }

  #stamp(): { readonly session: number; readonly generation: number } {
    this.#generation += 1;
    return { session: this.#session, generation: this.#generation };
  }

  #post(message: ControlMessage): void {
    this.#port.postMessage(message);
  }

  readonly #onMessage = (message: WireMessage): void => {
    switch (message.type) {
      case 'ack':
        if (message.session !== this.#session) return;
        this.#acknowledged = Math.max(this.#acknowledged, message.generation);
        if (this.settled) this.#refusals = 0;
        if (!this.#isComplete && this.#completing !== undefined && this.#acknowledged >= this.#completing) {
          this.#isComplete = true;
          this.#options.onComplete?.();
        }
        this.#flush();
        break;
      case 'refused':
        this.#onRefused(message);
        break;
      case 'reports':
        this.#options.onReports?.(message.reports);
        break;
      case 'counters':
        this.#counters.apply(message);
        break;
      case 'bgp-counters':
        this.#bgpCounters = message.sessions;
        break;
      case 'figures':
        this.#figures = message.memory;
        break;
    }
  };

  /** A new session says everything anew; not at once, for what was refused may be refused again. */
  #onRefused({ session, code, message }: WireMessage & { readonly type: 'refused' }): void {
    if (session !== this.#session || this.#restart !== undefined) return;
    this.#options.onRefused?.({ code, message });
    const pauseMs = RESTART_PAUSE_MS * 2 ** Math.min(this.#refusals, MAX_RESTART_DOUBLINGS);
    this.#refusals += 1;
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.#session += 1;
      this.#generation = 0;
      this.#acknowledged = 0;
      this.#beginSnapshot();
    }, pauseMs);
    this.#restart.unref();
  }
}

/** Puts `next` in the place of `kept`; what only `kept` had is to be removed, where `removals` are given. */
function replace<Value, Removal>(
  kept: Map<string, Value>,
  next: ReadonlyMap<string, Value>,
  removals: Map<string, Removal> | undefined,
  removalOf: (value: Value) => Removal,
): void {
  for (const [key, value] of kept) if (!next.has(key)) removals?.set(key, removalOf(value));
  kept.clear();
  for (const [key, value] of next) {
    kept.set(key, value);
    removals?.delete(key);
  }
}

/** As many entries from `start` on as the wire thread takes in at once; at least one. */
function fittingEntries(entries: readonly Layer2Entry[], start: number): readonly Layer2Entry[] {
  let end = start;
  let candidates = 0;
  while (end < entries.length && end - start < MAX_ENTRIES_PER_MESSAGE) {
    candidates += entries[end]?.candidates.length ?? 0;
    if (candidates > MAX_CANDIDATES_PER_MESSAGE && end > start) break;
    end += 1;
  }
  return entries.slice(start, end);
}

const keyOf = ({ serviceKey, address }: Layer2EntryKey): Layer2EntryKey => ({ serviceKey, address });

/** Takes out as much as fits into a message; at least one. */
function take<Value>(from: Map<string, Value>, candidatesOf: (value: Value) => number = () => 0): Value[] {
  const taken: Value[] = [];
  let candidates = 0;
  for (const [key, value] of from) {
    candidates += candidatesOf(value);
    const isFull = candidates > MAX_CANDIDATES_PER_MESSAGE && taken.length > 0;
    if (isFull || taken.length === MAX_ENTRIES_PER_MESSAGE) break;
    taken.push(value);
    from.delete(key);
  }
  return taken;
}
