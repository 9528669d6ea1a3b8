import { decodeNdpFrame, encodeNdpFrame, encodeNdpMessage, type NdpFrame } from '@steelyard/ndp';
import {
  type Cable,
  type Lab,
  type Namespace,
  nodeProgram,
  openLab,
  probeNdp,
  type Switch,
  waitUntil,
  watchNdp,
} from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Remote, startRemote } from './arp-remote.ts';
import type { FrameCalls } from './ndp-frames-inside.ts';
import type { ResponderCalls } from './ndp-responder-inside.ts';

const VIP = '2001:db8::1';
const CLIENT = '2001:db8::100';
const STRANGER = '02:00:5e:00:53:66';
/** Only the last solicitation of an exchange comes from here. */
const LAST_ASKER = '02:00:5e:00:53:fe';

const responderFile = new URL('./ndp-responder-inside.ts', import.meta.url);
const framesFile = new URL('./ndp-frames-inside.ts', import.meta.url);

/** The sixteen octets of an address, as hexadecimal digits. */
const digitsOf = (target: string): string =>
  Buffer.from(encodeNdpMessage({ type: 'NeighborSolicitation', target, options: [] }).subarray(8, 24)).toString('hex');
/** Its solicited-node group: RFC 4291, section 2.7.1. */
const groupOf = (address: string): string => `ff0200000000000000000001ff${digitsOf(address).slice(26)}`;

/** A stranger says that the address is its own. */
const strangersClaim = Buffer.from(
  encodeNdpFrame({
    destinationMac: '33:33:00:00:00:01',
    sourceMac: STRANGER,
    source: 'fe80::66',
    destination: 'ff02::1',
    message: {
      type: 'NeighborAdvertisement',
      target: VIP,
      router: false,
      solicited: false,
      override: true,
      options: [{ type: 'TargetLinkLayerAddress', linkLayerAddress: STRANGER }],
    },
  }),
).toString('hex');

