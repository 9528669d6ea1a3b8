import { hash } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { AnsweredRequest, ArpConflict } from '@steelyard/arp/node';
import { type LinkWatcher, watchLinks } from '@steelyard/linux-socket/link';
import type { AnsweredSolicitation, NdpConflict } from '@steelyard/ndp/node';
import { BgpSessions } from './bgp/sessions.ts';
import { createConflictBudget } from './conflict-budget.ts';
import { type ControlInput, ControlPort } from './control-port.ts';
import { gossipFigures } from './figures/gossip-figures.ts';
import { SharedFigures } from './figures/shared-figures.ts';
import { Gossip } from './gossip/gossip.ts';
import type { SpeakerWire, SpeakerWireOptions, SpeakerWireStatistics } from './options.ts';
import type { WireReport } from './protocol/report.ts';
import { type Family, factsOf } from './reconcile/interfaces.ts';
import { addressesWithSuccessor, awaitsTakeover } from './reconcile/leaving.ts';
import { NOTHING_LINGERS, withLingering } from './reconcile/lingering.ts';
import { hasNewcomer, type Members } from './reconcile/outcome.ts';
import { initialReconcileState } from './reconcile/state.ts';
import { stepReconcile } from './reconcile/step.ts';
import { stateReport } from './reconcile/take-network.ts';
import type { ReconcileConfig, ReconcileEffect, ReconcileEvent } from './reconcile/vocabulary.ts';
import { Responders } from './responders/responders.ts';

const BEAT_INTERVAL_MS = 1_000;
/** Speakers hear of one change within it, each from its own watch. */
const DEFAULT_CONFLICT_GRACE_MS = 2_000;
/** What is unknown may become known; for what is known, somebody must be elected in the end. */
const PARTIAL_PAUSE_MS = 10_000;
/** MetalLB's, for saying goodbye. */
const GOODBYE_TIMEOUT_MS = 1_000;

/** The next owner is heard in a few milliseconds, if it can announce at all. */
const YIELD_MS = 1_000;

/** After somebody has joined, before a claim is a conflict. */
const PEACE_MS = 5_000;

/** However many accuse this speaker, and how often. */
const REFUTED_PAUSE_MS = 2_000;

const PROTOCOL: Readonly<Record<Family, string>> = { ipv4: 'ARP', ipv6: 'NDP' };

/**
 * Opens the wire thread's sockets on the interfaces that there are and will be.
 *
 * @throws A system error, as a rejection, when the links cannot be watched. What one interface refuses is logged, and
 *   tried again; so is what the gossip's port refuses.
 */
export async function openSpeakerWire(options: SpeakerWireOptions): Promise<SpeakerWire> {
  const wire = new OpenSpeakerWire(options);
  await wire.start();
  return wire;
}

class OpenSpeakerWire implements SpeakerWire {
  readonly beat: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #options: SpeakerWireOptions;
  readonly #config: ReconcileConfig;
  readonly #control: ControlPort;
  readonly #responders: Responders;
  readonly #gossip: Gossip | undefined;
  readonly #bgp: BgpSessions;
  readonly #figures = new SharedFigures();
  readonly #beating: NodeJS.Timeout;
  readonly #conflictBudget = createConflictBudget();
  #reconciliation = initialReconcileState();
  #watcher: LinkWatcher | undefined;
  #newcomerMs = Number.NEGATIVE_INFINITY;
  #refutedMs = Number.NEGATIVE_INFINITY;
  readonly #yieldTimers = new Set<NodeJS.Timeout>();
  #conflicts = 0;
  /** Called after each address that another host has taken over, while this speaker leaves. */
  #onTakenOver: (() => void) | undefined;
  #closed: boolean = false;

