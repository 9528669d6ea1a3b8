import { crc32 } from 'node:zlib';
import { encodeMessage, encodePacket, type PacketMessage } from '@steelyard/memberlist';
import { waitUntil } from '@steelyard/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithJudge } from './describe-with-judge.ts';
import { type MemberHost, startHost } from './member-host.ts';
import { codecOf, converse, exchange, messagesIn, openStranger, packet, readAnswer, type Target } from './stranger.ts';

const KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const OTHER_KEY = KEY.replaceAll('0', '9');
const keyed = codecOf([KEY]);
const plain = codecOf();
const empty = new Uint8Array();

const ping = (sequence: number, node: string): PacketMessage => ({ type: 'ping', sequence, node });
const ack = (sequence: number): PacketMessage => ({ type: 'ack', sequence, payload: empty });
const user: PacketMessage = { type: 'user', payload: Buffer.from('hello') };

/** A ping with a field that nobody knows: a map of three whose keys are sorted, as go-msgpack writes it. */
const pingOfTheFuture = Buffer.concat([
  Buffer.from([0, 0x83, 0xa4]),
  Buffer.from('Node'),
  Buffer.from([0xa6]),
  Buffer.from('member'),
  Buffer.from([0xa5]),
  Buffer.from('SeqNo'),
  Buffer.from([7, 0xa6]),
  Buffer.from('Unkown'),
  Buffer.from([0x93, 1, 2, 0xc0]),
]);

const compoundOf = (...messages: PacketMessage[]): Uint8Array => encodePacket(messages.map(encodeMessage), plain);
const withBadChecksum = (): Uint8Array => {
  const octets = Uint8Array.from(encodePacket([encodeMessage(ping(7, 'member'))], { ...plain, checksum: true, crc32 }));
  octets[1] = (octets[1] ?? 0) ^ 0xff;
  return octets;
};

/** Packets to a member without a key, and what it says to them; the last question of each row is always answered. */
const PACKETS: readonly [what: string, packet: () => Uint8Array, answers: readonly PacketMessage[]][] = [
  ['a ping', () => packet([ping(7, 'member')], plain), [ack(7)]],
  ['a ping with a field that nobody knows', () => pingOfTheFuture, [ack(7)]],
  ['a ping for anybody', () => packet([ping(7, '')], plain), [ack(7)]],
  ['a ping for somebody else', () => packet([ping(7, 'other')], plain), []],
  ['a ping with a checksum', () => packet([ping(7, 'member')], { ...plain, checksum: true, crc32 }), [ack(7)]],
  ['a ping with a wrong checksum', withBadChecksum, []],
  ['a ping with a label', () => packet([ping(7, 'member')], { ...plain, label: 'blue' }), []],
  [
    'a compressed ping',
    () => packet([ping(7, 'member'), ping(7, 'x'.repeat(300))], { ...plain, compress: true }),
    [ack(7)],
  ],
  ['three pings in one', () => compoundOf(ping(7, 'member'), ping(8, ''), ping(9, 'member')), [ack(7), ack(8), ack(9)]],
  ['a user message', () => packet([user], plain), []],
  ['an answer that nobody asked for', () => packet([ack(1)], plain), []],
  ['an octet', () => Uint8Array.of(0), []],
  ['a type that is none', () => Uint8Array.of(99, 1, 2, 3), []],
  ['a compound that is cut off', () => compoundOf(ping(7, 'member'), ping(8, '')).subarray(0, -3), [ack(7)]],
  ['what is sealed', () => packet([ping(7, 'member')], keyed), []],
];

/** The same for a member with a key. */
const SEALED: readonly [what: string, packet: () => Uint8Array, answers: readonly PacketMessage[]][] = [
  ['a ping', () => packet([ping(7, 'keyed')], keyed), [ack(7)]],
  ['a ping padded as of old', () => packet([ping(7, 'keyed')], codecOf([KEY], { encryptionVersion: 0 })), [ack(7)]],
  ['a ping in the clear', () => packet([ping(7, 'keyed')], plain), []],
  ['a ping sealed with another key', () => packet([ping(7, 'keyed')], codecOf([OTHER_KEY])), []],
  [
    'a ping with a flipped bit',
    () => packet([ping(7, 'keyed')], keyed).map((octet, i) => (i === 20 ? octet ^ 1 : octet)),
    [],
  ],
  ['a sealed nothing', () => Uint8Array.from({ length: 29 }), []],
];

