import { Counter, Gauge, type Registry } from 'prom-client';
import { networkOctets, openFileDescriptors, softLimit, virtualMemoryBytes } from './proc-files.ts';

interface Definition {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** Read when somebody asks; undefined where this system does not tell. */
  readonly read: () => number | undefined;
}

/** Names and help of Go's client (client_golang prometheus/process_collector.go): dashboards and alerts look for these. */
const PROCESS_METRICS: readonly Definition[] = [
  {
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    type: 'counter',
    read: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  },
  { name: 'process_open_fds', help: 'Number of open file descriptors.', type: 'gauge', read: openFileDescriptors },
  {
    name: 'process_max_fds',
    help: 'Maximum number of open file descriptors.',
    type: 'gauge',
    read: () => softLimit('Max open files'),
  },
  {
    name: 'process_virtual_memory_bytes',
    help: 'Virtual memory size in bytes.',
    type: 'gauge',
    read: virtualMemoryBytes,
  },
  {
    name: 'process_virtual_memory_max_bytes',
    help: 'Maximum amount of virtual memory available in bytes.',
    type: 'gauge',
    read: () => softLimit('Max address space'),
  },
  {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory size in bytes.',
    type: 'gauge',
    read: () => process.memoryUsage.rss(),
  },
  {
    name: 'process_network_receive_bytes_total',
    help: 'Number of bytes received by the process over the network.',
    type: 'counter',
    read: () => networkOctets()?.received,
  },
  {
    name: 'process_network_transmit_bytes_total',
    help: 'Number of bytes sent by the process over the network.',
    type: 'counter',
    read: () => networkOctets()?.sent,
  },
];

/**
 * What prom-client's own defaults tell of Node.js at no cost. Its event loop lag is left out, because it keeps a timer that
 * wakes the process a hundred times a second; the utilization says the same from what libuv counts anyway.
 */
const NODE_METRICS: readonly Definition[] = [
  {
    name: 'nodejs_heap_size_total_bytes',
    help: 'Process heap size from Node.js in bytes.',
    type: 'gauge',
    read: () => process.memoryUsage().heapTotal,
  },
  {
    name: 'nodejs_heap_size_used_bytes',
    help: 'Process heap size used from Node.js in bytes.',
    type: 'gauge',
    read: () => process.memoryUsage().heapUsed,
  },
  {
    name: 'nodejs_external_memory_bytes',
    help: 'Node.js external memory size in bytes.',
    type: 'gauge',
    read: () => process.memoryUsage().external,
  },
  {
    name: 'nodejs_eventloop_active_seconds_total',
    help: 'Time this event loop was not idle, in seconds.',
    type: 'counter',
    read: () => performance.eventLoopUtilization().active / 1000,
  },
];

function define(registry: Registry, { name, help, type, read }: Definition): void {
  if (read() === undefined) return; // better absent than wrong
  if (type === 'gauge') {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read() ?? Number.NaN);
      },
    });
  } else {
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(Math.max(0, read() ?? 0));
      },
    });
  }
}

/** Defines `process_*` and a few `nodejs_*`; all are read when they are asked for, nothing runs in between. */
export function defineProcessMetrics(registry: Registry): void {
  for (const definition of [...PROCESS_METRICS, ...NODE_METRICS]) define(registry, definition);
  const startSeconds = Date.now() / 1000 - process.uptime(); // once: later the clock may have been set
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'Start time of the process since unix epoch in seconds.',
    registers: [registry],
  }).set(startSeconds);
}
