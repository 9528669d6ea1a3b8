import { createIpam, type Ipam } from '@steelyard/ipam';
import { clear, converge } from '../converge/converge.ts';
import type { Because, Convergence } from '../converge/convergence.ts';
import { claimRecorded, recordedAddresses } from '../converge/current-addresses.ts';
import { type AssignConfig, type OrderedPools, orderPools, poolSpecs } from '../converge/pool-order.ts';
import { sameAddresses } from '../service/requested-addresses.ts';
import { byAge, type ServiceView } from '../service/service-view.ts';
import { applyStatusWrite, statusWrite } from '../service/status-write.ts';
import type { AssignerEffect, AssignerEvent } from './assigner-messages.ts';
import { createOpportunities } from './opportunities.ts';
import { createServedService, newsOf, observe, referenceTo, type ServedService } from './served-service.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** What an assigner is told once. */
export interface AssignerOptions {
  /** `--lb-class`: serve the Services of this class; empty: those without one. */
  readonly loadBalancerClass?: string;
}

/** How much an assigner has done and has to do. */
export interface AssignerStatistics {
  readonly services: number;
  readonly waiting: number;
  /** How often a Service was looked at. */
  readonly looks: number;
  readonly writesInFlight: number;
}

/** Gives addresses to Services: {@link converge} for all of them, in the right order and no oftener than needed. */
export interface Assigner {
  /** Takes in what happened and says what to do. It never throws at anything that a cluster contains. */
  step(event: AssignerEvent): AssignerEffect[];
  /** Whether Services are being served: all of them and a configuration are known. */
  readonly serving: boolean;
  /** Who has what; for counters. Not to be changed. */
  readonly ipam: Pick<Ipam, 'allocationOf' | 'allocations' | 'counters' | 'holdersOf' | 'operations'>;
  readonly statistics: AssignerStatistics;
  /** Why a Service has what it has. */
  explain(key: string): Because | undefined;
}

