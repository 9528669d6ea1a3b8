import { setTimeout as sleep } from 'node:timers/promises';
import { startCapture } from '../bgp/capture.ts';
import { msBetween, wallClockAheadNs } from '../bgp/clock.ts';
import { layPair, RECEIVER, SENDER } from '../bgp/pair.ts';
import { prefixesOf, prefixOf } from '../bgp/prefixes.ts';
import { startReceiver } from '../bgp/receivers.ts';
import type { SenderKind } from '../bgp/senders/sender.ts';
import { waitFor } from '../bgp/wait-for.ts';
import { routesOnWire } from '../bgp/wire.ts';
import { say } from '../result.ts';
import { rounded } from '../statistics.ts';
import {
  type ChangeFigures,
  changeFigures,
  changeRatios,
  type Sample,
  waitForCount,
  waitForRoute,
  withdrawalOnWire,
} from './route-times.ts';

const SESSION_TIMEOUT_MS = 30_000;
/** After all routes are there: what is sent a second later was sent. */
const SETTLE_MS = 2_000;
const PAUSE_MS = 20;
const JITTER_MS = 30;
/** Larger than any UPDATE in a segment of the lab. */
const SNAP_OCTETS = 65_535;
const AFTER_MS = 300;

interface Options {
  readonly samples: number;
  readonly routes: number;
}

/** One route more in a library or a daemon that has some; then a withdrawal of all that it had at first. */
export async function measureDaemons(kinds: readonly SenderKind[], options: Options): Promise<object> {
  const all: Record<string, Figures> = {};
  for (const kind of kinds) {
    all[kind.name] = await measureDaemon(kind, options);
    say(`${kind.name}: ${JSON.stringify(all[kind.name])}`);
  }
  const oneMore = Object.fromEntries(Object.entries(all).map(([name, figures]) => [name, figures.oneMore]));
  return { ...all, timesSteelyards: changeRatios(oneMore) };
}

interface Figures {
  readonly oneMore: ChangeFigures;
  readonly withdrawal?: object;
}

async function measureDaemon(kind: SenderKind, { samples: count, routes }: Options): Promise<Figures> {
  await using pair = await layPair({ plugged: false });
  await using sender = await kind.start(pair.sender, {
    ...SENDER,
    peers: [{ address: RECEIVER.address, asn: RECEIVER.asn }],
    count: routes,
    profile: 'same',
    holdTimeSeconds: 90,
  });
  const { add, remove } = sender;
  if (add === undefined) throw new TypeError(`${kind.name} cannot be told of one route more`);
  await using router = await startReceiver('frr', pair.receiver, {
    asn: RECEIVER.asn,
    routerId: RECEIVER.address,
    neighbors: [SENDER],
  });
  await using capture = await startCapture(pair.receiver, pair.ifname, SNAP_OCTETS);
  await pair.cable.restore();
  await waitFor('a session', () => router.isEstablished(SENDER.address), SESSION_TIMEOUT_MS);
  await waitForCount(router, routes);
  await sleep(SETTLE_MS);
  const aheadNs = wallClockAheadNs();
  const samples: Sample[] = [];
  for (let number = routes; number < routes + count; number += 1) {
    const prefix = prefixOf(number);
    const begunNs = process.hrtime.bigint();
    const told = add(prefix).then(() => process.hrtime.bigint());
    const atRouterNs = await waitForRoute(router, prefix);
    samples.push({ prefix, begunNs, toldNs: await told, atRouterNs });
    await sleep(PAUSE_MS + Math.random() * JITTER_MS);
  }
  let withdrawn: { readonly begunNs: bigint; readonly goneNs: bigint } | undefined;
  if (remove !== undefined) {
    const begunNs = process.hrtime.bigint();
    await remove(prefixesOf(0, routes));
    withdrawn = { begunNs, goneNs: await waitForCount(router, count) };
  }
  await sleep(AFTER_MS);
  await capture.stop();
  const onWire = routesOnWire(capture.segments(), SENDER.address);
  return {
    oneMore: changeFigures(samples, onWire, aheadNs),
    ...(withdrawn === undefined
      ? {}
      : {
          withdrawal: {
            ...withdrawalOnWire(onWire, withdrawn.begunNs, aheadNs),
            goneAtRouterMs: rounded(msBetween(withdrawn.begunNs, withdrawn.goneNs), 2),
          },
        }),
  };
}
