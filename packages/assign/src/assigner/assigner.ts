import { createIpam } from '@steelyard/ipam';
import { mayHaveAgain } from '../converge/allocation.ts';
import { converge } from '../converge/converge.ts';
import type { Convergence, ServiceEvent } from '../converge/convergence.ts';
import { METALLB_HABITS, OWN_HABITS } from '../converge/habits.ts';
import { differenceOf } from '../converge/pool-difference.ts';
import { type AssignConfig, type OrderedPools, orderPools, poolSpecs } from '../converge/pool-order.ts';
import type { ServiceView } from '../service/service-view.ts';
import { applyStatusWrite, statusWrite } from '../service/status-write.ts';
import type { AssignerEffect, AssignerEvent } from './assigner-messages.ts';
import type { Assigner, AssignerOptions } from './assigner-surface.ts';
import { type ClaimContext, claimAll, createBookkeeper, inOrderOfClaims } from './claims.ts';
import { createOpportunities } from './opportunities.ts';
import { letGo } from './other-class.ts';
import { passOver } from './pass.ts';
import { newsOf, observe, referenceTo, remember, type ServedService, STANDING_BY, standBy } from './served-service.ts';
import { createServiceRegister } from './service-register.ts';
import { createWaitingRoom } from './waiting-room.ts';

/** Whether an Event says that an address was taken away by the configuration, though another may have been found. */
function tellsOfLoss({ reason }: ServiceEvent): boolean {
  return reason === 'ClearAssignment';
}

