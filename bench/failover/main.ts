// What clients notice when a speaker, its node or its network fails: Steelyard's speakers and MetalLB's, one after the other.

import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs, ownersNow } from '@steelyard/testkit';
import { readNumbers } from '../options.ts';
import { printResult, say } from '../result.ts';
import { readContenders } from '../stage/contenders.ts';
import type { Host } from '../stage/network.ts';
import { summarize } from '../statistics.ts';
import { FAULTS, type Fault } from './faults.ts';
import { type Fleet, openFleet } from './fleet.ts';
import { type AddressTimeline, timelineOf } from './timeline.ts';

const DEFAULTS = { trials: 5, services: 8, interval: 20 };
const DEFAULT_SIZES = '3,5,20';
/** Before each trial. Who announced an address less than 5 s ago may let its next announcement wait (MetalLB `internal/layer2/announcer.go`). */
const PAUSE_MS = 6_000;
/** What is undefined is looked at for so long. */
const OBSERVE_MS = 15_000;
/** The next owner has answered alone for so long. */
const TAKEN_FOR_MS = 1_000;
const TAKEOVER_TIMEOUT_MS = 30_000;
/** Members that were dead are asked again once a minute. */
const RETURN_TIMEOUT_MS = 150_000;

/** One fault, and what became of each address while it lasted and when it was undone. */
interface Trial {
  readonly mine: readonly (AddressTimeline & { readonly address: string })[];
  readonly others: readonly AddressTimeline[];
  readonly onReturn: readonly AddressTimeline[];
}

export async function measure(args: readonly string[]): Promise<void> {
  const { contenders, rest } = readContenders(args);
  const words = { sizes: DEFAULT_SIZES, faults: Object.keys(FAULTS).join() };
  const numbers = rest.filter((argument) => {
    const [, name = '', value = ''] = /^--(sizes|faults)=(.*)$/.exec(argument) ?? [];
    if (name === '') return true;
    words[name as keyof typeof words] = value;
    return false;
  });
  const options = readNumbers(numbers, DEFAULTS);
  const sizes = words.sizes.split(',').map(Number);
  const names = words.faults.split(',');
  const unknown = names.find((name) => !(name in FAULTS));
  if (unknown !== undefined) throw new RangeError(`--faults are of ${Object.keys(FAULTS).join()}, not ${unknown}`);
  for (const contender of contenders) {
    for (const size of sizes) {
      say(`${contender.name} ${contender.version}, ${size} speakers`);
      await using fleet = await openFleet({
        contender,
        nodes: size,
        services: options.services,
        intervalMs: options.interval,
      });
      // Each is a result of its own: what was measured stays where the next one fails.
      printResult({
        question: 'failover',
        options: { ...options, speakers: size, speakersOf: contender.name, version: contender.version },
        kubernetes: fleet.stage.api.version,
        figures: await measureFleet(fleet, names, options.trials),
      });
    }
  }
}

async function measureFleet(fleet: Fleet, names: readonly string[], trials: number) {
  const figures: Record<string, unknown> = {};
  for (const name of names) {
    const fault = FAULTS[name];
    if (fault === undefined) continue;
    const results: Trial[] = [];
    try {
      for (let trial = 0; trial < trials; trial += 1) {
        // By turns, each node that owns something.
        const owning = fleet.nodes.filter((node) => fleet.addressesOf(node).length > 0);
        const victim = owning[trial % owning.length];
        if (victim === undefined) throw new Error('no node owns anything');
        results.push(await measureTrial(fleet, name, fault, victim));
      }
      figures[name] = { fault: fault.what, processes: 'real', trials, ...figuresOf(results) };
    } catch (error) {
      // What cannot be measured is said in its place.
      figures[name] = { fault: fault.what, failed: (error as Error).message };
      say(`  ${name}: ${(error as Error).message}`);
      if ((error as Error).message.startsWith('not at rest')) break;
      continue;
    }
    say(`  ${name}: ${JSON.stringify(figures[name])}`);
  }
  return figures;
}

async function measureTrial(fleet: Fleet, name: string, fault: Fault, victim: Host): Promise<Trial> {
  const { watch, atRest } = fleet;
  await fleet.settled(RETURN_TIMEOUT_MS);
  await sleep(PAUSE_MS);
  if (name === 'apiAway') await fleet.stage.api.outage?.stop();
  const mine = name === 'rolling' ? fleet.addresses : fleet.addressesOf(victim);
  const others = fleet.addresses.filter((address) => !mine.includes(address));
  const timelines = (addresses: readonly string[], fromMs: number): (AddressTimeline & { address: string })[] =>
    addresses.map((address) => ({ address, ...timelineOf(address, watch, fromMs, atRest.get(address) ?? '') }));

  watch.clear();
  const struckMs = monotonicMs();
  const undo = await fault.strike(fleet, victim);
  if (fault.outcome === 'undefined') await sleep(OBSERVE_MS);
  else if (fault.outcome === 'same') await fleet.settled(RETURN_TIMEOUT_MS);
  else await takenOver(fleet, mine, victim);
  const struck = { mine: timelines(mine, struckMs), others: timelines(others, struckMs) };

  watch.clear();
  const undoneMs = monotonicMs();
  await undo();
  await fleet.settled(RETURN_TIMEOUT_MS);
  return { ...struck, onReturn: timelines(fleet.addresses, undoneMs) };
}

/** Waits until others alone answer for these addresses; what nobody has taken when time is up is told in the figures. */
async function takenOver({ watch }: Fleet, addresses: readonly string[], victim: Host): Promise<void> {
  const deadlineMs = monotonicMs() + TAKEOVER_TIMEOUT_MS;
  const isTaken = (): boolean => {
    const now = ownersNow(watch, TAKEN_FOR_MS);
    return addresses.every((address) => {
      const owners = now.get(address);
      return owners?.size === 1 && !owners.has(victim.cable.mac);
    });
  };
  const startMs = monotonicMs();
  while (monotonicMs() < deadlineMs && !(monotonicMs() - startMs > TAKEN_FOR_MS && isTaken())) await sleep(50);
}

function figuresOf(trials: readonly Trial[]) {
  const mine = trials.flatMap((trial) => trial.mine);
  const others = trials.flatMap((trial) => trial.others);
  const onReturn = trials.flatMap((trial) => trial.onReturn);
  const known = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined);
  const of = (family: '4' | '6') => mine.filter(({ address }) => address.includes(':') === (family === '6'));
  return {
    firstGratuitousArpMs: summarize(known(of('4').map(({ firstAnnouncementMs }) => firstAnnouncementMs))),
    firstUnsolicitedNaMs: summarize(known(of('6').map(({ firstAnnouncementMs }) => firstAnnouncementMs))),
    firstAnswerOfNextMs: summarize(known(mine.map(({ firstAnswerMs }) => firstAnswerMs))),
    neverAnsweredByAnother: mine.filter(({ firstAnswerMs }) => firstAnswerMs === undefined).length,
    noOwnerMs: summarize(mine.map(({ ownerlessMs }) => ownerlessMs)),
    twoOwnersMs: summarize(mine.map(({ twoOwnersMs }) => twoOwnersMs)),
    othersNoOwnerMs: summarize(others.map(({ ownerlessMs }) => ownerlessMs)),
    othersTwoOwnersMs: summarize(others.map(({ twoOwnersMs }) => twoOwnersMs)),
    onReturn: {
      noOwnerMs: summarize(onReturn.map(({ ownerlessMs }) => ownerlessMs)),
      twoOwnersMs: summarize(onReturn.map(({ twoOwnersMs }) => twoOwnersMs)),
    },
  };
}
