import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeKeepalive, encodeOpen } from '@steelyard/bgp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommand } from '../run-command.ts';

const KEEPALIVE = 'ffffffffffffffffffffffffffffffff001304';
/** A withdrawal of 192.0.2.1/32. */
const WITHDRAWAL = `${'ff'.repeat(16)}001c02000520c000020100 00`.replace(' ', '');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'steelyard-bgp-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function decode(args: readonly string[], input?: Uint8Array | string) {
  const texts = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({
    write(text: string, done: (error?: Error | null) => void) {
      texts[name] += text;
      done();
    },
  });
  async function* stdin() {
    if (input !== undefined) yield input;
  }
  const exitCode = await runCommand(['bgp', 'decode', ...args], {
    stdin: Object.assign(stdin(), { isTTY: input === undefined }),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: {},
  });
  return { exitCode, ...texts };
}

test.for([
  ['as it is', [KEEPALIVE], undefined],
  ['with colons', [KEEPALIVE.replaceAll(/(..)(?=.)/g, '$1:')], undefined],
  ['piped in', [], `${KEEPALIVE.replaceAll(/(.{16})/g, '$1\n')}\n`],
  ['as octets', ['-'], Buffer.from(KEEPALIVE, 'hex')],
] as const)('a message in hexadecimal is explained field by field: %s', async ([, args, input]) => {
  expect(await decode(args, input)).toEqual({
    exitCode: 0,
    stderr: '',
    stdout: `#1 KEEPALIVE, 19 octets
      0  Marker  all ones  ffffffffffffffff… (16)
     16  Length  19  0013
     18  Type    4 (KEEPALIVE)  04
`,
  });
});

test('messages that follow each other are each explained', async () => {
  const { stdout, exitCode } = await decode([KEEPALIVE + WITHDRAWAL + KEEPALIVE]);
  expect(stdout.split('\n').filter((line) => line.startsWith('#'))).toEqual([
    '#1 KEEPALIVE, 19 octets',
    '#2 UPDATE, 28 octets',
    '#3 KEEPALIVE, 19 octets',
  ]);
  expect(stdout).toContain('192.0.2.1/32');
  expect(exitCode).toBe(0);
});

test('what is wrong is shown where it is, and the exit code says so', async () => {
  const { stdout, exitCode } = await decode([KEEPALIVE.replace(/04$/, '09')]);
  expect(stdout).toMatch(/Type .*\n\s+\^ /);
  expect(exitCode).toBe(1);
});

test('for scripts there is a line of JSON for each message', async () => {
  const { stdout } = await decode(['--json', KEEPALIVE + KEEPALIVE]);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  expect(lines).toMatchObject([
    {
      number: 1,
      type: 'KEEPALIVE',
      octets: KEEPALIVE,
      fields: [{ name: 'Marker' }, { name: 'Length' }, { name: 'Type' }],
    },
    { number: 2 },
  ]);
});

test.for([
  ['nothing at all', [], undefined, 2],
  ['a file that is not there', ['nowhere.pcap'], undefined, 1],
  ['a port out of range', ['--port', '70000', KEEPALIVE], undefined, 2],
  ['no octets', ['-'], '', 1],
] as const)('says what is wrong with the call: %s', async ([, args, input, exitCode]) => {
  const outcome = await decode(args, input);
  expect(outcome.exitCode).toBe(exitCode);
  expect(outcome.stderr).not.toBe('');
});

