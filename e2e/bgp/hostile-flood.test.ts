import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { HOSTILE_ASN, type HostileLab, openHostileLab, SOON } from './hostile-lab.ts';
import type { ScriptedPeer } from './scripted-peer.ts';
import { hex, keepalive, message, open, routeRefresh, update } from './scripted-peer-octets.ts';

const MANY_ROUTES = 10_000;
const MEBIBYTE = 1 << 20;
/** What floods may leave behind. */
const LEFT_OCTETS = 48 * MEBIBYTE;

describeLab('a peer that floods', () => {
  let lab: HostileLab;
  let nextPrefix = 0;
  let heapBefore = 0;

  beforeAll(async () => {
    lab = await openHostileLab();
    const address = lab.hostile.ipv4;
    await lab.speaker.addPeer({ address, name: 'hostile', asn: HOSTILE_ASN, ...SOON });
    heapBefore = (await lab.speaker.usage()).heapOctets;
  });
  afterAll(() => lab?.close());
  afterEach(async () => {
    await lab.expectUndisturbed();
    const { heapOctets } = await lab.speaker.usage();
    expect(heapOctets - heapBefore).toBeLessThan(LEFT_OCTETS);
  });

  async function session(holdTimeSeconds = 90): Promise<ScriptedPeer> {
    const peer = await lab.router.greeted({ asn: HOSTILE_ASN, holdTimeSeconds });
    await lab.speaker.until('hostile', 'Established', ({ state }) => state === 'Established');
    return peer;
  }

  /** While `flood` goes on, FRR gets a new route. Says how long the event loop stood still at worst. */
  async function othersGoOnDuring(flood: Promise<void>): Promise<void> {
    nextPrefix += 1;
    await lab.speaker.usage();
    await lab.speaker.tell({ do: 'announce', peer: 'witness', from: `10.${100 + nextPrefix}`, count: 1 });
    const prefix = `10.${100 + nextPrefix}.0.0/32`;
    const isThere = async (): Promise<boolean> => (await lab.witness.routes()).has(prefix);
    await waitUntil(`${prefix} at FRR`, isThere, { timeoutMs: 20_000, intervalMs: 50 });
    await flood;
    const { worstGapMs } = await lab.speaker.usage();
    process.stdout.write(`# ${expect.getState().currentTestName}: worst gap ${worstGapMs.toFixed(0)} ms\n`);
  }

  test('100,000 UPDATEs are checked, counted and let go', async () => {
    const peer = await session();
    const attributes = ['40 01 01 00', '40 02 06 02 01 0000fc00', '40 03 04 c0000201'];
    const updates = Array.from({ length: 1_000 }, (_, i) =>
      update({
        attributes,
        nlri: `20 c612 ${(i >> 8).toString(16).padStart(2, '0')}${(i & 255).toString(16).padStart(2, '0')}`,
      }),
    );
    const { counters: before } = await lab.speaker.status('hostile');
    await othersGoOnDuring(peer.pour(Buffer.concat(updates), 100));
    const { counters, state } = await lab.speaker.until(
      'hostile',
      'all of them',
      ({ counters: { received } }) => received.update - before.received.update >= 100_000,
    );
    expect(state).toBe('Established');
    expect(counters.prefixesReceived - before.prefixesReceived).toBe(100_000);
    expect(peer.notifications).toEqual([]);
    peer.reset();
  });

  test('100,000 UPDATEs that are each wrong are one event a second', async () => {
    const peer = await session();
    const attributes = ['40 01 01 07', '40 02 06 02 01 0000fc00', '40 03 04 c0000201'];
    const wrong = Buffer.concat(Array.from({ length: 1_000 }, () => update({ attributes, nlri: '20 c6120001' })));
    const { counters: before } = await lab.speaker.status('hostile');
    const said = lab.speaker.said.length;
    const beganMs = performance.now();
    await othersGoOnDuring(peer.pour(wrong, 100));
    const { state } = await lab.speaker.until(
      'hostile',
      'all of them',
      ({ counters: { updateFailures } }) => updateFailures - before.updateFailures >= 100_000,
    );
    expect(state).toBe('Established');
    const events = lab.speaker.said.slice(said).filter((news) => news.includes('"updateFailed"'));
    const seconds = (performance.now() - beganMs) / 1_000;
    expect(events.length).toBeLessThanOrEqual(seconds + 2);
    peer.reset();
  });

  test('200,000 KEEPALIVEs', async () => {
    const peer = await session();
    const { counters: before } = await lab.speaker.status('hostile');
    await othersGoOnDuring(peer.pour(Buffer.concat(Array.from({ length: 1_000 }, () => keepalive)), 200));
    await lab.speaker.until(
      'hostile',
      'all of them',
      ({ counters: { received } }) => received.keepalive - before.received.keepalive >= 200_000,
    );
    expect((await lab.speaker.status('hostile')).state).toBe('Established');
    peer.reset();
  });

  test('10,000 ROUTE-REFRESHes for 10,000 routes are answered now and then', async () => {
    const peer = await session();
    await lab.speaker.tell({ do: 'announce', peer: 'hostile', from: '10.20', count: MANY_ROUTES, distinct: true });
    await waitUntil('the routes', () => peer.updatesHeard >= MANY_ROUTES, { timeoutMs: 20_000 });
    const before = peer.updatesHeard;
    const beganMs = performance.now();
    await othersGoOnDuring(peer.pour(Buffer.concat(Array.from({ length: 1_000 }, () => routeRefresh)), 10));
    await lab.speaker.until('hostile', 'all read', ({ counters }) => counters.received.routeRefresh >= 10_000);
    await waitUntil('one answer', () => peer.updatesHeard >= before + MANY_ROUTES, { timeoutMs: 20_000 });
    // Whatever asked before the last answer began is answered by it.
    await sleep(1_500);
    const answers = (peer.updatesHeard - before) / (MANY_ROUTES + 1);
    const seconds = (performance.now() - beganMs) / 1_000;
    expect(answers).toBeGreaterThanOrEqual(1);
    expect(answers).toBeLessThanOrEqual(seconds + 1);
    expect((await lab.speaker.status('hostile')).state).toBe('Established');
    peer.reset();
  });

  test('ROUTE-REFRESHes of a peer that reads nothing cost no memory', async () => {
    const peer = await session();
    await waitUntil('the routes', () => peer.updatesHeard >= MANY_ROUTES, { timeoutMs: 20_000 });
    peer.deaf();
    await othersGoOnDuring(peer.pour(Buffer.concat(Array.from({ length: 1_000 }, () => routeRefresh)), 10));
    const { heapOctets } = await lab.speaker.usage();
    expect(heapOctets - heapBefore).toBeLessThan(LEFT_OCTETS);
    peer.reset();
  });

  test('messages of no use: unknown capabilities by the hundred, families that nobody has', async () => {
    const capabilities = Array.from({ length: 60 }, (_, i) => `${(100 + i).toString(16)} 02 0000`.padStart(10, '0'));
    const peer = await lab.router.next();
    peer.say(open({ asn: HOSTILE_ASN, capabilities: capabilities.slice(0, 40) }), keepalive);
    await lab.speaker.until('hostile', 'Established', ({ state }) => state === 'Established');
    const strange = [
      message(5, hex('0019 00 46')),
      message(5, hex('0001 ff 01')),
      update({ attributes: ['80 0e 06 0019 46 00 00 00'] }),
      update({ attributes: ['80 0f 03 4004 47'] }),
      update({}),
    ];
    await othersGoOnDuring(peer.pour(Buffer.concat(Array.from({ length: 2_000 }, () => strange).flat()), 5));
    await lab.speaker.until('hostile', 'read', ({ counters }) => counters.received.routeRefresh >= 20_000);
    expect(peer.notifications).toEqual([]);
    peer.reset();
  });
});

