import type { BgpPeerEntry } from '@steelyard/announce';
import type { Route } from '@steelyard/bgp';
import type { BgpCloseOptions, BgpPeer, BgpPeerEvent, BgpPeerStatus, BgpSpeaker } from '@steelyard/bgp/node';
import type { BgpCounterPlace } from '../protocol/messages.ts';
import type { BgpSessionReport } from '../protocol/report.ts';
import type { WireLog } from '../wire-log.ts';
import { capabilityText } from './capability-text.ts';
import { peerOptions } from './peer-options.ts';
import { defaultRouterId } from './router-id.ts';
import { SharedSessionCounters } from './session-counters.ts';

export interface SessionOptions {
  readonly nodeName: string;
  readonly log: WireLog;
  onReport(report: BgpSessionReport): void;
}

/** One BGPPeer's session: what it is told, counted and reported as. */
export class Session {
  #entry: BgpPeerEntry;
  readonly #options: SessionOptions;
  readonly #counters = new SharedSessionCounters();
  #peer: BgpPeer | undefined;
  /** Why there can be no session at all. */
  #refused: string | undefined;
  #sinceMs: number = Date.now();
  #lastError: string | undefined;
  #lastErrorAtMs: number | undefined;
  /** It is wanted no more, and nothing more is said of it. */
  #over: boolean = false;
  /** What was reported of that which nobody tells: it is looked at once a second. */
  #reported: string = '';

  constructor(entry: BgpPeerEntry, options: SessionOptions) {
    this.#entry = entry;
    this.#options = options;
  }

  get entry(): BgpPeerEntry {
    return this.#entry;
  }

  /** The same session for a BGPPeer that has another name. */
  rename(entry: BgpPeerEntry, routes: readonly Route[]): void {
    this.#entry = entry;
    this.#change(() => this.#peer?.routes.set(routes));
  }

  get place(): BgpCounterPlace {
    const { name: peer, peerAddress, peerPort, vrf } = this.#entry;
    return { peer, peerAddress, peerPort, vrf, memory: this.#counters.memory };
  }

  /** Begins to connect. */
  open(speaker: Pick<BgpSpeaker, 'addPeer'>, routes: readonly Route[]): void {
    const options = peerOptions(this.#entry, this.#options.nodeName);
    try {
      this.#peer = speaker.addPeer({ ...options, onEvent: (event) => this.#onEvent(event) });
    } catch (error) {
      this.#refused = error instanceof Error ? error.message : String(error);
      this.#fail(this.#refused);
      this.#log('error', { error: this.#refused }, 'no BGP session is possible');
      this.#options.onReport(this.report('refused'));
      return;
    }
    this.#change(() => this.#peer?.routes.set(routes));
  }

  patch({ add, remove }: { readonly add: readonly Route[]; readonly remove: readonly string[] }): void {
    this.#change(() => this.#peer?.routes.patch({ add, remove }));
  }

  async close(how: BgpCloseOptions | undefined): Promise<void> {
    await this.#peer?.close(how);
  }

  /** Writes what is counted, and reports what has become known of the session meanwhile. */
  writeCounters(): void {
    if (this.#peer === undefined) return;
    this.#counters.write(this.#peer.status);
    if (this.#sayingOf(this.#peer.status) !== this.#reported) this.#tell(undefined);
  }

  /** What of a status is told in words and changes without an event: counters of MD5, prefixes that cannot go. */
  #sayingOf({ lastError, routes }: BgpPeerStatus): string {
    return `${lastError ?? ''}\n${routes.unsendableBecause ?? ''}`;
  }

  report(event: BgpSessionReport['event']): BgpSessionReport {
    const { name, peerAddress, peerPort, localAsn, peerAsn } = this.#entry;
    const status = this.#peer?.status;
    const session = status?.session;
    return {
      type: 'bgpSession',
      peer: name,
      wanted: true,
      state: status?.state ?? 'Idle',
      sinceMs: this.#sinceMs,
      peerAddress,
      peerPort,
      localAsn,
      peerAsn: session?.peerAsn ?? peerAsn,
      localAddress: status?.localAddress,
      routerId: status?.localAddress === undefined ? undefined : this.#routerId(status.localAddress),
      peerIdentifier: session?.peerIdentifier,
      holdTimeSeconds: session?.holdTimeSeconds,
      keepaliveTimeMs: session?.keepaliveTimeMs,
      sentCapabilities: session?.localCapabilities.map(capabilityText) ?? [],
      receivedCapabilities: session?.peerCapabilities.map(capabilityText) ?? [],
      lastError: this.#errorInWords(status),
      lastErrorAtMs: this.#lastErrorAtMs,
      unsendableBecause: status?.routes.unsendableBecause,
      event,
    };
  }

  /** Why there is no session now, or was none before this one; and, while attempts fail, why the last session ended. */
  #errorInWords(status: BgpPeerStatus | undefined): string | undefined {
    const last = this.#refused ?? status?.lastError ?? this.#lastError;
    const down = status?.state === 'Established' ? undefined : status?.lastDown?.message;
    return down === undefined || last === undefined || last.includes(down)
      ? last
      : `${last}; the last session ended: ${down}`;
  }

  #routerId(localAddress: string): string {
    return this.#entry.routerId ?? defaultRouterId(localAddress, this.#options.nodeName);
  }

  /** Said when the peer is wanted no more. */
  lastReport(): BgpSessionReport {
    this.#over = true;
    return { ...this.report(undefined), wanted: false };
  }

  /** What is wanted stays wanted when there is no session; who is told of it does not wait for it. */
  #change(change: () => Promise<void> | undefined): void {
    try {
      void change(); // its promise is the peer's matter, and there are many while there is no session
    } catch (error) {
      this.#log('error', { error: String(error) }, 'failed to send BGP update'); // a prefix that is none
    }
  }

