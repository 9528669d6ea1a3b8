import { fileURLToPath } from 'node:url';
import { type FrrDaemon, type Lan, layLan, type Namespace, startFrr, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOSTILE_ASN, NODE_ASN, ROUTER_ASN, SOON } from './hostile-lab.ts';
import { type HostileSpeaker, startHostileSpeaker } from './hostile-speaker.ts';
import { sendStrangers } from './hostile-strangers.ts';

const PATIENCE = { timeoutMs: 30_000, intervalMs: 50 };
const PROGRAM = fileURLToPath(new URL('gtsm-intruder.py', import.meta.url));
/** What an intruder can give his packets at most; a router takes one of it. */
const MAX_TTL = 255;
const KEEPALIVE_OCTETS = 19;
const INTRUDER = '10.30.0.2';

/** Of the speaker: each has a neighbour of its own at FRR. */
const SOURCES = {
  /** GTSM on both sides, the speaker dials. */
  guarded: '10.20.0.11',
  guardedIpv6: 'fd00:20::b',
  /** On neither side. */
  open: '10.20.0.12',
  /** At FRR alone, or here alone. */
  thereOnly: '10.20.0.13',
  hereOnly: '10.20.0.14',
  /** GTSM on both sides, FRR dials. */
  dialled: '10.20.0.15',
} as const;

