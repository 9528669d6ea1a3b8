import { connect, type Socket } from 'node:net';
import {
  encodeMessage,
  encodeStreamMessage,
  type MemberState,
  type PacketMessage,
  type StreamMessage,
} from '@steelyard/memberlist';
import type { MemberlistStatistics } from '@steelyard/memberlist/node';
import { waitUntil } from '@steelyard/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MemberHost, startHost } from './member-host.ts';
import { codecOf, converse, exchange, messagesIn, openStranger, packet, readAnswer, type Target } from './stranger.ts';

const KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const keyed = codecOf([KEY]);
const wrong = codecOf([KEY.replaceAll('0', '9')]);
const plain = codecOf();
const VERSIONS = Uint8Array.of(1, 5, 2, 0, 0, 0);
/** Beside what it had before. V8 by itself frees what lies outside its heap when that has grown by 64 MiB, and not before. */
const GROWTH_MIB = 48;

const record = (node: string, index: number, meta = new Uint8Array()): MemberState => ({
  node,
  address: Uint8Array.of(127, 200, (index >> 8) & 0xff, index & 0xff),
  port: 7946,
  incarnation: 1,
  meta,
  versions: VERSIONS,
  status: 'alive',
});
const aliveOf = (state: MemberState): PacketMessage => {
  const { status: _, ...rest } = state;
  return { type: 'alive', ...rest };
};

