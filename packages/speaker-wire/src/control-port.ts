import type { MessagePort } from 'node:worker_threads';
import { decodePeers } from './protocol/decode.ts';
import { MAX_ENTRIES_PER_MESSAGE, type WireMessage } from './protocol/messages.ts';
import {
  entryKey,
  INITIAL_RECEIVER_STATE,
  type ReceiverEffect,
  type ReceiverEvent,
  stepReceiver,
} from './protocol/receive.ts';
import type { WireReport } from './protocol/report.ts';
import type { WireLog } from './wire-log.ts';

/** What comes through the port. */
export type ControlInput =
  | Exclude<ReceiverEffect, { readonly type: 'acknowledge' | 'refuse' }>
  /** The addresses of all speakers. */
  | { readonly type: 'peers'; readonly addresses: readonly string[] };

/** Hears one control thread at a time, and tells it what becomes of what it says. */
export class ControlPort {
  readonly #onInput: (input: ControlInput) => void;
  readonly #log: WireLog;
  #receiver = INITIAL_RECEIVER_STATE;
  #port: MessagePort | undefined;
  #closed: boolean = false;
  refusals = 0;
  /** What was announced while nobody heard it, by entry: news for the next control thread. */
  readonly #unheard = new Set<string>();

  constructor(onInput: (input: ControlInput) => void, log: WireLog) {
    this.#onInput = onInput;
    this.#log = log;
  }

  attach(port: MessagePort): void {
    if (this.#closed) throw Object.assign(new Error('the wire is closed'), { code: 'ERR_SPEAKER_WIRE_CLOSED' });
    this.#port?.close();
    this.#port = port;
    this.#receive({ type: 'attached' });
    port.on('message', (message: unknown) => {
      if (this.#port === port) this.#receive({ type: 'message', message });
    });
    port.once('close', () => {
      if (this.#port !== port) return;
      this.#port = undefined; // what is announced stays announced
      if (!this.#closed) this.#log.debug({}, 'the control thread is gone');
    });
    port.on('messageerror', (error: Error) => this.#log.error({ error: error.message }, 'message refused'));
  }

  post(message: WireMessage): void {
    this.#port?.postMessage(message); // a port whose other end died takes it and says nothing
  }

  report(reports: readonly WireReport[]): void {
    if (this.#port === undefined) {
      for (const report of reports) this.#remember(report);
      return;
    }
    const news = this.#unheard.size === 0 ? reports : reports.map((report) => this.#asNews(report));
    for (let at = 0; at < news.length; at += MAX_ENTRIES_PER_MESSAGE) {
      this.post({ type: 'reports', reports: news.slice(at, at + MAX_ENTRIES_PER_MESSAGE) });
    }
  }

  #remember(report: WireReport): void {
    if (!('address' in report && 'serviceKey' in report)) return;
    if (report.type === 'announced' && report.fresh) this.#unheard.add(entryKey(report));
    else if (report.type !== 'announced') this.#unheard.delete(entryKey(report));
  }

  #asNews(report: WireReport): WireReport {
    if (!('address' in report && 'serviceKey' in report) || !this.#unheard.delete(entryKey(report))) return report;
    return report.type === 'announced' ? { ...report, fresh: true } : report;
  }

  close(): void {
    this.#closed = true;
    this.#port?.close();
    this.#port = undefined;
  }

  #receive(event: ReceiverEvent): void {
    // Who else is there has nothing to do with what is desired, nor with its sessions.
    const addresses = event.type === 'message' ? decodePeers(event.message) : undefined;
    if (addresses !== undefined) {
      this.#onInput({ type: 'peers', addresses });
      return;
    }
    const { state, effects } = stepReceiver(this.#receiver, event);
    this.#receiver = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ReceiverEffect): void {
    switch (effect.type) {
      case 'acknowledge':
        this.post({ type: 'ack', session: effect.session, generation: effect.generation });
        break;
      case 'refuse': {
        const { session, generation, code, message } = effect;
        this.refusals += 1;
        this.#log.error({ session, generation, code, error: message }, 'desired state refused');
        this.post({ type: 'refused', session, generation, code, message });
        break;
      }
      case 'snapshot':
        this.#log.info(
          { entries: effect.entries.size, routes: effect.routes.size, complete: effect.complete },
          'desired state received',
        );
        this.#onInput(effect);
        break;
      case 'staged':
      case 'change':
        this.#onInput(effect);
        break;
    }
  }
}