  #onEvent(event: BgpPeerEvent): void {
    switch (event.type) {
      case 'established': {
        const { holdTimeSeconds, peerIdentifier } = event.session;
        const pairs = { localAddress: event.localAddress, holdTimeSeconds, peerID: peerIdentifier };
        this.#log('info', { event: 'sessionUp', ...pairs }, 'BGP session established');
        this.#tell('established');
        break;
      }
      case 'down':
        if (event.end.type === 'stopped') break; // whoever stopped it knows
        this.#lastError = undefined; // another end, whatever it says
        this.#fail(event.message);
        this.#log('warn', { event: 'sessionDown', error: event.message }, 'BGP session down');
        this.#tell('down');
        break;
      case 'attemptFailed': {
        if (event.end.type === 'stopped') break;
        const isNews = event.message !== this.#lastError;
        this.#fail(event.message);
        this.#log(isNews ? 'error' : 'debug', { error: event.message }, 'failed to connect to peer');
        if (isNews) this.#tell('attemptFailed');
        break;
      }
      case 'capabilitiesReduced': {
        const offered = event.offered.map(capabilityText);
        this.#log('warn', { offered }, 'the peer refuses capabilities, fewer are offered');
        break;
      }
      case 'updateFailed':
        this.#log('warn', { error: event.message, suppressed: event.suppressed }, 'a BGP update of the peer is wrong');
        break;
      case 'stateChanged':
        this.#sinceMs = Date.now();
        this.#tell(undefined);
        break;
      case 'endOfRibReceived':
      case 'eventsLost':
        break;
    }
  }

  #tell(event: BgpSessionReport['event']): void {
    if (this.#over) return;
    const status = this.#peer?.status;
    if (status !== undefined) {
      this.#counters.write(status);
      this.#reported = this.#sayingOf(status);
    }
    this.#options.onReport(this.report(event));
  }

  #fail(message: string): void {
    if (message === this.#lastError) return; // since when, not until when
    this.#lastError = message;
    this.#lastErrorAtMs = Date.now();
  }

  #log(level: keyof WireLog, pairs: object, message: string): void {
    const { name, peerAddress, peerPort, localAsn, peerAsn } = this.#entry;
    this.#options.log[level](
      { ...pairs, peerName: name, peer: peerAddress, peerPort, localASN: localAsn, peerASN: peerAsn },
      message,
    );
  }
}
