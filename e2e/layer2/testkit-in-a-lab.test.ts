import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Cable,
  type Lab,
  type Namespace,
  openApiClient,
  openLab,
  openMemoryApi,
  openPcap,
  probeArp,
  relayInto,
  type Switch,
  startKubeProxy,
  startWebServer,
  waitUntil,
  watchArp,
} from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';

interface Node {
  readonly namespace: Namespace;
  readonly cable: Cable;
}

describeLab('what the testkit runs in a lab', () => {
  let lab: Lab;
  let hub: Switch;
  beforeEach(async () => {
    lab = await openLab();
    hub = await lab.switch('hub');
  });
  afterEach(() => lab.close());

  async function plug(name: string, address: string): Promise<Node> {
    const namespace = await lab.namespace(name);
    return { namespace, cable: await lab.attach(namespace, hub, { addresses: [address] }) };
  }

  test('the prober hears every host that answers, the watcher every request, and silence is an empty list', async () => {
    const [client, a, b] = [
      await plug('client', '192.0.2.100/24'),
      await plug('a', '192.0.2.1/24'),
      await plug('b', '192.0.2.1/24'), // the same address twice: a conflict
    ];
    await using watcher = await watchArp(a.cable);
    const replies = await probeArp(client.cable, { addresses: ['192.0.2.1'], count: 2 });
    expect(new Set(replies.map(({ mac }) => mac))).toEqual(new Set([a.cable.mac, b.cable.mac]));
    expect(replies).toHaveLength(4);
    expect(replies.every(({ latencyMicros }) => latencyMicros > 0)).toBe(true);
    const seen = await watcher.waitFor('the request', ({ operation }) => operation === 1);
    expect(seen).toMatchObject({ senderMac: client.cable.mac, senderIp: '192.0.2.100', targetIp: '192.0.2.1' });
    expect(await probeArp(client.cable, { addresses: ['192.0.2.77'], replyTimeoutMs: 100 })).toEqual([]);
  });

  test('a capture has the frames of both directions', async () => {
    const [client, server] = [await plug('client', '192.0.2.100/24'), await plug('server', '192.0.2.1/24')];
    const folder = mkdtempSync(join(tmpdir(), 'steelyard-pcap-'));
    try {
      const capture = await openPcap(client.cable, join(folder, 'client.pcap'));
      await probeArp(client.cable, { addresses: ['192.0.2.1'], count: 1 });
      expect(await capture.close()).toBeGreaterThanOrEqual(2);
      const octets = readFileSync(capture.path).toString('hex');
      const mac = (cable: Cable): string => cable.mac.replaceAll(':', '');
      expect(octets).toContain(`ffffffffffff${mac(client.cable)}0806`); // the request
      expect(octets).toContain(`${mac(client.cable)}${mac(server.cable)}0806`); // the reply
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a relay reaches a server of the host at its own address, while every cable is cut', async () => {
    const node = await plug('node', '192.0.2.5/24');
    const server = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
    await waitUntil('the server', () => server.listening);
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await node.cable.cut();
    expect((await node.namespace.run('curl', ['-sm1', url], { allowFailure: true })).code).not.toBe(0);
    await using relay = await relayInto(node.namespace, url);
    expect((await node.namespace.run('curl', ['-sSm5', url])).stdout).toBe('reached');
    await relay.close();
    expect((await node.namespace.run('curl', ['-sm1', url], { allowFailure: true })).code).not.toBe(0);
    server.close();
  });

  test('a Service is reached at its address through whichever node takes it, and refused when it has no endpoint', async () => {
    const [laptop, a, b] = [
      await plug('laptop', '192.0.2.100/24'),
      await plug('a', '192.0.2.5/24'),
      await plug('b', '192.0.2.6/24'),
    ];
    for (const { namespace } of [a, b]) {
      await namespace.addRoute('default', '192.0.2.1');
    }
    await a.namespace.addRoute('10.244.1.0/24', '192.0.2.6');
    await startWebServer(b.namespace, { podIp: '10.244.1.2', node: 'b', pod: 'web-1' });
    await using memoryApi = await openMemoryApi();
    using client = await openApiClient(memoryApi.kubeconfigPath);
    const failures: unknown[] = [];
    await using _proxy = await startKubeProxy({
      client,
      nodes: [
        { name: 'a', addresses: ['192.0.2.5'], namespace: a.namespace },
        { name: 'b', addresses: ['192.0.2.6'], namespace: b.namespace },
      ],
      onError: (error) => failures.push(error),
    });
    const services = '/api/v1/namespaces/default/services';
    await client.create(services, {
      metadata: { name: 'web' },
      spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 8080, targetPort: 80 }] },
    });
    await client.patch(`${services}/web/status`, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.30' }] } } });
    // Nobody answers ARP for the address here: the client is told where it is.
    await laptop.namespace.ip([`neigh replace 192.0.2.30 lladdr ${a.cable.mac} dev eth0 nud permanent`]);
    const curl = () =>
      laptop.namespace.run('curl', ['-sS', '--max-time', '1', 'http://192.0.2.30:8080'], { allowFailure: true });
    await waitUntil('a refusal', async () => {
      // A refusal that comes while connect(2) still holds the socket counts only at the second SYN, a second later.
      const dial = ['3', 'bash', '-c', 'exec 3<>/dev/tcp/192.0.2.30/8080'];
      const { stderr } = await laptop.namespace.run('timeout', dial, { allowFailure: true });
      return stderr.includes('Connection refused');
    });
    await client.create('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices', {
      metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
      endpoints: [{ addresses: ['10.244.1.2'], nodeName: 'b', conditions: { ready: true } }],
    });
    const answer = await waitUntil('an answer', async () => {
      const { stdout } = await curl();
      return stdout !== '' && stdout;
    });
    expect(answer).toBe('pod web-1 on node b greets 192.0.2.5\n'); // masqueraded by the node that took it

    // Policy Local: the node without the Pod drops, the one with it keeps the client's address.
    await client.patch(`${services}/web`, { spec: { externalTrafficPolicy: 'Local' } });
    await waitUntil('the packets to be dropped', async () => (await curl()).stderr.includes('timed out'));
    await laptop.namespace.ip([`neigh replace 192.0.2.30 lladdr ${b.cable.mac} dev eth0 nud permanent`]);
    expect((await curl()).stdout).toBe('pod web-1 on node b greets 192.0.2.100\n');
    expect(failures).toEqual([]);
  });
});