describeLab('an NDP responder on a real interface', () => {
  let lab: Lab;
  let hub: Switch;
  let node: Namespace;
  let client: Cable;
  let wire: Remote<FrameCalls>;

  beforeEach(async () => {
    lab = await openLab();
    hub = await lab.switch('hub');
    node = await lab.namespace('node');
    client = await lab.attach(await lab.namespace('client'), hub, { addresses: [`${CLIENT}/64`] });
    wire = await startRemote<FrameCalls>(client.namespace, framesFile);
  });
  afterEach(() => lab.close());

  /** What the client's kernel believes: `lladdr` of the address, in capital letters its state. */
  async function neighbour(address: string): Promise<string> {
    const { stdout } = await client.namespace.run('ip', ['-6', 'neigh', 'show', address, 'dev', 'eth0']);
    return stdout.trim();
  }
  /** A datagram that nobody receives, so that the client's kernel needs the address's MAC. */
  const sendDatagram = async (address: string): Promise<void> => {
    await client.namespace.run('bash', ['-c', `echo > /dev/udp/${address}/9`], { allowFailure: true });
  };
  /** Lets the client's kernel ask, and waits for what it learns. */
  async function resolves(address: string, mac: string): Promise<void> {
    await client.namespace.run('ip', ['-6', 'neigh', 'flush', 'dev', 'eth0'], { allowFailure: true });
    await sendDatagram(address);
    await waitUntil(`${address} to be at ${mac}`, async () => (await neighbour(address)).includes(`lladdr ${mac}`));
  }
  /** A solicitation of the client for `target`, with other addresses where the test wants. */
  function solicitation(
    fields: Partial<Omit<NdpFrame, 'message'>> & { target?: string; linkLayerAddress?: string | undefined } = {},
  ): string {
    const { target = VIP, ...headers } = fields;
    const linkLayerAddress = 'linkLayerAddress' in fields ? fields.linkLayerAddress : client.mac;
    const { linkLayerAddress: _, ...addresses } = headers;
    const group = groupOf(target);
    const frame = encodeNdpFrame({
      destinationMac: `33:33:ff:${group.slice(26).replaceAll(/(..)(?=.)/g, '$1:')}`,
      destination: group.replaceAll(/(....)(?=.)/g, '$1:'),
      sourceMac: client.mac,
      source: CLIENT,
      ...addresses,
      message: {
        type: 'NeighborSolicitation',
        target,
        options: linkLayerAddress === undefined ? [] : [{ type: 'SourceLinkLayerAddress', linkLayerAddress }],
      },
    });
    return Buffer.from(frame).toString('hex');
  }
  async function frames(): Promise<NdpFrame[]> {
    return (await wire.call('seen')).flatMap((hex) => {
      const frame = decodeNdpFrame(Buffer.from(hex, 'hex'));
      return frame.ok ? [frame.value] : [];
    });
  }
  const answersFor = async (address: string): Promise<NdpFrame[]> =>
    (await frames()).filter(
      ({ message }) => message.type === 'NeighborAdvertisement' && message.solicited && message.target === address,
    );
  /** Sends frames and then a good solicitation; what was answered to the frames has been seen when the latter's answer is. */
  async function exchange(sent: readonly string[]): Promise<NdpFrame[]> {
    // The bridge floods an answer to a MAC that it does not know, and a packet socket sees it on the way.
    await client.namespace.ip(['link set eth0 promisc on']);
    await wire.call('forget');
    await wire.call('send', [...sent, solicitation({ linkLayerAddress: LAST_ASKER })]);
    return await waitUntil('the answer to the last solicitation', async () => {
      const answers = await answersFor(VIP);
      // What comes after it answers the client's kernel, which asks for itself when it must complain of a foreign address.
      const last = answers.findIndex(({ destinationMac }) => destinationMac === LAST_ASKER);
      return last >= 0 && answers.slice(0, last);
    });
  }
  const announcedTimes = (responder: Remote<ResponderCalls>, address: string): number =>
    responder.events.filter((event) => JSON.stringify(event) === JSON.stringify({ announced: address })).length;
  const troubles = (responder: Remote<ResponderCalls>): unknown[] =>
    responder.events.filter((event) => JSON.stringify(event).includes('error'));

  /** Owns addresses and waits until the last of them was announced: from then on it is answered for, too. */
  async function announce(responder: Remote<ResponderCalls>, ...addresses: string[]): Promise<void> {
    await responder.call('setOwned', addresses);
    const last = addresses.at(-1) ?? VIP;
    await waitUntil(`the announcement of ${last}`, () => announcedTimes(responder, last) > 0);
  }
  /** The groups that the node's kernel is in on eth0. */
  async function groups(): Promise<string[]> {
    const { stdout } = await node.run('cat', ['/proc/net/igmp6']);
    return stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, name]) => name === 'eth0')
      .map(([, , group = '']) => group);
  }
  const respond = (mode = '', transport = 'packet'): Promise<Remote<ResponderCalls>> =>
    startRemote<ResponderCalls>(node, responderFile, ['eth0', mode, transport]);

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
    await wire.call('send', [solicitation()]);
    await announce(responder, '2001:db8::2');
    await resolves('2001:db8::2', mac);
    expect(await answersFor(VIP)).toEqual([]);
    expect(await groups()).not.toContain(groupOf(VIP));
  });

  test('the example of the README answers', async () => {
    const { mac } = await lab.attach(node, hub);
    const example = node.spawn(...nodeProgram(new URL('../../packages/ndp/examples/answer.ts', import.meta.url)));
    await example.waitForLine(new RegExp(`^answering for ${VIP} on eth0 with ${mac}$`));
    await resolves(VIP, mac);
    expect(await example.stop()).toEqual({ code: 0, signal: null });
  });

  test('ndisc6 is answered', async () => {
    const { mac } = await lab.attach(node, hub);
    await announce(await respond(), VIP);
    const { stdout } = await client.namespace.run('ndisc6', ['-q', '-1', VIP, 'eth0']);
    expect(stdout.trim().toLowerCase()).toBe(mac);
  });

  test('an announcement moves the address in a neighbour that believes another', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond();
    await client.namespace.run('ip', [
      '-6',
      'neigh',
      'replace',
      VIP,
      'lladdr',
      STRANGER,
      'dev',
      'eth0',
      'nud',
      'stale',
    ]);
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

  test('five unsolicited advertisements to all nodes, with the Override flag and hop limit 255, then silence', async () => {
    const { mac } = await lab.attach(node, hub);
    await using watcher = await watchNdp(client);
    const responder = await respond();
    await responder.call('setOwned', [VIP]);
    await waitUntil('all rounds', async () => (await responder.call('counters', VIP))?.gratuitousSent === 5);
    const seen = await waitUntil('the last frame', () => {
      const all = watcher.unsolicited.filter(({ target }) => target === VIP);
      return all.length >= 5 && all.map(({ atMs: _, ...frame }) => frame);
    });
    expect(seen).toEqual(
      Array.from({ length: 5 }, () => ({
        kind: 'advertisement',
        sourceMac: mac,
        destinationMac: '33:33:00:00:00:01',
        source: VIP,
        destination: 'ff02::1',
        hopLimit: 255,
        checksumIsRight: true,
        target: VIP,
        router: false,
        solicited: false,
        override: true,
        linkLayerAddress: mac,
      })),
    );
  });

  test('a host that wants to take the address finds that it is taken, and is told of', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    await client.namespace.writeSysctl('net/ipv6/conf/eth0/accept_dad', 1);
    await client.namespace.ip([`address add ${VIP}/64 dev eth0`]);
    await waitUntil('duplicate address detection to fail', async () => {
      const { stdout } = await client.namespace.run('ip', ['-6', 'address', 'show', 'dev', 'eth0', 'dadfailed']);
      return stdout.includes(`${VIP}/64`);
    });
    const conflict = { address: VIP, interfaceName: 'eth0', ourMac: mac, theirMac: client.mac, kind: 'probe' };
    expect(responder.events).toContainEqual({ conflict });
  });

  test('a neighbour that checks whether we are still there finds us, with a link-layer address or without', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    await client.namespace.writeSysctl('net/ipv6/neigh/eth0/delay_first_probe_time', 1);
    await client.namespace.run('ip', ['-6', 'neigh', 'replace', VIP, 'lladdr', mac, 'dev', 'eth0', 'nud', 'stale']);
    await sendDatagram(VIP);
    await waitUntil('the neighbour to be reachable', async () => (await neighbour(VIP)).endsWith('REACHABLE'));
    for (const withLinkLayerAddress of [true, false]) {
      const replies = await probeNdp(client, { addresses: [VIP], destinationMac: mac, withLinkLayerAddress });
      expect(replies.filter(({ solicited }) => solicited)).toEqual([
        expect.objectContaining({ address: VIP, mac, override: true }),
      ]);
    }
  });

  test('a MAC that changes is answered with at once, and announced', async () => {
    await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    await node.ip(['link set eth0 address 02:00:5e:00:53:aa']);
    await waitUntil('the second announcement', () => announcedTimes(responder, VIP) === 2);
    await resolves(VIP, '02:00:5e:00:53:aa');
  });

  test('an interface that goes down and comes up again announces, and so does one that lost its carrier', async () => {
    const cable = await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    await node.ip(['link set eth0 down']);
    await waitUntil('the end of IPv6', async () => (await responder.call('linkLocalAddress')) === undefined);
    await node.ip(['link set eth0 up']);
    await waitUntil('the second announcement', () => announcedTimes(responder, VIP) === 2);
    await resolves(VIP, cable.mac);
    await cable.cut();
    await cable.restore();
    await waitUntil('the third announcement', () => announcedTimes(responder, VIP) === 3);
    await resolves(VIP, cable.mac);
    expect(troubles(responder)).toEqual([]);
  });

  test('an interface that is created later joins the groups and announces what is owned already; one that is deleted is waited for', async () => {
    const responder = await respond();
    await responder.call('setOwned', [VIP]);
    expect(await responder.call('mac')).toBeUndefined();
    const first = await lab.attach(node, hub);
    await waitUntil('the announcement', () => announcedTimes(responder, VIP) === 1);
    expect(await groups()).toContain(groupOf(VIP));
    await resolves(VIP, first.mac);
    await first.detach();
    await waitUntil('the end of the interface', async () => (await responder.call('mac')) === undefined);
    const second = await lab.attach(node, hub);
    await waitUntil('the second announcement', () => announcedTimes(responder, VIP) === 2);
    expect(await groups()).toContain(groupOf(VIP));
    await resolves(VIP, second.mac);
    expect(troubles(responder)).toEqual([]);
  });

  test('an interface that lost IPv6 for a while, as with an MTU of less than 1280, joins anew', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    await node.ip(['link set eth0 mtu 1000']);
    await waitUntil('the end of IPv6', async () => (await responder.call('linkLocalAddress')) === undefined);
    await node.ip(['link set eth0 mtu 1500']);
    await waitUntil('the second announcement', () => announcedTimes(responder, VIP) === 2);
    expect(await groups()).toContain(groupOf(VIP));
    await resolves(VIP, mac);
  });

  test('an interface without IPv6 is silent until it has a link-local address', async () => {
    const { mac } = await lab.attach(node, hub);
    await node.ip(['link set eth0 addrgenmode none', 'address flush dev eth0']);
    const responder = await respond();
    await responder.call('setOwned', [VIP]);
    await wire.call('send', [solicitation()]);
    expect(await responder.call('linkLocalAddress')).toBeUndefined();
    await node.ip(['address add fe80::5/64 dev eth0']);
    await waitUntil('the announcement', () => announcedTimes(responder, VIP) === 1);
    expect((await responder.call('counters', VIP))?.requestsReceived).toBe(0);
    await resolves(VIP, mac);
  });

  test('a switch that snoops is told of the group, and told when it is left', async () => {
    await hub.namespace.ip([`link set ${hub.bridge} type bridge mcast_snooping 1 mcast_querier 1`]);
    const cable = await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, '2001:db8::ab:cdef');
    const snooped = async (): Promise<boolean> => {
      const { stdout } = await hub.namespace.run('bridge', ['mdb', 'show', 'dev', hub.bridge]);
      return stdout.includes(`port ${cable.port} grp ff02::1:ffab:cdef `);
    };
    await waitUntil('the switch to know the group', snooped);
    await resolves('2001:db8::ab:cdef', cable.mac);
    await responder.call('disown', '2001:db8::ab:cdef');
    await waitUntil('the switch to forget the group', async () => !(await snooped()));
  });

  test('groups and nobody are not answered, nor what a router has passed on; everyone else is, at its link-layer address', async () => {
    await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    const withHopLimit = (hopLimit: number): string => {
      const frame = Buffer.from(solicitation(), 'hex');
      frame[21] = hopLimit;
      return frame.toString('hex');
    };
    const answers = await exchange([
      withHopLimit(64),
      withHopLimit(254),
      solicitation({ linkLayerAddress: 'ff:ff:ff:ff:ff:ff' }),
      solicitation({ linkLayerAddress: '33:33:00:00:00:01' }),
      solicitation({ linkLayerAddress: '00:00:00:00:00:00' }),
      solicitation({ source: 'ff02::1' }),
      solicitation({ destinationMac: STRANGER }),
      solicitation({ linkLayerAddress: '02:00:5e:00:53:77' }),
      solicitation({ linkLayerAddress: undefined }),
      solicitation({ source: '2001:db8:ffff::9' }),
    ]);
    expect(answers.map(({ destinationMac, destination }) => [destinationMac, destination])).toEqual([
      ['02:00:5e:00:53:77', CLIENT],
      [client.mac, CLIENT],
      [client.mac, '2001:db8:ffff::9'],
    ]);
  });

  test('malformed frames change nothing', async () => {
    await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    const good = Buffer.from(solicitation(), 'hex');
    const noise = fc.uint8Array({ maxLength: 150 }).map((octets) => Buffer.concat([good.subarray(0, 54), octets]));
    // Past the kernel's filter, which looks at little else than the target.
    const almost = fc
      .array(fc.tuple(fc.constantFrom(18, 19, 22, 38, 54, 56, 57, 58, 78, 79, 80), fc.nat(255)), {
        minLength: 1,
        maxLength: 3,
      })
      .map((patches) => {
        const frame = Buffer.from(good);
        for (const [offset, octet] of patches) frame[offset] = octet;
        return frame;
      });
    const options = fc.uint8Array({ maxLength: 80 }).map((octets) => {
      const frame = Buffer.concat([good.subarray(0, 78), octets]);
      frame.writeUInt16BE(24 + octets.length, 18);
      return frame;
    });
    const cut = fc.integer({ min: 14, max: 85 }).map((length) => good.subarray(0, length));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(noise, almost, options, cut), { minLength: 50, maxLength: 200 }),
        async (sent) => {
          for (const answer of await exchange(sent.map((frame) => frame.toString('hex')))) {
            expect(answer.message).toMatchObject({ type: 'NeighborAdvertisement', target: VIP, override: true });
          }
        },
      ),
      { numRuns: 15 },
    );
    expect(responder.process.end).toBeUndefined();
    expect(troubles(responder)).toEqual([]);
  });

  test('a storm of solicitations for foreign addresses does not wake the process', async () => {
    await lab.attach(node, hub);
    const responder = await respond();
    await announce(responder, VIP);
    await exchange([]);
    const before = (await responder.call('statistics')).socket;
    await wire.call(
      'send',
      [solicitation({ target: '2001:db8::99' }), solicitation({ target: '2001:db8::1:0:1' })],
      5_000,
    );
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
    await exchange([solicitation({ destinationMac: '02:00:5e:00:53:55' })]);
    expect((await responder.call('statistics')).socket.framesReceived - before).toBe(1); // the last one of the exchange
  });

  test('another host that claims an address is told of with both MACs, answered once, and does not get it', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond('defend');
    await responder.call('setOwned', [VIP]);
    await waitUntil('all rounds', async () => (await responder.call('counters', VIP))?.gratuitousSent === 5);
    await using watcher = await watchNdp(client);
    await wire.call('send', [strangersClaim], 20);
    const conflict = { address: VIP, interfaceName: 'eth0', ourMac: mac, theirMac: STRANGER, kind: 'advertisement' };
    await waitUntil('all claims', async () => (await responder.call('statistics')).conflicts === 20);
    expect(responder.events.filter((event) => JSON.stringify(event).includes('conflict'))).toEqual([{ conflict }]);
    await watcher.waitFor('the defence', ({ target, sourceMac }) => target === VIP && sourceMac === mac);
    expect((await responder.call('counters', VIP))?.gratuitousSent).toBe(6);
    await resolves(VIP, mac);
    expect(watcher.unsolicited.map(({ sourceMac }) => sourceMac)).toEqual([mac]);
  });

  test('an address that is given away as soon as another host claims it is no conflict', async () => {
    const { mac } = await lab.attach(node, hub);
    const responder = await respond('give away when claimed');
    await announce(responder, VIP);
    await wire.call('send', [strangersClaim], 3);
    await waitUntil('the end of the address', async () => (await responder.call('counters', VIP)) === undefined);
    await announce(responder, '2001:db8::2');
    await resolves('2001:db8::2', mac);
    expect((await responder.call('statistics')).conflicts).toBe(1);
    expect(responder.events.filter((event) => JSON.stringify(event).includes('conflict'))).toEqual([]);
  });

  test('500 addresses, no two of them neighbours, are all answered and announced, and in their groups, where the kernel has little memory', async () => {
    await node.writeSysctl('net/core/optmem_max', 20_480); // the default before Linux 6.8
    await lab.attach(node, hub);
    const responder = await respond();
    const scattered = Array.from(
      { length: 500 },
      (_, i) => `2001:db8:${(i % 5) + 1}::${(i * 7 + 2).toString(16)}:${(i * 31).toString(16)}`,
    );
    await announce(responder, ...scattered, VIP);
    await waitUntil(
      'the announcement of all',
      () => new Set(responder.events.map((one) => JSON.stringify(one))).size >= 501,
    );
    const joined = new Set(await groups());
    expect(scattered.filter((address) => !joined.has(groupOf(address)))).toEqual([]);
    const replies = await probeNdp(client, { addresses: scattered, intervalMs: 1, replyTimeoutMs: 3_000 });
    const answered = new Set(replies.filter(({ solicited }) => solicited).map(({ address }) => digitsOf(address)));
    expect(scattered.filter((address) => !answered.has(digitsOf(address)))).toEqual([]);
    await exchange([]);
    const before = (await responder.call('statistics')).socket.framesReceived;
    await wire.call('send', [solicitation({ target: '2001:db9::99' })], 1_000);
    await exchange([]);
    expect((await responder.call('statistics')).socket.framesReceived - before).toBe(1);
    expect(troubles(responder)).toEqual([]);
  });

  test.for(['icmpv6', 'raw-socket'])('the transport %s answers, too', async (transport, { skip }) => {
    // Under CI a skip would go unseen.
    const { CI } = process.env;
    if (transport === 'raw-socket' && CI !== 'true' && !(await isCompiled())) skip('raw-socket is not compiled');
    // The kernel sends, so it needs a route to the asker.
    const { mac } = await lab.attach(node, hub, { addresses: ['2001:db8::7/64'] });
    const responder = await respond('', transport);
    await using watcher = await watchNdp(client);
    await announce(responder, VIP);
    await watcher.waitFor(
      'the announcement',
      ({ kind, target, override, solicited, hopLimit, checksumIsRight, linkLayerAddress, destination }) =>
        kind === 'advertisement' &&
        target === VIP &&
        override &&
        !solicited &&
        hopLimit === 255 &&
        checksumIsRight &&
        linkLayerAddress === mac &&
        destination === 'ff02::1',
    );
    await resolves(VIP, mac);
    const asked = await probeNdp(client, { addresses: [VIP] });
    expect(asked).toContainEqual(expect.objectContaining({ address: VIP, mac, solicited: true, override: true }));
    const probed = await probeNdp(client, { addresses: [VIP], senderIp: '::' });
    expect(probed).toContainEqual(expect.objectContaining({ address: VIP, mac, solicited: false, override: true }));
    const outcomes = async () => (await responder.call('statistics')).outcomes;
    const answered = (await outcomes()).Answered ?? 0;
    const refused = Buffer.from(solicitation(), 'hex');
    refused[21] = 64;
    await wire.call('send', [refused.toString('hex')], 10);
    await wire.call('send', [solicitation()]);
    await waitUntil('the last answer', async () => ((await outcomes()).Answered ?? 0) > answered);
    if (transport === 'icmpv6') {
      expect(await outcomes()).toMatchObject({ Answered: answered + 1, ERR_NDP_UNEXPECTED_HOP_LIMIT: 10 });
    }
    expect(troubles(responder)).toEqual([]);
  });

  const isCompiled = async (): Promise<boolean> => {
    const transport = new URL('../../packages/ndp/src/node/transport/raw-socket-module.ts', import.meta.url);
    const script = `import(${JSON.stringify(transport.href)}).then(({ loadRawSocket }) => loadRawSocket())`;
    const loaded = await node.run(process.execPath, ['-e', script], { allowFailure: true });
    return loaded.code === 0;
  };
});
