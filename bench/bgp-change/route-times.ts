import { msBetween } from '../bgp/clock.ts';
import { timesSteelyards } from '../bgp/ratios.ts';
import type { Receiver } from '../bgp/receivers.ts';
import { waitFor } from '../bgp/wait-for.ts';
import type { RouteOnWire } from '../bgp/wire.ts';
import { rounded, type Summary, summarize } from '../statistics.ts';

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
export async function waitForCount(router: Receiver, count: number, timeoutMs?: number): Promise<bigint> {
  return waitFor(`${count} routes`, async () => (await router.count()) === count, timeoutMs);
}

export interface ChangeFigures {
  readonly toldMs: Summary | undefined;
  readonly toUpdateOnWireMs: Summary | undefined;
  readonly toRouteAtRouterMs: Summary | undefined;
  readonly notOnWire: number;
}

/** The medians of others as multiples of Steelyard's. */
export function changeRatios(all: Readonly<Record<string, ChangeFigures>>): object {
  return {
    toUpdateOnWire: timesSteelyards(all, ({ toUpdateOnWireMs }) => toUpdateOnWireMs?.p50),
    toRouteAtRouter: timesSteelyards(all, ({ toRouteAtRouterMs }) => toRouteAtRouterMs?.p50),
  };
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
): {
  readonly firstOnWireMs: number | undefined;
  readonly lastOnWireMs: number | undefined;
  readonly withdrawn: number;
} {
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
