import { type BgpDaemon, waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Kind, startDaemon } from './interop-daemons.ts';
import { type InteropLab, OUR_ASN, openInteropLab, PATIENCE, THEIR_ASN } from './interop-lab.ts';

const ROUTES = 10_000;
/** How many sessions each daemon has with ours, from as many addresses of ours. */
const SESSIONS: readonly (readonly [Kind, number])[] = [
  ['frr', 3],
  ['bird', 3],
  ['gobgp', 2],
];

interface Peer {
  readonly name: string;
  readonly daemon: BgpDaemon;
  /** Ours, towards it. */
  readonly from: string;
}

describeLab('eight peers', () => {
  let lab: InteropLab;
  const peers: Peer[] = [];
  const daemons: BgpDaemon[] = [];
  beforeAll(async () => {
    lab = await openInteropLab();
    const { namespace, remote, ipv4 } = lab.ours;
    await remote.call('open', 'speaker', { asn: OUR_ASN, routerId: ipv4 });
    await Promise.all(
      SESSIONS.map(async ([kind, count], which) => {
        const host = await lab.host(kind);
        const ours = Array.from({ length: count }, (_, index) => `10.20.1.${100 + 10 * which + index}`);
        await namespace.ip(ours.map((address) => `address add ${address}/24 dev eth0`));
        const daemon = await startDaemon(kind, host.namespace, {
          asn: THEIR_ASN,
          routerId: host.ipv4,
          holdTimeSeconds: 90,
          neighbors: ours.map((address) => ({ address, asn: OUR_ASN })),
          localAddress: host.ipv4,
        });
        daemons.push(daemon);
        for (const from of ours) {
          const name = `${kind} from ${from}`;
          peers.push({ name, daemon, from });
          await remote.call('add', 'speaker', name, { address: host.ipv4, asn: THEIR_ASN, sourceAddress: from });
        }
      }),
    );
  });
  afterAll(async () => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    await lab?.[Symbol.asyncDispose]();
  });

  async function expectPrefixes(at: readonly Peer[], count: number): Promise<void> {
    for (const { name, daemon, from } of at) {
      const has = async (): Promise<boolean> => (await daemon.neighbor(from)).prefixesReceived === count;
      await waitUntil(`${name} to have ${count} prefixes`, has, PATIENCE);
    }
  }

  test('all have 10,000 routes, and the one that stands still delays nobody', async () => {
    const { remote } = lab.ours;
    await Promise.all(peers.map(({ name }) => remote.call('setHosts', name, ROUTES, { med: 1 })));
    await expectPrefixes(peers, ROUTES);
    for (const { name } of peers) {
      const { routes } = await remote.call('status', name);
      expect(routes).toMatchObject({ wanted: ROUTES, announced: ROUTES, pending: 0 });
    }

    const [still, others] = [
      peers.filter(({ daemon }) => daemon.kind === 'gobgp'),
      peers.filter(({ daemon }) => daemon.kind !== 'gobgp'),
    ];
    still[0]?.daemon.process.kill('SIGSTOP');
    const added = { prefix: '192.0.2.1/32' };
    for (const { name } of still) void remote.call('patch', name, [added], []);
    await Promise.all(others.map(({ name }) => remote.call('patch', name, [added], [])));
    await expectPrefixes(others, ROUTES + 1);
    for (const { daemon } of others) expect((await daemon.routes()).get(added.prefix)).toMatchObject([{}, {}, {}]);

    still[0]?.daemon.process.kill('SIGCONT');
    await expectPrefixes(peers, ROUTES + 1);
  });
});
