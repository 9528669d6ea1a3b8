import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { LOCAL_CONFIG } from '../../configuration/defaults.ts';
import { createGossipCodec, type GossipCodec } from '../codec.ts';
import type { MemberlistNotice } from '../notices.ts';
import { openMemberlist } from '../open-memberlist.ts';
import type { Memberlist } from '../options.ts';

const CONFIG = { ...LOCAL_CONFIG, tcpTimeoutMs: 200 };
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

async function open(notices: MemberlistNotice[] = []): Promise<Memberlist> {
  const memberlist = await openMemberlist({
    name: 'one',
    bindAddress: '127.0.0.1',
    bindPort: 0,
    config: CONFIG,
    onNotice: (notice) => notices.push(notice),
  });
  opened.push(memberlist);
  return memberlist;
}
function dial(port: number): Socket {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => {});
  return socket;
}
const codec = (): GossipCodec => createGossipCodec({ config: CONFIG, keys: [], keyHeard() {}, refusedPart() {} });
const ping = (): Uint8Array => codec().encodeStreamRequest({ type: 'ping', sequence: 1, node: 'one' });

test('whoever sends an octet now and then is closed in time, and told of', async () => {
  const notices: MemberlistNotice[] = [];
  const { advertised } = await open(notices);
  const socket = dial(advertised.port);
  const drops = ping().values();
  const drip = setInterval(() => socket.write(Uint8Array.of(drops.next().value ?? 0)), 20);
  await new Promise((resolve) => socket.once('close', resolve)); // `once` would reject with the error of the last write
  clearInterval(drip);
  expect(notices).toContainEqual({
    level: 'warn',
    message: 'closed a connection that took too long',
    fields: { source: '127.0.0.1' },
  });
});

test('who ends after the question still gets the answer; who asks twice gets one', async () => {
  const { advertised } = await open();
  for (const question of [[ping()], [ping(), ping()]]) {
    const socket = dial(advertised.port);
    for (const octets of question) socket.write(octets);
    socket.end();
    const read: Buffer[] = [];
    socket.on('data', (octets) => read.push(octets));
    await once(socket, 'close');
    const answer = codec().streamReplyReader().push(Buffer.concat(read));
    expect(answer).toMatchObject({ ok: true, value: { type: 'ack', sequence: 1 } });
  }
});

test.for<[what: string, serve: (socket: Socket) => void, reason: RegExp]>([
  ['says nothing', () => {}, /the answer took longer than 200 ms/],
  ['ends at once', (socket) => void socket.end(), /ended the connection without an answer|ECONNRESET/],
  ['resets', (socket) => void socket.resetAndDestroy(), /ECONNRESET|closed/],
  ['answers with garbage', (socket) => void socket.end(Uint8Array.of(99, 1, 2)), /ERR_MEMBERLIST/],
  [
    'refuses',
    (socket) => void socket.end(codec().encodeStreamReply({ type: 'error', error: 'not today' })),
    /refused: not today/,
  ],
  [
    'answers something else',
    (socket) => void socket.end(codec().encodeStreamReply({ type: 'ack', sequence: 1, payload: new Uint8Array() })),
    /answered with ack/,
  ],
])('a join with somebody who %s fails with the reason', async ([, serve, reason]) => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => serve(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({ close: () => server.close() });
  const address = `127.0.0.1:${(server.address() as { port: number }).port}`;
  const { joined, failures } = await (await open()).join([address]);
  expect(joined).toBe(0);
  expect(failures).toEqual([{ address, reason: expect.stringMatching(reason) }]);
});

test('more joins than connections at a time are all answered', async () => {
  const [one, two] = [await open(), await open()];
  const address = `127.0.0.1:${two.advertised.port}`;
  const { joined, failures } = await one.join(Array.from({ length: 300 }, () => address));
  expect(joined + failures.length).toBe(300);
  expect(joined).toBeGreaterThan(0);
});
