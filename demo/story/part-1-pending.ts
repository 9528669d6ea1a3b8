import { setTimeout as sleep } from 'node:timers/promises';
import { readService } from '../stage/services.ts';
import { type Chapter, kubectl, SERVICE_PORT, TARGET_PORT } from './chapter.ts';

/** How long the Services are watched for an address that must not come. */
const WATCH_MS = 1_000;

export const pending: Chapter = {
  title: 'Part 1: pending',
  async tell(stage, narrator) {
    const { api, client } = stage;
    narrator.step('Two Deployments, and for each a Service of type LoadBalancer.');
    for (const name of ['nginx', 'nginx2']) {
      await kubectl(narrator, api.kubectl.createDeployment(name, 'nginx:latest', TARGET_PORT));
    }
    for (const deployment of ['nginx', 'nginx2']) {
      const options = { deployment, name: `${deployment}-lb`, port: SERVICE_PORT, targetPort: TARGET_PORT };
      await kubectl(narrator, api.kubectl.expose(options));
    }
    await narrator.verify('each Deployment has a Pod that runs', async () => {
      const path = '/apis/apps/v1/namespaces/default/deployments';
      const { items } = (await client.get(path)) as { items: { status?: { availableReplicas?: number } }[] };
      return items.length === 2 && items.every(({ status }) => status?.availableReplicas === 1);
    });

    narrator.step(
      'On bare metal nobody gives them addresses. The controller and the speakers run already, but addresses do\nnot come from nowhere: a pool must be given.',
    );
    await sleep(WATCH_MS);
    const table = await kubectl(narrator, api.kubectl.get('services'));
    await narrator.verify('both Services are <pending>', async () => {
      const services = await Promise.all(['nginx-lb', 'nginx2-lb'].map((name) => readService(client, name)));
      return services.every(({ addresses }) => addresses.length === 0) && table.split('<pending>').length === 3;
    });
  },
};
