import { describe, expect, test, vi } from 'vitest';
import type { Cluster } from './cluster.ts';
import { disagreements, formedCluster, opinions, processOf } from './formed-cluster.ts';

// A busy machine may take its time.
vi.setConfig({ testTimeout: 120_000 });

function accuse(cluster: Cluster, heardBy: string, type: 'suspect' | 'dead', node: string, incarnation: number): void {
  const process = processOf(cluster, heardBy);
  cluster.step(process, {
    type: 'packetMessage',
    message: { type, node, incarnation, from: 'somebody' },
    from: process.endpoint,
    nowMs: cluster.clock.nowMs(),
  });
}

function saidAbout(cluster: Cluster, type: 'memberJoined' | 'memberLeft', node: string, sinceMs: number): number {
  return cluster.happenings.filter(
    ({ effect, atMs }) => atMs >= sinceMs && effect.type === type && effect.member.node === node,
  ).length;
}

describe('a restarted member', () => {
  test('is back with its old address as soon as it joins, with an incarnation beyond its death', () => {
    const cluster = formedCluster(21, 6);
    cluster.kill(processOf(cluster, 'node-2'));
    cluster.run(15_000);
    const again = cluster.boot({ name: 'node-2', host: 2 });
    cluster.join(again, [processOf(cluster, 'node-5')]);
    cluster.run(2_000);
    expect(disagreements(cluster)).toEqual([]);
    expect(cluster.view(again, 'node-2')?.incarnation).toBe(2);
  });

  test('is back before anybody missed it', () => {
    const cluster = formedCluster(22, 6);
    const sinceMs = cluster.clock.nowMs();
    cluster.kill(processOf(cluster, 'node-2'));
    cluster.run(1_000);
    cluster.join(cluster.boot({ name: 'node-2', host: 2 }), [processOf(cluster, 'node-5')]);
    cluster.run(20_000);
    expect(disagreements(cluster)).toEqual([]);
    expect(saidAbout(cluster, 'memberLeft', 'node-2', sinceMs)).toBe(0);
  });

  test('needs no refutation where it starts with a larger incarnation', () => {
    const cluster = formedCluster(23, 6, { initialIncarnation: 217_000_000 });
    cluster.kill(processOf(cluster, 'node-2'));
    cluster.run(15_000);
    const sinceMs = cluster.clock.nowMs();
    const again = cluster.boot({ name: 'node-2', host: 2, config: { initialIncarnation: 217_000_020 } });
    cluster.join(again, [processOf(cluster, 'node-5')]);
    // The one that was joined takes it back in the push/pull itself.
    cluster.run(10);
    expect(cluster.view(processOf(cluster, 'node-5'), 'node-2')?.status).toBe('alive');
    cluster.run(2_000);
    expect(disagreements(cluster)).toEqual([]);
    expect(cluster.view(again, 'node-2')?.incarnation).toBe(217_000_020);
    expect(saidAbout(cluster, 'memberJoined', 'node-2', sinceMs)).toBe(6);
  });

  test('is back at once with another address when it had left', () => {
    const cluster = formedCluster(24, 6);
    const leaver = processOf(cluster, 'node-2');
    cluster.step(leaver, { type: 'leave', nowMs: cluster.clock.nowMs() });
    cluster.run(1_000);
    cluster.kill(leaver);
    cluster.join(cluster.boot({ name: 'node-2', host: 102 }), [processOf(cluster, 'node-5')]);
    cluster.run(2_000);
    expect(disagreements(cluster)).toEqual([]);
    expect(cluster.view(processOf(cluster, 'node-6'), 'node-2')?.address).toEqual(Uint8Array.of(10, 0, 0, 102));
  });

  test('is back with another address only when its old life is forgotten', () => {
    const cluster = formedCluster(25, 6);
    cluster.kill(processOf(cluster, 'node-2'));
    cluster.run(15_000);
    const again = cluster.boot({ name: 'node-2', host: 102 });
    cluster.join(again, [processOf(cluster, 'node-5')]);
    cluster.run(2_000);
    expect(new Set(opinions(cluster, 'node-2'))).toEqual(new Set(['dead']));
    expect(cluster.happenings.some(({ effect }) => effect.type === 'nameConflict')).toBe(true);
    cluster.run(60_000);
    cluster.join(again, [processOf(cluster, 'node-5')]);
    cluster.run(2_000);
    expect(disagreements(cluster)).toEqual([]);
  });

  test('is back with another address after the reclaim time', () => {
    const cluster = formedCluster(26, 6, { deadNodeReclaimTimeMs: 5_000 });
    cluster.kill(processOf(cluster, 'node-2'));
    cluster.run(20_000);
    cluster.join(cluster.boot({ name: 'node-2', host: 102 }), [processOf(cluster, 'node-5')]);
    cluster.run(2_000);
    expect(disagreements(cluster)).toEqual([]);
  });
});

