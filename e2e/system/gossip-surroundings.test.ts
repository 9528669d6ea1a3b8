import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { gossiping, openSpeakerLan, type Speaker, type SpeakerLan, tellSpeakersOnFailure } from './speaker-lan.ts';

/** The timing of local networks, as a file. */
const TIMING = {
  TCPTimeout: '10s',
  PushPullInterval: '30s',
  ProbeTimeout: '500ms',
  ProbeInterval: '1s',
  GossipInterval: '200ms',
  GossipToTheDeadTime: '30s',
  QueueCheckInterval: '30s',
  IndirectChecks: 3,
  RetransmitMult: 4,
  SuspicionMult: 4,
  SuspicionMaxTimeoutMult: 6,
  AwarenessMaxMultiplier: 8,
  GossipNodes: 3,
  UDPBufferSize: 1400,
  HandoffQueueDepth: 1024,
  DisableTcpPings: false,
  GossipVerifyIncoming: true,
  GossipVerifyOutgoing: true,
  EnableCompression: true,
};

let bed: SpeakerLan;
let running: Speaker[] = [];
const folders: string[] = [];

function makeFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'steelyard-surroundings-'));
  folders.push(folder);
  for (const [path, contents] of Object.entries(files)) write(folder, path, contents);
  return folder;
}

