import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LAN_CONFIG } from './defaults.ts';
import { parseMetalLbMemberlistConfig } from './metallb-file.ts';

const FILE = {
  TCPTimeout: '5s',
  IndirectChecks: 2,
  RetransmitMult: 5,
  SuspicionMult: 3,
  SuspicionMaxTimeoutMult: 4,
  PushPullInterval: '1m30s',
  ProbeTimeout: '100ms',
  ProbeInterval: '200ms',
  DisableTcpPings: true,
  AwarenessMaxMultiplier: 6,
  GossipNodes: 7,
  GossipInterval: '50ms',
  GossipToTheDeadTime: '20s',
  GossipVerifyIncoming: true,
  GossipVerifyOutgoing: true,
  EnableCompression: true,
  HandoffQueueDepth: 2048,
  UDPBufferSize: 1200,
  QueueCheckInterval: '15s',
};

const parse = (file: unknown): ReturnType<typeof parseMetalLbMemberlistConfig> =>
  parseMetalLbMemberlistConfig(JSON.stringify(file));
const without = (...keys: string[]): object =>
  Object.fromEntries(Object.entries(FILE).filter(([key]) => !keys.includes(key)));
const refusal = (file: unknown): string => {
  const outcome = parse(file);
  return outcome.ok ? 'accepted' : outcome.failure.message;
};

test('every key of the file is read, on top of the LAN’s values', () => {
  expect(parse(FILE)).toEqual({
    ok: true,
    config: {
      ...LAN_CONFIG,
      tcpTimeoutMs: 5_000,
      indirectChecks: 2,
      retransmitMult: 5,
      suspicionMult: 3,
      suspicionMaxTimeoutMult: 4,
      pushPullIntervalMs: 90_000,
      probeTimeoutMs: 100,
      probeIntervalMs: 200,
      disableTcpPings: true,
      awarenessMaxMultiplier: 6,
      gossipNodes: 7,
      gossipIntervalMs: 50,
      gossipToTheDeadTimeMs: 20_000,
      udpBufferSize: 1_200,
    },
    warnings: [],
  });
});

describe('as MetalLB reads it', () => {
  test.for(
    ['TCPTimeout', 'PushPullInterval', 'ProbeTimeout', 'ProbeInterval', 'GossipInterval'].concat([
      'GossipToTheDeadTime',
      'QueueCheckInterval',
    ]),
  )('%s must be there', (key) => {
    expect(refusal(without(key))).toBe(`parsing ${key} "" in memberlist config file: time: invalid duration ""`);
  });

  test('a duration without a unit is refused in Go’s words', () => {
    expect(refusal({ ...FILE, ProbeInterval: '5' })).toBe(
      'parsing ProbeInterval "5" in memberlist config file: time: missing unit in duration "5"',
    );
  });

  test('of two bad durations the one that it reads first is told', () => {
    expect(refusal({ ...FILE, GossipInterval: 'x', TCPTimeout: 'x' })).toContain('parsing TCPTimeout');
  });

  test('a missing number is 0, a missing boolean false, and both are told', () => {
    const keys = ['IndirectChecks', 'RetransmitMult', 'DisableTcpPings', 'EnableCompression', 'GossipVerifyIncoming'];
    expect(parse(without(...keys))).toMatchObject({
      ok: true,
      config: {
        indirectChecks: 0,
        retransmitMult: 0,
        disableTcpPings: false,
        enableCompression: false,
        gossipVerifyIncoming: false,
      },
      warnings: [
        'IndirectChecks is missing, which means 0',
        'RetransmitMult is missing, which means 0',
        'DisableTcpPings is missing, which means false',
        'GossipVerifyIncoming is missing, which means false',
        'EnableCompression is missing, which means false',
        'GossipVerifyIncoming is false: also what is not encrypted is believed',
      ],
    });
  });

  test('keys may be written in any case, null is nothing, and unknown keys are passed over', () => {
    const { GossipNodes, ...others } = FILE;
    const file = { ...others, gossipnodes: GossipNodes, TCPTimeout: '5s', tcptimeout: null, Comment: 'x' };
    expect(parse(file)).toMatchObject({
      ok: true,
      config: { gossipNodes: 7, tcpTimeoutMs: 5_000 },
      warnings: ['"Comment" is no key of the memberlist config file'],
    });
  });

  test('less than no time means never', () => {
    expect(parse({ ...FILE, PushPullInterval: '-1s', GossipToTheDeadTime: '-1s' })).toMatchObject({
      ok: true,
      config: { pushPullIntervalMs: 0, gossipToTheDeadTimeMs: 0 },
    });
  });

  test('a packet larger than any datagram is as large as a datagram', () => {
    expect(parse({ ...FILE, UDPBufferSize: 70_000 })).toMatchObject({
      ok: true,
      config: { udpBufferSize: 65_507 },
      warnings: ['UDPBufferSize is 70000, of which a datagram holds 65507'],
    });
  });

  test.for<[name: string, text: string]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['an array', '[]'],
    ['null', 'null'],
    ['something after it', '{} {}'],
  ])('%s is refused', ([, text]) => {
    expect(parseMetalLbMemberlistConfig(text)).toMatchObject({
      ok: false,
      failure: {
        code: 'ERR_MEMBERLIST_CONFIG_INVALID',
        message: expect.stringMatching(/^parsing memberlist config file: ./),
      },
    });
  });

  test.for<[key: string, value: unknown, found: string]>([
    ['GossipNodes', '3', 'GossipNodes is "3", not an integer'],
    ['GossipNodes', 3.5, 'GossipNodes is 3.5, not an integer'],
    ['GossipNodes', 1e300, 'GossipNodes is 1e+300, not an integer'],
    ['EnableCompression', 1, 'EnableCompression is 1, not true or false'],
    ['ProbeInterval', 1000, 'ProbeInterval is 1000, not a string with a duration, such as "200ms"'],
  ])('%s: %j is refused', ([key, value, found]) => {
    expect(refusal({ ...FILE, [key]: value })).toBe(`parsing memberlist config file: ${found}`);
  });
});

