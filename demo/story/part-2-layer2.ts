import type { Narrator } from '../narrator.ts';
import { readService } from '../stage/services.ts';
import type { Stage } from '../stage/stage.ts';
import { type Chapter, hasAddress, kubectl, ok, poolConfig, SERVICE_PORT, shown, TARGET_PORT } from './chapter.ts';
import { startPulse } from './pulse.ts';

const RANGE = '192.168.1.30-192.168.1.49';
const SECOND_RANGE = '192.168.1.60-192.168.1.69';
const FIRST = { service: 'nginx-lb', address: '192.168.1.30' };
const SECOND = { service: 'nginx2-lb', address: '192.168.1.31' };
const WANTED = { service: 'nginx3-lb', address: '192.168.1.60' };

export const layer2: Chapter = {
  title: 'Part 2: layer 2',
  async tell(stage, narrator) {
    await giveAPool(stage, narrator);
    await ask(stage, narrator);
    await lookBehind(stage, narrator);
    await editThePool(stage, narrator);
    await deleteAService(stage, narrator);
  },
};

async function giveAPool(stage: Stage, narrator: Narrator): Promise<void> {
  const { kubectl: admin } = stage.api;
  narrator.step('The pool, in the ConfigMap that every guide shows.');
  await kubectl(narrator, admin.apply(poolConfig('default', [RANGE])));
  for (const each of [FIRST, SECOND]) {
    await narrator.verify(`${each.service} has ${each.address}`, () => hasAddress(stage, each));
  }
  await kubectl(narrator, admin.get('services'));
}

async function ask({ laptop }: Stage, narrator: Narrator): Promise<void> {
  narrator.step('From the laptop, which knows nothing of Kubernetes:');
  for (const { address } of [FIRST, SECOND]) {
    narrator.command('laptop', `curl -I ${address}:${SERVICE_PORT}`);
    const head = (): Promise<string> => laptop.curlHead(address, SERVICE_PORT);
    await narrator.verify(
      `${address}:${SERVICE_PORT} answers 200`,
      () => ok(head()),
      (printed) => printed,
    );
  }
}

async function lookBehind({ laptop, network }: Stage, narrator: Narrator): Promise<void> {
  narrator.step('Who answered? The laptop believes that the address is on a network card. Whose is it?');
  for (const { address } of [FIRST, SECOND]) {
    narrator.command('laptop', `ip neigh show ${address}`);
    const { line, mac } = await laptop.neighbour(address);
    narrator.output(line);
    const owner = network.nodes.find(({ host }) => host.mac === mac);
    const name = owner?.host.name ?? 'nobody';
    await narrator.verify(`${mac} is the card of ${name}`, () => owner !== undefined);
    await narrator.verify('that node answers ARP for it, and no other does', async () => {
      const replies = await laptop.askArp(address);
      return replies.length > 0 && replies.every((reply) => reply.mac === mac);
    });
    if (owner === undefined || address !== FIRST.address) continue;
    const line2 = 'ip -brief address show dev eth0';
    const list = (): Promise<string> =>
      owner.namespace.run('ip', ['-brief', 'address', 'show', 'dev', 'eth0']).then(({ stdout }) => stdout);
    const printed = await shown(narrator, owner.host.name, line2, list);
    await narrator.verify(`${name} itself does not have ${address}: the speaker answers for it`, () => {
      return !printed.includes(`${address}/`) && printed.includes(owner.host.address);
    });
  }
}

async function editThePool(stage: Stage, narrator: Narrator): Promise<void> {
  const { api, client, laptop, steelyard } = stage;
  const apps = [steelyard.controller, ...steelyard.speakers];
  const pulse = startPulse(() => ok(laptop.curlHead(FIRST.address, SERVICE_PORT)));
  try {
    narrator.step(
      'The pool is edited while everything runs: a second range, and a Service that asks for an address in it.',
    );
    await kubectl(narrator, api.kubectl.apply(poolConfig('default', [RANGE, SECOND_RANGE])));
    const options = { deployment: 'nginx', name: WANTED.service, port: SERVICE_PORT, targetPort: TARGET_PORT };
    await kubectl(narrator, api.kubectl.expose({ ...options, loadBalancerIp: WANTED.address }));
    await narrator.verify(`${WANTED.service} has ${WANTED.address}`, () => hasAddress(stage, WANTED));

    narrator.step('And the pool gets another name.');
    await kubectl(narrator, api.kubectl.apply(poolConfig('home', [RANGE, SECOND_RANGE])));
    await narrator.verify('the Services are noted to be from the pool home', async () => {
      const services = [FIRST, SECOND, WANTED].map(({ service }) => readService(client, service));
      return (await Promise.all(services)).every(({ pool }) => pool === 'home');
    });
    for (const each of [FIRST, SECOND, WANTED]) {
      await narrator.verify(`${each.service} still has ${each.address}`, () => hasAddress(stage, each));
    }
  } finally {
    await pulse.stop();
  }
  await kubectl(narrator, api.kubectl.get('services'));
  const { answered, failures } = pulse;
  await narrator.verify(
    `meanwhile the laptop asked ${answered + failures.length} times, and was answered each time`,
    () => {
      if (failures[0] !== undefined) throw failures[0];
      return answered > 0;
    },
  );
  await narrator.verify('nothing was restarted', () => apps.every(({ process: running }) => running.end === undefined));
}

async function deleteAService(stage: Stage, narrator: Narrator): Promise<void> {
  const { api, laptop } = stage;
  narrator.step('A Service is deleted. Its address falls silent, and is free again.');
  await kubectl(narrator, api.kubectl.deleteService(SECOND.service));
  await narrator.verify(`nobody answers ARP for ${SECOND.address} any more`, async () => {
    return (await laptop.askArp(SECOND.address)).length === 0;
  });
  await narrator.verify(`${FIRST.address} goes on answering`, () => ok(laptop.curlHead(FIRST.address, SERVICE_PORT)));
  const next = { service: 'nginx4-lb', address: SECOND.address };
  const options = { deployment: 'nginx2', name: next.service, port: SERVICE_PORT, targetPort: TARGET_PORT };
  await kubectl(narrator, api.kubectl.expose(options));
  await narrator.verify(`the next Service gets it: ${next.service} has ${next.address}`, () => hasAddress(stage, next));
  const answer = (): Promise<string> => ok(laptop.curlHead(next.address, SERVICE_PORT));
  await narrator.verify(`${next.address}:${SERVICE_PORT} answers 200`, answer);
  await kubectl(narrator, api.kubectl.get('services'));
}
