import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { type KubernetesCluster, type KubernetesClusterOptions, openKubernetesCluster } from './cluster.ts';

const CASES = [
  ['exactly the roles of MetalLB', 'metallb'],
  ['the roles of our own manifests', 'own'],
] as const;

/**
 * A `describe` whose tests run twice, each time in a new cluster: with exactly MetalLB's roles, and with our own.
 *
 * ```ts
 * await describeWithRoles('the controller', (cluster) => {
 *   test('gives an address', async () => {
 *     await cluster().startController();
 *     await cluster().createPool('pool', ['192.0.2.128/25']);
 *     …
 * ```
 *
 * After each test the controllers are stopped, and Services, Events and the objects of metallb.io are deleted; where it
 * failed, what the controllers logged last is printed. Where there can be no control plane or no network namespace the
 * tests are skipped, and say why; under `CI=true` that is a failure.
 */
export async function describeWithRoles(
  name: string,
  tests: (cluster: () => KubernetesCluster) => void,
  options: Omit<KubernetesClusterOptions, 'roles'> = {},
): Promise<void> {
  await describeKubeLab(name, (kubeLab) => {
    describeLab('in Pods', () => {
      describe.each(CASES)('with %s', (_words, roles) => {
        let cluster: KubernetesCluster | undefined;
        beforeAll(async () => {
          cluster = await openKubernetesCluster(kubeLab, { ...options, roles });
        });
        afterAll(() => cluster?.close());
        afterEach(async ({ task }) => {
          if (task.result?.state === 'fail' && cluster !== undefined) tellLogs(cluster);
          await cluster?.reset();
        });
        tests(() => {
          if (cluster === undefined) throw new Error('the cluster is opened before the first test, not before');
          return cluster;
        });
      });
    });
  });
}

function tellLogs({ controllers }: KubernetesCluster): void {
  for (const { pod, process: running } of controllers) {
    const end = running.end === undefined ? '' : ` (ended with ${running.end.signal ?? running.end.code})`;
    process.stderr.write(`${pod}${end}:\n${running.lines.slice(-40).join('\n')}\n`);
  }
}
