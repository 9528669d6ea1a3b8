import { describe, expect, test } from 'vitest';
import { checkMemberlistConfig } from './check.ts';
import type { MemberlistConfig } from './configuration.ts';
import { LAN_CONFIG, LOCAL_CONFIG, WAN_CONFIG } from './defaults.ts';

test('the library’s own configurations work', () => {
  for (const config of [LAN_CONFIG, WAN_CONFIG, LOCAL_CONFIG]) {
    expect(() => checkMemberlistConfig(config)).not.toThrow();
  }
});

describe('refuses what cannot work', () => {
  test.for<[change: Partial<MemberlistConfig>, message: string]>([
    [{ gossipNodes: 0 }, 'gossipNodes is 0: less than 1: nothing would be gossiped; the usual value is 3'],
    [{ gossipNodes: 1.5 }, 'gossipNodes is 1.5: not a whole number; the usual value is 3'],
    [{ gossipIntervalMs: Number.NaN }, 'gossipIntervalMs is NaN: not a finite number; the usual value is 200'],
    [{ probeIntervalMs: 0.1 }, 'probeIntervalMs is 0.1: less than 1: nobody would be probed'],
    [{ udpBufferSize: 70_000 }, 'udpBufferSize is 70000: more than 65507, which no datagram can carry'],
    [{ maxMembers: 0 }, 'maxMembers is 0: less than 1: the gossip would have no members'],
    [{ deadNodeReclaimTimeMs: -1 }, 'deadNodeReclaimTimeMs is -1: less than 0: it is a time'],
    [{ label: 'ä'.repeat(128) }, 'a label has at most 255 octets'],
  ])('%o', ([change, message]) => {
    expect(() => checkMemberlistConfig({ ...LAN_CONFIG, ...change })).toThrow(RangeError);
    expect(() => checkMemberlistConfig({ ...LAN_CONFIG, ...change })).toThrow(message);
  });
});

test.for<[name: keyof MemberlistConfig, lan: unknown, wan: unknown, local: unknown]>([
  ['tcpTimeoutMs', 10_000, 30_000, 1_000],
  ['indirectChecks', 3, 3, 1],
  ['retransmitMult', 4, 4, 2],
  ['suspicionMult', 4, 6, 3],
  ['suspicionMaxTimeoutMult', 6, 6, 6],
  ['pushPullIntervalMs', 30_000, 60_000, 15_000],
  ['probeIntervalMs', 1_000, 5_000, 1_000],
  ['probeTimeoutMs', 500, 3_000, 200],
  ['disableTcpPings', false, false, false],
  ['awarenessMaxMultiplier', 8, 8, 8],
  ['gossipIntervalMs', 200, 500, 100],
  ['gossipNodes', 3, 4, 3],
  ['gossipToTheDeadTimeMs', 30_000, 60_000, 15_000],
  ['gossipVerifyIncoming', true, true, true],
  ['gossipVerifyOutgoing', true, true, true],
  ['enableCompression', true, true, true],
  ['udpBufferSize', 1_400, 1_400, 1_400],
  ['deadNodeReclaimTimeMs', 0, 0, 0],
  ['label', '', '', ''],
])('%s is that of hashicorp/memberlist', ([name, lan, wan, local]) => {
  expect([LAN_CONFIG[name], WAN_CONFIG[name], LOCAL_CONFIG[name]]).toEqual([lan, wan, local]);
});
