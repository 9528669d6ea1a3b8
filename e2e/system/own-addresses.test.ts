import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, legacyConfiguration, legacyPool, openMemoryCluster, tellLogsOnFailure } from './cluster.ts';
import { GATEWAY_ADDRESS } from './network.ts';

describeLab('an address that is somebody’s already', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await openMemoryCluster();
    await cluster.putConfigMap(legacyConfiguration(legacyPool('all', ['192.0.2.0/24'])));
    await cluster.start();
  });
  afterAll(() => cluster?.close());
  tellLogsOnFailure(() => cluster);

  const request = (name: string, address: string): Promise<void> =>
    cluster.createService(name, { spec: { loadBalancerIP: address } });

  /** The speaker that would announce an address says why it does not. */
  async function expectReason(reason: string, address: string): Promise<void> {
    const said = (): unknown[] =>
      [...cluster.speakers.values()].flatMap((speaker) =>
        speaker.records().filter((record) => record['reason'] === reason && String(record['ips']).includes(address)),
      );
    await expect.poll(() => said().length, { timeout: 10_000 }).toBeGreaterThan(0);
  }

  test('the gateway’s is given when asked for, and announced by nobody, which is said', async () => {
    await request('gateway', GATEWAY_ADDRESS);
    expect(await cluster.addressOf('gateway')).toBe(GATEWAY_ADDRESS);
    await expectReason('AddressIsGateway', GATEWAY_ADDRESS);
    // The gateway's kernel answers for itself, and nobody else does.
    expect(await cluster.network.answering([GATEWAY_ADDRESS])).toEqual({ [GATEWAY_ADDRESS]: ['gateway'] });
  });

  test('a node’s is announced by nobody, whichever node would announce it', async () => {
    // Each node's address is elected to some node; whether that is the node itself, the hash decides.
    const { nodes } = cluster.network;
    await Promise.all(nodes.map(({ name, address }) => request(`of-${name}`, address)));
    for (const { name } of nodes) await cluster.addressOf(`of-${name}`);
    await request('marker', '192.0.2.200');
    await cluster.network.owners([await cluster.addressOf('marker')]);
    const answers = await cluster.network.answering(nodes.map(({ address }) => address));
    expect(answers).toEqual(Object.fromEntries(nodes.map(({ name, address }) => [address, [name]])));
    for (const { address } of nodes) await expectReason('AddressBelongsToNode', address);
  });

  test('one that the node gives up is announced, and one that it takes is withdrawn', async () => {
    const address = '192.0.2.210';
    await request('moving', address);
    await cluster.addressOf('moving');
    const { [address]: owner } = await cluster.network.owners([address]);
    const node = cluster.network.nodes.find(({ name }) => name === owner);
    if (node === undefined) throw new Error(`${owner} is no node`);
    // /32, and no answer of its kernel's: whoever answers now is the speaker.
    await node.namespace.writeSysctl('net.ipv4.conf.eth0.arp_ignore', 8);
    await node.namespace.ip([`address add ${address}/32 dev eth0`]);
    await cluster.network.silent([address]);
    await expectReason('AddressBelongsToNode', address);
    await node.namespace.ip([`address del ${address}/32 dev eth0`]);
    expect(await cluster.network.owners([address])).toEqual({ [address]: owner });
  });
});