/** Creates an assigner that knows of nothing yet. */
export function createAssigner(options: AssignerOptions = {}): Assigner {
  const loadBalancerClass = options.loadBalancerClass ?? '';
  const ipam = createIpam();
  const entries = new Map<string, ServedService>();
  const waiting = createWaitingRoom();
  const opportunities = createOpportunities(ipam, waiting);
  let pools: OrderedPools | undefined;
  let synced = false;
  let looks = 0;
  let writesInFlight = 0;
  let effects: AssignerEffect[] = [];

  const serving = () => synced && pools !== undefined;

  function conclude(entry: ServedService, outcome: Convergence): void {
    const { view } = entry;
    entry.because = outcome.because;
    if (outcome.addresses.length > 0) {
      entry.remembered = [];
    }
    if (outcome.wish === undefined) {
      waiting.leave(view.key);
    } else {
      waiting.wait(view, outcome.wish);
    }
    if (outcome.write !== undefined && entry.inFlight === undefined && !entry.held) {
      entry.inFlight = { write: outcome.write, base: view };
      writesInFlight++;
      effects.push({
        type: 'writeStatus',
        service: referenceTo(view),
        resourceVersion: view.resourceVersion,
        write: outcome.write,
        because: outcome.because,
      });
    }
    for (const event of newsOf(entry, outcome.events)) {
      effects.push({ type: 'postEvent', service: referenceTo(view), event });
    }
  }

  /** A class that is not ours: what we gave is taken back, and what others wrote stays. */
  function letGo(entry: ServedService): Convergence {
    const { view } = entry;
    const gave = ipam.allocationOf(view.key)?.addresses ?? entry.takingBack;
    const shown = recordedAddresses(view);
    const message = `its loadBalancerClass is ${JSON.stringify(view.loadBalancerClass)}`;
    const outcome = clear(view, ipam, { because: { code: 'OtherLoadBalancerClass', message } });
    const ours = gave.length > 0 && (shown.length === 0 || sameAddresses(gave, shown));
    entry.takingBack = ours && outcome.write !== undefined ? gave : [];
    return ours ? outcome : { ...outcome, write: undefined, events: [] };
  }

  function look(entry: ServedService): void {
    looks++;
    const { key } = entry.view;
    const before = ipam.allocationOf(key);
    // Of a Service that is none of a load balancer the API server wipes the class: it has to be looked at to be freed.
    const formerlyOurs = entry.view.type !== 'LoadBalancer' && before !== undefined;
    const ours = entry.view.loadBalancerClass === loadBalancerClass || formerlyOurs;
    const outcome = ours ? converge(entry.view, ipam, pools, entry.remembered) : letGo(entry);
    opportunities.note(before, ipam.allocationOf(key));
    conclude(entry, outcome);
  }

  /** Looks at everybody: first those who have something claim it, so that nobody new is given what another has. */
  function lookAtAll(): void {
    const inOrder = [...entries.values()].sort((a, b) => byAge(a.view, b.view));
    if (pools !== undefined) {
      for (const { view } of inOrder) {
        if (view.loadBalancerClass === loadBalancerClass) {
          claimRecorded(view, ipam, pools);
        }
      }
    }
    const holds = (entry: ServedService) => ipam.allocationOf(entry.view.key) !== undefined;
    const had = (entry: ServedService) => entry.remembered.length > 0 || recordedAddresses(entry.view).length > 0;
    const holders = inOrder.filter(holds);
    const losers = inOrder.filter((entry) => !holds(entry) && had(entry));
    const others = inOrder.filter((entry) => !holds(entry) && !had(entry));
    for (const entry of [...holders, ...losers, ...others]) {
      look(entry);
    }
  }

  function forget(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) {
      return;
    }
    const before = ipam.allocationOf(key);
    ipam.release(key);
    waiting.leave(key);
    entries.delete(key);
    writesInFlight -= entry.inFlight === undefined ? 0 : 1;
    opportunities.note(before, undefined);
  }

  /** Nothing that we gave and nothing to take away: most Services are like that, and are not kept. */
  function concernsUs(view: ServiceView): boolean {
    return entries.has(view.key) || view.type === 'LoadBalancer' || statusWrite(view, [], undefined) !== undefined;
  }

  function serviceChanged(view: ServiceView): void {
    const known = entries.get(view.key);
    if (known !== undefined && known.view.uid !== view.uid) {
      forget(view.key); // deleted and made again between two looks
    } else if (known !== undefined) {
      if (observe(known, view) && serving()) {
        look(known);
      }
      return;
    }
    if (!concernsUs(view)) {
      return;
    }
    const entry = createServedService(view);
    entries.set(view.key, entry);
    if (serving()) {
      look(entry);
    }
  }

  function configChanged(next: AssignConfig | undefined): void {
    // What could not be read takes nothing out of force; before anything could be read, nobody is served.
    if (next === undefined || next.completeness === 'unknown') {
      return;
    }
    pools = orderPools(next);
    const { lost } = ipam.setPools(poolSpecs(next), { partial: !pools.complete });
    for (const allocation of lost) {
      const entry = entries.get(allocation.holder);
      if (entry !== undefined) {
        entry.remembered = allocation.addresses;
      }
    }
    if (serving()) {
      lookAtAll();
    }
  }

  function servicesSynced(): void {
    if (!synced) {
      synced = true;
      if (serving()) {
        lookAtAll();
      }
    }
  }

  function retryService(key: string): void {
    const entry = entries.get(key);
    if (entry !== undefined && serving()) {
      entry.held = false;
      look(entry);
    }
  }

  /** The entry that an answer to a write is about, which is now not in flight any more. */
  function answered(key: string, uid: string): ServedService | undefined {
    const entry = entries.get(key);
    if (entry?.inFlight === undefined || entry.view.uid !== uid) {
      return undefined;
    }
    writesInFlight--;
    return entry;
  }

  function statusWritten(entry: ServedService, resourceVersion: string): void {
    const { inFlight } = entry;
    entry.inFlight = undefined;
    if (inFlight !== undefined && entry.view.resourceVersion === inFlight.base.resourceVersion) {
      entry.view = applyStatusWrite(entry.view, inFlight.write, resourceVersion);
      entry.expected = resourceVersion;
    }
    look(entry);
  }

  /** If the watch has brought a newer Service already, that can be written to; else another write has to wait. */
  function statusRefused(entry: ServedService): void {
    entry.held = entry.view.resourceVersion === entry.inFlight?.base.resourceVersion;
    entry.inFlight = undefined;
    if (entry.held) {
      effects.push({ type: 'retryLater', key: entry.view.key });
    } else {
      look(entry);
    }
  }

  function take(event: AssignerEvent): void {
    switch (event.type) {
      case 'serviceChanged':
        serviceChanged(event.service);
        break;
      case 'serviceDeleted':
        forget(event.key);
        break;
      case 'servicesSynced':
        servicesSynced();
        break;
      case 'configChanged':
        configChanged(event.config);
        break;
      case 'statusWritten':
      case 'statusConflict':
      case 'statusWriteFailed': {
        const entry = answered(event.key, event.uid);
        if (entry !== undefined) {
          event.type === 'statusWritten' ? statusWritten(entry, event.resourceVersion) : statusRefused(entry);
        }
        break;
      }
      case 'retryService':
        retryService(event.key);
        break;
    }
  }

  return {
    step(event) {
      take(event);
      if (synced && pools !== undefined) {
        opportunities.offer(pools, (key) => {
          const entry = entries.get(key);
          if (entry !== undefined) {
            look(entry);
          }
        });
      }
      const result = effects;
      effects = [];
      return result;
    },
    get serving() {
      return serving();
    },
    ipam,
    get statistics() {
      return { services: entries.size, waiting: waiting.size, looks, writesInFlight };
    },
    explain: (key) => entries.get(key)?.because,
  };
}