/** Gossip misses one now and then; a push/pull with anybody then tells it. */
const UNTIL_ALL_HEARD_MS = 70_000;

describe('a false accusation', () => {
  test.for(['suspect', 'dead'] as const)('%s is contradicted', (type) => {
    const cluster = formedCluster(31, 8);
    accuse(cluster, 'node-3', type, 'node-6', 1);
    cluster.run(UNTIL_ALL_HEARD_MS);
    expect(disagreements(cluster)).toEqual([]);
    expect(cluster.view(processOf(cluster, 'node-1'), 'node-6')?.incarnation).toBe(2);
  });

  test('with an incarnation that the member never had is contradicted by one beyond it', () => {
    const cluster = formedCluster(32, 8);
    accuse(cluster, 'node-3', 'dead', 'node-6', 2 ** 30);
    cluster.run(UNTIL_ALL_HEARD_MS);
    expect(disagreements(cluster)).toEqual([]);
    expect(cluster.view(processOf(cluster, 'node-1'), 'node-6')?.incarnation).toBe(2 ** 30 + 1);
  });

  test.for([1, 217_000_000])(
    'with the greatest incarnation there is does nothing to a member with %d',
    (incarnation) => {
      const cluster = formedCluster(33, 8, { initialIncarnation: incarnation });
      const sinceMs = cluster.clock.nowMs();
      accuse(cluster, 'node-3', 'dead', 'node-6', 0xffffffff);
      accuse(cluster, 'node-6', 'suspect', 'node-6', 0xffffffff);
      cluster.run(10_000);
      expect(disagreements(cluster)).toEqual([]);
      expect(saidAbout(cluster, 'memberLeft', 'node-6', sinceMs)).toBe(0);
    },
  );

  test('that drives the incarnation around the circle leaves it alive', () => {
    const cluster = formedCluster(34, 4);
    for (const incarnation of [2 ** 30, 2 ** 31 - 1, 2 ** 31 + 2 ** 30, 0xfffffffe, 0xffffffff]) {
      accuse(cluster, 'node-3', 'dead', 'node-2', incarnation);
      cluster.run(UNTIL_ALL_HEARD_MS);
      expect(disagreements(cluster)).toEqual([]);
    }
    expect(cluster.view(processOf(cluster, 'node-1'), 'node-2')?.incarnation).toBe(1);
  });
});

test('the name of a living member stays its own: whoever else uses it is reported and ignored', () => {
  const cluster = formedCluster(41, 5);
  const impostor = cluster.boot({ name: 'node-2', host: 102 });
  cluster.join(impostor, [processOf(cluster, 'node-4')]);
  cluster.run(20_000);
  for (const name of ['node-1', 'node-3', 'node-4', 'node-5']) {
    const seen = cluster.view(processOf(cluster, name), 'node-2');
    expect(seen).toMatchObject({ status: 'alive', address: Uint8Array.of(10, 0, 0, 2) });
  }
  const conflicts = cluster.happenings.filter(({ effect }) => effect.type === 'nameConflict');
  expect(new Set(conflicts.map(({ at }) => at))).toContain('node-4');
  // It knows itself by its own address, whatever others say.
  expect(cluster.view(impostor, 'node-2')?.address).toEqual(Uint8Array.of(10, 0, 0, 102));
});

test('metadata that changes is known to all', () => {
  const cluster = formedCluster(42, 8);
  const meta = Uint8Array.of(1, 2, 3);
  cluster.step(processOf(cluster, 'node-2'), { type: 'setMeta', meta, nowMs: cluster.clock.nowMs() });
  cluster.run(2_000);
  for (const process of cluster.processes) expect(cluster.view(process, 'node-2')?.meta).toEqual(meta);
  expect(cluster.happenings.filter(({ effect }) => effect.type === 'memberUpdated')).toHaveLength(8);
});
