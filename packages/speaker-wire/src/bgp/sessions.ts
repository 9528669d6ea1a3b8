import type { BgpPeerEntry } from '@steelyard/announce';
import type { BgpPeer, BgpSpeaker } from '@steelyard/bgp/node';
import type { BgpCounterPlace } from '../protocol/messages.ts';
import type { WireReport } from '../protocol/report.ts';
import type { WireLog } from '../wire-log.ts';
import { type BgpEffect, type BgpEvent, initialBgpState, routesFor, stepBgp } from './reconcile-bgp.ts';
import { Session } from './session.ts';

/** Opens what speaks BGP; a speaker without BGP peers never loads it. */
export type OpenBgpSpeaker = (onError: (error: Error) => void) => Promise<Pick<BgpSpeaker, 'addPeer' | 'close'>>;

export interface BgpSessionsOptions {
  readonly nodeName: string;
  readonly log: WireLog;
  onReports(reports: readonly WireReport[]): void;
  /** Where sessions are counted, whenever there are others. */
  onCounterPlaces(places: readonly BgpCounterPlace[]): void;
  /** Default: `@steelyard/bgp/node`. */
  readonly openSpeaker?: OpenBgpSpeaker | undefined;
}

const openRealSpeaker: OpenBgpSpeaker = async (onError) => {
  const { openBgpSpeaker } = await import('@steelyard/bgp/node');
  return openBgpSpeaker({ onError });
};

/** MetalLB's word for it is the pod's end; RFC 9003 lets us say so. */
const GOODBYE = 'speaker is stopping';
/** How long a session that is to be replaced may take to say so. */
const REPLACE_TIMEOUT_MS = 500;

/** Two sessions of one place at once are one too many to the peer. */
function placeOf({ peerAddress, peerPort, sourceAddress, vrf }: BgpPeerEntry): string {
  return `${peerAddress} ${peerPort} ${sourceAddress ?? ''} ${vrf ?? ''}`;
}

/** Keeps BGP sessions, and what they announce, equal to what the control thread wants. */
export class BgpSessions {
  readonly #options: BgpSessionsOptions;
  readonly #state = initialBgpState();
  readonly #sessions = new Map<string, Session>();
  /** Sessions that are said goodbye to, by what makes another one the same to the peer. */
  readonly #ending = new Map<string, Promise<void>>();
  #speaker: Pick<BgpSpeaker, 'addPeer' | 'close'> | undefined;
  #opening: Promise<void> | undefined;
  #left: Promise<void> | undefined;

  constructor(options: BgpSessionsOptions) {
    this.#options = options;
  }

  /** Sessions that are wanted. */
  get count(): number {
    return this.#state.peers.size;
  }

  get routeCount(): number {
    return this.#state.routes.size;
  }

  get counterPlaces(): readonly BgpCounterPlace[] {
    return [...this.#sessions.values()].map(({ place }) => place);
  }

  take(event: BgpEvent): void {
    if (this.#left !== undefined) return;
    const effects = stepBgp(this.#state, event);
    const reports: WireReport[] = [];
    for (const effect of effects) this.#apply(effect, reports);
    if (effects.some(({ type }) => type.endsWith('Peer'))) {
      this.#options.onCounterPlaces(this.counterPlaces);
    }
    this.#options.onReports(reports);
  }

  /** Writes what is counted into shared memory. */
  writeCounters(): void {
    for (const session of this.#sessions.values()) session.writeCounters();
  }

  /** Withdraws everything, says so, and ends all sessions. What comes from the control thread later counts no more. */
  leave(timeoutMs: number): Promise<void> {
    this.#left ??= this.#end({ reason: 'shutdown', communication: GOODBYE, timeoutMs });
    return this.#left;
  }

  /** Ends all sessions without a word, if `leave` did not. */
  async close(): Promise<void> {
    this.#left ??= this.#end({ reason: 'abandon', timeoutMs: 0 });
    await this.#left;
  }

  async #end(how: Parameters<BgpSpeaker['close']>[0]): Promise<void> {
    await this.#opening;
    await this.#speaker?.close(how);
  }

  #apply(effect: BgpEffect, reports: WireReport[]): void {
    switch (effect.type) {
      case 'removePeer':
        this.#remove(effect.name);
        break;
      case 'addPeer':
        this.#add(effect.entry);
        break;
      case 'replacePeer':
        this.#replace(effect.entry);
        break;
      case 'renamePeer':
        reports.push(...this.#rename(effect.from, effect.entry));
        break;
      case 'patchRoutes':
        this.#sessions.get(effect.peer)?.patch(effect);
        break;
      case 'reportSessions':
        for (const session of this.#sessions.values()) reports.push(session.report(undefined));
        break;
      case 'report':
        reports.push(effect.report);
        break;
    }
  }

  #add(entry: BgpPeerEntry): void {
    const session = new Session(entry, {
      nodeName: this.#options.nodeName,
      log: this.#options.log,
      onReport: (report) => this.#options.onReports([report]),
    });
    this.#sessions.set(entry.name, session);
    const ending = this.#ending.get(placeOf(entry));
    if (ending === undefined && this.#speaker !== undefined) this.#open(session);
    else void Promise.all([ending, this.#speakerOpened()]).then(() => this.#open(session));
  }

  #open(session: Session): void {
    const { name } = session.entry;
    if (this.#speaker === undefined || this.#left !== undefined || this.#sessions.get(name) !== session) return;
    session.open(this.#speaker, routesFor(this.#state, name));
  }

  #replace(entry: BgpPeerEntry): void {
    this.#close(entry.name, { reason: 'changed', timeoutMs: REPLACE_TIMEOUT_MS });
    this.#add(entry);
  }

  #rename(from: string, entry: BgpPeerEntry): readonly WireReport[] {
    const session = this.#sessions.get(from);
    if (session === undefined) return [];
    const last = { ...session.report(undefined), wanted: false };
    this.#sessions.delete(from);
    this.#sessions.set(entry.name, session);
    session.rename(entry, routesFor(this.#state, entry.name));
    return [last, session.report(undefined)];
  }

  #remove(name: string): void {
    const session = this.#sessions.get(name);
    this.#close(name, { reason: 'deconfigured' });
    if (session !== undefined) this.#options.onReports([session.lastReport()]);
  }

  #close(name: string, how: Parameters<BgpPeer['close']>[0]): void {
    const session = this.#sessions.get(name);
    this.#sessions.delete(name);
    if (session === undefined) return;
    const place = placeOf(session.entry);
    const ended = Promise.all([this.#ending.get(place), session.close(how)]).then(() => {
      if (this.#ending.get(place) === ended) this.#ending.delete(place);
    });
    this.#ending.set(place, ended);
  }

  #speakerOpened(): Promise<void> {
    const { openSpeaker = openRealSpeaker, log } = this.#options;
    this.#opening ??= openSpeaker((error) => log.error({ error: error.message }, 'BGP failed')).then(
      (speaker) => {
        this.#speaker = speaker;
      },
      (error: unknown) => {
        this.#opening = undefined; // tried again with the next peer
        log.error({ error: String(error) }, 'BGP cannot be opened');
      },
    );
    return this.#opening;
  }
}
