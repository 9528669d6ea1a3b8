import { readFile } from 'node:fs/promises';
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

/** The timer of each established connection from there, as /proc/net/tcp has it: 2 for SO_KEEPALIVE. */
async function timersOf(hexadecimalAddress: string): Promise<readonly number[]> {
  const [, ...lines] = (await readFile('/proc/net/tcp', 'utf8')).trim().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/u))
    .filter(([, local, , state]) => local?.startsWith(`${hexadecimalAddress}:`) === true && state === '01')
    .map(([, , , , , timer]) => Number.parseInt(timer ?? '', 16));
}

test.for([
  [0, 2],
  [90, 0],
] as const)(
  'with a hold time of %i s the kernel has timer %i',
  { timeout: 60_000 },
  async ([holdTimeSeconds, timer]) => {
    await using router = await openBgpSpeaker({
      asn: 64_496,
      routerId: '127.94.8.3',
      listen: { address: '127.94.8.3', port: 0 },
    });
    router.addPeer({ address: '127.94.8.4', asn: 64_500, passive: true });
    await using node = await openBgpSpeaker({ asn: 64_500, routerId: '127.94.8.4' });
    const peer = node.addPeer({
      address: '127.94.8.3',
      port: router.listeningPort,
      asn: 64_496,
      sourceAddress: '127.94.8.4',
      holdTimeSeconds,
    });
    await expect.poll(() => peer.status.state, wait).toBe('Established');
    await expect.poll(() => timersOf('04085E7F'), wait).toEqual([timer]);
    await expect.poll(() => timersOf('03085E7F'), wait).toEqual([timer]);
  },
);

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