/** Frames as `tcpdump` keeps them: Ethernet, IPv4, TCP. */
function capture(
  ...segments: readonly {
    readonly fromRouter: boolean;
    readonly sequence: number;
    readonly payload: Uint8Array;
    readonly syn?: boolean;
  }[]
): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20);
  const records = segments.map(({ fromRouter, sequence, payload, syn = false }) => {
    const frame = Buffer.alloc(14 + 20 + 20 + payload.length);
    frame.writeUInt16BE(0x0800, 12);
    frame[14] = 0x45;
    frame.writeUInt16BE(40 + payload.length, 16);
    frame[23] = 6;
    frame.set(fromRouter ? [192, 0, 2, 1, 192, 0, 2, 2] : [192, 0, 2, 2, 192, 0, 2, 1], 26);
    frame.writeUInt16BE(fromRouter ? 179 : 40_000, 34);
    frame.writeUInt16BE(fromRouter ? 40_000 : 179, 36);
    frame.writeUInt32BE(sequence, 38);
    frame[46] = 0x50;
    frame[47] = syn ? 0x02 : 0x18;
    frame.set(payload, 54);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return Buffer.concat([record, frame]);
  });
  return Buffer.concat([header, ...records]);
}

const open = (asn: number): Uint8Array =>
  encodeOpen({
    version: 4,
    myAutonomousSystem: asn,
    holdTimeSeconds: 90,
    bgpIdentifier: '192.0.2.1',
    capabilities: [{ type: 'multiprotocol', afi: 1, safi: 1 }],
  });

test('a capture is read in both directions, out of order, and by what its OPENs have agreed on', async () => {
  // Both without four-octet AS numbers: AS_PATH has two octets for each.
  const attributes = Buffer.from('4001010040020402 01fde9 400304c0000202'.replaceAll(' ', ''), 'hex');
  const nlri = Buffer.from('20c6336401', 'hex');
  const update = Buffer.concat([
    Buffer.alloc(16, 0xff),
    Buffer.from([0, 23 + attributes.length + nlri.length, 2, 0, 0, 0, attributes.length]),
    attributes,
    nlri,
  ]);
  const ours = Buffer.concat([open(65_001), encodeKeepalive(), update]);
  const cut = ours.length - 10;
  const file = join(folder, 'peer.pcap');
  const none = new Uint8Array();
  writeFileSync(
    file,
    capture(
      { fromRouter: false, sequence: 999, payload: none, syn: true },
      { fromRouter: true, sequence: 0xffff_fff0, payload: none, syn: true },
      { fromRouter: true, sequence: 0xffff_fff1, payload: open(65_000) },
      { fromRouter: false, sequence: 1_000 + cut, payload: ours.subarray(cut) },
      { fromRouter: false, sequence: 1_000, payload: ours.subarray(0, cut) },
      { fromRouter: false, sequence: 1_000, payload: ours.subarray(0, cut) },
    ),
  );
  const { stdout, stderr, exitCode } = await decode([file]);
  expect(stderr).toBe('');
  expect(stdout.split('\n').filter((line) => line.startsWith('#'))).toEqual([
    '#1 OPEN, 37 octets, 192.0.2.1:179 → 192.0.2.2:40000',
    '#2 OPEN, 37 octets, 192.0.2.2:40000 → 192.0.2.1:179',
    '#3 KEEPALIVE, 19 octets, 192.0.2.2:40000 → 192.0.2.1:179',
    `#4 UPDATE, ${update.length} octets, 192.0.2.2:40000 → 192.0.2.1:179`,
  ]);
  expect(stdout).toMatch(/65001/);
  expect(exitCode).toBe(0);
});

test('a capture with a hole says that it has one', async () => {
  const file = join(folder, 'peer.pcap');
  writeFileSync(
    file,
    capture(
      { fromRouter: true, sequence: 1, payload: encodeKeepalive() },
      { fromRouter: true, sequence: 500, payload: encodeKeepalive() },
    ),
  );
  const { stderr, exitCode } = await decode([file]);
  expect(stderr).toContain('the capture lacks segments');
  expect(exitCode).toBe(1);
});

test('a capture in the other format says how to make it readable', async () => {
  const file = join(folder, 'peer.pcapng');
  writeFileSync(file, Buffer.from('0a0d0d0a1c000000', 'hex'));
  const { stderr } = await decode([file]);
  expect(stderr).toContain('editcap -F pcap');
});
