import { hash } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { AnnouncementConfig } from '@steelyard/arp';
import type { ArpConflict, ArpResponderStatistics } from '@steelyard/arp/node';
import { type LinkWatcher, watchLinks } from '@steelyard/linux-socket/link';
import { createConflictBudget } from './conflict-budget.ts';
import { MAX_ENTRIES_PER_MESSAGE, type WireMessage } from './protocol/messages.ts';
import { INITIAL_RECEIVER_STATE, type ReceiverEffect, type ReceiverEvent, stepReceiver } from './protocol/receive.ts';
import type { WireReport } from './protocol/report.ts';
import { factsOf } from './reconcile/interfaces.ts';
import {
  initialReconcileState,
  type ReconcileConfig,
  type ReconcileEffect,
  type ReconcileEvent,
  stepReconcile,
} from './reconcile/step.ts';
import { Responders } from './responders.ts';

/** Where log lines go: the shape of pino's. */
export interface WireLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How a wire thread is to behave. */
export interface SpeakerWireOptions {
  /** This node, as Kubernetes calls it. */
  readonly nodeName: string;
  /** MetalLB's `announcedInterfacesToExclude`. Default: none. */
  readonly excludedInterfaces?: readonly RegExp[];
  /** Announce an address although this node or the default gateway has it. Default false. */
  readonly announceOwnAddresses?: boolean;
  /** Changes to MetalLB's announcement schedule. */
  readonly announce?: Partial<AnnouncementConfig>;
  /** Answer a stranger that claims an address with one announcement per 10 s: RFC 5227. Default true. */
  readonly defend?: boolean;
  /**
   * How long a claim is held back: where an address moves by plan, its new speaker announces before the old one knows,
   * and must be neither reported nor fought. Default 2000.
   */
  readonly conflictGraceMs?: number;
  /** Takes what is also sent to the control thread. */
  onReport?(report: WireReport): void;
  readonly log: WireLog;
}

/** What the wire thread does right now. */
export interface SpeakerWireStatistics {
  readonly entries: number;
  readonly announcedAddresses: number;
  /** Messages of control threads that were refused. */
  readonly refusals: number;
  readonly interfaces: readonly {
    readonly name: string;
    readonly mac: string | undefined;
    readonly addresses: number;
    readonly outcomes: ArpResponderStatistics['outcomes'];
    readonly conflicts: number;
    readonly socket: ArpResponderStatistics['socket'];
  }[];
}

/** The wire thread of a speaker: it owns sockets and clocks, and nothing that parses Kubernetes. */
export interface SpeakerWire extends AsyncDisposable {
  /**
   * Hears a control thread from now on, and no earlier one. What is announced stays announced until the new thread's
   * snapshot is complete.
   *
   * @param port - This thread's end. It is closed with the next `attachControl` and with `close`.
   */
  attachControl(port: MessagePort): void;
  /** Counted up once a second while this thread's event loop turns: an Int32Array of one number. */
  readonly beat: SharedArrayBuffer;
  statistics(): SpeakerWireStatistics;
  /** Falls silent. More than once is no error. */
  close(): Promise<void>;
}

const BEAT_INTERVAL_MS = 1_000;
/** Speakers hear of one change within it, each from its own watch. */
const DEFAULT_CONFLICT_GRACE_MS = 2_000;

/**
 * Opens the wire thread's sockets on the interfaces that there are and will be.
 *
 * @throws A system error, as a rejection, when the links cannot be watched. What one interface refuses is logged, and
 *   tried again.
 */
export async function openSpeakerWire(options: SpeakerWireOptions): Promise<SpeakerWire> {
  const wire = new OpenSpeakerWire(options);
  await wire.watch();
  return wire;
}

class OpenSpeakerWire implements SpeakerWire {
  readonly beat: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #options: SpeakerWireOptions;
  readonly #config: ReconcileConfig;
  readonly #responders: Responders;
  readonly #beating: NodeJS.Timeout;
  readonly #conflictBudget = createConflictBudget();
  #receiver = INITIAL_RECEIVER_STATE;
  #reconciliation = initialReconcileState();
  #watcher: LinkWatcher | undefined;
  #port: MessagePort | undefined;
  #refusals = 0;
  #closed: boolean = false;

