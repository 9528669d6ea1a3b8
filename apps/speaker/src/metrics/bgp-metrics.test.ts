import type { BgpCounters } from '@steelyard/speaker-wire/control';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { defineBgpMetrics } from './bgp-metrics.ts';

const counters = (more: Partial<BgpCounters> = {}): BgpCounters => ({
  peer: 'router',
  peerAddress: '192.0.2.1',
  peerPort: 179,
  vrf: undefined,
  sessionUp: 1,
  wantedPrefixes: 3,
  announcedPrefixes: 2,
  pendingPrefixes: 1,
  unsendablePrefixes: 1,
  opensSent: 1,
  opensReceived: 1,
  notificationsSent: 0,
  notificationsReceived: 2,
  updatesSent: 5,
  updatesReceived: 4,
  keepalivesSent: 10,
  keepalivesReceived: 9,
  routeRefreshSent: 0,
  routeRefreshReceived: 1,
  octetsSent: 1_000,
  octetsReceived: 900,
  sessionsEstablished: 1,
  ...more,
});

async function scrape(bgpType: string, all: readonly BgpCounters[]): Promise<readonly string[]> {
  const registry = new Registry();
  defineBgpMetrics(registry, { bgpType, bgpCounters: () => all });
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('MetalLB’s native mode names a peer by its address and port', async () => {
  expect(await scrape('native', [counters()])).toEqual([
    'metallb_bgp_session_up{peer="192.0.2.1:179"} 1',
    'metallb_bgp_updates_total{peer="192.0.2.1:179"} 5',
    'metallb_bgp_announced_prefixes_total{peer="192.0.2.1:179"} 2',
    'metallb_bgp_pending_prefixes_total{peer="192.0.2.1:179"} 3',
    'metallb_bgp_opens_sent{peer="192.0.2.1:179"} 1',
    'metallb_bgp_opens_received{peer="192.0.2.1:179"} 1',
    'metallb_bgp_notifications_sent{peer="192.0.2.1:179"} 0',
    'metallb_bgp_updates_total_received{peer="192.0.2.1:179"} 4',
    'metallb_bgp_keepalives_sent{peer="192.0.2.1:179"} 10',
    'metallb_bgp_keepalives_received{peer="192.0.2.1:179"} 9',
    'metallb_bgp_route_refresh_sent{peer="192.0.2.1:179"} 0',
    'metallb_bgp_total_sent{peer="192.0.2.1:179"} 16',
    'metallb_bgp_total_received{peer="192.0.2.1:179"} 17',
    'steelyard_bgp_sessions_established_total{peer="192.0.2.1:179"} 1',
    'steelyard_bgp_notifications_received_total{peer="192.0.2.1:179"} 2',
    'steelyard_bgp_unsendable_prefixes{peer="192.0.2.1:179"} 1',
  ]);
});

test('its FRR mode has the VRF, too', async () => {
  const lines = await scrape('frr', [counters(), counters({ peerAddress: '2001:db8::1', vrf: 'red' })]);
  expect(lines.filter((line) => line.includes('session_up'))).toEqual([
    'metallb_bgp_session_up{peer="192.0.2.1:179",vrf="default"} 1',
    'metallb_bgp_session_up{peer="2001:db8::1:179",vrf="red"} 1',
  ]);
});

test('where frr-k8s would have the metrics, its names are there beside MetalLB’s', async () => {
  const lines = await scrape('frr-k8s', [counters()]);
  expect(lines.filter((line) => line.includes('session_up'))).toEqual([
    'metallb_bgp_session_up{peer="192.0.2.1:179"} 1',
    'frrk8s_bgp_session_up{peer="192.0.2.1",vrf=""} 1',
  ]);
});

test('two peers of one address and port are one series, as with MetalLB', async () => {
  const lines = await scrape('native', [counters({ sessionUp: 0 }), counters({ peer: 'again' })]);
  expect(lines.slice(0, 2)).toEqual([
    'metallb_bgp_session_up{peer="192.0.2.1:179"} 0',
    'metallb_bgp_updates_total{peer="192.0.2.1:179"} 10',
  ]);
});
