import { writeArpAnnouncement } from '../announcement/frame.ts';
import {
  type AnnouncementConfig,
  type AnnouncementEvent,
  checkAnnouncementConfig,
  initialAnnouncementState,
  stepAnnouncements,
} from '../announcement/schedule.ts';
import { ARP_FRAME_LENGTH, ARP_REPLY, ARP_REQUEST } from '../packet.ts';
import type { SendOutcome } from './arp-socket.ts';

/** After an interface refused to send for another reason than a full buffer. */
const RETRY_AFTER_FAILURE_MS = 1_000;
/** Of setTimeout, which takes what is longer for 1 ms. */
const MAX_TIMER_MS = 0x7fff_ffff;

/** What the announcer needs of its responder. */
export interface AnnouncerHost {
  readonly config: AnnouncementConfig;
  /** Six octets. */
  mac(): Uint8Array;
  /** What a callback disowned meanwhile is not announced. */
  owns(address: number): boolean;
  send(frame: Uint8Array): SendOutcome;
  /** Both frames of a round left. */
  announced(address: number, round: number): void;
}

/** The clock and the hands of the announcement schedule. */
export class Announcer {
  readonly #host: AnnouncerHost;
  readonly #frame: Uint8Array = new Uint8Array(ARP_FRAME_LENGTH);
  #state = initialAnnouncementState();
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs: number = Number.POSITIVE_INFINITY;
  #retry: NodeJS.Timeout | undefined;
  #closed: boolean = false;

  /** @throws RangeError for a schedule that makes no sense. */
  constructor(host: AnnouncerHost) {
    checkAnnouncementConfig(host.config);
    this.#host = host;
  }

  own(address: number): void {
    this.#step({ type: 'own', address, nowMs: performance.now() });
  }

  disown(address: number): void {
    this.#step({ type: 'disown', address });
  }

  interfaceReady(): void {
    this.#step({ type: 'interfaceReady', nowMs: performance.now() });
  }

  interfaceLost(): void {
    this.#step({ type: 'interfaceLost' });
  }

  sendPossible(): void {
    this.#step({ type: 'sendPossible', nowMs: performance.now() });
  }

  /** Sends one announcement now, out of the schedule: a defence. @returns Whether it left. */
  defend(address: number): boolean {
    return this.#sendFrame(ARP_REQUEST, address) === 'Sent';
  }

  /** Also in the middle of a step, by a callback. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#retry);
  }

  #step(event: AnnouncementEvent): void {
    if (this.#closed) return;
    const step = stepAnnouncements(this.#state, event, this.#host.config);
    this.#state = step.state;
    let outcome: SendOutcome = 'Sent';
    const unsent: number[] = [];
    for (const effect of step.effects) {
      if (this.#closed) return;
      if (effect.type === 'wakeAt') this.#wakeAt(effect.atMs);
      else if (outcome === 'Sent' && this.#host.owns(effect.address)) {
        outcome = this.#sendRound(effect.address);
        if (outcome === 'Sent') this.#host.announced(effect.address, effect.round);
      }
      if (effect.type === 'announce' && outcome !== 'Sent') unsent.push(effect.address);
    }
    if (outcome === 'Sent') return;
    if (outcome === 'Failed') this.#retryLater();
    this.#step({ type: 'sendRefused', addresses: unsent, nowMs: performance.now() });
  }

  /** MetalLB's pair (`internal/layer2/arp.go`, `Gratuitous`): some neighbours learn from requests only, some from replies. */
  #sendRound(address: number): SendOutcome {
    const request = this.#sendFrame(ARP_REQUEST, address);
    return request === 'Sent' ? this.#sendFrame(ARP_REPLY, address) : request;
  }

  #sendFrame(operation: number, address: number): SendOutcome {
    writeArpAnnouncement(this.#frame, operation, this.#host.mac(), address);
    return this.#host.send(this.#frame);
  }

  /** One timer. One that rings too early is left alone: the schedule looks at the clock itself. */
  #wakeAt(atMs: number | undefined): void {
    if (atMs === undefined || this.#timerAtMs <= atMs) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    this.#timer = setTimeout(
      () => {
        this.#timerAtMs = Number.POSITIVE_INFINITY;
        this.#step({ type: 'wake', nowMs: performance.now() });
      },
      Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil(atMs - performance.now()))),
    );
    this.#timer.unref(); // the socket keeps the thread alive
  }

  /** No `onWritable` follows a failure, and the view of the links may have missed a short one. */
  #retryLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.sendPossible(), RETRY_AFTER_FAILURE_MS);
    this.#retry.unref();
  }
}
