import type { BgpPeerStatus } from '@steelyard/bgp/node';
import type { BgpCounterPlace } from '../protocol/messages.ts';

/** What is counted of a session, in the order of the places in its memory. */
const BGP_COUNTER_NAMES = [
  'sessionUp',
  'wantedPrefixes',
  'announcedPrefixes',
  'pendingPrefixes',
  'unsendablePrefixes',
  'opensSent',
  'opensReceived',
  'notificationsSent',
  'notificationsReceived',
  'updatesSent',
  'updatesReceived',
  'keepalivesSent',
  'keepalivesReceived',
  'routeRefreshSent',
  'routeRefreshReceived',
  'octetsSent',
  'octetsReceived',
  'sessionsEstablished',
] as const;

type BgpCounterName = (typeof BGP_COUNTER_NAMES)[number];

/** Of one session. Counters go on when it comes and goes; they begin anew with a changed peer. */
export interface BgpCounters extends Readonly<Record<BgpCounterName, number>> {
  /** Of the BGPPeer. */
  readonly peer: string;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly vrf: string | undefined;
}

/** The wire thread's side: written once a second, and when a session comes or goes. */
export class SharedSessionCounters {
  readonly memory: SharedArrayBuffer = new SharedArrayBuffer(BGP_COUNTER_NAMES.length * Float64Array.BYTES_PER_ELEMENT);
  readonly #numbers = new Float64Array(this.memory);

  write({ state, routes, counters: { sent, received, octetsSent, octetsReceived, established } }: BgpPeerStatus): void {
    const counters: Record<BgpCounterName, number> = {
      sessionUp: state === 'Established' ? 1 : 0,
      wantedPrefixes: routes.wanted,
      announcedPrefixes: routes.announced,
      pendingPrefixes: routes.pending,
      unsendablePrefixes: routes.unsendable,
      opensSent: sent.open,
      opensReceived: received.open,
      notificationsSent: sent.notification,
      notificationsReceived: received.notification,
      updatesSent: sent.update,
      updatesReceived: received.update,
      keepalivesSent: sent.keepalive,
      keepalivesReceived: received.keepalive,
      routeRefreshSent: sent.routeRefresh,
      routeRefreshReceived: received.routeRefresh,
      octetsSent,
      octetsReceived,
      sessionsEstablished: established,
    };
    for (const [at, name] of BGP_COUNTER_NAMES.entries()) this.#numbers[at] = counters[name];
  }
}

/** As they were written last. */
export function readBgpCounters({ memory, ...of }: BgpCounterPlace): BgpCounters {
  const numbers = new Float64Array(memory);
  const counters = Object.fromEntries(BGP_COUNTER_NAMES.map((name, at) => [name, numbers[at] ?? 0]));
  return { ...of, ...(counters as Record<BgpCounterName, number>) };
}
