import { type Cable, type Lab, type Namespace, openLab } from '@steelyard/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWithJudge } from './describe-with-judge.ts';
import { startHost } from './member-host.ts';
import { agreed, startMember, type TestMember } from './members.ts';

const KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';

interface Side {
  readonly cable: Cable;
  readonly namespace: Namespace;
  /** One of Go's and one of ours at least. */
  readonly members: readonly TestMember[];
}

describeWithJudge('a gossip in two halves', (judgePath) => {
  let lab: Lab;
  let west: Side;
  let east: Side;

  beforeEach(async () => {
    lab = await openLab();
    const hub = await lab.switch('hub');
    const side = async (name: string, net: number, kinds: readonly ('go' | 'ours')[]): Promise<Side> => {
      const namespace = await lab.namespace(name);
      const addresses = kinds.map((_, index) => `192.0.2.${net + index}/24`);
      const cable = await lab.attach(namespace, hub, { addresses });
      const [go, ours] = await Promise.all([startHost(judgePath, namespace), startHost(undefined, namespace)]);
      const members = await Promise.all(
        kinds.map((kind, index) =>
          startMember(kind === 'go' ? go : ours, {
            name: `${name}-${kind}-${index}`,
            address: `192.0.2.${net + index}`,
            keys: [KEY],
          }),
        ),
      );
      return { cable, namespace, members };
    };
    [west, east] = await Promise.all([
      side('west', 10, ['go', 'go', 'ours']),
      side('east', 20, ['go', 'ours', 'ours']),
    ]);
    const [first] = west.members;
    if (first === undefined) throw new Error('no member');
    for (const member of [...west.members.slice(1), ...east.members]) await member.join(first);
    await agreed([...west.members, ...east.members]);
  });
  afterEach(() => lab.close());

  test.for<[how: string, cut: () => Promise<void>]>([
    ['the switch forgets the port', () => west.cable.silence()],
    ['the carrier is lost', () => west.cable.cut()],
    ['the gossip alone is filtered', () => filter(west.namespace)],
  ])('each half has its own list, and one list again after the other was asked: %s', async ([, cut]) => {
    await cut();
    await Promise.all([agreed(west.members), agreed(east.members)]);
    await west.cable.restore();
    await west.namespace.run('nft', ['flush', 'ruleset'], { allowFailure: true });
    // Those who are forgotten are asked in again: MetalLB's speakers do it once a minute, ours every second.
    await expect
      .poll(async () => {
        const [a, b] = [west.members.at(-1), east.members[0]];
        if (a === undefined || b === undefined) throw new Error('no member');
        return [await a.join(b), await b.join(a)].map(({ joined }) => joined);
      })
      .toEqual([1, 1]);
    await agreed([...west.members, ...east.members]);
  });
});

/** Drops what members say to each other, and nothing else. */
async function filter(namespace: Namespace): Promise<void> {
  const rules = [
    'table inet gossip {',
    'chain in { type filter hook input priority 0; iifname != "lo" meta l4proto { tcp, udp } th dport 7946 drop; }',
    'chain out { type filter hook output priority 0; oifname != "lo" meta l4proto { tcp, udp } th dport 7946 drop; }',
    '}',
  ];
  await namespace.run('nft', ['-f', '-'], { input: `${rules.join('\n')}\n` });
}
