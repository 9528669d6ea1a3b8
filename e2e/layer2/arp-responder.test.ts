import { type ArpFrame, decodeArpFrame, encodeArpFrame } from '@steelyard/arp';
import { type Cable, type Lab, type Namespace, nodeProgram, openLab, type Switch, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { FrameCalls } from './arp-frames-inside.ts';
import { type Remote, startRemote } from './arp-remote.ts';
import type { ResponderCalls } from './arp-responder-inside.ts';

const VIP = '192.0.2.1';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';
const ZERO = '00:00:00:00:00:00';
const STRANGER = '02:00:5e:00:53:66';

const responderFile = new URL('./arp-responder-inside.ts', import.meta.url);
const framesFile = new URL('./arp-frames-inside.ts', import.meta.url);

describeLab('an ARP responder on a real interface', () => {
  let lab: Lab;
  let hub: Switch;
  let node: Namespace;
  let client: Cable;
  let wire: Remote<FrameCalls>;

  beforeEach(async () => {
    lab = await openLab();
    hub = await lab.switch('hub');
    node = await lab.namespace('node');
    client = await lab.attach(await lab.namespace('client'), hub, { addresses: ['192.0.2.100/24'] });
    wire = await startRemote<FrameCalls>(client.namespace, framesFile);
  });
  afterEach(() => lab.close());

  /** What the client's kernel believes: `lladdr` of the address, in capital letters its state. */
  async function neighbour(address: string): Promise<string> {
    const { stdout } = await client.namespace.run('ip', ['neigh', 'show', address, 'dev', 'eth0']);
    return stdout.trim();
  }
  /** Lets the client's kernel ask, by a datagram that nobody receives, and waits for what it learns. */
  async function resolves(address: string, mac: string): Promise<void> {
    await client.namespace.run('ip', ['neigh', 'flush', 'dev', 'eth0'], { allowFailure: true });
    await client.namespace.run('bash', ['-c', `echo > /dev/udp/${address}/9`], { allowFailure: true });
    await waitUntil(`${address} to be at ${mac}`, async () => (await neighbour(address)).includes(`lladdr ${mac}`));
  }
  const request = (fields: Partial<ArpFrame> = {}): string =>
    Buffer.from(
      encodeArpFrame({
        destination: BROADCAST,
        source: client.mac,
        operation: 1,
        senderHardwareAddress: client.mac,
        senderProtocolAddress: '192.0.2.100',
        targetHardwareAddress: ZERO,
        targetProtocolAddress: VIP,
        ...fields,
      }),
    ).toString('hex');
  async function frames(): Promise<ArpFrame[]> {
    return (await wire.call('seen')).flatMap((hex) => {
      const frame = decodeArpFrame(Buffer.from(hex, 'hex'));
      return frame.ok ? [frame.value] : [];
    });
  }
  const repliesFor = async (address: string): Promise<ArpFrame[]> =>
    (await frames()).filter((one) => one.senderProtocolAddress === address && one.destination !== BROADCAST);
  /** Sends frames and then a good request; what was answered to the frames has been seen when the latter's reply is. */
  async function exchange(sent: readonly string[]): Promise<ArpFrame[]> {
    await wire.call('forget');
    const last = '02:00:5e:00:53:fe';
    await wire.call('send', [...sent, request({ senderHardwareAddress: last })]);
    // The bridge floods a reply to a MAC that it does not know, and a packet socket sees it on the way.
    await client.namespace.ip(['link set eth0 promisc on']);
    return await waitUntil('the reply to the last request', async () => {
      const replies = await repliesFor(VIP);
      return replies.at(-1)?.destination === last && replies.slice(0, -1);
    });
  }
  const announcements = async (address: string): Promise<ArpFrame[]> =>
    (await frames()).filter((one) => one.senderProtocolAddress === address && one.destination === BROADCAST);
  const announcedTimes = (responder: Remote<ResponderCalls>, address: string): number =>
    responder.events.filter((event) => JSON.stringify(event) === JSON.stringify({ announced: address })).length;

  /** Owns addresses and waits until the last of them was announced: from then on it is answered for, too. */
  async function announce(responder: Remote<ResponderCalls>, ...addresses: string[]): Promise<void> {
    await responder.call('setOwned', addresses);
    const last = addresses.at(-1) ?? VIP;
    await waitUntil(`the announcement of ${last}`, () => announcedTimes(responder, last) > 0);
  }

  const respond = (...args: string[]): Promise<Remote<ResponderCalls>> =>
    startRemote<ResponderCalls>(node, responderFile, ['eth0', ...args]);

  test('the kernel of a neighbour learns the MAC for an address that the host does not have', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond();
    await responder.call('setOwned', [VIP]);
    await resolves(VIP, mac);
    const counters = await responder.call('counters', VIP);
    expect(counters?.responsesSent).toBeGreaterThan(0);
    expect(counters?.responsesSent).toBe(counters?.requestsReceived);
    await responder.call('disown', VIP);
    expect(await responder.call('counters', VIP)).toBeUndefined();
    await wire.call('forget');
    await wire.call('send', [request()]);
    await announce(responder, '192.0.2.2');
    await resolves('192.0.2.2', mac);
    expect(await repliesFor(VIP)).toEqual([]);
  });

  test('the example of the README answers', async () => {
    const { mac } = await lab.attach(node, hub);
    const example = node.spawn(...nodeProgram(new URL('../../packages/arp/examples/answer.ts', import.meta.url)));
    await example.waitForLine(new RegExp(`^answering for ${VIP} on eth0 with ${mac}$`));
    await resolves(VIP, mac);
    expect(await example.stop()).toEqual({ code: 0, signal: null });
  });

  test('an announcement moves the address in a neighbour that believes another', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond();
    await client.namespace.run('ip', ['neigh', 'replace', VIP, 'lladdr', STRANGER, 'dev', 'eth0', 'nud', 'stale']);
    await responder.call('setOwned', [VIP]);
    await waitUntil('the neighbour to move', async () => (await neighbour(VIP)).includes(`lladdr ${mac}`));
  });

  test('an address that is disowned as soon as it was announced is announced again when it is owned again', async () => {
    await lab.attach(node, hub);
    const responder = await respond('disown when announced');
    for (const times of [1, 2, 3]) {
      await responder.call('setOwned', [VIP]);
      await waitUntil(`announcement ${times}`, () => announcedTimes(responder, VIP) === times);
    }
  });

  test('five rounds of a request and a reply, both to everyone, then silence', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond();
    await responder.call('setOwned', [VIP]);
    await waitUntil('all rounds', async () => (await responder.call('counters', VIP))?.gratuitousSent === 10);
    const seen = await waitUntil('the last frame', async () => {
      const all = await announcements(VIP);
      return all.length >= 10 && all;
    });
    expect(seen.map(({ operation }) => operation)).toEqual([1, 2, 1, 2, 1, 2, 1, 2, 1, 2]);
    const { operation: _, ...shape } = seen[0] as ArpFrame;
    expect(shape).toEqual({
      destination: BROADCAST,
      source: mac,
      senderHardwareAddress: mac,
      senderProtocolAddress: VIP,
      targetHardwareAddress: BROADCAST,
      targetProtocolAddress: VIP,
    });
    expect(new Set(seen.map(({ operation: _operation, ...rest }) => JSON.stringify(rest))).size).toBe(1);
  });

  test('a MAC that changes is answered with at once, and announced', async () => {
    await lab.attach(node, hub);
    const responder = await respond();
    await responder.call('setOwned', [VIP]);
    await waitUntil('the announcement', () => announcedTimes(responder, VIP) === 1);
    await node.ip(['link set eth0 address 02:00:5e:00:53:aa']);
    await waitUntil('the second announcement', () => announcedTimes(responder, VIP) === 2);
    await resolves(VIP, '02:00:5e:00:53:aa');
  });

  test('an interface that goes down and comes up again announces, and so does one that lost its carrier', async () => {
    const cable = await lab.attach(node, hub);
    const responder = await respond();
    await responder.call('setOwned', [VIP]);
    await waitUntil('the announcement', () => announcedTimes(responder, VIP) === 1);
    await node.ip(['link set eth0 down']);
    await waitUntil('the end of the carrier', async () => (await responder.call('mac')) === cable.mac);
    await node.ip(['link set eth0 up']);
    await waitUntil('the second announcement', () => announcedTimes(responder, VIP) === 2);
    await resolves(VIP, cable.mac);
    await cable.cut();
    await cable.restore();
    await waitUntil('the third announcement', () => announcedTimes(responder, VIP) === 3);
    expect(responder.events.filter((event) => JSON.stringify(event).includes('error'))).toEqual([]);
  });

  test('an interface that is created later announces what is owned already; one that is deleted is waited for', async () => {
    const responder = await respond();
    await responder.call('setOwned', [VIP]);
    expect(await responder.call('mac')).toBeUndefined();
    const first = await lab.attach(node, hub);
    await waitUntil('the announcement', () => announcedTimes(responder, VIP) === 1);
    await resolves(VIP, first.mac);
    await first.detach();
    await waitUntil('the end of the interface', async () => (await responder.call('mac')) === undefined);
    const second = await lab.attach(node, hub);
    await waitUntil('the second announcement', () => announcedTimes(responder, VIP) === 2);
    await resolves(VIP, second.mac);
    expect(responder.events.filter((event) => JSON.stringify(event).includes('error'))).toEqual([]);
  });

  test('groups and nobody are not replied to; everyone else is, each at its hardware address', async () => {
    await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    const replies = await exchange([
      request({ senderHardwareAddress: BROADCAST }),
      request({ senderHardwareAddress: '01:00:5e:00:00:01' }),
      request({ senderHardwareAddress: ZERO }),
      request({ operation: 3 }),
      request({ operation: 0 }),
      request({ destination: '01:00:5e:00:00:01' }),
      request({ senderHardwareAddress: '02:00:5e:00:53:77' }),
      request({ senderProtocolAddress: '0.0.0.0' }),
      `${request()}${'ff'.repeat(1_400)}`,
    ]);
    expect(
      replies.map(({ targetHardwareAddress, targetProtocolAddress }) => [targetHardwareAddress, targetProtocolAddress]),
    ).toEqual([
      ['02:00:5e:00:53:77', '192.0.2.100'],
      [client.mac, '0.0.0.0'],
      [client.mac, '192.0.2.100'],
    ]);
  });

  test('malformed frames change nothing', async () => {
    await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    const good = Buffer.from(request(), 'hex');
    const noise = fc.uint8Array({ maxLength: 100 }).map((octets) => Buffer.concat([good.subarray(0, 14), octets]));
    const almost = fc
      .array(fc.tuple(fc.integer({ min: 14, max: 41 }), fc.nat(255)), { minLength: 1, maxLength: 3 })
      .map((patches) => {
        const frame = Buffer.from(good);
        for (const [offset, octet] of patches) frame[offset] = octet;
        return frame;
      });
    const cut = fc.integer({ min: 14, max: 41 }).map((length) => good.subarray(0, length));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(noise, almost, cut), { minLength: 50, maxLength: 200 }), async (sent) => {
        for (const reply of await exchange(sent.map((frame) => frame.toString('hex')))) {
          expect(reply).toMatchObject({ operation: 2, senderProtocolAddress: VIP });
        }
      }),
      { numRuns: 15 },
    );
    expect(responder.process.end).toBeUndefined();
    expect(responder.events.filter((event) => JSON.stringify(event).includes('error'))).toEqual([]);
  });

  test('a storm of requests for foreign addresses does not wake the process', async () => {
    await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    await exchange([]);
    const before = (await responder.call('statistics')).socket;
    await wire.call('send', [request({ targetProtocolAddress: '192.0.2.99' }), request({ operation: 2 })], 5_000);
    await exchange([]);
    const after = (await responder.call('statistics')).socket;
    expect(after.framesReceived - before.framesReceived).toBe(1);
    expect(after.wakeups - before.wakeups).toBe(1);
    expect(after.framesDropped).toBe(0);
  });

  test('what belongs to an interface on top of this one, as a VLAN or macvlan is, is not taken for its own', async () => {
    await lab.attach(node, hub);
    await node.ip([
      'link add link eth0 name upper address 02:00:5e:00:53:55 type macvlan mode bridge',
      'link set upper up',
    ]);
    const responder = await respond();
    await announce(responder, VIP);
    await exchange([]);
    const before = (await responder.call('statistics')).socket.framesReceived;
    await exchange([request({ destination: '02:00:5e:00:53:55' })]);
    expect((await responder.call('statistics')).socket.framesReceived - before).toBe(1); // the last request of the exchange
  });

  test('another host that claims an address is told of with both MACs, answered once, and does not get it', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond('defend');
    await responder.call('setOwned', [VIP]);
    await waitUntil('all rounds', async () => (await responder.call('counters', VIP))?.gratuitousSent === 10);
    await wire.call('forget');
    const claim = request({ senderHardwareAddress: STRANGER, senderProtocolAddress: VIP, operation: 2 });
    await wire.call('send', [claim], 20);
    const conflict = { address: VIP, interfaceName: 'eth0', ourMac: mac, theirMac: STRANGER, kind: 'reply' };
    await waitUntil('all claims', async () => (await responder.call('statistics')).conflicts === 20);
    expect(responder.events.filter((event) => JSON.stringify(event).includes('conflict'))).toEqual([{ conflict }]);
    await waitUntil('the defence', async () => (await announcements(VIP)).length > 0);
    expect((await responder.call('counters', VIP))?.gratuitousSent).toBe(11);
    await resolves(VIP, mac);
    expect((await announcements(VIP)).map(({ operation, source }) => [operation, source])).toEqual([[1, mac]]);
  });

  test('where the kernel has little memory for filters, the filter is coarser and nothing else suffers', async () => {
    await node.writeSysctl('net.core.optmem_max', 20_480); // the default before Linux 6.8
    await lab.attach(node, hub);
    const responder = await respond();
    // No two are neighbours: 1,500 ranges.
    const scattered = Array.from({ length: 1_500 }, (_, i) => `10.3.${i >> 7}.${(i & 127) * 2}`);
    await announce(responder, ...scattered.slice(0, 700), VIP);
    await exchange([]);
    await announce(responder, VIP, ...scattered);
    await exchange(scattered.slice(1_490).map((targetProtocolAddress) => request({ targetProtocolAddress })));
    const replies = (await frames()).filter(
      ({ operation, destination }) => operation === 2 && destination === client.mac,
    );
    expect(new Set(replies.map((one) => one.senderProtocolAddress))).toEqual(new Set(scattered.slice(1_490)));
    const before = (await responder.call('statistics')).socket.framesReceived;
    await wire.call('send', [request({ targetProtocolAddress: '192.0.2.99' })], 1_000);
    await exchange([]);
    expect((await responder.call('statistics')).socket.framesReceived - before).toBe(1);
    expect(responder.events.filter((event) => JSON.stringify(event).includes('error'))).toEqual([]);
  });

  test.for<[name: string, addresses: string[]]>([
    ['10,000 addresses in a row', Array.from({ length: 10_000 }, (_, i) => `10.1.${i >> 8}.${i & 255}`)],
    [
      '10,000 addresses, no two of them neighbours',
      Array.from({ length: 10_000 }, (_, i) => `10.${(i * 37) & 255}.${(i * 7) & 255}.${(i >> 6) | 1}`),
    ],
  ])('%s are all answered and all announced', async ([, addresses]) => {
    await lab.attach(node, hub);
    const owned = [...new Set([...addresses, VIP])];
    const responder = await respond();
    await responder.call('setOwned', owned);
    await waitUntil(
      'the first round of all',
      () => new Set(responder.events.map((event) => JSON.stringify(event))).size >= owned.length,
      {
        timeoutMs: 30_000,
      },
    );
    expect((await responder.call('statistics')).filtersAttached).toBeLessThanOrEqual(2);
    const asked = owned.filter((_, i) => i % 50 === 0);
    const replies = async (): Promise<Set<string>> =>
      new Set(
        (await frames())
          .filter(({ destination }) => destination === client.mac)
          .map((one) => one.senderProtocolAddress),
      );
    // A storm of announcements may cost a neighbour its reply, so it asks again, as neighbours do.
    const last = owned.at(-1) ?? VIP;
    await waitUntil('all rounds', async () => (await responder.call('counters', last))?.gratuitousSent === 10, {
      timeoutMs: 30_000,
    });
    await wire.call('forget');
    await waitUntil('every reply', async () => {
      const answered = await replies();
      const unanswered = asked.filter((address) => !answered.has(address));
      await wire.call(
        'send',
        unanswered.map((targetProtocolAddress) => request({ targetProtocolAddress })),
      );
      return unanswered.length === 0;
    });
    expect(responder.events.filter((event) => JSON.stringify(event).includes('error'))).toEqual([]);
  });
});
