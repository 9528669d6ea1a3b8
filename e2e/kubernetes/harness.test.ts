import { request } from 'node:http';
import { openLab, relayOutOf, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { expect, test } from 'vitest';
import { describeWithRoles } from './cluster/describe-with-roles.ts';

describeLab('a server in a network namespace', () => {
  test('is reached from outside by a unix socket, as soon as it listens', async () => {
    await using lab = await openLab();
    const inside = await lab.namespace('inside');
    await using port = await relayOutOf(inside, { port: 9443 });
    const ask = (): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        const asking = request({ socketPath: port.path, agent: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        asking.on('error', reject).end();
      });
    await expect(ask()).rejects.toThrow(); // accepted, and broken off

    const server = "require('node:http').createServer((_, response) => response.writeHead(204).end()).listen(9443)";
    inside.spawn(process.execPath, ['-e', server]);

    expect(await waitUntil('an answer', ask)).toBe(204);
  });
});

await describeWithRoles(
  'a cluster with webhooks',
  (cluster) => {
    test('has the API server dial the Pods of the controllers, by the Service of the manifests', async () => {
      const { startController, createPool, kubectl, routes } = cluster();
      const { address } = await startController();
      const slice = ['get', 'endpointslices', '--namespace=metallb-system', '--output=jsonpath={.items[*].endpoints}'];
      await expect.poll(() => kubectl(slice), { timeout: 10_000 }).toMatch(`"addresses":["${address}"]`);

      // Whether it is allowed is the webhook's affair: here counts whom the API server asks.
      await createPool('asked-for', ['192.0.2.128/25']).catch(() => undefined);

      expect(routes.dialled).toContain(`${address}:9443`);
    });

    test('gives each controller a Pod of its own, which goes with it', async () => {
      const { startController, kubectl } = cluster();
      const [one, other] = [await startController(), await startController()];
      const pods = async (): Promise<string> => kubectl(['get', 'pods', '--namespace=metallb-system', '--output=wide']);
      expect(await pods()).toMatch(new RegExp(`${one.pod} +1/1 +Running .*${one.address.replaceAll('.', '\\.')}`));

      expect(await one.stop()).toBe(0);

      expect(await pods()).not.toContain(`${one.pod} `);
      expect(await pods()).toContain(`${other.pod} `);
      expect(cluster().controllers.map(({ pod }) => pod)).toEqual([other.pod]);
    });

    test('counts what an account wrote, and with what success', async () => {
      const { audit, kubectl, kubeconfigOf } = cluster();
      const since = await audit.mark();
      const asController = `--kubeconfig=${await kubeconfigOf('controller')}`;
      const secret = ['secret', 'generic', 'counted', '--namespace=metallb-system', asController];
      await kubectl(['create', ...secret]);
      await expect(kubectl(['create', ...secret])).rejects.toThrow('already exists');
      await expect(kubectl(['create', 'configmap', 'forbidden', asController])).rejects.toThrow('is forbidden');

      const counts = { 'create secrets': 1, 'create secrets 409': 1, 'create configmaps 403': 1 };
      expect(await audit.writes({ account: 'controller', since })).toEqual(counts);
      expect(await audit.writes({ account: 'speaker', since })).toEqual({});
      await kubectl(['delete', 'secret', 'counted', '--namespace=metallb-system']);
    });
  },
  { webhooks: true },
);
