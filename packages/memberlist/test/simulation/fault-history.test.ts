import { expect, test } from 'vitest';
import { membersOf } from '../../src/state/protocol-state.ts';
import { type Cluster, createCluster, type Process } from './cluster.ts';
import { disagreements } from './formed-cluster.ts';

const HOSTS = 7;
const HISTORIES = 30;

/** What must hold of each member at any time, whatever happened. */
function createInvariants(): (process: Process) => void {
  const lastSeen = new WeakMap<Process, Map<string, { readonly incarnation: number; readonly address: string }>>();
  return (process) => {
    const { state, name } = process;
    const before = lastSeen.get(process) ?? new Map();
    const now = new Map<string, { readonly incarnation: number; readonly address: string }>();
    for (const member of membersOf(state)) {
      const address = member.address.join('.');
      const known = before.get(member.node);
      // With another address it is another life, which may begin at 1.
      if (known !== undefined && known.address === address && known.incarnation > member.incarnation) {
        throw new Error(`${name}: ${member.node} went from ${known.incarnation} back to ${member.incarnation}`);
      }
      now.set(member.node, { incarnation: member.incarnation, address });
    }
    lastSeen.set(process, now);
    const self = state.self.member;
    if (self.node !== name || self.address !== process.config.advertise.address) {
      if (self.address.join() !== process.config.advertise.address.join()) throw new Error(`${name} is somebody else`);
    }
    if (self.status !== (state.leave === undefined ? 'alive' : 'left')) throw new Error(`${name} is ${self.status}`);
    for (const entry of state.members.byName.values()) {
      if ((entry.suspicion !== undefined) !== (entry.member.status === 'suspect')) {
        throw new Error(`${name}: the suspicion of ${entry.member.node} has no end`);
      }
    }
    if (state.members.probeList.length !== state.members.byName.size) throw new Error(`${name}: two lists of members`);
    const wakeMs = state.deadlines.first()?.atMs;
    if (wakeMs === undefined) throw new Error(`${name} would never wake again`);
  };
}

function running(cluster: Cluster): readonly Process[] {
  return cluster.processes.filter((process) => process.condition === 'running');
}

/** Something goes wrong, or right again. */
function nextFault(cluster: Cluster, lives: Map<number, Process>): void {
  const { random, network } = cluster;
  const host = 1 + Math.floor(random() * HOSTS);
  const process = lives.get(host);
  const draw = random();
  if (draw < 0.2) {
    if (process !== undefined) cluster.kill(process);
    lives.delete(host);
  } else if (draw < 0.5) {
    if (process !== undefined) return;
    const born = cluster.boot({ name: `node-${host}`, host });
    lives.set(host, born);
    cluster.join(born, [...lives.values()]);
  } else if (draw < 0.6) {
    if (process?.condition === 'running') cluster.stop(process);
  } else if (draw < 0.7) {
    if (process?.condition === 'stopped') cluster.resume(process);
  } else if (draw < 0.78) {
    const side = new Map(Array.from({ length: HOSTS }, (_, index) => [`node-${index + 1}`, random() < 0.5]));
    network.reaches = (from, to) => side.get(from.name) === side.get(to.name);
  } else if (draw < 0.86) {
    network.reaches = () => true;
  } else if (draw < 0.94) {
    network.loss = random() * 0.3;
    network.duplicates = random() * 0.2;
    network.maxDelayMs = 1 + random() * 100;
  } else if (draw < 0.97) {
    if (process?.condition !== 'running') return;
    cluster.step(process, { type: 'leave', nowMs: cluster.clock.nowMs() });
    cluster.run(1_000);
    cluster.kill(process);
    lives.delete(host);
  } else if (process !== undefined) {
    const meta = Uint8Array.of(Math.floor(random() * 256));
    cluster.step(process, { type: 'setMeta', meta, nowMs: cluster.clock.nowMs() });
  }
}

test.for(Array.from({ length: HISTORIES }, (_, index) => index + 1))(
  'whatever fails, all agree on who lives once the network is well (seed %d)',
  { timeout: 60_000 },
  (seed) => {
    const cluster = createCluster(seed, createInvariants());
    const lives = new Map<number, Process>();
    for (let host = 1; host <= HOSTS; host += 1) {
      const process = cluster.boot({ name: `node-${host}`, host });
      lives.set(host, process);
      cluster.join(process, [...lives.values()]);
    }
    for (let fault = 0; fault < 40; fault += 1) {
      nextFault(cluster, lives);
      cluster.run(cluster.random() * 5_000);
    }
    cluster.network.reaches = () => true;
    cluster.network.loss = 0;
    cluster.network.duplicates = 0;
    cluster.network.maxDelayMs = 1;
    for (const process of lives.values()) if (process.condition === 'stopped') cluster.resume(process);
    // As MetalLB does: those that are not members are joined again.
    for (const process of running(cluster)) cluster.join(process, running(cluster));
    // Probes that found nobody, each slower than the one before, then a suspicion that nobody confirms.
    cluster.run(90_000);
    expect(disagreements(cluster)).toEqual([]);
    const names = new Set([...lives.values()].map((process) => process.name));
    for (const process of running(cluster)) {
      for (const member of membersOf(process.state)) {
        if (!names.has(member.node)) expect(['dead', 'left']).toContain(member.status);
      }
    }
  },
);