/** Creates an assigner that knows of nothing yet. */
export function createAssigner(options: AssignerOptions = {}): Assigner {
  const loadBalancerClass = options.loadBalancerClass ?? '';
  const habits = options.parity === true ? METALLB_HABITS : OWN_HABITS;
  const ipam = createIpam();
  const context: ClaimContext = { ipam, habits, loadBalancerClass };
  const books = createBookkeeper(context);
  const register = createServiceRegister();
  const waiting = createWaitingRoom();
  const opportunities = createOpportunities(ipam, waiting);
  let config: AssignConfig | undefined;
  let pools: OrderedPools | undefined;
  let synced = false;
  let standby = options.standby === true;
  let looks = 0;
  let writesInFlight = 0;
  let effects: AssignerEffect[] = [];

  const serving = () => synced && pools !== undefined && !standby;

  function conclude(entry: ServedService, outcome: Convergence): void {
    const { view } = entry;
    entry.because = outcome.because;
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
    const news = newsOf(entry, outcome.events);
    for (const event of habits.tellsNewsOnly ? news : outcome.events) {
      effects.push({ type: 'postEvent', service: referenceTo(view), event });
    }
  }

  function look(entry: ServedService): void {
    looks++;
    const { view } = entry;
    const before = ipam.allocationOf(view.key);
    // Of a Service that is none of a load balancer the API server wipes the class: it has to be looked at to be freed.
    const formerlyOurs = view.type !== 'LoadBalancer' && before !== undefined;
    const ours = view.loadBalancerClass === loadBalancerClass || formerlyOurs;
    const writing = entry.inFlight !== undefined || entry.held || entry.expected !== undefined;
    const outcome = ours
      ? converge(view, ipam, pools, { memories: entry.memories, habits, writing })
      : letGo(entry, ipam);
    const after = ipam.allocationOf(view.key);
    if (!ours || view.type !== 'LoadBalancer') {
      entry.memories = [];
    } else if (habits.remembers && before !== undefined && (after === undefined || outcome.events.some(tellsOfLoss))) {
      remember(entry, before.addresses);
    }
    opportunities.note(before, after);
    conclude(entry, outcome);
  }

  /** First those who have something claim it, so that nobody new is given what another has. */
  function lookAt(entries: Iterable<ServedService>): void {
    if (pools !== undefined) {
      const inOrder = inOrderOfClaims(entries, habits);
      claimAll(inOrder, pools, context);
      const known = pools;
      passOver(inOrder, ipam, look, (entry, had) => mayHaveAgain(entry.view, had, ipam, known));
    }
  }

  function forget(key: string): void {
    const entry = register.get(key);
    if (entry === undefined) {
      return;
    }
    const before = ipam.allocationOf(key);
    waiting.leave(key);
    register.delete(key);
    writesInFlight -= entry.inFlight === undefined ? 0 : 1;
    if (standby && pools !== undefined) {
      books.forget(key, pools);
    } else {
      ipam.release(key);
      opportunities.note(before, undefined);
    }
  }

  /** Nothing that we gave and nothing to take away: most Services are like that, and are not kept. */
  function concernsUs(view: ServiceView): boolean {
    return (
      register.get(view.key) !== undefined ||
      view.type === 'LoadBalancer' ||
      statusWrite(view, [], undefined) !== undefined
    );
  }

  function serviceChanged(view: ServiceView): void {
    let entry = register.get(view.key);
    if (entry !== undefined && entry.view.uid !== view.uid) {
      forget(view.key); // deleted and made again between two looks
      entry = undefined;
    }
    if (entry === undefined) {
      if (!concernsUs(view)) {
        return;
      }
      entry = register.add(view);
    } else if (!observe(entry, view)) {
      return;
    }
    if (serving()) {
      look(entry);
    } else if (standby) {
      entry.because = STANDING_BY;
      if (pools !== undefined) {
        books.follow(entry, pools);
      }
    }
  }

  function configChanged(next: AssignConfig | undefined): void {
    // What could not be read takes nothing out of force; before anything could be read, nobody is served.
    if (next === undefined || next.completeness === 'unknown') {
      return;
    }
    const difference = config === undefined ? 'everybody' : differenceOf(config, next);
    config = next;
    pools = orderPools(next);
    if (difference === 'everybody') {
      const { lost } = ipam.setPools(poolSpecs(next), { partial: !pools.complete });
      for (const allocation of lost) {
        const entry = register.get(allocation.holder);
        if (entry !== undefined && habits.remembers) {
          remember(entry, allocation.addresses);
        }
      }
      startOver();
    } else if (serving()) {
      lookAt([...difference].flatMap((namespace) => [...register.in(namespace)]));
    } else if (standby) {
      claimAll(
        inOrderOfClaims(
          [...difference].flatMap((one) => [...register.in(one)]),
          habits,
        ),
        pools,
        context,
      );
    }
  }

  /** Looks at everybody, or, while another controller decides, reads what everybody shows. */
  function startOver(): void {
    if (serving()) {
      lookAt(register.all());
    } else if (standby && pools !== undefined) {
      books.followAll(inOrderOfClaims(register.all(), habits), pools);
    }
  }

  function servicesSynced(): void {
    if (!synced) {
      synced = true;
      startOver();
    }
  }

  function stoodDown(): void {
    if (!standby) {
      standby = true;
      for (const entry of register.all()) {
        standBy(entry);
      }
      writesInFlight = 0;
      waiting.clear();
      opportunities.clear();
      startOver();
    }
  }

  function tookOver(): void {
    if (standby) {
      startOver(); // what statuses show is read once more, the older Services first
      standby = false;
      startOver();
    }
  }

  function retryService(key: string): void {
    const entry = register.get(key);
    if (entry !== undefined && serving()) {
      entry.held = false;
      look(entry);
    }
  }

  /** The entry that an answer to a write is about, which is now not in flight any more. */
  function answered(key: string, uid: string): ServedService | undefined {
    const entry = register.get(key);
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
      case 'stoodDown':
        stoodDown();
        break;
      case 'tookOver':
        tookOver();
        break;
    }
  }

  return {
    step(event) {
      take(event);
      if (pools !== undefined && serving()) {
        opportunities.offer(pools, (key) => {
          const entry = register.get(key);
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
      return { services: register.size, waiting: waiting.size, looks, writesInFlight, standby };
    },
    explain: (key) => register.get(key)?.because,
  };
}
