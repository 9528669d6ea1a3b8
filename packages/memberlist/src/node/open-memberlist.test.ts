import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { LOCAL_CONFIG } from '../configuration/defaults.ts';
import { formatEndpoint } from './endpoint.ts';
import { openMemberlist } from './open-memberlist.ts';
import type { Memberlist, MemberlistOptions } from './options.ts';

const opened: Memberlist[] = [];
afterEach(() => Promise.all(opened.splice(0).map((each) => each.close())));

async function open(options: Partial<MemberlistOptions> = {}): Promise<Memberlist> {
  const memberlist = await openMemberlist({
    name: 'one',
    bindAddress: '127.0.0.1',
    bindPort: 0,
    config: { ...LOCAL_CONFIG, gossipIntervalMs: 20 },
    ...options,
  });
  opened.push(memberlist);
  return memberlist;
}
const names = (memberlist: Memberlist): string[] =>
  memberlist
    .members()
    .map(({ node }) => node)
    .toSorted();

test.for<[what: string, options: Partial<MemberlistOptions>, error: string | RegExp]>([
  ['no address', { bindAddress: 'localhost' }, /not an IP address: "localhost"/],
  ['no name', { name: '' }, /a name has/],
  ['a key of 5 octets', { keys: [new Uint8Array(5)] }, /16, 24 or 32 octets/],
  ['meta of 513 octets', { meta: new Uint8Array(513) }, /512 octets/],
  ['an interval of nothing', { config: { ...LOCAL_CONFIG, probeIntervalMs: 0 } }, /probeIntervalMs/],
  ['an incarnation of 0', { initialIncarnation: 0 }, /incarnation/],
  [
    'an address of another host',
    { bindAddress: '192.0.2.1' },
    /192\.0\.2\.1:0 \(EADDRNOTAVAIL\): .*bind to one that it has/,
  ],
])('%s: is refused, and nothing stays open', async ([, options, error]) => {
  await expect(open(options)).rejects.toThrow(error);
});

test('a port that is taken, of TCP or of UDP, is named with the remedy', async () => {
  const { port } = (await open()).advertised;
  await expect(open({ bindPort: port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringMatching(
      new RegExp(
        `^cannot listen on TCP 127\\.0\\.0\\.1:${port} \\(EADDRINUSE\\): another process listens there, .* choose another port`,
      ),
    ),
  });
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const taken = socket.address().port;
  await expect(open({ bindPort: taken })).rejects.toThrow(`cannot listen on UDP 127.0.0.1:${taken} (EADDRINUSE)`);
  socket.close();
});

test('an IPv6 address is bound and told', async () => {
  const one = await open({ bindAddress: '::1' });
  const two = await open({ bindAddress: '::1', name: 'two' });
  expect(await two.join([formatEndpoint(one.advertised)])).toEqual({ joined: 1, failures: [] });
  expect(names(two)).toEqual(['one', 'two']);
  expect(two.advertised.address.length).toBe(16);
});

test('an address that means all is not told to others', async () => {
  const all = await open({ bindAddress: '0.0.0.0', advertiseAddress: '127.0.0.1' });
  expect(formatEndpoint(all.advertised)).toBe(`127.0.0.1:${all.advertised.port}`);
});

test('joins go to all at the same time, and each failure has its reason', async () => {
  const [one, two] = [
    await open({ keys: [new Uint8Array(32)] }),
    await open({ name: 'two', keys: [new Uint8Array(32)] }),
  ];
  const stranger = await open({ name: 'stranger' });
  const closed = `127.0.0.1:${await freePort()}`;
  const { joined, failures } = await two.join([
    formatEndpoint(one.advertised),
    closed,
    '',
    'node-a',
    formatEndpoint(stranger.advertised),
  ]);
  expect(joined).toBe(1);
  expect(failures).toContainEqual({ address: '', reason: 'not an IP address' });
  expect(failures).toContainEqual({ address: 'node-a', reason: 'not an IP address' });
  expect(failures).toContainEqual({ address: closed, reason: expect.stringContaining('ECONNREFUSED') });
  expect(failures.length).toBe(4);
  expect(await two.join([])).toEqual({ joined: 0, failures: [] });
});

async function freePort(): Promise<number> {
  const member = await openMemberlist({ name: 'x', bindAddress: '127.0.0.1', bindPort: 0 });
  await member.close();
  return member.advertised.port;
}

test('a restarted member is believed at once, and a key is heard once', async () => {
  const keys = [new Uint8Array(32).fill(1), new Uint8Array(16).fill(2)];
  const heard: number[] = [];
  const joined: string[] = [];
  const one = await open({ keys, onKeyHeard: (index) => heard.push(index), onJoin: ({ node }) => joined.push(node) });
  for (let life = 0; life < 2; life += 1) {
    const two = await open({ name: 'two', keys: [...keys].reverse(), initialIncarnation: 1_000 + life });
    await two.join([formatEndpoint(one.advertised)]);
    await expect.poll(() => names(one)).toEqual(['one', 'two']);
    await two.leave(2_000);
    await expect.poll(() => names(one)).toEqual(['one']);
    await two.close();
  }
  expect(joined).toEqual(['one', 'two', 'two']);
  expect(heard).toEqual([1]);
  expect(one.statistics().keysHeard).toEqual([0, expect.any(Number)]);
  one.setKeys([...keys].reverse());
  expect(one.statistics().keysHeard).toEqual([0, 0]);
});

test('what callbacks throw is told and changes nothing; after the end nobody is called', async () => {
  const errors: string[] = [];
  const one = await open({
    onJoin: () => {
      throw new Error('a mistake');
    },
    onError: ({ message }) => {
      errors.push(message);
      throw new Error('another');
    },
  });
  expect([errors, names(one)]).toEqual([['a mistake'], ['one']]);
  const pending = one.join(['192.0.2.1']);
  await one.close();
  await one.close();
  expect(await pending).toEqual({
    joined: 0,
    failures: [{ address: '192.0.2.1', reason: 'the memberlist was closed' }],
  });
  await expect(one.join([])).rejects.toMatchObject({ code: 'ERR_MEMBERLIST_CLOSED' });
  await expect(one.leave(1)).rejects.toMatchObject({ code: 'ERR_MEMBERLIST_CLOSED' });
  expect(() => one.setKeys([])).toThrow('closed');
  expect(errors.length).toBe(1);
});

test('who knows nobody has left at once', async () => {
  const one = await open();
  await one.leave(60_000);
  expect(one.members()).toEqual([]);
});