describeLab('a peer that reads nothing', () => {
  let lab: HostileLab;

  beforeAll(async () => {
    lab = await openHostileLab();
  });
  afterAll(() => lab?.close());

  test('is given up when the send hold timer expires: RFC 9687; then it is called again', async () => {
    const { router, speaker, hostile } = lab;
    const options = { address: hostile.ipv4, name: 'deaf', asn: HOSTILE_ASN, ...SOON };
    const { heapOctets: before, sockets } = await speaker.usage();
    await speaker.addPeer({ ...options, sendHoldTimeMs: 2_000 });
    const peer = await router.greeted({ asn: HOSTILE_ASN });
    peer.deaf();
    await speaker.tell({ do: 'announce', peer: 'deaf', from: '11.0', count: 100_000, distinct: true });
    const alive = setInterval(() => peer.say(keepalive), 100);
    const { lastError, lastEnd, routes } = await speaker.until(
      'deaf',
      'given up',
      ({ lastEnd: end }) => end !== undefined,
    );
    clearInterval(alive);
    expect(lastError).toMatch(/^this end sent Send Hold Timer Expired \(8\/0\): the peer reads nothing: RFC 9687$/);
    expect(lastEnd).toMatchObject({ type: 'notificationSent', notification: { errorCode: 8, errorSubcode: 0 } });
    expect(routes.pending).toBe(100_000);
    await waitUntil('the connection to be reset', () => {
      peer.socket.resume();
      return peer.closed;
    });
    const again = await router.greeted({ asn: HOSTILE_ASN });
    await waitUntil('all routes', () => again.updatesHeard >= 100_000, { timeoutMs: 30_000 });
    await speaker.tell({ do: 'closePeer', peer: 'deaf', options: { timeoutMs: 5_000 } });
    await waitUntil('everything to be freed', async () => {
      const after = await speaker.usage();
      return after.sockets <= sockets && after.heapOctets - before < 24 * MEBIBYTE;
    });
    await lab.expectUndisturbed();
  });
});
