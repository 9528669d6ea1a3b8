import { describe, expect, test } from 'vitest';
import { formedCluster, processOf } from './formed-cluster.ts';

const RUNS = 200;

/** From the crash until the first of the others, and the last, says that the member is gone. */
function detection(seed: number, size: number): { readonly firstMs: number; readonly lastMs: number } {
  const cluster = formedCluster(seed, size);
  cluster.run(cluster.random() * 1_000 * size);
  const crashedAtMs = cluster.clock.nowMs();
  cluster.kill(processOf(cluster, 'node-2'));
  const said = (): number[] =>
    cluster.happenings
      .filter(({ effect }) => effect.type === 'memberLeft' && effect.member.node === 'node-2')
      .map(({ atMs }) => atMs - crashedAtMs);
  // The worst that can be: just probed, last in each list, and nobody confirms.
  const boundMs = (2 * (size - 1) - 1) * 1_000 + 1_000 + 24_000;
  for (let waitedMs = 0; waitedMs < boundMs && said().length < size - 1; waitedMs += 1_000) cluster.run(1_000);
  const times = said();
  expect(times).toHaveLength(size - 1);
  return { firstMs: Math.min(...times), lastMs: Math.max(...times) };
}

/**
 * The time is that of a probe that begins, one that fails, and a suspicion: in a healthy cluster W + 1 s + 4 s, where W
 * is the time until the first of n = N − 1 probers comes to the crashed member, n/(n + 1) s on average.
 */
describe('a crash is detected as soon as hashicorp/memberlist detects it', () => {
  test.for([
    { size: 3, meanMs: 5_690, maxMs: 8_000 },
    { size: 10, meanMs: 5_950, maxMs: 42_000 },
  ])('$size members: $meanMs ms on average', { timeout: 120_000 }, ({ size, meanMs, maxMs }) => {
    const runs = Array.from({ length: RUNS }, (_, seed) => detection(seed + 1, size));
    const mean = runs.reduce((sum, run) => sum + run.firstMs, 0) / RUNS;
    // Four standard errors of the mean: the spread is about 0.6 s and 0.7 s.
    expect(Math.abs(mean - meanMs)).toBeLessThan(250);
    expect(Math.max(...runs.map((run) => run.firstMs))).toBeLessThanOrEqual(maxMs + 10);
    // The first probe that can fail begins after the crash: nobody is quicker.
    expect(Math.min(...runs.map((run) => run.firstMs))).toBeGreaterThan(4_900);
    // Who hears last hears by gossip, or counts for itself.
    const typical = runs.map((run) => run.lastMs - run.firstMs).sort((one, other) => one - other)[RUNS / 2];
    expect(typical).toBeLessThan(1_000);
  });
});
