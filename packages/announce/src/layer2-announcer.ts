import { decideLayer2, type Layer2Decision, type Layer2Input, type NodeIndex } from './decide-layer2.ts';
import { type Changes, replaceEntries } from './entry-changes.ts';
import { type Judgement, judgeService } from './judge-service.ts';
import { entriesFor, type Layer2Entry, type Layer2EntryKey } from './layer2-entry.ts';

/** What an event changed for this node at layer 2. */
export interface Layer2Output {
  readonly upserts: readonly Layer2Entry[];
  readonly removals: readonly Layer2EntryKey[];
  /** Decisions that now read otherwise, for logs, events and `explain`; `undefined` for a Service that is gone. */
  readonly decisions: readonly { readonly serviceKey: string; readonly decision: Layer2Decision | undefined }[];
  /**
   * `upserts` is everything that there is to announce: the first answer after `synced`. Whatever else was announced,
   * say by an announcer before this one, is to be withdrawn if it is `complete`, and kept if something in it is unknown
   * (`partial`): then a `complete` one follows as soon as nothing is.
   */
  readonly snapshot: 'complete' | 'partial' | undefined;
}

/** Layer 2's part of an announcer: it is told what the announcer knows. */
export interface Layer2Announcer {
  /** A Service may have changed; no input where it is gone. */
  setService(serviceKey: string, input: Layer2Input | undefined, index: NodeIndex): void;
  /** What all that was said since the last time comes to. */
  take(): Layer2Output;
  entries(): Iterable<Layer2Entry>;
  decisionOf(serviceKey: string): Layer2Decision | undefined;
}

interface Announced extends Judgement<Layer2Decision> {
  readonly entries: readonly Layer2Entry[];
}

const noChanges = (): Changes => ({ upserts: [], removals: [], decisions: [] });

/** @param node - Whose entries are kept. */
export function createLayer2Announcer(node: string): Layer2Announcer {
  const announced = new Map<string, Announced>();
  /** Services of which it cannot be told whether they are announced. */
  const undecided = new Set<string>();
  let changes = noChanges();
  let started = false;
  let completeOwed = false;

  function setService(serviceKey: string, input: Layer2Input | undefined, index: NodeIndex): void {
    const before = announced.get(serviceKey);
    undecided.delete(serviceKey);
    if (input === undefined) {
      announced.delete(serviceKey);
      if (before !== undefined) {
        changes.decisions.push({ serviceKey, decision: undefined });
        replaceEntries(before.entries, [], changes);
      }
      return;
    }
    const judgement = judgeService(input, (asked, held) => decideLayer2(asked, index, held), before);
    if (judgement.unknown) {
      undecided.add(serviceKey);
    }
    const { decision } = judgement;
    const entries = replaceEntries(before?.entries ?? [], entriesFor(serviceKey, decision, node), changes);
    announced.set(serviceKey, { ...judgement, entries });
    if (before === undefined ? isOurs(decision) : !readsAlike(before.decision, decision)) {
      changes.decisions.push({ serviceKey, decision });
    }
  }

  function take(): Layer2Output {
    const taken = changes;
    changes = noChanges();
    if (started && !(completeOwed && undecided.size === 0)) {
      return { ...taken, snapshot: undefined };
    }
    started = true;
    completeOwed = undecided.size > 0;
    return { ...taken, upserts: [...allEntries()], snapshot: completeOwed ? 'partial' : 'complete' };
  }

  function* allEntries(): Generator<Layer2Entry> {
    for (const { entries } of announced.values()) {
      yield* entries;
    }
  }

  return {
    setService,
    take,
    entries: allEntries,
    decisionOf: (serviceKey) => announced.get(serviceKey)?.decision,
  };
}

/** Whether there is nothing new to tell: candidates and interfaces are what entries are for. */
function readsAlike(a: Layer2Decision, b: Layer2Decision): boolean {
  return a.because === b.because && refusedAddressesOf(a) === refusedAddressesOf(b);
}

function refusedAddressesOf(decision: Layer2Decision): string {
  return decision.eligible ? decision.refusedAddresses.map(({ address }) => address).join() : '';
}

/** Whether there is anything to tell of a Service that was not there before: most Services need no load balancer. */
function isOurs({ because }: Layer2Decision): boolean {
  return because !== 'notLoadBalancer' && because !== 'OtherLoadBalancerClass';
}
