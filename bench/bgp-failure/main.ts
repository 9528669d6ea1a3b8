// A peer falls silent: how long until the other side's hold timer says so? Steelyard's, FRR's and BIRD's, in sessions that
// have the same hold time, all at the same time.

import { setTimeout as sleep } from 'node:timers/promises';
import { msBetween } from '../bgp/clock.ts';
import { layPair, type Pair, RECEIVER, SENDER } from '../bgp/pair.ts';
import { type Receiver, type ReceiverKind, startReceiver } from '../bgp/receivers.ts';
import { type SteelyardSender, startSteelyard } from '../bgp/senders/steelyard.ts';
import { waitFor } from '../bgp/wait-for.ts';
import { readNumbers } from '../options.ts';
import { printResult, say } from '../result.ts';
import { summarize } from '../statistics.ts';

/** Both sides' hold time, in seconds. */
const HOLD_TIMES = [3, 9];
const ROUTES = 100;
const SESSION_TIMEOUT_MS = 60_000;
/** A session that is this old has sent its first keepalives. */
const SETTLE_MS = 1_500;

/** How the other side falls silent. */
const FAULTS = {
  stopped: 'its process is stopped (SIGSTOP): its kernel still acknowledges',
  cut: 'its network is cut off behind the switch: its link stays up',
} as const;
type Fault = keyof typeof FAULTS;

/** Who notices, and who falls silent: one of them is Steelyard's library. */
const SESSIONS = [
  { observer: 'steelyard', router: 'frr' },
  { observer: 'steelyard', router: 'bird' },
  { observer: 'frr', router: 'frr' },
  { observer: 'bird', router: 'bird' },
] as const satisfies readonly { readonly observer: string; readonly router: ReceiverKind }[];

export async function measure(args: readonly string[]): Promise<void> {
  const options = readNumbers(args, { trials: 5, 'longest-hold': 9 });
  const cells = HOLD_TIMES.filter((hold) => hold <= options['longest-hold']).flatMap((holdTimeSeconds) =>
    SESSIONS.map((session) => ({ ...session, holdTimeSeconds })),
  );
  const told = await Promise.all(cells.map(async (cell) => [cell, await measureCell(cell, options.trials)] as const));
  const figures: Record<string, Record<string, object>> = {};
  for (const [{ observer, router, holdTimeSeconds }, noticed] of told) {
    const name =
      observer === 'steelyard' ? `steelyardNotices${router === 'frr' ? 'Frr' : 'Bird'}` : `${observer}NoticesSteelyard`;
    figures[`hold${holdTimeSeconds}s`] = { ...figures[`hold${holdTimeSeconds}s`], [name]: noticed };
  }
  printResult({ question: 'bgp-failure', options: { ...options, routes: ROUTES, faults: FAULTS }, figures });
}

interface Cell {
  readonly observer: 'steelyard' | ReceiverKind;
  readonly router: ReceiverKind;
  readonly holdTimeSeconds: number;
}

interface Session {
  readonly pair: Pair;
  readonly sender: SteelyardSender;
  readonly router: Receiver;
}

async function measureCell(cell: Cell, trials: number): Promise<object> {
  const { observer, holdTimeSeconds } = cell;
  await using pair = await layPair({ plugged: true });
  await using router = await startReceiver(cell.router, pair.receiver, {
    asn: RECEIVER.asn,
    routerId: RECEIVER.address,
    neighbors: [SENDER],
    holdTimeSeconds,
  });
  await using sender = await startSteelyard(pair.sender, {
    ...SENDER,
    peers: [{ address: RECEIVER.address, asn: RECEIVER.asn }],
    count: ROUTES,
    profile: 'same',
    holdTimeSeconds,
  });
  const session = { pair, router, sender };
  const times: Record<Fault, number[]> = { stopped: [], cut: [] };
  for (let trial = 0; trial < trials; trial += 1) {
    for (const fault of ['stopped', 'cut'] as const) {
      await waitFor('all routes', async () => (await router.count()) === ROUTES, SESSION_TIMEOUT_MS);
      // Anywhere between two keepalives.
      await sleep(SETTLE_MS + Math.random() * ((1_000 * holdTimeSeconds) / 3));
      const ms = observer === 'steelyard' ? await ourTime(session, fault) : await routersTime(session, fault);
      times[fault].push(ms);
      say(`${observer} (${cell.router}), hold time ${holdTimeSeconds} s, ${fault}: ${ms.toFixed(0)} ms`);
    }
  }
  return { stoppedMs: summarize(times.stopped, 0), cutMs: summarize(times.cut, 0) };
}

/** The router falls silent. */
async function ourTime({ pair, router, sender }: Session, fault: Fault): Promise<number> {
  const down = Promise.withResolvers<bigint>();
  const forget = sender.process.onLine((line) => {
    const [word, , ns] = line.split(' ');
    if (word === 'down' && ns !== undefined) down.resolve(BigInt(ns));
  });
  const begunNs = process.hrtime.bigint();
  const undo = await fail(pair, router.pid, fault);
  const noticedNs = await down.promise;
  forget();
  await undo();
  return msBetween(begunNs, noticedNs);
}

/** Steelyard's process falls silent: until the router has none of its routes. */
async function routersTime({ pair, router, sender }: Session, fault: Fault): Promise<number> {
  const begunNs = process.hrtime.bigint();
  const undo = await fail(pair, sender.pid, fault);
  const isGone = async (): Promise<boolean> => (await router.count()) === 0;
  const goneNs = await waitFor('the routes to be gone', isGone, SESSION_TIMEOUT_MS);
  await undo();
  return msBetween(begunNs, goneNs);
}

/** @returns What undoes it. */
async function fail(pair: Pair, victimPid: number, fault: Fault): Promise<() => Promise<void>> {
  if (fault === 'cut') {
    await pair.cable.silence();
    return () => pair.cable.restore();
  }
  process.kill(victimPid, 'SIGSTOP');
  return async () => void process.kill(victimPid, 'SIGCONT');
}
