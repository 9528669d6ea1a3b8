import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ControlPlane, openRealControlPlane } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, openCluster, SERVICES, tellLogsOnFailure } from './cluster.ts';
import { startPulse } from './network.ts';

const CRDS = fileURLToPath(new URL('../../deploy/crds', import.meta.url));
const NAMES = ['a', 'b', 'c', 'd'];

await describeKubeLab('Kubernetes’ own API server, killed', (kubeLab) => {
  describeLab('while three speakers announce', () => {
    let controlPlane: ControlPlane;
    let cluster: Cluster;

    beforeAll(async () => {
      controlPlane = await openRealControlPlane({ kubeLab });
      expect(readdirSync(CRDS)).not.toEqual([]);
      await controlPlane.kubectl(['apply', '-f', CRDS]);
      await controlPlane.kubectl(['wait', '--for=condition=established', '--timeout=10s', '-f', CRDS]);
      cluster = await openCluster(controlPlane);
      await cluster.createPool('pool', { addresses: ['192.0.2.130-192.0.2.250'] });
      await cluster.createAdvertisement('everywhere');
      await cluster.start();
      await Promise.all(NAMES.map((name) => cluster.createService(name)));
      for (const name of NAMES) await cluster.addressOf(name);
    });
    afterAll(async () => {
      await cluster?.close();
      await controlPlane.stop();
    });
    tellLogsOnFailure(() => cluster);

    /** Whoever writes to an object gives it a new version. */
    async function versions(): Promise<Readonly<Record<string, string>>> {
      const { items } = (await cluster.kube.get(SERVICES)) as {
        items: readonly { metadata: { name: string; resourceVersion: string } }[];
      };
      const ours = items.filter(({ metadata }) => NAMES.includes(metadata.name));
      return Object.fromEntries(ours.map(({ metadata }) => [metadata.name, metadata.resourceVersion]));
    }

    test('and started again with its past compacted: announcements go on, nothing is written, changes are followed', async () => {
      const { network } = cluster;
      const addresses = Object.values(await cluster.allAddresses()).flat();
      const owners = await network.owners(addresses);
      const before = await versions();
      await using pulse = startPulse(network, addresses);
      await controlPlane.killApiServer();
      const askedBefore = pulse.asked;
      await expect.poll(() => pulse.asked, { timeout: 20_000 }).toBeGreaterThan(askedBefore + 20);
      await controlPlane.compactEtcd();
      await controlPlane.restartApiServer();
      await cluster.createService('after');
      const address = await cluster.addressOf('after', 30_000);
      expect(addresses).not.toContain(address);
      await network.owners([address]);
      // A change of an old one, too: its speaker has heard of it only if its watch is whole again.
      await cluster.setEndpoints('a', { 'node-1': false });
      const [first = ''] = await cluster.addressesOf('a');
      const unanswered = await pulse.stop();
      expect(unanswered).toEqual({
        ...Object.fromEntries(addresses.map((each) => [each, 0])),
        [first]: unanswered[first],
      });
      await network.silent([first]);
      await cluster.setEndpoints('a', { 'node-1': true });
      expect(await network.owners(addresses)).toEqual(owners);
      expect(await versions()).toEqual(before);
    }, 90_000);
  });
});