describe('what strangers send', () => {
  let host: MemberHost;
  let open: Target;
  let sealed: Target;
  let before: { rssMib: number };

  beforeAll(async () => {
    host = await startHost(undefined);
    before = (await host.order('figures')) as typeof before;
  });
  beforeEach(async () => {
    const address = '127.0.0.1';
    open = {
      address,
      port: (await host.start({ name: 'open', address, port: 0, override: { maxMembers: 1_000 } })).port,
    };
    sealed = { address, port: (await host.start({ name: 'sealed', address, port: 0, keys: [KEY] })).port };
  });
  afterEach(async () => {
    // It lives, it answers, it is not swollen, and it has not said much.
    const alive = [await ask(open, plain), await ask(sealed, keyed)];
    const after = (await host.order('figures')) as typeof before;
    const events = [...host.events];
    await host.reset();
    expect(alive).toMatchObject([{ type: 'ack' }, { type: 'ack' }]);
    expect(after.rssMib - before.rssMib).toBeLessThan(GROWTH_MIB);
    expect(events.filter(({ event }) => event === 'error')).toEqual([]);
    expect(events.filter(({ event }) => event === 'notice').length).toBeLessThan(20);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const ask = (target: Target, codec: typeof plain): Promise<StreamMessage | undefined> =>
    converse({ type: 'ping', sequence: 3, node: '' }, target, codec);
  const statistics = (name: string): Promise<MemberlistStatistics> =>
    host.order('statistics', { name }) as Promise<MemberlistStatistics>;
  const warnings = (): unknown[] =>
    host.events
      .filter(({ event, level }) => event === 'notice' && level === 'warn')
      .map(({ observer, line, fields }) => ({ observer, line, ...fields }));

  /** Sends many packets, not faster than they are read. */
  async function flood(to: Target, name: string, packets: Iterable<Uint8Array>): Promise<void> {
    await using stranger = await openStranger();
    let sent = (await statistics(name)).packetsReceived;
    for (const octets of packets) {
      stranger.send(octets, to);
      sent += 1;
      if (sent % 50 !== 0) continue;
      await stranger.sent();
      await waitUntil('them to be read', async () => (await statistics(name)).packetsReceived >= sent, {
        intervalMs: 2,
      });
    }
    await waitUntil('all to be read', async () => (await statistics(name)).packetsReceived >= sent);
  }
  const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

  test.for<[what: string, octets: (index: number) => Uint8Array, code: string]>([
    [
      'a wrong key',
      (i) => packet([{ type: 'ping', sequence: i, node: '' }], wrong),
      'ERR_MEMBERLIST_DECRYPTION_FAILED',
    ],
    [
      'noise',
      (i) => Uint8Array.from({ length: 60 }, (_, at) => (at === 0 ? 1 : (i * 31 + at * 7) & 0xff)),
      'ERR_MEMBERLIST_DECRYPTION_FAILED',
    ],
    ['too little', () => Uint8Array.of(1, 2, 3), 'ERR_MEMBERLIST_TRUNCATED'],
  ])('with %s, are refused, and it is said once', async ([, octets, code]) => {
    await flood(sealed, 'sealed', times(500, octets));
    expect((await statistics('sealed')).packetsRefused).toEqual({ [code]: 500 });
    expect(warnings()).toEqual([
      { observer: 'sealed', line: 'refused a packet', source: '127.0.0.1', code, because: expect.any(String) },
    ]);
  });

  test('replays of what a member said change nothing', async () => {
    const dead: PacketMessage = { type: 'dead', node: 'gone', from: 'x', incarnation: 1 };
    const recorded = packet([aliveOf(record('gone', 1)), dead], keyed);
    await flood(
      sealed,
      'sealed',
      times(500, () => recorded),
    );
    expect((await host.members('sealed')).map(({ name }) => name)).toEqual(['sealed']);
    expect((await statistics('sealed')).membersKnown).toBeLessThanOrEqual(2);
  });

  test('ten thousand members that are none do not fit into a table of one thousand', async () => {
    const names = times(10_000, (i) => record(`fake-${i}`, i));
    const packets = times(500, (i) => packet(names.slice(i * 20, i * 20 + 20).map(aliveOf), plain));
    await flood(open, 'open', packets);
    const { membersKnown } = await statistics('open');
    expect(membersKnown).toBe(1_000);
    const reply = await converse(
      { type: 'pushPull', join: true, states: names.slice(0, 2_000), userState: new Uint8Array() },
      open,
      plain,
    );
    expect(reply).toMatchObject({ type: 'pushPull' });
    expect((await statistics('open')).membersKnown).toBe(1_000);
  });

  test('more members in one exchange than the table could ever hold are refused', async () => {
    const states = times(10_000, (i) => record(`fake-${i}`, i));
    const pushPull: StreamMessage = { type: 'pushPull', join: true, states, userState: new Uint8Array() };
    expect(await converse(pushPull, open, plain)).toMatchObject({ type: 'error' });
    expect((await statistics('open')).membersKnown).toBe(1);
  });

  test('names of 64 KB, meta of 64 KB, addresses of 7 octets', async () => {
    const long = 'n'.repeat(60_000);
    const strange = [
      record(long, 1),
      record('meta', 2, new Uint8Array(60_000)),
      { ...record('address', 3), address: new Uint8Array(7) },
      { ...record('versions', 4), versions: Uint8Array.of(9) },
      { ...record('ipv6', 5), address: new Uint8Array(16).fill(1) },
      { ...record('port', 6), port: 0 },
      { ...record('broadcast', 7), address: new Uint8Array(4).fill(255) },
    ];
    await flood(
      open,
      'open',
      strange.map((state) => packet([aliveOf(state)], plain)),
    );
    await converse({ type: 'pushPull', join: true, states: strange, userState: new Uint8Array() }, open, plain);
    const known = (await host.members('open')).map(({ name, meta }) => name.length + meta.length);
    expect(Math.max(...known)).toBeLessThanOrEqual(9 + 512);
    const named: PacketMessage[] = [
      { type: 'ping', sequence: 1, node: long },
      { type: 'suspect', node: 'open', from: long, incarnation: 0 },
      { type: 'dead', node: long, from: long.slice(0, 2_000), incarnation: 1 },
    ];
    await flood(
      open,
      'open',
      named.map((message) => packet([message], plain)),
    );
    expect((await host.members('open')).map(({ name }) => name)).not.toContain(long);
  });

  test('bombs of compression and of compounds', async () => {
    const zeros = encodeMessage({ type: 'user', payload: new Uint8Array(60_000) });
    const bomb = packet([{ type: 'user', payload: new Uint8Array(60_000) }], { ...plain, compress: true });
    expect(bomb.length).toBeLessThan(zeros.length / 50);
    const compound = (parts: readonly Uint8Array[]): Uint8Array =>
      Buffer.concat([
        Uint8Array.of(7, parts.length),
        ...parts.map(({ length }) => Uint8Array.of(length >> 8, length & 0xff)),
        ...parts,
      ]);
    const bombs = compound(times(40, () => bomb));
    const empties = compound(times(255, () => compound(times(60, () => Uint8Array.of()))));
    const deep = times(50, (i) => i).reduce<Uint8Array>((inner) => compound([inner]), Uint8Array.of(0));
    await flood(
      open,
      'open',
      times(20, (i) => [bombs, empties, deep][i % 3] ?? deep),
    );
    const { packetsRefused } = await statistics('open');
    expect(packetsRefused['ERR_MEMBERLIST_LIMIT_EXCEEDED']).toBe(20);
  });

  test('a member that has our name is contradicted, and told of once with its address', async () => {
    await using stranger = await openStranger();
    for (const incarnation of [5, 500_000_000, 4_000_000_000])
      stranger.send(packet([aliveOf({ ...record('open', 7), incarnation })], plain), open);
    for (let i = 0; i < 300; i += 1)
      stranger.send(packet([aliveOf({ ...record('open', i), incarnation: i })], plain), open);
    await stranger.sent();
    await waitUntil('them to be read', async () => (await statistics('open')).packetsReceived >= 303);
    expect(await host.members('open')).toMatchObject([
      { name: 'open', address: '127.0.0.1', port: open.port, status: 'alive' },
    ]);
    expect(host.events.filter(({ event }) => event === 'conflict').length).toBeLessThan(20);
    expect(host.events.some(({ event }) => event === 'conflict')).toBe(true);
  });

  test('accusations of ourselves are contradicted', async () => {
    await using stranger = await openStranger();
    for (const type of ['suspect', 'dead'] as const)
      stranger.send(packet([{ type, node: 'open', from: 'x', incarnation: 4_000_000_000 }], plain), open);
    stranger.send(packet([{ type: 'ping', sequence: 1, node: '' }], plain), open);
    await waitUntil('the answer', () => stranger.received.length > 0);
    expect(messagesIn(stranger.received, plain).map(({ type }) => type)).toContain('ack');
    expect(await host.members('open')).toMatchObject([{ name: 'open', status: 'alive' }]);
  });

  test('a thousand connections that say nothing do not keep a member out', async () => {
    const sockets: Socket[] = [];
    for (let i = 0; i < 1_000; i += 1) {
      const socket = connect({ host: open.address, port: open.port });
      socket.on('error', () => {});
      socket.on('connect', () => socket.write('x'.repeat(i % 3)));
      sockets.push(socket);
    }
    await waitUntil('them to be accepted', async () => (await statistics('open')).connectionsAccepted >= 1_000);
    const { connectionsOpen } = await statistics('open');
    expect(connectionsOpen).toBeLessThanOrEqual(128);
    const pushPull: StreamMessage = { type: 'pushPull', join: false, states: [], userState: new Uint8Array() };
    expect(await converse(pushPull, open, plain)).toMatchObject({ type: 'pushPull' });
    for (const socket of sockets) socket.destroy();
    await waitUntil('them to be gone', async () => (await statistics('open')).connectionsOpen === 0);
  });

  test('frames that announce 20 MiB and never end are held up to a bound', async () => {
    const sockets = times(12, () => connect({ host: sealed.address, port: sealed.port, localAddress: '127.0.0.9' }));
    const megabyte = new Uint8Array(1 << 20);
    for (const socket of sockets) {
      socket.on('error', () => {});
      socket.write(Uint8Array.of(10, 1, 0x3f, 0, 0));
      for (let i = 0; i < 4; i += 1) socket.write(megabyte);
    }
    await waitUntil('one of them to be refused', async () => (await statistics('sealed')).connectionsRefused > 0);
    expect((await statistics('sealed')).connectionOctetsHeld).toBeLessThanOrEqual(1 << 20);
    const pushPull: StreamMessage = { type: 'pushPull', join: false, states: [], userState: new Uint8Array() };
    expect(await converse(pushPull, sealed, keyed)).toMatchObject({ type: 'pushPull' });
    for (const socket of sockets) socket.destroy();
    await waitUntil('them to be gone', async () => (await statistics('sealed')).connectionsOpen === 0);
    expect((await statistics('sealed')).connectionOctetsHeld).toBe(0);
    expect(warnings()).toContainEqual(
      expect.objectContaining({ line: 'closed a connection that sends too much', source: '127.0.0.9' }),
    );
  });

  test('a flood of connections that all bring megabytes and never end is forgotten as it comes', async () => {
    const brought = new Uint8Array(3 << 20);
    const bring = async (): Promise<void> => {
      const socket = connect({ host: sealed.address, port: sealed.port });
      socket.on('error', () => {});
      socket.write(Uint8Array.of(10, 0, 0x3f, 0, 0));
      socket.write(brought);
      await new Promise((resolve) => socket.once('close', resolve));
    };
    for (let round = 0; round < 30; round += 1) await Promise.all(times(20, bring));
    expect((await statistics('sealed')).connectionsRefused).toBe(600);
    expect((await statistics('sealed')).connectionOctetsHeld).toBe(0);
  });

  test('by a connection: plain text, another key, garbage, a reset, a member in pieces', async () => {
    const ping: StreamMessage = { type: 'ping', sequence: 1, node: '' };
    const dialer = (codec: typeof plain) => ({ ...codec, role: 'dialer' as const });
    expect(readAnswer(await exchange(encodeStreamMessage(ping, dialer(plain)), sealed), keyed)).toMatchObject({
      type: 'error',
    });
    expect(readAnswer(await exchange(encodeStreamMessage(ping, dialer(wrong)), sealed), keyed)).toMatchObject({
      type: 'error',
    });
    expect(await exchange(Uint8Array.of(255, 254, 253), sealed)).toBeDefined();
    expect(await exchange(Uint8Array.of(10, 0xff, 0xff, 0xff, 0xff), sealed)).toBeDefined();
    const socket = connect({ host: sealed.address, port: sealed.port });
    socket.on('error', () => {});
    socket.write('x', () => socket.resetAndDestroy());
    const slow = connect({ host: sealed.address, port: sealed.port });
    for (const octet of encodeStreamMessage(ping, dialer(keyed))) slow.write(Uint8Array.of(octet));
    const answer = await new Promise<Uint8Array>((resolve) => slow.once('data', resolve));
    expect(readAnswer(answer, keyed)).toMatchObject({ type: 'ack' });
    slow.destroy();
    const said = warnings() as { line: string; source: string }[];
    expect(said.length).toBeGreaterThan(0);
    expect(said.every(({ source }) => source === '127.0.0.1')).toBe(true);
    expect(said.length).toBeLessThanOrEqual(3);
  });
});
