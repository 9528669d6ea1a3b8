import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@steelyard/daemon';
import { LAN_CONFIG, WAN_CONFIG } from '@steelyard/memberlist';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type MemberlistFlags, type MemberlistSettings, readMemberlistSettings } from './memberlist-settings.ts';

const FILE = {
  TCPTimeout: '10s',
  IndirectChecks: 3,
  RetransmitMult: 4,
  SuspicionMult: 3,
  SuspicionMaxTimeoutMult: 6,
  PushPullInterval: '30s',
  ProbeTimeout: '300ms',
  ProbeInterval: '700ms',
  DisableTcpPings: false,
  AwarenessMaxMultiplier: 8,
  GossipNodes: 3,
  GossipInterval: '200ms',
  GossipToTheDeadTime: '30s',
  GossipVerifyIncoming: true,
  GossipVerifyOutgoing: true,
  EnableCompression: true,
  HandoffQueueDepth: 1024,
  UDPBufferSize: 1400,
  QueueCheckInterval: '30s',
};

let directory: string;
let lines: Record<string, unknown>[];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'steelyard-memberlist-'));
});
beforeEach(() => {
  lines = [];
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function read(flags: Partial<MemberlistFlags>): MemberlistSettings {
  const logger = createLogger({ level: 'all', write: (line) => lines.push(JSON.parse(line)) });
  const configPath = join(directory, 'none', 'config.json');
  return readMemberlistSettings(
    { bindAddress: '192.0.2.11', labels: 'app=metallb', wan: false, configPath, ...flags },
    logger,
  );
}

function fileWith(text: string): string {
  const path = join(directory, 'config.json');
  writeFileSync(path, text);
  return path;
}

test('without a file it is the timing of local networks, or that of wide-area ones', () => {
  expect(read({})).toEqual({ enabled: true, config: LAN_CONFIG, source: 'lan' });
  expect(read({ wan: true })).toEqual({ enabled: true, config: WAN_CONFIG, source: 'wan' });
  expect(lines).toEqual([]);
});

test('a file outranks the flag', () => {
  expect(read({ wan: true, configPath: fileWith(JSON.stringify(FILE)) })).toEqual({
    enabled: true,
    config: { ...LAN_CONFIG, suspicionMult: 3, probeTimeoutMs: 300, probeIntervalMs: 700 },
    source: 'file',
  });
  expect(lines).toMatchObject([{ level: 'info', msg: 'loading memberlist config from file' }]);
});

test.for<[what: string, text: string]>([
  ['no JSON', '{'],
  ['a duration missing', JSON.stringify({ ...FILE, ProbeInterval: undefined })],
  ['more than any configuration', ' '.repeat(70_000)],
])('a file with %s ends the start, and is named', ([, text]) => {
  expect(() => read({ configPath: fileWith(text) })).toThrow(/failed to load memberlist config .*config\.json: /);
});

test('a folder in the place of the file ends the start', () => {
  expect(() => read({ configPath: directory })).toThrow(/EISDIR/);
});

test.for([{ labels: '' }, { bindAddress: '' }])(
  'with %o there is no gossip, and it is said what that means',
  (flags) => {
    expect(read({ ...flags, configPath: fileWith('{') })).toEqual({ enabled: false });
    expect(lines.map(({ level, msg }) => `${level}: ${msg}`)).toEqual([
      'info: not starting fast dead node detection (memberlist), need ml-bindaddr / ml-labels config',
      'info: when memberlist is disabled, the speaker pods must run on all nodes',
    ]);
  },
);
