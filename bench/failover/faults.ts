import { setTimeout as sleep } from 'node:timers/promises';
import { type PartitionKind, partition } from '@steelyard/testkit';
import type { Host } from '../stage/network.ts';
import type { Fleet } from './fleet.ts';

/** Something that befalls a node, with real processes and real cables. */
export interface Fault {
  readonly what: string;
  /** Who owns the node's addresses when it has come to rest: another one, the same, or it is not defined. */
  readonly outcome: 'another' | 'same' | 'undefined';
  /** Resolves once it has happened; what undoes it is returned. */
  strike(fleet: Fleet, victim: Host): Promise<() => Promise<void>>;
}

const KILLED = 'SIGKILL';
/** A flapping link: how often, and how long each way. */
const FLAPS = 4;
const FLAP_MS = 3_000;

async function startAgain(fleet: Fleet, victim: Host): Promise<void> {
  await fleet.start(victim).ready();
}

async function kill(fleet: Fleet, victim: Host, signal: NodeJS.Signals): Promise<void> {
  fleet.speaker(victim).process.kill(signal);
  if (signal === KILLED) await fleet.speaker(victim).process.ended;
}

function divided(what: string, kind: PartitionKind, outcome: Fault['outcome']): Fault {
  return { what, outcome, strike: (fleet, victim) => partition(fleet.stage.network, [victim], kind) };
}

export const FAULTS: Readonly<Record<string, Fault>> = {
  kill: {
    what: 'the owner’s process is killed (SIGKILL); its node lives',
    outcome: 'another',
    async strike(fleet, victim) {
      await kill(fleet, victim, KILLED);
      return () => startAgain(fleet, victim);
    },
  },
  nodeDown: {
    what: 'the owner’s node goes down: its link, and its process',
    outcome: 'another',
    async strike(fleet, victim) {
      await victim.cable.cut();
      await kill(fleet, victim, KILLED);
      return async () => {
        await victim.cable.restore();
        await startAgain(fleet, victim);
      };
    },
  },
  term: {
    what: 'the owner’s process is told to end (SIGTERM)',
    outcome: 'another',
    async strike(fleet, victim) {
      await kill(fleet, victim, 'SIGTERM');
      return async () => {
        await fleet.speaker(victim).stop();
        await startAgain(fleet, victim);
      };
    },
  },
  gossip: divided('port 7946 alone is cut between the owner and the others', 'gossip', 'undefined'),
  clients: divided(
    'the owner and the clients are cut off from each other; the nodes hear each other',
    'clients',
    'undefined',
  ),
  all: divided('the owner is cut off from everybody; its link stays up', 'all', 'another'),
  apiAway: {
    what: 'as `kill`, while the API server is away',
    outcome: 'another',
    async strike(fleet, victim) {
      await kill(fleet, victim, KILLED);
      return async () => {
        await fleet.stage.api.outage?.start();
        await startAgain(fleet, victim);
      };
    },
  },
  flap: {
    what: `the owner’s link goes down and up, ${FLAPS} times, ${FLAP_MS / 1_000} s each way`,
    outcome: 'same',
    async strike(_fleet, victim) {
      for (let flap = 0; flap < FLAPS; flap += 1) {
        await victim.cable.cut();
        await sleep(FLAP_MS);
        await victim.cable.restore();
        await sleep(FLAP_MS);
      }
      return async () => {};
    },
  },
  rolling: {
    what: 'all speakers are restarted one by one: SIGTERM, and when it has ended a new process',
    outcome: 'same',
    async strike(fleet) {
      for (const node of fleet.nodes) {
        await fleet.speaker(node).stop();
        await startAgain(fleet, node);
      }
      return async () => {};
    },
  },
};
