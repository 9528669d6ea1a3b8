import { Counter, Gauge, type Registry } from 'prom-client';
import type { MetricsSources } from './speaker-metrics.ts';

type Figures = NonNullable<ReturnType<MetricsSources['figures']>>;

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** The label that tells the figures apart; without it there is one. */
  readonly label?: string;
  /** By the label's value. */
  readonly of: (figures: Figures) => Readonly<Record<string, number>>;
}

const DEFINITIONS: readonly Definition[] = [
  {
    name: 'steelyard_wire_entries',
    help: 'Number of addresses that this node would announce if it were elected',
    type: 'gauge',
    of: ({ entries }) => ({ '': entries }),
  },
  {
    name: 'steelyard_wire_announced_addresses',
    help: 'Number of addresses that this node announces',
    type: 'gauge',
    of: ({ announcedAddresses }) => ({ '': announcedAddresses }),
  },
  {
    name: 'steelyard_address_conflicts_total',
    help: 'Number of times that another host was found to claim an address that this node announces, once a second and address at most',
    type: 'counter',
    of: ({ conflicts }) => ({ '': conflicts }),
  },
  {
    name: 'steelyard_gossip_members',
    help: 'Number of members of the speakers’ gossip, this one included, by what is known of them',
    type: 'gauge',
    label: 'status',
    of: (figures) => ({
      alive: figures.gossipMembersAlive,
      suspect: figures.gossipMembersSuspect,
      dead: figures.gossipMembersDead,
    }),
  },
  {
    name: 'steelyard_gossip_packets_total',
    help: 'Number of packets of the speakers’ gossip',
    type: 'counter',
    label: 'direction',
    of: (figures) => ({ received: figures.gossipPacketsReceived, sent: figures.gossipPacketsSent }),
  },
  {
    name: 'steelyard_gossip_octets_total',
    help: 'Octets in packets of the speakers’ gossip',
    type: 'counter',
    label: 'direction',
    of: (figures) => ({ received: figures.gossipOctetsReceived, sent: figures.gossipOctetsSent }),
  },
  {
    name: 'steelyard_gossip_packets_refused_total',
    help: 'Number of packets that arrived and are none of the speakers’ gossip, or of another cluster’s, or under another key',
    type: 'counter',
    of: ({ gossipPacketsRefused }) => ({ '': gossipPacketsRefused }),
  },
];

/** Defines our own metrics of the wire thread, read from its memory when somebody asks; 0 until it has told where that is. */
export function defineWireMetrics(registry: Registry, { figures }: Pick<MetricsSources, 'figures'>): void {
  for (const { name, help, type, label, of } of DEFINITIONS) {
    const labelsOf = (value: string): Record<string, string> => (label === undefined ? {} : { [label]: value });
    const current = (): [string, number][] => {
      const now = figures();
      return now === undefined ? [] : Object.entries(of(now));
    };
    const common = { name, help, labelNames: label === undefined ? [] : [label], registers: [registry] };
    if (type === 'gauge') {
      new Gauge({
        ...common,
        collect() {
          this.reset();
          for (const [value, figure] of current()) this.set(labelsOf(value), figure);
        },
      });
    } else {
      new Counter({
        ...common,
        collect() {
          this.reset();
          for (const [value, figure] of current()) this.inc(labelsOf(value), figure);
        },
      });
    }
  }
}
