import { describe, expect, test } from 'vitest';
import type { PacketMessage } from '../../src/messages/message.ts';
import { alive, type Driver, driverWith, effectsOf, endpointOf, packets, queued, SELF } from './driver.ts';

const source = { sourceAddress: endpointOf(7).address, sourcePort: 7000, sourceNode: 'node-7' };
const theirs = { address: endpointOf(7).address, port: 7000 };

function quiet(count: number): Driver {
  const driver = driverWith(count, { gossipIntervalMs: 0, pushPullIntervalMs: 0, probeIntervalMs: 0, random: () => 0 });
  queued(driver);
  return driver;
}

describe('hashicorp/memberlist net.go, handlePing', () => {
  test.for([
    ['for us', SELF],
    ['for anyone', ''],
  ] as const)('a ping %s is answered where it says', ([, node]) => {
    const effects = quiet(0).receive({ type: 'ping', sequence: 42, node, ...source });
    expect(packets(effects)).toEqual([
      { to: theirs, checksum: false, messages: [{ type: 'ack', sequence: 42, payload: new Uint8Array() }] },
    ]);
  });

  test.for([
    ['no source', {}],
    ['no port', { ...source, sourcePort: 0 }],
    ['an address that is none', { ...source, sourceAddress: Uint8Array.of(1, 2, 3) }],
  ] as const)('with %s, it is answered where it came from', ([, where]) => {
    const effects = quiet(0).receive({ type: 'ping', sequence: 1, node: '', ...where }, endpointOf(9));
    expect(packets(effects).map(({ to }) => to)).toEqual([endpointOf(9)]);
  });

  test('a ping for somebody else is not', () => {
    expect(packets(quiet(0).receive({ type: 'ping', sequence: 1, node: 'node-1', ...source }))).toEqual([]);
  });

  test('the answer comes first in its packet, gossip as far as it fits after it', () => {
    const driver = driverWith(40, { gossipIntervalMs: 0, udpBufferSize: 400 });
    const effects = driver.receive({ type: 'ping', sequence: 1, node: SELF, ...source });
    const [packet] = packets(effects);
    expect(packet?.messages[0]?.type).toBe('ack');
    expect(packet?.messages.slice(1).every(({ type }) => type === 'alive')).toBe(true);
    expect(packet?.messages.length).toBeGreaterThan(3);
    // A compound's header, the length of each part, and what sealing adds.
    const [sent] = effectsOf(effects, 'sendPacket');
    expect(sent?.parts.reduce((sum, part) => sum + 2 + part.length, 2 + 29)).toBeLessThanOrEqual(400);
  });

  test('a member that is named as its address is known to understand checksums', () => {
    const driver = quiet(0);
    driver.receive(alive(7, { node: '192.0.2.7' }));
    queued(driver);
    const [packet] = packets(driver.receive({ type: 'ping', sequence: 1, node: SELF, ...source }));
    expect(packet?.checksum).toBe(true);
  });
});

describe('over TCP', () => {
  test('a ping is answered, one for another hung up on', () => {
    const driver = quiet(0);
    const ping = (node: string): readonly unknown[] =>
      driver
        .step({ type: 'streamPing', exchange: 5, message: { type: 'ping', sequence: 9, node } })
        .filter(({ type }) => type !== 'notice');
    expect(ping(SELF)).toEqual([{ type: 'answerStreamPing', exchange: 5, sequence: 9 }]);
    expect(ping('')).toEqual([{ type: 'answerStreamPing', exchange: 5, sequence: 9 }]);
    expect(ping('node-1')).toEqual([{ type: 'closeExchange', exchange: 5 }]);
  });
});

describe('hashicorp/memberlist net.go, handleIndirectPing', () => {
  function request(changes: object = {}): PacketMessage {
    return {
      type: 'indirectPing',
      sequence: 100,
      target: endpointOf(3).address,
      port: 7946,
      node: 'node-3',
      nack: true,
      ...source,
      ...changes,
    };
  }

  const ack = (sequence: number): PacketMessage => ({ type: 'ack', sequence, payload: new Uint8Array() });

  test('the target is pinged in our name, and its answer goes back with the number of the request', () => {
    const driver = quiet(0);
    expect(packets(driver.receive(request()))).toEqual([
      {
        to: endpointOf(3),
        checksum: false,
        messages: [
          {
            type: 'ping',
            sequence: 1,
            node: 'node-3',
            sourceAddress: driver.config.advertise.address,
            sourcePort: 7946,
            sourceNode: SELF,
          },
        ],
      },
    ]);
    driver.skip(300);
    expect(packets(driver.receive(ack(1)))).toEqual([{ to: theirs, checksum: false, messages: [ack(100)] }]);
    expect(driver.receive(ack(1))).toEqual([]);
    expect(packets(driver.advance(1_000))).toEqual([]);
  });

  test('a request without a port means ours', () => {
    expect(packets(quiet(0).receive(request({ port: 0 }))).map(({ to }) => to.port)).toEqual([7946]);
  });

  test('no answer in four fifths of the time-out is told, once', () => {
    const driver = quiet(0);
    driver.receive(request());
    expect(packets(driver.advance(399))).toEqual([]);
    expect(packets(driver.advance(1))).toEqual([
      { to: theirs, checksum: false, messages: [{ type: 'nack', sequence: 100 }] },
    ]);
    expect(packets(driver.advance(1_000))).toEqual([]);
    expect(driver.state().relays.size).toBe(0);
  });

  test('whoever does not ask for it is not told', () => {
    const driver = quiet(0);
    driver.receive(request({ nack: false }));
    expect(packets(driver.advance(1_000))).toEqual([]);
    expect(driver.state().relays.size).toBe(0);
  });

  test('an answer after that, but in time, still goes back; a later one does not', () => {
    const early = quiet(0);
    early.receive(request());
    early.advance(450);
    expect(packets(early.receive(ack(1))).map(({ messages }) => messages)).toEqual([[ack(100)]]);
    const late = quiet(0);
    late.receive(request());
    late.skip(501);
    expect(packets(late.receive(ack(1)))).toEqual([]);
  });

  test('who slept for too long tells nobody that the target failed', () => {
    const driver = quiet(0);
    driver.receive(request());
    driver.skip(5_000);
    expect(packets(driver.step({ type: 'wake' }))).toEqual([]);
    expect(driver.state().relays.size).toBe(0);
  });

  test('a target that is no address is not pinged', () => {
    expect(quiet(0).receive(request({ target: Uint8Array.of(1) }))).toEqual([]);
  });

  test('no more than 256 wait at one time', () => {
    const driver = quiet(0);
    for (let index = 0; index < 400; index += 1) driver.receive(request({ sequence: index }));
    expect(driver.state().relays.size).toBe(256);
    driver.advance(1_000);
    expect(driver.state().relays.size).toBe(0);
    expect(driver.state().deadlines.size()).toBe(0);
  });
});