  constructor(options: SpeakerWireOptions) {
    this.#options = options;
    this.#config = {
      nodeName: options.nodeName,
      announceOwnAddresses: options.announceOwnAddresses ?? false,
      // By way of text, for that is twice as fast as the buffer that hash() can make, and there are many.
      sha256: (octets) => Buffer.from(hash('sha256', octets, 'binary'), 'binary'),
    };
    this.#responders = new Responders({
      announce: options.announce ?? {},
      defend: options.defend ?? true,
      conflictGraceMs: options.conflictGraceMs ?? DEFAULT_CONFLICT_GRACE_MS,
      onConflict: (conflict) => this.#onConflict(conflict),
      onOpened: (interfaceName, mac) =>
        options.log.info({ interface: interfaceName, mac }, 'created ARP responder for interface'),
      onError: (interfaceName, error) =>
        options.log.error({ interface: interfaceName, error: error.message }, 'ARP responder failed'),
    });
    const beats = new Int32Array(this.beat);
    this.#beating = setInterval(() => Atomics.add(beats, 0, 1), BEAT_INTERVAL_MS);
    this.#beating.unref();
  }

  async watch(): Promise<void> {
    const { log, excludedInterfaces = [] } = this.#options;
    const reconcile = (watcher: Pick<LinkWatcher, 'view'>): void => {
      const network = factsOf(watcher.view, excludedInterfaces);
      this.#responders.setHostMacs(network.macs);
      this.#reconcile({ type: 'networkChanged', network });
    };
    this.#watcher = await watchLinks({
      onChange: (view) => reconcile({ view }),
      onError: (error) => log.error({ error: error.message }, 'watching the links failed'),
    });
    reconcile(this.#watcher);
  }

  attachControl(port: MessagePort): void {
    if (this.#closed) throw Object.assign(new Error('the wire is closed'), { code: 'ERR_SPEAKER_WIRE_CLOSED' });
    this.#port?.close();
    this.#port = port;
    this.#receive({ type: 'attached' });
    const { counters } = this.#responders;
    counters.takeChanges(); // all of them follow
    this.#post({ type: 'counters', pages: counters.pages, assigned: counters.all(), released: [] });
    port.on('message', (message: unknown) => {
      if (this.#port === port) this.#receive({ type: 'message', message });
    });
    port.once('close', () => {
      if (this.#port !== port) return;
      this.#port = undefined; // what is announced stays announced
      if (!this.#closed) this.#options.log.debug({}, 'the control thread is gone');
    });
    port.on('messageerror', (error: Error) => this.#options.log.error({ error: error.message }, 'message refused'));
  }

  statistics(): SpeakerWireStatistics {
    const { entries, owned } = this.#reconciliation;
    return {
      entries: entries.size,
      announcedAddresses: owned.size,
      refusals: this.#refusals,
      interfaces: [...this.#responders].map((responder) => {
        const { outcomes, conflicts, socket } = responder.statistics();
        const { interfaceName: name, mac } = responder;
        return { name, mac, addresses: responder.addresses.size, outcomes, conflicts, socket };
      }),
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#beating);
    this.#port?.close();
    this.#port = undefined;
    await this.#watcher?.close();
    await this.#responders.closeAll();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #receive(event: ReceiverEvent): void {
    const { state, effects } = stepReceiver(this.#receiver, event);
    this.#receiver = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ReceiverEffect): void {
    switch (effect.type) {
      case 'staged':
      case 'change':
        this.#reconcile(effect);
        break;
      case 'snapshot':
        this.#options.log.info({ entries: effect.entries.size, complete: effect.complete }, 'desired state received');
        this.#reconcile(effect);
        break;
      case 'acknowledge':
        this.#post({ type: 'ack', session: effect.session, generation: effect.generation });
        break;
      case 'refuse': {
        const { session, generation, code, message } = effect;
        this.#refusals += 1;
        this.#options.log.error({ session, generation, code, error: message }, 'desired state refused');
        this.#post({ type: 'refused', session, generation, code, message });
        break;
      }
    }
  }

  #reconcile(event: ReconcileEvent): void {
    if (this.#closed) return;
    const { state, effects } = stepReconcile(this.#reconciliation, event, this.#config);
    this.#reconciliation = state;
    const reports: WireReport[] = [];
    for (const effect of effects) this.#apply(effect, reports);
    const changes = this.#responders.counters.takeChanges();
    if (changes !== undefined) {
      this.#post({ type: 'counters', pages: this.#responders.counters.pages, ...changes });
    }
    this.#report(reports);
  }

  #apply(effect: ReconcileEffect, reports: WireReport[]): void {
    switch (effect.type) {
      case 'openResponder':
        this.#responders.open(effect.interfaceName, effect.link);
        break;
      case 'linkChanged':
        this.#responders.linkChanged(effect.interfaceName, effect.link);
        break;
      case 'closeResponder':
        this.#responders.close(effect.interfaceName);
        break;
      case 'own':
        this.#responders.own(effect.interfaceName, effect.address);
        break;
      case 'disown':
        this.#responders.disown(effect.interfaceName, effect.address);
        break;
      case 'report':
        reports.push(effect.report);
        break;
    }
  }

  #onConflict({ address, interfaceName, ourMac, theirMac, kind }: ArpConflict): void {
    const suppressed = this.#conflictBudget.take(performance.now());
    if (suppressed === undefined) return;
    const { entries, keysOf } = this.#reconciliation;
    const keys = [...(keysOf.get(address) ?? [])];
    const serviceKeys = keys.flatMap((key) => entries.get(key)?.entry.serviceKey ?? []);
    const pairs = { ip: address, interface: interfaceName, ourMac, theirMac, kind };
    this.#options.log.warn(suppressed === 0 ? pairs : { ...pairs, suppressed }, 'address conflict');
    this.#report([{ type: 'conflict', address, serviceKeys, interfaceName, ourMac, theirMac, kind }]);
  }

  #report(reports: readonly WireReport[]): void {
    for (const report of reports) this.#options.onReport?.(report);
    for (let at = 0; at < reports.length; at += MAX_ENTRIES_PER_MESSAGE) {
      this.#post({ type: 'reports', reports: reports.slice(at, at + MAX_ENTRIES_PER_MESSAGE) });
    }
  }

  #post(message: WireMessage): void {
    this.#port?.postMessage(message); // a port whose other end died takes it and says nothing
  }
}
