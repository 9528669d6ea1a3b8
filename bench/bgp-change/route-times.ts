import { setTimeout as sleep } from 'node:timers/promises';
import { msBetween } from '../bgp/clock.ts';
import type { Receiver } from '../bgp/receivers.ts';
import type { RouteOnWire } from '../bgp/wire.ts';
import { rounded, type Summary, summarize } from '../statistics.ts';

const POLL_MS = 1;
const TIMEOUT_MS = 20_000;

/** One change, by the monotonic clock. */
export interface Sample {
  readonly prefix: string;
  readonly begunNs: bigint;
  /** When whoever was told had answered. */
  readonly toldNs: bigint;
  readonly atRouterNs: bigint;
}

/** Waits until the router would use a route. @returns When it was seen. */
export async function waitForRoute(router: Receiver, prefix: string): Promise<bigint> {
  return waitFor(`a route for ${prefix}`, () => router.has(prefix));
}

/** Waits until the router has so many. @returns When it was seen. */
export async function waitForCount(router: Receiver, count: number): Promise<bigint> {
  return waitFor(`${count} routes`, async () => (await router.count()) === count);
}

export async function waitFor(what: string, check: () => Promise<boolean>, timeoutMs = TIMEOUT_MS): Promise<bigint> {
  const deadline = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what} (${timeoutMs} ms)`);
    await sleep(POLL_MS);
  }
  return process.hrtime.bigint();
}

export interface ChangeFigures {
  readonly toldMs: Summary | undefined;
  readonly toUpdateOnWireMs: Summary | undefined;
  readonly toRouteAtRouterMs: Summary | undefined;
  readonly notOnWire: number;
}

/**
 * What samples come to, with the times of a capture.
 *
 * @param aheadNs - How far the clock of the capture is ahead of the samples'.
 */
export function changeFigures(
  samples: readonly Sample[],
  routes: readonly RouteOnWire[],
  aheadNs: bigint,
): ChangeFigures {
  const announced = new Map<string, bigint>();
  for (const { prefix, atNs, what } of routes)
    if (what === 'announced' && !announced.has(prefix)) announced.set(prefix, atNs - aheadNs);
  const onWire = samples.flatMap(({ prefix, begunNs }) => {
    const atNs = announced.get(prefix);
    return atNs === undefined ? [] : [msBetween(begunNs, atNs)];
  });
  return {
    toldMs: summarize(
      samples.map(({ begunNs, toldNs }) => msBetween(begunNs, toldNs)),
      2,
    ),
    toUpdateOnWireMs: summarize(onWire, 2),
    toRouteAtRouterMs: summarize(
      samples.map(({ begunNs, atRouterNs }) => msBetween(begunNs, atRouterNs)),
      2,
    ),
    notOnWire: samples.length - onWire.length,
  };
}

/** From a withdrawal's beginning to its first and its last route on the wire, and the UPDATEs' number by segments. */
export function withdrawalOnWire(
  routes: readonly RouteOnWire[],
  begunNs: bigint,
  aheadNs: bigint,
): { readonly firstOnWireMs: number | undefined; readonly lastOnWireMs: number | undefined; readonly withdrawn: number } {
  const times = routes
    .filter(({ what, atNs }) => what === 'withdrawn' && atNs - aheadNs >= begunNs)
    .map(({ atNs }) => atNs - aheadNs);
  const [first] = times;
  const last = times.at(-1);
  return {
    firstOnWireMs: first === undefined ? undefined : rounded(msBetween(begunNs, first), 2),
    lastOnWireMs: last === undefined ? undefined : rounded(msBetween(begunNs, last), 2),
    withdrawn: times.length,
  };
}
