import { describe, expect, test, vi } from 'vitest';
import { disagreements, formedCluster, processOf } from './formed-cluster.ts';

// A busy machine may take its time.
vi.setConfig({ testTimeout: 120_000 });

function accusationsOf(cluster: ReturnType<typeof formedCluster>, name: string, sinceMs: number): number {
  return cluster.happenings.filter(
    ({ at, atMs, effect }) =>
      at === name &&
      atMs >= sinceMs &&
      ((effect.type === 'notice' && effect.message.startsWith('a member is')) || effect.type === 'memberLeft'),
  ).length;
}

describe('a process that was stopped', () => {
  test.for([1, 2, 3, 4, 5, 6, 7, 8])('for 30 s accuses nobody when it goes on (seed %d)', (seed) => {
    const cluster = formedCluster(seed, 6);
    cluster.run(cluster.random() * 1_000);
    const sleeper = processOf(cluster, 'node-3');
    cluster.stop(sleeper);
    cluster.run(30_000);
    expect(cluster.view(processOf(cluster, 'node-1'), 'node-3')?.status).toBe('dead');
    const sinceMs = cluster.clock.nowMs();
    cluster.resume(sleeper);
    cluster.run(10_000);
    expect(accusationsOf(cluster, 'node-3', sinceMs)).toBe(0);
    // It heard in the gossip that waited for it that it is dead, and contradicts.
    expect(disagreements(cluster)).toEqual([]);
  });

  test('for two seconds is dead for nobody', () => {
    const cluster = formedCluster(9, 6);
    const sinceMs = cluster.clock.nowMs();
    for (let round = 0; round < 20; round += 1) {
      const sleeper = processOf(cluster, `node-${1 + (round % 6)}`);
      cluster.stop(sleeper);
      cluster.run(2_000);
      cluster.resume(sleeper);
      cluster.run(3_000);
    }
    expect(cluster.happenings.filter(({ effect, atMs }) => effect.type === 'memberLeft' && atMs >= sinceMs)).toEqual(
      [],
    );
    expect(disagreements(cluster)).toEqual([]);
  });

  test('while it suspects somebody hears the refutation before it declares that one dead', () => {
    const cluster = formedCluster(10, 3);
    const sleeper = processOf(cluster, 'node-1');
    cluster.step(sleeper, {
      type: 'packetMessage',
      message: { type: 'suspect', node: 'node-2', incarnation: 1, from: 'node-3' },
      from: sleeper.endpoint,
      nowMs: cluster.clock.nowMs(),
    });
    cluster.stop(sleeper);
    const sinceMs = cluster.clock.nowMs();
    cluster.run(8_000);
    cluster.resume(sleeper);
    cluster.run(3_000);
    expect(accusationsOf(cluster, 'node-1', sinceMs)).toBe(0);
    expect(disagreements(cluster)).toEqual([]);
  });
});
