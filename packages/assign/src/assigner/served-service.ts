import type { Because, ServiceEvent } from '../converge/convergence.ts';
import type { Memories } from '../converge/reassignment.ts';
import { sameAddresses } from '../service/requested-addresses.ts';
import type { ServiceView } from '../service/service-view.ts';
import type { StatusWrite } from '../service/status-write.ts';
import type { ServiceReference } from './assigner-messages.ts';

/** What an assigner knows of one Service. */
export interface ServedService {
  view: ServiceView;
  because: Because;
  /** What was asked to be written, until an answer comes. */
  inFlight: { readonly write: StatusWrite; readonly base: ServiceView } | undefined;
  /** A write was refused or failed: the next one waits for a newer version or for the time to try again. */
  held: boolean;
  /** The version that our own write made, until the watch shows it or a later one. */
  expected: string | undefined;
  /** Events that say what still is so: they are not posted again while it is. */
  standing: ReadonlySet<string>;
  /** What it had until the configuration took it away, the latest first. */
  memories: Memories;
  /** What it had until its class was another, as long as it still shows it. */
  takingBack: readonly string[];
}

/** Said of every Service while another controller decides. */
export const STANDING_BY: Because = { code: 'StandingBy', message: 'another controller decides' };
const NOT_LOOKED_AT: Because = { code: 'ConfigurationUnknown', message: 'it has not been looked at yet' };

/** Takes up a Service. */
export function createServedService(view: ServiceView): ServedService {
  return {
    view,
    because: NOT_LOOKED_AT,
    inFlight: undefined,
    held: false,
    expected: undefined,
    standing: new Set(),
    memories: [],
    takingBack: [],
  };
}

/** More would be another history than anybody remembers: pools that went away one after the other. */
const MAX_MEMORIES = 4;

/** Keeps in mind what a Service has lost, before what it lost earlier. */
export function remember(served: ServedService, lost: readonly string[]): void {
  const earlier = served.memories.filter((addresses) => !sameAddresses(addresses, lost));
  served.memories = [lost, ...earlier].slice(0, MAX_MEMORIES);
}

/** Events that report a state rather than an act. MetalLB posts them at each look. */
const STANDING_REASONS: ReadonlySet<string> = new Set([
  'AllocationFailed',
  'AdditionalAssignFailed',
  'LoadBalancerFailed',
  'nolbIPsIPFamily',
  'noclusterIPsIPFamily',
  'not enough clusterips',
  'deprecatedAnnotation',
]);

/** Of the Events of a look, those that are news: what still stands is not told again. */
export function newsOf(served: ServedService, events: readonly ServiceEvent[]): ServiceEvent[] {
  const text = (event: ServiceEvent) => `${event.reason}\n${event.message}`;
  const news = events.filter((event) => !served.standing.has(text(event)));
  served.standing = new Set(events.filter(({ reason }) => STANDING_REASONS.has(reason)).map(text));
  return news;
}

/** Forgets what was asked for and what was told: another controller takes over from here. */
export function standBy(served: ServedService): void {
  served.because = STANDING_BY;
  served.inFlight = undefined;
  served.held = false;
  served.standing = new Set();
  served.takingBack = [];
}

/**
 * Takes in a Service as the watch brings it.
 *
 * @returns Whether it is news. What is older than our own last write is not: that write was made for a version which is
 * this one or a later one.
 */
export function observe(served: ServedService, view: ServiceView): boolean {
  if (served.expected !== undefined && isOlder(view.resourceVersion, served.expected)) {
    return false;
  }
  served.expected = undefined;
  served.held &&= served.view.resourceVersion === view.resourceVersion;
  served.view = view;
  return true;
}

/** Whether version `a` of an object is older than version `b`; versions that are no numbers are not compared. */
function isOlder(a: string, b: string): boolean {
  const number = /^[0-9]{1,20}$/;
  return number.test(a) && number.test(b) && BigInt(a) < BigInt(b);
}

/** Names a Service in an effect. */
export function referenceTo({ key, namespace, name, uid }: ServiceView): ServiceReference {
  return { key, namespace, name, uid };
}
