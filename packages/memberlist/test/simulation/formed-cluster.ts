import type { MemberStatus } from '../../src/messages/message.ts';
import type { ProtocolConfig } from '../../src/state/protocol.ts';
import { type Cluster, createCluster, type Process } from './cluster.ts';

/** So many members that know each other, some seconds after they began. */
export function formedCluster(
  seed: number,
  size: number,
  config: Partial<ProtocolConfig> = {},
  afterStep?: (process: Process) => void,
): Cluster {
  const cluster = createCluster(seed, afterStep);
  for (let index = 1; index <= size; index += 1) cluster.boot({ name: `node-${index}`, host: index, config });
  const [first] = cluster.processes;
  if (first !== undefined) for (const process of cluster.processes.slice(1)) cluster.join(process, [first]);
  cluster.run(5_000);
  return cluster;
}

export function processOf(cluster: Cluster, name: string): Process {
  const process = cluster.processes.findLast((candidate) => candidate.name === name);
  if (process === undefined) throw new Error(`no process ${name}`);
  return process;
}

/** What each running process thinks of a member; itself left out. */
export function opinions(cluster: Cluster, name: string): readonly (MemberStatus | 'unknown')[] {
  return cluster.processes
    .filter((process) => process.condition === 'running' && process.name !== name)
    .map((process) => cluster.view(process, name)?.status ?? 'unknown');
}

/** Who holds whom for something else than it is, in words. */
export function disagreements(cluster: Cluster): readonly string[] {
  const found: string[] = [];
  const running = cluster.processes.filter((process) => process.condition === 'running');
  for (const process of running) {
    for (const other of running) {
      const status = cluster.view(process, other.name)?.status ?? 'unknown';
      if (status !== 'alive') found.push(`${process.name} holds ${other.name} for ${status}`);
    }
  }
  return found;
}
