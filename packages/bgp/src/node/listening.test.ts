import { expect, test } from 'vitest';
import type { BgpPeer } from './options.ts';
import { NODE, NODE_ASN, ROUTER, ROUTER_ASN, World } from './testing/world.ts';

test('neighbours are recognised by their prefix, told what they are to know, and forgotten when they go', async () => {
  const world = new World();
  const met: BgpPeer[] = [];
  const router = await world.router({
    listen: {
      dynamic: [
        {
          prefix: '192.0.2.0/24',
          options: { asn: 'external' },
          maxPeers: 2,
          onPeer(peer) {
            met.push(peer);
            void peer.routes.set([{ prefix: '198.51.100.0/24' }]);
          },
        },
      ],
    },
  });
  const nodes = await Promise.all(
    ['192.0.2.11', '192.0.2.12', '192.0.2.13', '203.0.113.5'].map((address) =>
      world.speaker(world.network.host(`${address}/24`), { asn: NODE_ASN, routerId: address }),
    ),
  );
  const peers = nodes.map((node) => node.addPeer({ address: ROUTER, asn: ROUTER_ASN }));
  await world.clock.pass(100);
  expect(peers.map(({ status }) => status.state === 'Established')).toEqual([true, true, false, false]);
  expect(peers[0]?.status.counters.prefixesReceived).toBe(1);
  for (const refused of peers.slice(2)) expect(refused.status.lastError).toMatch(/Connection Rejected/u);
  expect(router.peers.map(({ address }) => address)).toEqual(['192.0.2.11', '192.0.2.12']);
  expect(met.map(({ name }) => name)).toEqual(['192.0.2.11', '192.0.2.12']);
  const events = met[0]?.events();
  const closed = nodes[0]?.close();
  await world.clock.pass(200);
  await closed;
  expect(router.peers.map(({ address }) => address)).toEqual(['192.0.2.12']);
  const seen: string[] = [];
  for await (const { type } of events ?? []) seen.push(type);
  expect(seen).toEqual(expect.arrayContaining(['down', 'stateChanged']));
  await world.clock.pass(200_000); // there is room for the third now
  expect(peers[2]?.status.state).toBe('Established');
  expect(world.errors).toEqual([]);
});

test('a speaker that listens has one peer of the same ends; one that does not may have several', async () => {
  const world = new World();
  const router = await world.router();
  router.addPeer({ address: NODE, asn: NODE_ASN });
  for (const options of [{}, { address: `::ffff:${NODE}` }]) {
    expect(() => router.addPeer({ address: NODE, asn: NODE_ASN, ...options })).toThrow(
      expect.objectContaining({ code: 'ERR_BGP_PEER_EXISTS' }),
    );
  }
  expect(router.addPeer({ address: NODE, asn: NODE_ASN, port: 1_179 }).status.state).not.toBe('Established');
  const node = await world.node();
  node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  node.addPeer({ address: ROUTER, asn: ROUTER_ASN, localAsn: 64_501 });
  expect(node.peers).toHaveLength(2);
  for (const speaker of [router, node]) await speaker.close({ reason: 'abandon' });
});

test('who was a peer once is a stranger now', async () => {
  const world = new World();
  const router = await world.router();
  const seen = router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(100);
  const closing = seen.close({ reason: 'deconfigured' });
  await world.clock.pass(100);
  await closing;
  expect(peer.status.lastError).toMatch(/Peer De-configured .*: the address 192\.0\.2\.9 is no peer there any more/u);
  await world.clock.pass(60_000);
  expect(peer.status.lastError).toMatch(/Connection Rejected/u);
});

test('a port where it cannot be listened is told at once', async () => {
  const world = new World();
  const transport = Object.assign(Object.create(world.network.host(`${ROUTER}/24`)), {
    listen: () => Promise.reject(Object.assign(new Error('listen EACCES'), { code: 'EACCES' })),
  });
  await expect(world.speaker(transport, { listen: {} })).rejects.toMatchObject({ code: 'EACCES' });
});