describeWithJudge('what a member says to a stranger', (judgePath) => {
  describe.each([
    ['Go’s', judgePath],
    ['ours', undefined],
  ])('%s', (_, path) => {
    let host: MemberHost;
    let target: Target;
    let keyedTarget: Target;

    beforeAll(async () => {
      host = await startHost(path);
      const address = '127.0.0.1';
      target = { address, port: (await host.start({ name: 'member', address, port: 0 })).port };
      keyedTarget = { address, port: (await host.start({ name: 'keyed', address, port: 0, keys: [KEY] })).port };
    });
    afterAll(() => host[Symbol.asyncDispose]());

    test.for(PACKETS)('%s', async ([, octets, answers]) => {
      await using stranger = await openStranger();
      stranger.send(octets(), target);
      stranger.send(packet([ping(1_000, 'member')], plain), target);
      const said = await waitUntil('the last answer', () => {
        const messages = messagesIn(stranger.received, plain);
        return messages.some((each) => each.type === 'ack' && each.sequence === 1_000) && messages;
      });
      // What is piggybacked tells of the member itself.
      expect(said.filter(({ type }) => type !== 'alive')).toEqual([...answers, ack(1_000)]);
    });

    test.for(SEALED)('with a key: %s', async ([, octets, answers]) => {
      await using stranger = await openStranger();
      stranger.send(octets(), keyedTarget);
      stranger.send(packet([ping(1_000, '')], keyed), keyedTarget);
      const said = await waitUntil('the last answer', () => {
        const messages = messagesIn(stranger.received, keyed);
        return messages.some((each) => each.type === 'ack' && each.sequence === 1_000) && messages;
      });
      expect(said.filter(({ type }) => type !== 'alive')).toEqual([...answers, ack(1_000)]);
      expect(messagesIn(stranger.received, plain)).toEqual([]);
    });

    test('an indirect ping of one who lives is passed on, and of one who does not is told', async () => {
      await using stranger = await openStranger();
      await using dead = await openStranger();
      const indirect = (sequence: number, port: number, node: string): PacketMessage => ({
        type: 'indirectPing',
        sequence,
        target: Uint8Array.of(127, 0, 0, 1),
        port,
        node,
        nack: true,
      });
      stranger.send(packet([indirect(71, target.port, 'member')], plain), target);
      stranger.send(packet([indirect(72, dead.port, 'nobody')], plain), target);
      const said = await waitUntil('both answers', () => {
        const answers = messagesIn(stranger.received, plain).filter(({ type }) => type === 'ack' || type === 'nack');
        return answers.length === 2 && answers;
      });
      expect(said).toEqual([ack(71), { type: 'nack', sequence: 72 }]);
      expect(messagesIn(dead.received, plain)).toMatchObject([{ type: 'ping', node: 'nobody', sourceNode: 'member' }]);
    });

    test('the answer goes where the ping says', async () => {
      await using stranger = await openStranger();
      await using elsewhere = await openStranger();
      const source = { sourceAddress: Uint8Array.of(127, 0, 0, 1), sourcePort: elsewhere.port, sourceNode: 'x' };
      stranger.send(packet([{ type: 'ping', sequence: 5, node: 'member', ...source }], plain), target);
      await waitUntil('the answer', () => elsewhere.received.length === 1);
      expect(messagesIn(elsewhere.received, plain)[0]).toEqual(ack(5));
      expect(stranger.received).toEqual([]);
    });

    test('a ping by a connection', async () => {
      for (const [to, codec, node] of [
        [target, plain, 'member'],
        [keyedTarget, keyed, 'keyed'],
      ] as const) {
        expect(await converse({ type: 'ping', sequence: 9, node }, to, codec)).toEqual(ack(9));
        expect(await converse({ type: 'ping', sequence: 9, node: 'other' }, to, codec)).toBeUndefined();
      }
    });

    test('a push/pull with user state has an answer without', async () => {
      const pushPull = {
        type: 'pushPull',
        join: false,
        states: [],
        userState: Buffer.from('some user state'),
      } as const;
      expect(await converse(pushPull, target, plain)).toEqual({
        type: 'pushPull',
        join: false,
        userState: empty,
        states: [
          expect.objectContaining({
            node: 'member',
            status: 'alive',
            port: target.port,
            address: Uint8Array.of(127, 0, 0, 1),
          }),
        ],
      });
      expect(await converse({ ...pushPull, join: true }, keyedTarget, keyed)).toMatchObject({
        join: true,
        states: [{ node: 'keyed' }],
      });
    });

    test('a connection in the clear to a member with a key is told so, sealed', async () => {
      const request = await exchange(Buffer.from(packet([ping(1, 'keyed')], plain)), keyedTarget);
      expect(readAnswer(request, keyed)).toMatchObject({ type: 'error' });
      expect(readAnswer(request, plain)).toBeUndefined();
    });

    test('a sealed connection to a member without a key is told so, in the clear', async () => {
      const sealed = await exchange(Uint8Array.of(10, 0, 0, 0, 40, ...Array.from({ length: 40 }, () => 1)), target);
      expect(readAnswer(sealed, plain)).toMatchObject({ type: 'error' });
    });

    test('a connection that only looks is ended in silence', async () => {
      const before = host.events.filter(({ event }) => event === 'notice' || event === 'log').length;
      expect(await exchange(empty, target, 200)).toEqual(Buffer.from([]));
      expect(host.events.filter(({ event }) => event === 'notice' || event === 'log').length).toBe(before);
    });
  });
});