describe('what would silence the gossip is refused, with the key, the value and a remedy', () => {
  test.for<[key: string, value: unknown, message: string]>([
    [
      'HandoffQueueDepth',
      undefined,
      'HandoffQueueDepth is 0 in memberlist config file: less than 1: all gossip would be dropped; the usual value is 1024',
    ],
    [
      'GossipNodes',
      undefined,
      'GossipNodes is 0 in memberlist config file: less than 1: nothing would be gossiped; the usual value is 3',
    ],
    [
      'UDPBufferSize',
      undefined,
      'UDPBufferSize is 0 in memberlist config file: less than 128: what is to be gossiped would fit into no packet; the usual value is 1400',
    ],
    [
      'SuspicionMult',
      0,
      'SuspicionMult is 0 in memberlist config file: less than 1: a suspect would be declared dead at once, before it could contradict; the usual value is 4',
    ],
    [
      'SuspicionMaxTimeoutMult',
      0,
      'SuspicionMaxTimeoutMult is 0 in memberlist config file: less than 1: a suspect would be declared dead at once, before it could contradict; the usual value is 6',
    ],
    [
      'AwarenessMaxMultiplier',
      0,
      'AwarenessMaxMultiplier is 0 in memberlist config file: less than 1: every probe would end at once, and find a failure; the usual value is 8',
    ],
    [
      'GossipInterval',
      '0s',
      'GossipInterval is 0 ms in memberlist config file: less than 1: nothing would be gossiped; the usual value is 200 ms',
    ],
    [
      'ProbeInterval',
      '-1s',
      'ProbeInterval is -1000 ms in memberlist config file: less than 1: nobody would be probed, and no failure found; the usual value is 1000 ms',
    ],
    [
      'ProbeTimeout',
      '0',
      'ProbeTimeout is 0 ms in memberlist config file: less than 1: every probe would fail before its answer could come; the usual value is 500 ms',
    ],
    [
      'TCPTimeout',
      '0s',
      'TCPTimeout is 0 ms in memberlist config file: less than 1: every TCP exchange would fail at once, and nobody could join; the usual value is 10000 ms',
    ],
    [
      'IndirectChecks',
      -1,
      'IndirectChecks is -1 in memberlist config file: less than 0: it is a number of members; the usual value is 3',
    ],
  ])('%s: %j', ([key, value, message]) => {
    expect(refusal({ ...FILE, [key]: value })).toBe(message);
  });
});

test('whatever the file says, it gives a configuration that works, or a value', () => {
  const value = fc.oneof(fc.constantFrom('1s', '0s', 'x', '-1h', '1ns'), fc.integer(), fc.boolean(), fc.anything());
  const changes = fc.dictionary(fc.constantFrom(...Object.keys(FILE)), value, { maxKeys: 4 });
  void fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        changes.map((changed) => JSON.stringify({ ...FILE, ...changed }, plain)),
      ),
      (text) => {
        const outcome = parseMetalLbMemberlistConfig(text);
        if (outcome.ok) expect(outcome.config.gossipNodes).toBeGreaterThanOrEqual(1);
        else expect(outcome.failure.message.length).toBeGreaterThan(0);
      },
    ),
  );
});

/** JSON knows no bigint. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}
