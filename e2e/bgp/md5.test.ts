import { type FrrDaemon, type Lan, layLan, type Namespace, startFrr, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NODE_ASN, ROUTER_ASN, SOON } from './hostile-lab.ts';
import { type HostileSpeaker, startHostileSpeaker } from './hostile-speaker.ts';

const RIGHT = 'rosebud-of-the-router';
const WRONG = 'another-rosebud';
const PATIENCE = { timeoutMs: 30_000, intervalMs: 50 };

interface Case {
  readonly what: string;
  readonly here?: string;
  readonly there?: string;
  /** Undefined: a session. */
  readonly lastError?: RegExp;
}
const CASES: readonly Case[] = [
  { what: 'right', here: RIGHT, there: RIGHT },
  {
    what: 'wrong',
    here: WRONG,
    there: RIGHT,
    lastError: /^no answer from .*TCP MD5 does not match.*: it has another password, or none/,
  },
  { what: 'missing at FRR', here: RIGHT, lastError: /TCP MD5 does not match.*: it has another password, or none/ },
  { what: 'missing here', there: RIGHT, lastError: /it expects a password \(TCP MD5\), and none is configured here/ },
];

describeLab('TCP MD5 (RFC 2385) with FRR', () => {
  let lan: Lan;
  let speaker: HostileSpeaker;
  let frr: FrrDaemon;
  const addressOf = (family: 'ipv4' | 'ipv6', number: number): string =>
    family === 'ipv4' ? `10.20.0.${number}` : `fd00:20::${number.toString(16)}`;
  /** Each case has a neighbour of its own at FRR, told apart by the speaker's source address. */
  const sourceOf = (family: 'ipv4' | 'ipv6', index: number): string => addressOf(family, 11 + index);

  beforeAll(async () => {
    lan = await layLan({ nodeCount: 2 });
    const [node, router] = lan.nodes;
    if (node === undefined || router === undefined) throw new Error('two nodes were wanted');
    const families = ['ipv4', 'ipv6'] as const;
    await node.namespace.ip(
      families.flatMap((family) =>
        CASES.map((_, index) => `address add ${sourceOf(family, index)}/${family === 'ipv4' ? 16 : 64} dev eth0`),
      ),
    );
    const neighbors = families.flatMap((family) =>
      CASES.map(({ there }, index) => ({
        address: sourceOf(family, index),
        asn: NODE_ASN,
        ...(there === undefined ? {} : { md5Password: there }),
      })),
    );
    [frr, speaker] = await Promise.all([
      startFrr(router.namespace, { asn: ROUTER_ASN, routerId: router.ipv4, neighbors }),
      startHostileSpeaker(node.namespace, { asn: NODE_ASN, routerId: node.ipv4 }),
    ]);
    for (const family of families) {
      for (const [index, { what, here }] of CASES.entries()) {
        await speaker.addPeer({
          address: router[family],
          sourceAddress: sourceOf(family, index),
          name: `${what}, ${family}`,
          asn: ROUTER_ASN,
          md5Password: here,
          ...SOON,
          connectRetryTimeMs: 1_500,
        });
      }
    }
  });
  afterAll(async () => {
    await Promise.all([speaker?.stop(), frr?.stop()]);
    await lan?.lab.close();
  });

  const counter = async (name: string, inside: Namespace): Promise<number> => {
    const { stdout } = await inside.run('sh', ['-c', 'grep ^TcpExt: /proc/net/netstat']);
    const [names = [], numbers = []] = stdout.split('\n').map((line) => line.split(' '));
    return Number(numbers[names.indexOf(name)]);
  };

  test.for(['ipv4', 'ipv6'] as const)('%s: right, wrong, missing on either side', async (family) => {
    for (const [index, { what, lastError }] of CASES.entries()) {
      const name = `${what}, ${family}`;
      if (lastError === undefined) {
        await speaker.until(name, 'Established', ({ state }) => state === 'Established', PATIENCE);
        const view = await frr.neighbor(sourceOf(family, index));
        expect([name, view.state]).toEqual([name, 'Established']);
        continue;
      }
      const isSaid = ({ lastError: said = '' }: { readonly lastError: string | undefined }): boolean =>
        lastError.test(said);
      const { counters } = await speaker.until(name, String(lastError), isSaid, PATIENCE);
      expect([name, counters.established]).toEqual([name, 0]);
    }
  });

  test('what the hosts drop because of it is counted; what this one drops is said', async () => {
    const [node, router] = lan.nodes;
    const other = router ?? expect.fail('no router');
    // Each host counts what it drops itself: FRR's those of ours that are not signed as they should be.
    const there = await Promise.all(
      ['TCPMD5NotFound', 'TCPMD5Unexpected', 'TCPMD5Failure'].map((name) => counter(name, other.namespace)),
    );
    for (const count of there) expect(count).toBeGreaterThan(0);
    // A kernel says nothing to who signs, where nobody listens; a firewall does, and does not sign.
    const input =
      'table inet no { chain in { type filter hook input priority 0; tcp dport 1179 reject with tcp reset; }; }';
    await other.namespace.run('nft', ['-f', '-'], { input });
    const before = await counter('TCPMD5NotFound', node?.namespace ?? other.namespace);
    await speaker.addPeer({
      address: other.ipv4,
      port: 1_179,
      name: 'nobody',
      asn: ROUTER_ASN,
      md5Password: RIGHT,
      ...SOON,
      connectRetryTimeMs: 1_500,
    });
    const words = /\(this host dropped \d+ segments for it meanwhile\).*; or no BGP daemon listens there/;
    await speaker.until('nobody', String(words), ({ lastError = '' }) => words.test(lastError), PATIENCE);
    expect(await counter('TCPMD5NotFound', node?.namespace ?? other.namespace)).toBeGreaterThan(before);
  });

  test('a password that changes at FRR ends the session; the same here, and it is back', async () => {
    const source = sourceOf('ipv4', 0);
    const changed = `${RIGHT}-2`;
    await frr.vtysh('configure terminal', `router bgp ${ROUTER_ASN}`, `neighbor ${source} password ${changed}`);
    await speaker.until('right, ipv4', 'no session', ({ state }) => state !== 'Established', PATIENCE);
    await speaker.until(
      'right, ipv4',
      'the words',
      ({ lastError = '' }) => /TCP MD5 does not match/.test(lastError),
      PATIENCE,
    );
    await speaker.tell({ do: 'closePeer', peer: 'right, ipv4', options: { reason: 'changed', timeoutMs: 500 } });
    await speaker.addPeer({
      address: lan.nodes[1]?.ipv4 ?? '',
      sourceAddress: source,
      name: 'changed',
      asn: ROUTER_ASN,
      md5Password: changed,
      ...SOON,
    });
    await speaker.until('changed', 'Established', ({ state }) => state === 'Established', PATIENCE);
    const view = async () => (await frr.neighbor(source)).state;
    await waitUntil('FRR to say so, too', async () => (await view()) === 'Established');
    // The session over IPv6, with the password from before, has seen nothing of it.
    expect((await speaker.status('right, ipv6')).counters.established).toBe(1);
  });

  test('a password that cannot be is refused without being repeated', async () => {
    const tooLong = 'long-secret-'.repeat(10);
    const asked = { address: '10.20.0.99', name: 'x', asn: ROUTER_ASN, md5Password: tooLong };
    await expect(speaker.addPeer(asked)).rejects.toThrow(/1 to 80 octets, got 120/);
  });

  test('no password was ever said: in no event, status or error', async () => {
    for (const family of ['ipv4', 'ipv6'] as const) {
      for (const { what } of CASES) {
        if (what === 'right' && family === 'ipv4') continue;
        await speaker.status(`${what}, ${family}`);
      }
    }
    const said = speaker.said.join('\n');
    expect(said.length).toBeGreaterThan(1_000);
    for (const secret of ['rosebud', 'long-secret']) {
      expect(said).not.toContain(secret);
      expect(said).not.toContain(Buffer.from(secret).toString('hex'));
      expect(said).not.toContain(Buffer.from(secret).toString('base64').slice(0, 8));
      expect(said).not.toContain([...Buffer.from(secret)].join(','));
    }
    expect(speaker.errors).toEqual([]);
  });
});