  constructor(options: SpeakerWireOptions) {
    const { nodeName, gossip, log } = options;
    this.#options = options;
    this.#config = {
      nodeName,
      announceOwnAddresses: options.announceOwnAddresses ?? false,
      // By way of text, for that is twice as fast as the buffer that hash() can make, and there are many.
      sha256: (octets) => Buffer.from(hash('sha256', octets, 'binary'), 'binary'),
    };
    this.#control = new ControlPort((input) => this.#onInput(input), log);
    this.#responders = new Responders({
      announce: options.announce ?? {},
      defend: options.defend ?? true,
      conflictGraceMs: options.conflictGraceMs ?? DEFAULT_CONFLICT_GRACE_MS,
      onClaim: (interfaceName, address) => this.#onClaim(interfaceName, address),
      onConflict: (conflict) => this.#onConflict(conflict),
      onOpened: (family, interfaceName, mac) =>
        log.info({ interface: interfaceName, mac }, `created ${PROTOCOL[family]} responder for interface`),
      onClosed: (family, interfaceName) =>
        log.info({ interface: interfaceName }, `deleted ${PROTOCOL[family]} responder for interface`),
      onRequest: options.logRequests === true ? (family, request) => this.#logRequest(family, request) : undefined,
      onError: (family, interfaceName, error) =>
        log.error({ interface: interfaceName, error: error.message }, `${PROTOCOL[family]} responder failed`),
    });
    this.#bgp = new BgpSessions({
      nodeName,
      log,
      onReports: (reports) => this.#report(reports),
      onCounterPlaces: (sessions) => this.#control.post({ type: 'bgp-counters', sessions }),
    });
    if (gossip !== undefined) {
      const onMembers = (members: Members): void => {
        if (hasNewcomer(this.#reconciliation.members, members, nodeName)) this.#newcomerMs = performance.now();
        this.#reconcile({ type: 'membersChanged', members });
      };
      this.#gossip = new Gossip(gossip, { nodeName, onMembers, onRefuted: () => this.#onRefuted(), log });
    }
    const beats = new Int32Array(this.beat);
    this.#beating = setInterval(() => {
      Atomics.add(beats, 0, 1);
      this.#writeFigures();
    }, BEAT_INTERVAL_MS);
    this.#beating.unref();
  }

  async start(): Promise<void> {
    const { log, isInterfaceExcluded = () => false } = this.#options;
    let lingering = NOTHING_LINGERS;
    let lookingAgain: NodeJS.Timeout | undefined;
    const reconcile = (watcher: Pick<LinkWatcher, 'view'>): void => {
      clearTimeout(lookingAgain);
      const nowMs = performance.now();
      lingering = withLingering(lingering, factsOf(watcher.view, isInterfaceExcluded), watcher.view, nowMs);
      const { network, nextMs } = lingering;
      if (nextMs !== undefined) {
        lookingAgain = setTimeout(() => reconcile(watcher), nextMs - nowMs);
        lookingAgain.unref();
      }
      this.#responders.setHostMacs(network.macs);
      this.#reconcile({ type: 'networkChanged', network });
    };
    this.#watcher = await watchLinks({
      onChange: (view) => reconcile({ view }),
      onError: (error) => log.error({ error: error.message }, 'watching the links failed'),
    });
    reconcile(this.#watcher);
  }

  get gossipMissing(): string | undefined {
    return this.#gossip?.missing;
  }

  attachControl(port: MessagePort): void {
    this.#control.attach(port);
    const { counters } = this.#responders;
    counters.takeChanges(); // all of them follow
    this.#control.post({ type: 'counters', pages: counters.pages, assigned: counters.all(), released: [] });
    this.#control.post({ type: 'figures', memory: this.#figures.memory });
    this.#control.post({ type: 'bgp-counters', sessions: this.#bgp.counterPlaces });
    this.#control.report([stateReport(this.#reconciliation)]);
  }

  offerGossipKey(key: Uint8Array | undefined): void {
    this.#gossip?.offerKey(key);
  }

  statistics(): SpeakerWireStatistics {
    const { entries, owned } = this.#reconciliation;
    const shown = (family: Family) =>
      [...this.#responders.of(family)].map((responder) => {
        const { outcomes, conflicts, socket } = responder.statistics();
        const { interfaceName: name, mac } = responder;
        return { name, family, mac, addresses: responder.addresses.size, outcomes, conflicts, socket };
      });
    return {
      entries: entries.size,
      announcedAddresses: owned.size,
      bgpPeers: this.#bgp.count,
      bgpRoutes: this.#bgp.routeCount,
      refusals: this.#control.refusals,
      interfaces: [...shown('ipv4'), ...shown('ipv6')],
    };
  }

  async leave(timeoutMs: number): Promise<void> {
    // Routers send nothing more this way once they have heard it, and the addresses of layer 2 have nothing to do with it.
    await Promise.all([this.#closed ? undefined : this.#bgp.leave(timeoutMs), this.#leaveGossip(timeoutMs)]);
  }

  async #leaveGossip(timeoutMs: number): Promise<void> {
    const gossip = this.#gossip;
    if (gossip === undefined || this.#closed) return;
    const deadlineMs = performance.now() + timeoutMs;
    const waitsForSuccessors = (): boolean => addressesWithSuccessor(this.#reconciliation, this.#options.nodeName) > 0;
    this.#reconcile({ type: 'leaving' });
    await gossip.leave(Math.min(timeoutMs, GOODBYE_TIMEOUT_MS));
    if (!waitsForSuccessors()) return;
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(resolve, Math.max(0, deadlineMs - performance.now()));
      this.#onTakenOver = () => {
        if (waitsForSuccessors()) return;
        clearTimeout(giveUp);
        resolve();
      };
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#beating);
    for (const timer of this.#yieldTimers) clearTimeout(timer);
    this.#control.close();
    await this.#watcher?.close();
    await Promise.all([this.#responders.closeAll(), this.#gossip?.close(), this.#bgp.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #onInput(input: ControlInput): void {
    if (input.type === 'peers') {
      this.#gossip?.setPeers(input.addresses);
      return;
    }
    this.#reconcile(input);
    if (input.type !== 'staged' && !this.#closed) this.#bgp.take(input);
    // From then on others elect this speaker, and fall silent for it.
    if (input.type === 'snapshot') this.#gossip?.enter(input.complete ? 0 : PARTIAL_PAUSE_MS);
  }

  #reconcile(event: ReconcileEvent): void {
    if (this.#closed) return;
    const { state, effects } = stepReconcile(this.#reconciliation, event, this.#config);
    this.#reconciliation = state;
    const reports: WireReport[] = [];
    for (const effect of effects) this.#apply(effect, reports);
    const yields = effects.filter((effect) => effect.type === 'yield');
    if (yields.length > 0) this.#endYieldsLater(yields);
    const changes = this.#responders.counters.takeChanges();
    if (changes !== undefined) {
      this.#control.post({ type: 'counters', pages: this.#responders.counters.pages, ...changes });
    }
    this.#report(reports);
  }

  #apply(effect: ReconcileEffect, reports: WireReport[]): void {
    switch (effect.type) {
      case 'openResponder':
        this.#responders.of(effect.family).open(effect.interfaceName, effect.link);
        break;
      case 'linkChanged':
        this.#responders.of(effect.family).linkChanged(effect.interfaceName, effect.link);
        break;
      case 'closeResponder':
        this.#responders.of(effect.family).close(effect.interfaceName);
        break;
      case 'own':
        this.#responders.own(effect.interfaceName, effect.address);
        break;
      case 'disown':
        this.#responders.disown(effect.interfaceName, effect.address);
        break;
      case 'announceAgain':
        this.#responders.announceAgain(effect.interfaceName, effect.address);
        break;
      case 'yield':
        break; // all of them at once, when they are over
      case 'report':
        reports.push(effect.report);
        break;
    }
  }

  #onRefuted(): void {
    const nowMs = performance.now();
    if (nowMs - this.#refutedMs < REFUTED_PAUSE_MS) return; // each time has five rounds
    this.#refutedMs = nowMs;
    this.#reconcile({ type: 'presumedDead' });
  }

  #logRequest(family: Family, request: AnsweredRequest | AnsweredSolicitation): void {
    const { address: ip, interfaceName, senderMac: senderMAC, senderAddress: senderIP } = request;
    const pairs = { interface: interfaceName, ip, senderIP, senderMAC };
    this.#options.log.debug(pairs, `got ${PROTOCOL[family]} request for service IP, sending response`);
  }

  #onClaim(interfaceName: string, address: string): void {
    if (!awaitsTakeover(this.#reconciliation, address)) return;
    this.#reconcile({ type: 'takenOver', interfaceName, address });
    this.#onTakenOver?.();
  }

  /** Answers on for addresses that another speaker owns now, but not for ever: it may have nothing to announce them on. */
  #endYieldsLater(yields: readonly { readonly address: string; readonly turn: number }[]): void {
    const timer = setTimeout(() => {
      this.#yieldTimers.delete(timer);
      for (const { address, turn } of yields) this.#reconcile({ type: 'yieldOver', address, turn });
    }, YIELD_MS);
    timer.unref();
    this.#yieldTimers.add(timer);
  }

  #onConflict({ address, interfaceName, ourMac, theirMac, kind }: ArpConflict | NdpConflict): void {
    // Speakers that find each other have both announced until now. What lasts is told with the next claim.
    if (performance.now() - this.#newcomerMs < PEACE_MS) return;
    this.#conflicts += 1;
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
    this.#control.report(reports);
  }

  #writeFigures(): void {
    this.#bgp.writeCounters();
    const { entries, owned } = this.#reconciliation;
    this.#figures.write({
      entries: entries.size,
      announcedAddresses: owned.size,
      conflicts: this.#conflicts,
      ...gossipFigures(this.#gossip?.memberlist),
    });
  }
}
