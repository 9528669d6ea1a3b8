import type { SessionEnd } from '../../fsm/vocabulary.ts';
import type { PeerSettings } from '../check-options.ts';
import type { SpeakerEnvironment } from '../environment.ts';
import { explainSessionEnd } from '../explain-session-end.ts';
import type { BgpPeerStatus } from '../options.ts';

/** Why a session, or an attempt at one, ended. */
export interface EndInWords {
  readonly end: SessionEnd;
  readonly message: string;
}

/** Remembers how the sessions and attempts of one peer ended, and says it in words. */
export class SessionEnds {
  readonly #settings: PeerSettings;
  readonly #environment: SpeakerEnvironment;
  #last: EndInWords | undefined;
  #lastDown: BgpPeerStatus['lastDown'];
  #droppedBeforeDial: Promise<number | undefined> | undefined;

  constructor(settings: PeerSettings, environment: SpeakerEnvironment) {
    this.#settings = settings;
    this.#environment = environment;
  }

  /** Of a session or an attempt, unless it was ended on purpose. */
  get last(): EndInWords | undefined {
    return this.#last;
  }

  /** Of an established session, however it ended. */
  get lastDown(): BgpPeerStatus['lastDown'] {
    return this.#lastDown;
  }

  /** A connection is about to be begun. */
  dials(): void {
    const { transport } = this.#environment;
    if (this.#settings.md5Password !== undefined) this.#droppedBeforeDial = transport.droppedForMd5();
  }

  /** An established session is no more. */
  down(end: SessionEnd, localAddress: string | undefined): EndInWords {
    const ended = this.attemptFailed(end, localAddress);
    this.#lastDown = { ...ended, atMs: this.#environment.clock.nowMs() };
    return ended;
  }

  /** An attempt ended before there was a session. */
  attemptFailed(end: SessionEnd, localAddress: string | undefined): EndInWords {
    const ended = { end, message: this.#explain(end, localAddress, undefined) };
    // That one of two connections went is no failure of the peer's, and what was wanted here is nobody's.
    if (end.type === 'collision' || end.type === 'stopped') return ended;
    this.#last = ended;
    const before = this.#droppedBeforeDial;
    if (before !== undefined) void this.#explainByCounters(ended, localAddress, before);
    return ended;
  }

  /** A mistake of ours ended it. */
  crashed(message: string, wasEstablished: boolean): EndInWords {
    const ended: EndInWords = { end: { type: 'stopped' }, message: `an error in this program: ${message}` };
    this.#last = ended;
    if (wasEstablished) this.#lastDown = { ...ended, atMs: this.#environment.clock.nowMs() };
    return ended;
  }

  /** The kernel's counters are read a moment later, and make the words of the status more precise. */
  async #explainByCounters(
    ended: EndInWords,
    localAddress: string | undefined,
    before: Promise<number | undefined>,
  ): Promise<void> {
    const [from, to] = await Promise.all([before, this.#environment.transport.droppedForMd5()]);
    if (from === undefined || to === undefined || this.#last !== ended) return;
    this.#last = { end: ended.end, message: this.#explain(ended.end, localAddress, to - from) };
  }

  #explain(end: SessionEnd, localAddress: string | undefined, droppedForMd5: number | undefined): string {
    const { options, port, localAsn, md5Password } = this.#settings;
    return explainSessionEnd(end, {
      peerAddress: options.address,
      peerPort: port,
      localAsn,
      localAddress,
      md5: md5Password !== undefined,
      gtsm: options.gtsmHops !== undefined,
      droppedForMd5,
    });
  }
}
