import type { WireFigures } from '@steelyard/speaker-wire/control';
import { expect, test } from 'vitest';
import { defineSpeakerMetrics } from './metrics-registry.ts';
import { openSpeakerMetrics } from './open-speaker-metrics.ts';
import type { MetricsSources } from './speaker-metrics.ts';

const figures: WireFigures = {
  entries: 7,
  announcedAddresses: 2,
  conflicts: 3,
  gossipMembersAlive: 5,
  gossipMembersSuspect: 1,
  gossipMembersDead: 0,
  gossipPacketsReceived: 10,
  gossipPacketsSent: 11,
  gossipOctetsReceived: 1_000,
  gossipOctetsSent: 1_100,
  gossipPacketsRefused: 4,
};

const nothing: MetricsSources = {
  nodeName: 'node-1',
  layer2Counters: () => [],
  bgpType: 'native',
  bgpCounters: () => [],
  announcedByBgp: () => [],
  figures: () => undefined,
  announced: () => [],
};

/** The lines of a scrape that are neither the process's nor the runtime's. */
async function scrape(sources: Partial<MetricsSources> = {}): Promise<readonly string[]> {
  const { registry } = defineSpeakerMetrics({ ...nothing, ...sources });
  return linesOf(await registry.metrics());
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => /^(metallb|steelyard_(?!daemon)|rest)/.test(line));
}

test('what this node announces, and what was asked and answered, under MetalLB’s names', async () => {
  const lines = await scrape({
    layer2Counters: () => [
      { address: '192.0.2.10', requestsReceived: 3, responsesSent: 2, gratuitousSent: 10 },
      { address: '2001:db8::10', requestsReceived: 0, responsesSent: 0, gratuitousSent: 5 },
    ],
    announced: () => [
      [
        'default/web',
        new Map<string, unknown>([
          ['192.0.2.10', 'all'],
          ['2001:db8::10', ['eth0']],
        ]),
      ],
    ],
  });
  expect(lines).toEqual(
    expect.arrayContaining([
      'metallb_speaker_announced{service="default/web",protocol="layer2",node="node-1",ip="192.0.2.10"} 1',
      'metallb_speaker_announced{service="default/web",protocol="layer2",node="node-1",ip="2001:db8::10"} 1',
      'metallb_layer2_requests_received{ip="192.0.2.10"} 3',
      'metallb_layer2_requests_received{ip="2001:db8::10"} 0',
      'metallb_layer2_responses_sent{ip="192.0.2.10"} 2',
      'metallb_layer2_gratuitous_sent{ip="2001:db8::10"} 5',
    ]),
  );
});

test('the series of a Service end with it', async () => {
  let announced: readonly (readonly [string, ReadonlyMap<string, string>])[] = [
    ['default/web', new Map([['192.0.2.10', 'all']])],
  ];
  let counters = [{ address: '192.0.2.10', requestsReceived: 1, responsesSent: 1, gratuitousSent: 1 }];
  const { registry } = defineSpeakerMetrics({
    ...nothing,
    announced: () => announced,
    layer2Counters: () => counters,
  });
  expect(await registry.metrics()).toMatch(/192\.0\.2\.10/);
  [announced, counters] = [[], []];
  expect(await registry.metrics()).not.toMatch(/192\.0\.2\.10/);
});

test('what configures is counted from the start, at 0', async () => {
  expect((await scrape()).filter((line) => line.startsWith('metallb'))).toEqual([
    'metallb_k8s_client_updates_total 0',
    'metallb_k8s_client_update_errors_total 0',
    'metallb_k8s_client_config_loaded_bool 0',
    'metallb_k8s_client_config_stale_bool 0',
  ]);
});

test('the wire thread’s figures, under names of our own', async () => {
  expect((await scrape({ figures: () => figures })).filter((line) => line.startsWith('steelyard'))).toEqual([
    'steelyard_wire_entries 7',
    'steelyard_wire_announced_addresses 2',
    'steelyard_address_conflicts_total 3',
    'steelyard_gossip_members{status="alive"} 5',
    'steelyard_gossip_members{status="suspect"} 1',
    'steelyard_gossip_members{status="dead"} 0',
    'steelyard_gossip_packets_total{direction="received"} 10',
    'steelyard_gossip_packets_total{direction="sent"} 11',
    'steelyard_gossip_octets_total{direction="received"} 1000',
    'steelyard_gossip_octets_total{direction="sent"} 1100',
    'steelyard_gossip_packets_refused_total 4',
  ]);
});

test('answers of the API server are counted as client-go counts them', async () => {
  const metrics = await openSpeakerMetrics({ port: 9120 }, nothing);
  metrics?.countResponse({ code: '200', method: 'GET', host: '192.0.2.1:6443' } as never);
  const { registry } = metrics as ReturnType<typeof defineSpeakerMetrics>;
  expect(linesOf(await registry.metrics())).toContain(
    'rest_client_requests_total{code="200",method="GET",host="192.0.2.1:6443"} 1',
  );
});

test('with port 0 there are none', async () => {
  expect(await openSpeakerMetrics({ port: 0 }, nothing)).toBeUndefined();
});
