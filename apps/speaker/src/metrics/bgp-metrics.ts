import type { BgpCounters } from '@steelyard/speaker-wire/control';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What the BGP metrics are read from. */
export interface BgpMetricsSources {
  /** `METALLB_BGP_TYPE`: it decides about names and labels, as MetalLB's modes do. */
  readonly bgpType: string;
  bgpCounters(): readonly BgpCounters[];
}

interface Definition {
  readonly name: string;
  /** MetalLB's words, where it has the metric. */
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly of: (counters: BgpCounters) => number;
}

const sent = (c: BgpCounters): number =>
  c.opensSent + c.updatesSent + c.notificationsSent + c.keepalivesSent + c.routeRefreshSent;
const received = (c: BgpCounters): number =>
  c.opensReceived + c.updatesReceived + c.notificationsReceived + c.keepalivesReceived + c.routeRefreshReceived;

const DEFINITIONS: readonly Definition[] = [
  { name: 'session_up', help: 'BGP session state (1 is up, 0 is down)', type: 'gauge', of: (c) => c.sessionUp },
  { name: 'updates_total', help: 'Number of BGP UPDATE messages sent', type: 'counter', of: (c) => c.updatesSent },
  {
    name: 'announced_prefixes_total',
    help: 'Number of prefixes currently being advertised on the BGP session',
    type: 'gauge',
    of: (c) => c.announcedPrefixes,
  },
  {
    name: 'pending_prefixes_total',
    help: 'Number of prefixes that should be advertised on the BGP session',
    type: 'gauge',
    of: (c) => c.wantedPrefixes,
  },
  { name: 'opens_sent', help: 'Number of BGP open messages sent', type: 'counter', of: (c) => c.opensSent },
  { name: 'opens_received', help: 'Number of BGP open messages received', type: 'counter', of: (c) => c.opensReceived },
  {
    name: 'notifications_sent',
    help: 'Number of BGP notification messages sent',
    type: 'counter',
    of: (c) => c.notificationsSent,
  },
  {
    name: 'updates_total_received',
    help: 'Number of BGP UPDATE messages received',
    type: 'counter',
    of: (c) => c.updatesReceived,
  },
  {
    name: 'keepalives_sent',
    help: 'Number of BGP keepalive messages sent',
    type: 'counter',
    of: (c) => c.keepalivesSent,
  },
  {
    name: 'keepalives_received',
    help: 'Number of BGP keepalive messages received',
    type: 'counter',
    of: (c) => c.keepalivesReceived,
  },
  {
    name: 'route_refresh_sent',
    help: 'Number of BGP route refresh messages sent',
    type: 'counter',
    of: (c) => c.routeRefreshSent,
  },
  { name: 'total_sent', help: 'Number of total BGP messages sent', type: 'counter', of: sent },
  { name: 'total_received', help: 'Number of total BGP messages received', type: 'counter', of: received },
];

/** What MetalLB has in none of its modes. */
const OURS: readonly Definition[] = [
  {
    name: 'steelyard_bgp_sessions_established_total',
    help: 'Number of times that the BGP session was established',
    type: 'counter',
    of: (c) => c.sessionsEstablished,
  },
  {
    name: 'steelyard_bgp_notifications_received_total',
    help: 'Number of BGP notification messages received',
    type: 'counter',
    of: (c) => c.notificationsReceived,
  },
  {
    name: 'steelyard_bgp_unsendable_prefixes',
    help: 'Number of prefixes that should be advertised and that the BGP session cannot carry',
    type: 'gauge',
    of: (c) => c.unsendablePrefixes,
  },
];

type LabelsOf = (counters: BgpCounters) => Readonly<Record<string, string>>;

/** As MetalLB writes it: without brackets around an IPv6 address. */
const withPort = ({ peerAddress, peerPort }: BgpCounters): string => `${peerAddress}:${peerPort}`;

/** Two peers may have one address and port: they are one series, which is up when both are. */
function bySeries(all: readonly BgpCounters[], labelsOf: LabelsOf, of: Definition['of'], name: string) {
  const series = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>();
  for (const counters of all) {
    const labels = labelsOf(counters);
    const key = JSON.stringify(labels);
    const one = series.get(key);
    const value = of(counters);
    if (one === undefined) series.set(key, { labels, value });
    else one.value = name.endsWith('session_up') ? Math.min(one.value, value) : one.value + value;
  }
  return series.values();
}

/** MetalLB's native mode. */
const nativeLabels: LabelsOf = (counters) => ({ peer: withPort(counters) });
/** Its FRR mode's sidecar. */
const frrLabels: LabelsOf = (counters) => ({ peer: withPort(counters), vrf: counters.vrf ?? 'default' });
/** frr-k8s: no port. */
const frrK8sLabels: LabelsOf = ({ peerAddress, vrf }) => ({ peer: peerAddress, vrf: vrf ?? '' });

/**
 * Defines `metallb_bgp_*`, and `frrk8s_bgp_*` where MetalLB would be run by frr-k8s: read from the wire thread's memory
 * when somebody asks. A series ends with its peer.
 *
 * @see MetalLB `internal/bgp/native/stats.go`, `frr-tools/metrics/collector/bgp.go`
 */
export function defineBgpMetrics(registry: Registry, { bgpType, bgpCounters }: BgpMetricsSources): void {
  const labels = bgpType === 'frr' ? frrLabels : nativeLabels;
  for (const definition of DEFINITIONS) {
    define(registry, `metallb_bgp_${definition.name}`, definition, labels, bgpCounters);
    if (bgpType === 'frr-k8s') {
      define(registry, `frrk8s_bgp_${definition.name}`, definition, frrK8sLabels, bgpCounters);
    }
  }
  for (const definition of OURS) define(registry, definition.name, definition, nativeLabels, bgpCounters);
}

function define(
  registry: Registry,
  name: string,
  { help, type, of }: Definition,
  labelsOf: LabelsOf,
  bgpCounters: () => readonly BgpCounters[],
): void {
  const labelNames = labelsOf === nativeLabels ? ['peer'] : ['peer', 'vrf'];
  const common = { name, help, labelNames, registers: [registry] };
  if (type === 'gauge') {
    new Gauge({
      ...common,
      collect() {
        this.reset();
        for (const { labels, value } of bySeries(bgpCounters(), labelsOf, of, name)) this.set(labels, value);
      },
    });
  } else {
    new Counter({
      ...common,
      collect() {
        this.reset();
        for (const { labels, value } of bySeries(bgpCounters(), labelsOf, of, name)) this.inc(labels, value);
      },
    });
  }
}
