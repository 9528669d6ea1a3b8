import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { openBgpSpeaker } from './open-bgp-speaker.ts';

const wait = { timeout: 20_000 };

test('a session over TCP of this host: routes arrive, and are gone when the speaker is closed', {
  timeout: 60_000,
}, async () => {
  const prefixes = { announced: [] as string[], withdrawn: [] as string[] };
  await using router = await openBgpSpeaker({
    asn: 64_496,
    routerId: '127.94.8.1',
    listen: { address: '127.94.8.1', port: 0 },
  });
  const seen = router.addPeer({
    address: '127.94.8.9',
    asn: 64_500,
    passive: true,
    onUpdate({ announced, withdrawn }) {
      prefixes.announced.push(...announced.flatMap((each) => each.prefixes));
      prefixes.withdrawn.push(...withdrawn.flatMap((each) => each.prefixes));
    },
  });
  const node = await openBgpSpeaker({ asn: 64_500, routerId: '127.94.8.9' });
  const peer = node.addPeer({
    address: '127.94.8.1',
    port: router.listeningPort,
    asn: 64_496,
    sourceAddress: '127.94.8.9',
    ttl: 1,
    nextHop: { ipv4: '192.0.2.9' }, // 127.94.8.9 is none that a router takes
  });
  await peer.routes.set([{ prefix: '192.0.2.1/32' }]);
  await expect.poll(() => prefixes.announced, wait).toEqual(['192.0.2.1/32']);
  expect(peer.status).toMatchObject({ state: 'Established', localAddress: '127.94.8.9' });
  await node.close({ communication: 'goodbye' });
  await expect.poll(() => seen.status.lastError, wait).toMatch(/Administrative Shutdown.*goodbye/u);
  expect(prefixes.withdrawn).toEqual(['192.0.2.1/32']);
});

test('where nobody listens, the status says so', { timeout: 60_000 }, async () => {
  const server = createServer().listen(0, '127.94.8.2');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  await using speaker = await openBgpSpeaker({ asn: 64_500, routerId: '127.94.8.9' });
  const peer = speaker.addPeer({ address: '127.94.8.2', port, asn: 64_496 });
  await expect
    .poll(() => peer.status.lastError, wait)
    .toMatch(/^cannot connect to 127\.94\.8\.2:\d+ \(ECONNREFUSED\): no BGP daemon listens/u);
});

test('a source address that is none of this host is an attempt that failed', { timeout: 60_000 }, async () => {
  await using speaker = await openBgpSpeaker({ asn: 64_500, routerId: '127.94.8.9' });
  const peer = speaker.addPeer({ address: '127.94.8.2', asn: 64_496, sourceAddress: '192.0.2.77' });
  await expect.poll(() => peer.status.lastError, wait).toMatch(/EADDRNOTAVAIL.*does not have the source address/u);
});