describeLab('GTSM (RFC 5082) with FRR and an intruder', () => {
  let lan: Lan;
  let frr: FrrDaemon;
  let speaker: HostileSpeaker;
  let node: Namespace;
  let well: Namespace;
  let intruder: Namespace;

  beforeAll(async () => {
    lan = await layLan({ nodeCount: 2 });
    const [nodeHost, wellHost] = lan.nodes;
    if (nodeHost === undefined || wellHost === undefined) throw new Error('two nodes were wanted');
    node = nodeHost.namespace;
    well = wellHost.namespace;
    await node.ip(
      Object.values(SOURCES).map((address) => `address add ${address}/${address.includes(':') ? 64 : 16} dev eth0`),
    );
    // The intruder is behind a router, as any is who is not on this link.
    const router = lan.client.namespace;
    const elsewhere = await lan.lab.switch('elsewhere');
    intruder = await lan.lab.namespace('intruder');
    await lan.lab.attach(router, elsewhere, { ifname: 'eth1', addresses: ['10.30.0.1/24'] });
    await lan.lab.attach(intruder, elsewhere, { addresses: [`${INTRUDER}/24`] });
    await router.writeSysctl('net.ipv4.ip_forward', 1);
    await intruder.addRoute('default', '10.30.0.1');
    await node.addRoute('10.30.0.0/24', lan.client.ipv4);

    const guarded = { asn: NODE_ASN, gtsmHops: 1 };
    [frr, speaker] = await Promise.all([
      startFrr(well, {
        asn: ROUTER_ASN,
        routerId: wellHost.ipv4,
        holdTimeSeconds: 3,
        neighbors: [
          { ...guarded, address: SOURCES.guarded },
          { ...guarded, address: SOURCES.guardedIpv6 },
          { asn: NODE_ASN, address: SOURCES.open },
          { ...guarded, address: SOURCES.thereOnly },
          { asn: NODE_ASN, address: SOURCES.hereOnly },
          { ...guarded, address: SOURCES.dialled, passive: false },
        ],
      }),
      startHostileSpeaker(node, { asn: NODE_ASN, routerId: nodeHost.ipv4, listen: { gtsmHops: 1 } }),
    ]);
    const peer = { address: wellHost.ipv4, asn: ROUTER_ASN, ...SOON, connectRetryTimeMs: 1_500 };
    const hops = { gtsmHops: 1 };
    await speaker.addPeer({ ...peer, ...hops, name: 'guarded', sourceAddress: SOURCES.guarded });
    const ipv6 = { address: wellHost.ipv6, sourceAddress: SOURCES.guardedIpv6 };
    await speaker.addPeer({ ...peer, ...hops, ...ipv6, name: 'guarded, IPv6' });
    await speaker.addPeer({ ...peer, name: 'open', sourceAddress: SOURCES.open });
    await speaker.addPeer({ ...peer, name: 'there only', sourceAddress: SOURCES.thereOnly });
    await speaker.addPeer({ ...peer, ...hops, name: 'here only', sourceAddress: SOURCES.hereOnly });
    await speaker.addPeer({ ...peer, ...hops, name: 'dialled', sourceAddress: SOURCES.dialled, passive: true });
    await speaker.addPeer({ address: INTRUDER, asn: HOSTILE_ASN, ...hops, name: 'intruder', passive: true });
  });
  afterAll(async () => {
    await Promise.all([speaker?.stop(), frr?.stop()]);
    await lan?.lab.close();
  });

  const counter = async (name: string): Promise<number> => {
    const { stdout } = await node.run('sh', ['-c', 'grep ^TcpExt: /proc/net/netstat']);
    const [names = [], numbers = []] = stdout.split('\n').map((line) => line.split(' '));
    return Number(numbers[names.indexOf(name)] ?? Number.NaN);
  };

  test.for(['guarded', 'guarded, IPv6', 'open', 'dialled'])('the session "%s" comes up', async (name) => {
    await speaker.until(name, 'Established', ({ state }) => state === 'Established', PATIENCE);
  });

  test('of GTSM on one side alone FRR makes no session', async () => {
    // FRR answers any SYN, hears the OPEN if it is quick, and nothing behind it: silence is all that can be seen from here.
    const { lastError } = await speaker.until(
      'there only',
      'an end',
      (status) => status.lastEnd !== undefined,
      PATIENCE,
    );
    expect(lastError).toMatch(/^this end sent Hold Timer Expired \(4\/0\): nothing was heard from the peer/);
    // FRR sends to external peers with a TTL of 1: nothing of that is taken here.
    const { counters, state } = await speaker.status('here only');
    expect([counters.established, counters.received.open, state]).toEqual([0, 0, 'OpenSent']);
    for (const source of [SOURCES.thereOnly, SOURCES.hereOnly]) {
      expect([source, (await frr.neighbor(source)).state]).not.toEqual([source, 'Established']);
    }
  });

  test('an intruder who connects from behind a router is not answered', async () => {
    const asked = { host: SOURCES.guarded, port: 179, count: 5, forMs: 1_500 };
    const dropped = await counter('TCPMinTTLDrop');
    // So that there is no doubt about the way: what is not guarded is reached.
    expect(await sendStrangers(intruder, { ...asked, port: 4_444 })).toMatchObject({ closed: 5 });
    const met = await sendStrangers(intruder, asked);
    expect(met).toMatchObject({ connected: 0, closed: 0, said: [] });
    expect((await counter('TCPMinTTLDrop')) - dropped).toBeGreaterThanOrEqual(5);
    expect((await speaker.status('intruder')).counters.sent.open).toBe(0);
  });

  /** In the name of FRR, at the right place in the stream, from behind a router. */
  async function inject(kind: 'rst' | 'syn', source: string): Promise<void> {
    const remote = lan.nodes[1]?.ipv4 ?? '';
    const { stdout } = await well.run('python3', [PROGRAM, 'watch', source, remote, '179']);
    const [port = 0, expected = 0] = stdout.trim().split(' ').map(Number);
    // A KEEPALIVE may have come meanwhile, or two.
    for (let i = 0; i < 4; i++) {
      const words = [kind, remote, '179', source, port, expected + i * KEEPALIVE_OCTETS, MAX_TTL].map(String);
      await intruder.run('python3', [PROGRAM, 'send', ...words]);
    }
  }

  test('what an intruder says in the name of a router is not heard', async () => {
    const before = await speaker.status('guarded');
    for (const kind of ['syn', 'rst'] as const) {
      const [dropped, challenged] = [await counter('TCPMinTTLDrop'), await counter('TCPSYNChallenge')];
      await inject(kind, SOURCES.guarded);
      await waitUntil('the drops', async () => (await counter('TCPMinTTLDrop')) - dropped >= 4);
      expect(await counter('TCPSYNChallenge')).toBe(challenged);
    }
    const { state, counters } = await speaker.status('guarded');
    expect([state, counters.established]).toEqual(['Established', before.counters.established]);
  });

  test('and would be, without GTSM: the same RST ends a session that is not guarded', async () => {
    await speaker.until('open', 'Established', ({ state }) => state === 'Established', PATIENCE);
    const { counters: before } = await speaker.status('open');
    await inject('rst', SOURCES.open);
    const { lastError } = await speaker.until(
      'open',
      'the end, and a new session',
      ({ counters, state }) => state === 'Established' && counters.established > before.established,
      PATIENCE,
    );
    // FRR has not heard of it, and refuses the next one once or twice: what is said last is no matter.
    expect(lastError).toBeDefined();
    const downs = speaker.said.filter((news) => news.includes('"peer":"open"') && news.includes('"type":"down"'));
    expect(downs.at(-1)).toMatch(/the connection closed without a NOTIFICATION \(.*ECONNRESET/);
    expect(speaker.errors).toEqual([]);
  });
});
