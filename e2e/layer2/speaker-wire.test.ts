import { decodeArpFrame, encodeArpFrame } from '@steelyard/arp';
import type { DesiredStateEntry, WireReport } from '@steelyard/speaker-wire/control';
import { type Cable, type Lab, type Namespace, nodeProgram, openLab, type Switch, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FrameCalls } from './arp-frames-inside.ts';
import { type Remote, startRemote } from './arp-remote.ts';
import type { WireCalls } from './speaker-wire-inside.ts';

const wireFile = new URL('./speaker-wire-inside.ts', import.meta.url);
const framesFile = new URL('./arp-frames-inside.ts', import.meta.url);

const entry = (
  name: string,
  address: string,
  interfaces: DesiredStateEntry['interfaces'] = 'all',
): DesiredStateEntry => ({
  serviceKey: `default/${name}`,
  address,
  electionAddress: address,
  candidates: [{ node: 'node-a', score: 0 }],
  interfaces,
  pool: 'pool',
});
const A = entry('a', '192.0.2.1');
const B = entry('b', '192.0.2.2');

describeLab('the wire thread', () => {
  let lab: Lab;
  let hub: Switch;
  let node: Namespace;
  let client: Cable;
  let frames: Remote<FrameCalls>;
  let speaker: Remote<WireCalls>;

  beforeEach(async () => {
    lab = await openLab();
    hub = await lab.switch('hub');
    node = await lab.namespace('node');
    client = await lab.attach(await lab.namespace('client'), hub);
    await lab.attach(node, hub, { addresses: ['192.0.2.10/24'] });
    frames = await startRemote<FrameCalls>(client.namespace, framesFile);
    speaker = await startRemote<WireCalls>(node, wireFile);
  });
  afterEach(() => lab.close());

  /** Sends `count` requests for each address and says how many are answered; `marker` is asked last and must be. */
  async function answers(addresses: readonly string[], marker: string, count = 20): Promise<number[]> {
    const last = '192.0.2.101';
    const ask = (targetProtocolAddress: string, senderProtocolAddress = '192.0.2.100'): string =>
      Buffer.from(
        encodeArpFrame({
          destination: 'ff:ff:ff:ff:ff:ff',
          source: client.mac,
          operation: 1,
          senderHardwareAddress: client.mac,
          senderProtocolAddress,
          targetHardwareAddress: '00:00:00:00:00:00',
          targetProtocolAddress,
        }),
      ).toString('hex');
    await frames.call('forget');
    await frames.call(
      'send',
      addresses.map((address) => ask(address)),
      count,
    );
    await frames.call('send', [ask(marker, last)]);
    const seen = await waitUntil('the answer to the last request', async () => {
      const replies = (await frames.call('seen')).flatMap((hex) => {
        const frame = decodeArpFrame(Buffer.from(hex, 'hex'));
        return frame.ok && frame.value.destination === client.mac ? [frame.value] : [];
      });
      return replies.at(-1)?.targetProtocolAddress === last && replies.slice(0, -1);
    });
    return addresses.map((address) => seen.filter((one) => one.senderProtocolAddress === address).length);
  }
  /** Waits until an address was announced on the wire: from then on it is answered for, too. */
  async function announcedOnTheWire(...addresses: string[]): Promise<void> {
    await waitUntil(`announcements of ${addresses.join()}`, async () => {
      const seen = (await frames.call('seen')).flatMap((hex) => {
        const frame = decodeArpFrame(Buffer.from(hex, 'hex'));
        return frame.ok && frame.value.operation === 1 ? [frame.value.senderProtocolAddress] : [];
      });
      return addresses.every((address) => seen.includes(address));
    });
  }
  /** What became of entries; which interfaces there are is told besides. */
  const reports = (): WireReport[] =>
    speaker.events
      .flatMap((event) => (event as { reports?: WireReport[] }).reports ?? [])
      .filter(({ type }) => type !== 'state');
  const happened = (what: object): boolean =>
    speaker.events.some((event) => JSON.stringify(event) === JSON.stringify(what));
  const owns = (count: number): Promise<unknown> =>
    waitUntil(`${count} addresses`, async () => (await speaker.call('statistics')).announcedAddresses === count);
  async function announceBoth(): Promise<void> {
    await speaker.call('start', [A, B]);
    await waitUntil('both reports', () => reports().filter(({ type }) => type === 'announced').length === 2);
    await announcedOnTheWire(A.address, B.address);
    expect(await answers([A.address, B.address], A.address)).toEqual([20, 20]);
  }

  test('announces what a control thread wants, and goes on when it is killed', async () => {
    await announceBoth();
    await speaker.call('kill');
    expect(await answers([A.address, B.address], A.address)).toEqual([20, 20]);
    expect(await speaker.call('logged')).toContain('the control thread is gone');
    // A new one that wants less withdraws when its snapshot is complete, and repeats nothing as if it were new.
    speaker.events.length = 0;
    await speaker.call('start', [A]);
    await owns(1);
    await waitUntil('the report', () => reports().length > 0);
    expect(reports()).toEqual([
      expect.objectContaining({ type: 'withdrawn', serviceKey: 'default/b', because: 'NoLongerDesired' }),
      expect.objectContaining({ type: 'announced', serviceKey: 'default/a', fresh: false }),
    ]);
    expect(await answers([B.address], A.address)).toEqual([0]);
  });

  test('the example of the README announces', async () => {
    const file = new URL('../../packages/speaker-wire/examples/two-threads.ts', import.meta.url);
    const example = node.spawn(...nodeProgram(file));
    await example.waitForLine(/^\{"type":"announced","serviceKey":"default\/web","address":"192\.0\.2\.1"/);
    await announcedOnTheWire(A.address);
    expect(await answers([A.address], A.address)).toEqual([20]);
    expect(await example.stop()).toEqual({ code: 0, signal: null });
  });

  test('goes on while the control thread is blocked', async () => {
    await announceBoth();
    await speaker.call('order', { order: 'block' });
    await waitUntil('the block', () => happened({ blocked: true }));
    const beat = await speaker.call('beat');
    await waitUntil('five beats', async () => (await speaker.call('beat')) >= beat + 5);
    expect(await answers([A.address, B.address], A.address, 100)).toEqual([100, 100]);
    expect(happened({ released: true })).toBe(false);
    await speaker.call('release');
    await waitUntil('the end of the block', () => happened({ released: true }));
    await speaker.call('order', { order: 'change', upserts: [], removals: [B] });
    await owns(1);
  });

  test('goes on when the control thread runs out of memory', async () => {
    await announceBoth();
    await speaker.call('order', { order: 'exhaust' });
    await waitUntil('the end of the worker', () => happened({ died: 'ERR_WORKER_OUT_OF_MEMORY' }), {
      timeoutMs: 30_000,
    });
    expect(await answers([A.address, B.address], A.address)).toEqual([20, 20]);
  });

  test('half a snapshot of a control thread that died changes nothing', async () => {
    await announceBoth();
    await speaker.call('start', [entry('c', '192.0.2.3')], true);
    await waitUntil('the half snapshot', () => happened({ half: true }));
    await speaker.call('kill');
    expect(await answers(['192.0.2.3', B.address], A.address)).toEqual([0, 20]);
  });

  test("never announces the node's own address or the gateway's, and says so; it does when they are gone", async () => {
    await node.addRoute('default', '192.0.2.254');
    await speaker.call('start', [
      A,
      entry('own', '192.0.2.10'),
      entry('gateway', '192.0.2.254'),
      entry('late', '192.0.2.20'),
    ]);
    await waitUntil('all reports', () => reports().length === 4);
    const because = reports().map((one) => ('because' in one ? [one.serviceKey, one.because] : one.type));
    expect(because).toEqual([
      ['default/a', 'OnlyCandidate'],
      ['default/own', 'AddressBelongsToNode'],
      ['default/gateway', 'AddressIsGateway'],
      ['default/late', 'OnlyCandidate'],
    ]);
    await announcedOnTheWire(A.address);
    expect(await answers(['192.0.2.254'], A.address)).toEqual([0]);
    await node.ip(['address add 192.0.2.20/24 dev eth0']);
    await owns(1);
    await node.ip(['address del 192.0.2.20/24 dev eth0', 'route del default']);
    await owns(3);
    await announcedOnTheWire('192.0.2.254', '192.0.2.20');
    expect(await answers(['192.0.2.254', '192.0.2.20'], A.address)).toEqual([20, 20]);
  });

  test('interfaces that an entry names, that are excluded, and that come later', async () => {
    const named = entry('named', '192.0.2.5', ['late0']);
    await speaker.call('start', [A, named, entry('excluded', '192.0.2.6', ['docker0'])]);
    await waitUntil('the reports', () => reports().length === 3);
    expect(reports().filter(({ type }) => type === 'interfaceMissing')).toEqual([
      expect.objectContaining({ serviceKey: 'default/named', interfaces: ['late0'] }),
      expect.objectContaining({ serviceKey: 'default/excluded', interfaces: ['docker0'] }),
    ]);
    await node.ip(['link add docker0 type bridge', 'link set docker0 up']);
    await lab.attach(node, hub, { ifname: 'late0' });
    await owns(2);
    await announcedOnTheWire('192.0.2.5');
    expect(await answers(['192.0.2.5', '192.0.2.6'], '192.0.2.5')).toEqual([20, 0]);
    const { interfaces } = await speaker.call('statistics');
    const arp = interfaces.filter(({ family }) => family === 'ipv4');
    expect(arp.map(({ name, addresses }) => [name, addresses])).toEqual([
      ['eth0', 1],
      ['late0', 2],
    ]);
  });

  test('the control thread reads the counters of addresses without asking the wire thread', async () => {
    await announceBoth();
    await speaker.call('order', { order: 'counters' });
    const { counters } = (await waitUntil('the counters', () =>
      speaker.events.find((event) => 'counters' in (event as object)),
    )) as { counters: { address: string; requestsReceived: number; responsesSent: number }[] };
    expect(
      counters.map(({ address, requestsReceived, responsesSent }) => [address, requestsReceived, responsesSent]),
    ).toEqual([
      [A.address, 21, 21],
      [B.address, 20, 20],
    ]);
  });

  test('another host that claims an address is told to the control thread with the Services that it hits', async () => {
    const mac = '02:00:5e:00:53:66';
    await announceBoth();
    const claim = encodeArpFrame({
      destination: 'ff:ff:ff:ff:ff:ff',
      source: mac,
      operation: 2,
      senderHardwareAddress: mac,
      senderProtocolAddress: A.address,
      targetHardwareAddress: 'ff:ff:ff:ff:ff:ff',
      targetProtocolAddress: A.address,
    });
    // A claim on an address that is given up meanwhile is a move, and no conflict.
    const move = Buffer.from(claim).toString('hex').replaceAll('c0000201', 'c0000202');
    await frames.call('send', [move, Buffer.from(claim).toString('hex')]);
    await speaker.call('order', { order: 'change', upserts: [], removals: [B] });
    const conflict = await waitUntil('the report', () => reports().find(({ type }) => type === 'conflict'));
    expect(reports().filter(({ type }) => type === 'conflict')).toHaveLength(1);
    expect(conflict).toMatchObject({
      address: A.address,
      serviceKeys: ['default/a'],
      theirMac: mac,
      interfaceName: 'eth0',
    });
  });
});