/** As kubelet does it: a file is old or new and nothing between. */
function write(folder: string, path: string, contents: string): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.new`, contents);
  renameSync(`${target}.new`, target);
}

const aSecret = (contents: string): string => makeFolder({ secretkey: contents });
const nodeOf = (number: 1 | 2 | 3): SpeakerLan['lan']['nodes'][number] => {
  const node = bed.lan.nodes[number - 1];
  if (node === undefined) throw new Error(`there is no node ${number}`);
  return node;
};

/** Starts a speaker that takes part in the gossip. */
function start(number: 1 | 2 | 3, secretPath?: string, more: Parameters<typeof gossiping>[2] = {}): Speaker {
  const speaker = bed.start(nodeOf(number), gossiping(nodeOf(number), secretPath, more));
  running = [...running.filter(({ node }) => node !== speaker.node), speaker];
  return speaker;
}

const allReady = (): Promise<unknown> => Promise.all(running.map((speaker) => speaker.waitUntilReadyzSays('ok')));
const byName = (a: string, b: string): number => a.localeCompare(b);
/** The nodes that have something. */
const ownerNames = async (): Promise<readonly string[]> =>
  [...new Set(Object.values(await bed.owners()))].toSorted(byName);
/** Waits until these have it all among them, one each. */
const ownedBy = (...names: string[]): Promise<void> => expect.poll(ownerNames, { timeout: 40_000 }).toEqual(names);
const announced = (speaker: Speaker): number => speaker.recordsWith({ event: 'serviceAnnounced' }).length;
const deaths = (): unknown[] => running.flatMap((speaker) => speaker.recordsWith({ event: 'nodeLeave' }));

beforeAll(async () => {
  bed = await openSpeakerLan({ nodeCount: 3, serviceCount: 8 });
});
afterEach(async () => {
  await bed.stopAll();
  running = [];
});
afterAll(async () => {
  await bed?.[Symbol.asyncDispose]();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
tellSpeakersOnFailure(() => running);

describeLab('a speaker whose memberlist Secret', () => {
  test('is not there yet is not ready, says so, announces nothing, and joins when it comes', async () => {
    const secret = aSecret('abcd');
    start(1, secret);
    start(2, secret);
    await allReady();
    await ownedBy('node1', 'node2');
    const late = makeFolder();
    const speaker = start(3, late);
    await speaker.waitUntilReadyzSays(/^not ready: the key of the gossip is not there yet/);
    expect(await speaker.waitForRecord({ op: 'memberlistKey', level: 'error' })).toMatchObject({
      reason: expect.stringContaining(late),
    });
    expect(announced(speaker)).toBe(0);
    await ownedBy('node1', 'node2');
    write(late, 'secretkey', 'abcd');
    await speaker.waitUntilReadyzSays('ok');
    await ownedBy('node1', 'node2', 'node3');
  });

  test('is empty says that nothing is encrypted, and joins', async () => {
    const secret = aSecret('');
    for (const number of [1, 2, 3] as const) start(number, secret);
    await allReady();
    await ownedBy('node1', 'node2', 'node3');
    for (const speaker of running) {
      expect(speaker.recordsWith({ level: 'warn', msg: /traffic will not be encrypted/ })).toHaveLength(1);
      expect(speaker.recordsWith({ op: 'memberlist', encrypted: false })).toHaveLength(1);
    }
  });

  test('has three characters joins as with any other, and changes while it runs without cutting anybody off', async () => {
    const secret = aSecret('abc');
    for (const number of [1, 2, 3] as const) start(number, secret);
    await allReady();
    await ownedBy('node1', 'node2', 'node3');
    for (const speaker of running) {
      expect(speaker.recordsWith({ op: 'memberlist', encrypted: true })).toHaveLength(1);
      expect(speaker.recordsWith({ level: 'error' })).toEqual([]);
    }
    const before = await bed.owners();
    write(secret, 'secretkey', 'the new one');
    for (const speaker of running) await speaker.waitForRecord({ op: 'memberlist', msg: /its key is accepted/ });
    const [, stays] = running;
    await running[0]?.process.stop();
    await ownedBy('node2', 'node3');
    start(1, secret); // knows the new one alone
    await allReady();
    expect(await bed.owners()).toEqual(before);
    await stays?.waitForRecord({ op: 'memberlist', msg: /uses the new key/ });
    // Only the one that said goodbye has left.
    expect(deaths().every((record) => (record as { node: string }).node === 'node1')).toBe(true);
    for (const speaker of running) expect(speaker.recordsWith({ msg: /refused a (packet|stream)/ })).toEqual([]);
  });

  test('is another one than the others’ is alone, and both sides say whose packets they refuse', async () => {
    const secret = aSecret('ours');
    start(1, secret);
    start(2, secret);
    const stranger = start(3, aSecret('theirs'));
    await allReady();
    // Each side serves all, as with MetalLB: nobody can know that the others live.
    await expect
      .poll(async () => Object.values(await bed.answering()).every((names) => names.includes('node3')))
      .toBe(true);
    expect(await stranger.waitForRecord({ level: 'warn', msg: /refused/ })).toMatchObject({
      source: expect.stringMatching(/^10\.20\.0\.[12]/),
    });
    const told = await waitUntil(
      'one of the others to say whom it refuses',
      () => running.slice(0, 2).flatMap((speaker) => speaker.recordsWith({ level: 'warn', msg: /refused/ }))[0],
    );
    expect(told).toMatchObject({ source: expect.stringMatching(/^10\.20\.0\.3/) });
    for (const speaker of running) expect(speaker.recordsWith({ msg: /refused/ }).length).toBeLessThan(10);
    // Who is alone tells that others announce the same.
    expect(await stranger.waitForRecord({ msg: 'address conflict' })).toMatchObject({
      theirMac: expect.stringMatching(`${nodeOf(1).cable.mac}|${nodeOf(2).cable.mac}`),
    });
  });
});

describeLab('a speaker that finds port 7946 taken', () => {
  test.for<[string, string]>([
    ['TCP', 'require("net").createServer().listen(7946, process.argv[1], () => console.log("taken"))'],
    ['UDP', 'require("dgram").createSocket("udp4").bind(7946, process.argv[1], () => console.log("taken"))'],
  ])(
    'for %s is not ready, says why, leaves all to the others, and joins once it is free',
    async ([protocol, program]) => {
      const secret = aSecret('abcd');
      start(1, secret);
      start(2, secret);
      await allReady();
      const node = nodeOf(3);
      await using taker = node.namespace.spawn(process.execPath, ['-e', program, node.ipv4]);
      await taker.waitForLine(/^taken$/);
      const speaker = start(3, secret);
      await speaker.waitUntilReadyzSays(/^not ready: the gossip could not be opened yet/);
      expect(await speaker.waitForRecord({ op: 'memberlist', level: 'error' })).toMatchObject({
        error: expect.stringContaining(`on ${protocol} ${node.ipv4}:7946 (EADDRINUSE)`),
      });
      expect(announced(speaker)).toBe(0);
      await ownedBy('node1', 'node2');
      await taker.stop();
      await speaker.waitUntilReadyzSays('ok');
      await ownedBy('node1', 'node2', 'node3');
      expect(speaker.recordsWith({ op: 'memberlist', level: 'error' })).toHaveLength(1);
    },
  );
});

describeLab('a speaker whose mounted file', () => {
  const exclude = (entry: string): string => `announcedInterfacesToExclude:\n- ${JSON.stringify(entry)}\n`;

  test.for<[what: string, path: string, contents: string, error: RegExp]>([
    [
      'excludel2.yaml is wrong',
      'excludel2.yaml',
      exclude('eth['),
      /\/etc\/metallb\/excludel2\.yaml: announcedInterfacesToExclude\[0\], "eth\[": .*correct or remove this entry/,
    ],
    [
      'excludel2.yaml is no YAML',
      'excludel2.yaml',
      'announcedInterfacesToExclude: [',
      /\/etc\/metallb\/excludel2\.yaml: .*correct the YAML, or remove the file/,
    ],
    [
      'memberlist/config.json is no JSON',
      'memberlist/config.json',
      '{"TCPTimeout":',
      /memberlist config \/etc\/metallb\/memberlist\/config\.json: /,
    ],
    [
      'memberlist/config.json has a wrong duration',
      'memberlist/config.json',
      JSON.stringify({ ...TIMING, ProbeInterval: 'soon' }),
      /config\.json: .*ProbeInterval "soon"/,
    ],
  ])('%s ends with code 1 and says what to do', async ([, path, contents, error]) => {
    const speaker = start(1, aSecret('abcd'), { etcMetallb: makeFolder({ [path]: contents }) });
    expect(await speaker.process.ended).toEqual({ code: 1, signal: null });
    expect(speaker.recordsWith({ level: 'error', msg: 'failed to start' })).toMatchObject([
      { error: expect.stringMatching(error) },
    ]);
  });

  test('excludel2.yaml names the only network card does not answer on it, and says that it has no other', async () => {
    const secret = aSecret('abcd');
    start(1, secret);
    const excluding = start(2, secret, { etcMetallb: makeFolder({ 'excludel2.yaml': exclude('^eth') }) });
    await allReady();
    await excluding.waitForRecord({ level: 'warn', reason: 'NoUsableInterface' });
    const answers = Object.values(await bed.answering());
    expect(answers.every((names) => !names.includes('node2'))).toBe(true);
  });

  test('memberlist/config.json is right joins with its timing', async () => {
    const secret = aSecret('abcd');
    const etcMetallb = makeFolder({ 'memberlist/config.json': JSON.stringify(TIMING) });
    start(1, secret, { etcMetallb });
    start(2, secret, { etcMetallb });
    await allReady();
    await ownedBy('node1', 'node2');
    for (const speaker of running) {
      expect(speaker.recordsWith({ msg: 'loading memberlist config from file' })).toHaveLength(1);
      expect(speaker.recordsWith({ op: 'startup', level: 'warn' })).toEqual([]);
    }
  });
});

describeLab('a speaker that is told to stop', () => {
  test('while the API server is away ends in good order, and the others take over', async () => {
    const secret = aSecret('abcd');
    start(1, secret);
    const speaker = start(2, secret);
    await allReady();
    await ownedBy('node1', 'node2');
    await bed.api.stop();
    try {
      await speaker.process.stop(10_000);
      expect(speaker.process.end).toEqual({ code: 0, signal: null });
      expect(speaker.recordsWith({ op: 'stop', msg: 'stopped' })).toHaveLength(1);
      await ownedBy('node1');
    } finally {
      await bed.api.start();
    }
  });

  test('before it has reached the API server ends in good order', async () => {
    await bed.api.stop();
    try {
      const speaker = start(1, aSecret('abcd'));
      await speaker.waitUntilReadyzSays(/^not ready: the control thread has not read everything yet/);
      expect(await speaker.process.stop(10_000)).toEqual({ code: 0, signal: null });
      expect(speaker.recordsWith({ op: 'stop', msg: 'stopped' })).toHaveLength(1);
    } finally {
      await bed.api.start();
    }
  });

  test('while it awaits its memberlist Secret ends in good order', async () => {
    const speaker = start(1, makeFolder());
    await speaker.waitUntilReadyzSays(/^not ready: the key of the gossip is not there yet/);
    expect(await speaker.process.stop(10_000)).toEqual({ code: 0, signal: null });
    expect(speaker.recordsWith({ op: 'stop', level: 'error' })).toEqual([]);
  });

  test('while it starts ends, whatever it was doing', async () => {
    const secret = aSecret('abcd');
    for (const delayMs of [0, 20, 40, 60, 80, 120, 160, 250]) {
      const speaker = start(1, secret);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      const { code, signal } = await speaker.process.stop(10_000);
      // Before its handler is there the kernel ends it.
      expect([code, signal]).toEqual(signal === null ? [0, null] : [null, 'SIGTERM']);
      expect(speaker.recordsWith({ level: 'error' })).toEqual([]);
    }
  });

  test('twice ends at once', async () => {
    const secret = aSecret('abcd');
    start(1, secret);
    const speaker = start(2, secret);
    await allReady();
    await ownedBy('node1', 'node2');
    await nodeOf(1).cable.silence(); // so that nobody is heard to take over
    try {
      speaker.process.kill('SIGTERM');
      await speaker.waitForRecord({ op: 'stop', msg: 'stopping' });
      speaker.process.kill('SIGTERM');
      expect(await speaker.process.ended).toEqual({ code: 143, signal: null });
    } finally {
      await nodeOf(1).cable.restore();
    }
  });
});
