import { startFrr, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { HOSTILE_ASN, type HostileLab, NODE_ASN, openHostileLab, SOON } from './hostile-lab.ts';
import { type StrangersAsked, type StrangersMet, sendStrangers } from './hostile-strangers.ts';
import { hex, keepalive, message, notification, OPEN, open, update } from './scripted-peer-octets.ts';

const toHex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
/** RFC 4486: Cease, Connection Rejected. */
const REJECTED = toHex(notification(6, 5));
const MEBIBYTE = 1 << 20;
const MAX_STRANGERS = 64;

describeLab('a speaker that listens', () => {
  let lab: HostileLab;
  /** An address that is a passive peer's, on a host of strangers. */
  const passive = '10.20.0.200';

  beforeAll(async () => {
    lab = await openHostileLab({
      speaker: {
        listen: { dynamic: [{ prefix: '10.20.7.0/24', options: { asn: HOSTILE_ASN }, maxPeers: 20 }] },
      },
    });
    const others = [passive, ...Array.from({ length: 40 }, (_, i) => `10.20.7.${i + 1}`)];
    await lab.hostile.namespace.ip(others.map((address) => `address add ${address}/16 dev eth0`));
    await lab.speaker.addPeer({ address: passive, name: 'passive', asn: HOSTILE_ASN, passive: true, ...SOON });
  });
  afterAll(() => lab?.close());
  afterEach(() => lab.expectUndisturbed());

  const send = (asked: Omit<StrangersAsked, 'host' | 'port'>): Promise<StrangersMet> =>
    sendStrangers(lab.hostile.namespace, { host: lab.node.ipv4, port: 179, ...asked });

  async function expectFreed(socketsBefore: number, heapBefore: number): Promise<void> {
    let now = '';
    try {
      await waitUntil('sockets and memory to be freed', async () => {
        const { sockets, heapOctets } = await lab.speaker.usage();
        now = `${sockets} sockets, ${heapOctets - heapBefore} octets`;
        return sockets <= socketsBefore && heapOctets - heapBefore < 16 * MEBIBYTE;
      });
    } catch (error) {
      throw new Error(`left over: ${now}`, { cause: error });
    }
  }

  test('1,000 strangers at once are told to go, or not told; none stays, none costs', async () => {
    const { sockets, heapOctets } = await lab.speaker.usage();
    // The kernel keeps 128 that nobody has taken yet, and has others ask again after a second, and three.
    const met = await send({ count: 1_000, forMs: 1_500 });
    expect(met.said).toEqual([REJECTED]);
    expect(met.heard).toBeGreaterThan(0);
    expect(met.closed).toBeGreaterThan(100);
    await expectFreed(sockets, heapOctets);
  });

  test('strangers who stay are at most 64, and not for long', async () => {
    const { sockets, heapOctets } = await lab.speaker.usage();
    const sent = send({ count: 120, stay: true, forMs: 6_000 });
    const present = async (): Promise<number> => (await lab.speaker.usage()).sockets - sockets;
    await waitUntil('as many as may be', async () => (await present()) >= MAX_STRANGERS, { intervalMs: 1 });
    let most = 0;
    for (let now = await present(); now > 0; now = await present()) most = Math.max(most, now);
    expect(most).toBe(MAX_STRANGERS);
    // They are still there, and the speaker has let them go.
    await expectFreed(sockets, heapOctets);
    expect((await sent).open).toBe(MAX_STRANGERS);
  });

  test('a stranger that says a good OPEN, of a peer that has another address, is no peer', async () => {
    const { sockets, heapOctets } = await lab.speaker.usage();
    const greeting = [open({ asn: HOSTILE_ASN }), keepalive, update({ attributes: [], withdrawn: '20 0a090000' })];
    const met = await send({ count: 50, say: toHex(Buffer.concat(greeting)), forMs: 10_000 });
    expect(met.said.filter((octets) => octets !== REJECTED)).toEqual([]);
    expect(met.closed).toBe(50);
    expect((await lab.speaker.status('passive')).counters.established).toBe(0);
    await expectFreed(sockets, heapOctets);
  });

  test('a peer that calls a hundred times at once has one connection, or two', async () => {
    const { sockets, heapOctets } = await lab.speaker.usage();
    const met = await send({ count: 100, sources: [passive], forMs: 1_500 });
    // Each that is taken is sent an OPEN, and waits for one.
    expect(met.open).toBeLessThanOrEqual(2);
    expect(met.closed).toBe(100 - met.open);
    const { counters } = await lab.speaker.status('passive');
    expect(counters.sent.open).toBeLessThanOrEqual(4);
    await expectFreed(sockets, heapOctets);
  });

  test('a peer that calls, says good things and goes, again and again, is slowed down, and still taken', async () => {
    const say = toHex(Buffer.concat([open({ asn: HOSTILE_ASN }), keepalive, notification(6, 4)]));
    for (let i = 0; i < 6; i++) await send({ count: 1, sources: [passive], say, forMs: 500 });
    const { counters, state } = await lab.speaker.until('passive', 'quiet', (status) => status.state !== 'Established');
    expect(counters.established).toBeGreaterThan(0);
    expect(state).not.toBe('Established');
  });

  test('dynamic neighbours are at most as many as they may be, and are forgotten when they go', async () => {
    const { sockets, heapOctets } = await lab.speaker.usage();
    const sources = Array.from({ length: 40 }, (_, i) => `10.20.7.${i + 1}`);
    const say = toHex(Buffer.concat([open({ asn: HOSTILE_ASN, identifier: '10.20.7.1' }), keepalive]));
    const met = await send({ count: 40, sources, say, forMs: 1_500 });
    expect(met.open).toBe(20);
    await expectFreed(sockets, heapOctets);
    const again = await send({ count: 40, sources, say, forMs: 1_500 });
    expect(again.open).toBe(20);
    await expectFreed(sockets, heapOctets);
  });

  test('whoever calls from the address of FRR is not FRR: its session stays', async () => {
    const well = lab.lan.nodes[1]?.namespace ?? expect.fail('no second node');
    const say = toHex(Buffer.concat([open({ asn: 65_000, identifier: '10.20.0.2' }), keepalive]));
    const asked = { host: lab.node.ipv4, port: 179, count: 20, say, forMs: 1_500 };
    const met = await sendStrangers(well, asked);
    expect(met.closed).toBe(20);
    // RFC 4271, section 6.8; the second answer is for more than two at once.
    const allowed = [notification(6, 7), notification(6, 8)].map(toHex);
    expect(met.said.filter((octets) => !allowed.includes(octets))).toEqual([]);
  });

  test('while strangers call without end, a peer that calls is served', async () => {
    const strangers = send({ count: 2_000, stay: true, forMs: 2_500 });
    await using other = await startFrr(lab.lan.client.namespace, {
      asn: HOSTILE_ASN,
      routerId: passive,
      port: 0,
      neighbors: [{ address: lab.node.ipv4, asn: NODE_ASN, passive: false, sourceAddress: passive }],
    });
    const up = async (): Promise<boolean> => (await other.neighbor(lab.node.ipv4)).state === 'Established';
    await waitUntil('the session of a peer that calls', up, { timeoutMs: 20_000 });
    await strangers;
    expect(await up()).toBe(true);
  });
});

describeLab('a peer that is very slow', () => {
  let lab: HostileLab;

  beforeAll(async () => {
    lab = await openHostileLab();
    const address = lab.hostile.ipv4;
    await lab.speaker.addPeer({ address, name: 'slow', asn: HOSTILE_ASN, holdTimeSeconds: 3, ...SOON });
  });
  afterAll(() => lab?.close());
  afterEach(() => lab.expectUndisturbed());

  test('says its OPEN octet by octet, and then an UPDATE, and is understood', async () => {
    const peer = await lab.router.next();
    await peer.drip(open({ asn: HOSTILE_ASN, holdTimeSeconds: 0 }), 20);
    await peer.drip(keepalive, 20);
    await lab.speaker.until('slow', 'Established', ({ state }) => state === 'Established');
    const attributes = ['40 01 01 00', '40 02 06 02 01 0000fc00', '40 03 04 c0000201'];
    await peer.drip(update({ attributes, nlri: '18 c00002' }), 20);
    const { counters } = await lab.speaker.until(
      'slow',
      'its route',
      (status) => status.counters.prefixesReceived === 1,
    );
    expect(counters.updateFailures).toBe(0);
    peer.reset();
  });

  test('whose UPDATE never ends is silent, and told so when the hold time is over', async () => {
    const peer = await lab.router.greeted({ asn: HOSTILE_ASN });
    // 4,096 octets, one each 100 ms: 7 minutes. The hold time is 3 s, and octets are no messages.
    const endless = message(2, hex('0000 0fe5')).with(16, 0x10).with(17, 0x00);
    const dripping = peer.drip(Uint8Array.of(...endless, ...new Uint8Array(4_000)), 100);
    expect(await peer.farewell()).toEqual({ codes: '4/0', data: '' });
    await dripping;
    const { lastError } = await lab.speaker.status('slow');
    expect(lastError).toMatch(/^this end sent Hold Timer Expired \(4\/0\): nothing was heard from the peer/);
  });

  test('whose OPEN never ends keeps one connection, and is called no more meanwhile', async () => {
    const before = lab.router.calls;
    const peer = await lab.router.next();
    await peer.waitFor(OPEN);
    await peer.drip(open({ asn: HOSTILE_ASN }).subarray(0, 30), 100);
    const { state } = await lab.speaker.status('slow');
    expect(state).toBe('OpenSent');
    expect(lab.router.calls - before).toBeLessThanOrEqual(1);
    peer.reset();
    await lab.router.greeted({ asn: HOSTILE_ASN });
  });
});
