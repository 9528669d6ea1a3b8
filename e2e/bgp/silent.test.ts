import { setTimeout as sleep } from 'node:timers/promises';
import { startFrr, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOSTILE_ASN, type HostileLab, openHostileLab, ROUTER_ASN, SOON } from './hostile-lab.ts';
import { listenScripted } from './scripted-peer.ts';
import { KEEPALIVE, keepalive, routeRefresh } from './scripted-peer-octets.ts';

const HOLD_TIME_SECONDS = 3;
const SILENCE =
  /^this end sent Hold Timer Expired \(4\/0\): nothing was heard from the peer for the whole hold time: it, or the way to it, is dead$/;

describeLab('a peer that goes silent', () => {
  let lab: HostileLab;

  beforeAll(async () => {
    lab = await openHostileLab();
    const address = lab.hostile.ipv4;
    const options = { name: 'scripted', asn: HOSTILE_ASN, holdTimeSeconds: HOLD_TIME_SECONDS, ...SOON };
    await lab.speaker.addPeer({ address, ...options });
  });
  afterAll(() => lab?.close());

  test.concurrent('is told that its hold time is over, and called again; KEEPALIVEs keep a session', async () => {
    const { router, speaker } = lab;
    const peer = await router.greeted({ asn: HOSTILE_ASN });
    const keeping = setInterval(() => peer.say(keepalive), 900);
    await sleep(2 * HOLD_TIME_SECONDS * 1_000);
    clearInterval(keeping);
    expect(peer.notifications).toEqual([]);
    // RFC 4271, section 10: each after three quarters of a third of it, or later.
    const heard = peer.heard.filter(({ type }) => type === KEEPALIVE).length;
    expect(heard).toBeGreaterThanOrEqual(2 + 4);
    // RFC 4271, section 4.2, counts KEEPALIVE and UPDATE, and nothing else, as life.
    const asking = setInterval(() => peer.say(routeRefresh), 200);
    expect(await peer.farewell()).toEqual({ codes: '4/0', data: '' });
    clearInterval(asking);
    const { lastError, counters } = await speaker.status('scripted');
    expect(lastError).toMatch(SILENCE);
    const again = await router.greeted({ asn: HOSTILE_ASN });
    await speaker.until('scripted', 'the next session', (status) => status.counters.established > counters.established);
    again.reset();
    await lab.expectUndisturbed();
  });

  test.concurrent('with a hold time of 0 there are no KEEPALIVEs, and no end', async () => {
    const { namespace, ipv4: host } = lab.hostile;
    await using router = await listenScripted(namespace, { host, port: 1_179 });
    await lab.speaker.addPeer({ address: host, port: 1_179, name: 'timeless', asn: HOSTILE_ASN, ...SOON });
    const peer = await router.greeted({ asn: HOSTILE_ASN, holdTimeSeconds: 0 });
    await sleep((HOLD_TIME_SECONDS + 1) * 1_000);
    expect(peer.notifications).toEqual([]);
    expect(peer.heard.filter(({ type }) => type === KEEPALIVE)).toHaveLength(1);
    expect((await lab.speaker.status('timeless')).session?.holdTimeSeconds).toBe(0);
    peer.reset();
  });

  test.concurrent('FRR that is stopped, and FRR whose packets are lost, is given up in the hold time, and comes back', async () => {
    const { speaker, lan, node } = lab;
    const [host] = lan.nodes.slice(1);
    const well = host ?? expect.fail('no second node');
    await well.namespace.ip([`address add 10.20.0.77/16 dev eth0`]);
    await using frr = await startFrr(well.namespace, {
      asn: ROUTER_ASN,
      routerId: '10.20.0.77',
      port: 1_179,
      holdTimeSeconds: HOLD_TIME_SECONDS,
      neighbors: [{ address: node.ipv4, asn: 65_001 }],
    });
    const options = { address: '10.20.0.77', port: 1_179, name: 'frr', asn: ROUTER_ASN, ...SOON };
    await speaker.addPeer(options);
    await speaker.tell({ do: 'announce', peer: 'frr', from: '10.30', count: 5 });
    const hasRoutes = async (): Promise<boolean> => (await frr.neighbor(node.ipv4)).prefixesReceived === 5;
    await waitUntil('the routes', hasRoutes);

    const pause = async (stop: () => unknown, go: () => unknown): Promise<void> => {
      const { counters } = await speaker.status('frr');
      const downs = speaker.said.filter(
        (news) => news.includes('"peer":"frr"') && news.includes('"type":"down"'),
      ).length;
      await stop();
      await waitUntil(
        'the end',
        () =>
          speaker.said.filter((news) => news.includes('"peer":"frr"') && news.includes('"type":"down"')).length > downs,
        {
          timeoutMs: 15_000,
        },
      );
      const { lastError, lastEnd } = await speaker.status('frr');
      expect(lastEnd).toMatchObject({ type: 'notificationSent', notification: { errorCode: 4, errorSubcode: 0 } });
      expect(lastError).toMatch(SILENCE);
      await go();
      await speaker.until('frr', 'to be back', (status) => status.counters.established > counters.established);
      await waitUntil('the routes again', hasRoutes);
    };
    await pause(
      () => process.kill(frr.process.pid, 'SIGSTOP'),
      () => process.kill(frr.process.pid, 'SIGCONT'),
    );
    const nft = (input: string): Promise<unknown> => well.namespace.run('nft', ['-f', '-'], { input });
    await pause(
      () => nft('table inet lost { chain out { type filter hook output priority 0; tcp sport 1179 drop; }; }'),
      () => nft('delete table inet lost'),
    );
    await lab.expectUndisturbed();
  });
});
