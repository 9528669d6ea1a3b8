import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { DesiredStateEntry } from '@steelyard/speaker-wire/control';
import { type Lab, type Namespace, openLab, type Switch } from '@steelyard/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Remote, startRemote } from '../layer2/arp-remote.ts';
import { describeWithJudge } from './describe-with-judge.ts';
import type { ElectionCalls, Moment } from './election-inside.ts';
import { startHost } from './member-host.ts';
import { startMember, type TestMember } from './members.ts';

const KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const insideFile = new URL('./election-inside.ts', import.meta.url);
const TIMEOUT_MS = 120_000;
const SERVICES = 100;

/** Host numbers of the network 192.0.2.0/24. */
const HOSTS = { 'go-1': 11, 'go-2': 12, 'go-3': 13, 'ours-1': 21, 'ours-2': 22, 'ours-3': 23 } as const;
const byText = (a: string, b: string): number => (a < b ? -1 : 1);
type Name = keyof typeof HOSTS;
const NAMES = Object.keys(HOSTS) as Name[];
const addressOf = (name: Name): string => `192.0.2.${HOSTS[name]}`;

/** Each Service has two addresses; the second follows the first one, or is elected by itself where it is its own Service. */
const ENTRIES: readonly DesiredStateEntry[] = Array.from({ length: SERVICES }, (_, number) => {
  const ipv4 = `198.51.100.${number + 1}`;
  const ipv6 = `2001:db8::${(number + 1).toString(16)}`;
  // One node more than there is: it would win some of them, if it lived. Of every tenth Service one node is preferred.
  const candidates = [...NAMES, 'absent'].map((node, index) => ({ node, score: number % 10 === index ? 10 : 0 }));
  const common = { candidates, interfaces: 'all', pool: 'pool' } as const;
  const isDualStack = number % 2 === 0;
  return [
    { ...common, serviceKey: `default/web-${number}`, address: ipv4, electionAddress: ipv4 },
    {
      ...common,
      serviceKey: `default/web-${number}${isDualStack ? '' : '-ipv6'}`,
      address: ipv6,
      electionAddress: isDualStack ? ipv4 : ipv6,
    },
  ];
}).flat();

/** MetalLB's rule, over whom its members list: the highest score, then the least SHA-256 of name, # and address. */
function winner({ candidates, electionAddress }: DesiredStateEntry, living: ReadonlySet<string>): string | undefined {
  const hashOf = (node: string): string => createHash('sha256').update(`${node}#${electionAddress}`).digest('hex');
  const [first] = candidates
    .filter(({ node }) => living.has(node))
    .map(({ node, score }) => ({ node, score, hash: hashOf(node) }))
    .sort((a, b) => b.score - a.score || (a.hash < b.hash ? -1 : 1));
  return first?.node;
}

/** What a node is to own among these, in order. */
function wonBy(name: string, living: Iterable<string>): string[] {
  const alive = new Set(living);
  return ENTRIES.filter((entry) => winner(entry, alive) === name)
    .map(({ address }) => address)
    .toSorted(byText);
}

describeWithJudge('the owner is exactly the one that MetalLB elects, at every moment', (judgePath) => {
  let lab: Lab;
  let hub: Switch;
  const namespaces = new Map<Name, Namespace>();
  const theirs = new Map<Name, TestMember>();
  const ours = new Map<Name, Remote<ElectionCalls>>();

  beforeEach(async () => {
    lab = await openLab();
    hub = await lab.switch('hub');
    await Promise.all(
      NAMES.map(async (name) => {
        const namespace = await lab.namespace(name);
        namespaces.set(name, namespace);
        await lab.attach(namespace, hub, { addresses: [`${addressOf(name)}/24`] });
      }),
    );
  });
  afterEach(async () => {
    await lab.close();
    for (const map of [namespaces, theirs, ours]) map.clear();
  });

  const inside = (name: Name): Namespace => {
    const namespace = namespaces.get(name);
    if (namespace === undefined) throw new Error(`no namespace ${name}`);
    return namespace;
  };
  const member = (name: Name): TestMember => {
    const found = theirs.get(name);
    if (found === undefined) throw new Error(`no member ${name}`);
    return found;
  };
  const speaker = (name: Name): Remote<ElectionCalls> => {
    const found = ours.get(name);
    if (found === undefined) throw new Error(`no speaker ${name}`);
    return found;
  };
  async function startTheirs(name: Name): Promise<void> {
    const host = await startHost(judgePath, inside(name));
    theirs.set(name, await startMember(host, { name, address: addressOf(name), keys: [KEY] }));
  }
  async function startOurs(name: Name): Promise<void> {
    const remote = await startRemote<ElectionCalls>(inside(name), insideFile, [name, addressOf(name), KEY]);
    ours.set(name, remote);
    await remote.call('enter', ENTRIES, NAMES.map(addressOf));
  }

  /** Waits until these, and no others, list each other and each of ours owns what it won among Go's own lists. */
  async function elected(...names: Name[]): Promise<void> {
    const expected = names.toSorted(byText);
    const look = async () => {
      const lists: Record<string, readonly string[]> = {};
      const owned: Record<string, readonly string[]> = {};
      const right: Record<string, readonly string[]> = {};
      const answered: Record<string, number> = {};
      for (const name of names.filter((each) => theirs.has(each))) {
        lists[name] = (await member(name).list()).map((each) => each.name).toSorted(byText);
      }
      const judges = Object.values(lists)[0] ?? [];
      for (const name of names.filter((each) => ours.has(each))) {
        const now = await speaker(name).call('now');
        lists[name] = now.living;
        owned[name] = now.owned;
        right[name] = wonBy(name, judges);
        answered[name] = now.answered;
      }
      return { lists, owned, right, answered };
    };
    await expect
      .poll(async () => {
        const seen = await look();
        const agree = Object.values(seen.lists).every((list) => isDeepStrictEqual(list, expected));
        // What moved to a member that never announces it is answered for a little longer.
        const silent = Object.entries(seen.answered).every(([name, count]) => count === seen.right[name]?.length);
        return agree && silent && isDeepStrictEqual(seen.owned, seen.right) ? 'elected' : seen;
      })
      .toBe('elected');
    await atEveryMoment();
  }

  /**
   * Whatever a node of ours was told of a member until now: at the end of the turn in which it was told, it owned what it
   * had won among those that it held for alive then, and answered for that at least.
   */
  async function atEveryMoment(): Promise<void> {
    for (const [name, remote] of ours) {
      const all: readonly Moment[] = await remote.call('moments');
      for (const { event, node, membersKnown, living, owned, answered } of all) {
        const right = membersKnown ? wonBy(name, living) : [];
        expect({ name, event, node, owned }).toEqual({ name, event, node, owned: right });
        expect(answered).toBeGreaterThanOrEqual(right.length);
      }
      happened.push(...all.map((moment) => ({ observer: name, ...moment })));
      expect(await remote.call('complaints')).toEqual([]);
    }
  }
  let happened: (Moment & { readonly observer: Name })[] = [];
  /** Addresses that an observer took in the turn in which it was told of a member. */
  const taken = (observer: Name, event: Moment['event'], node: Name): readonly string[] =>
    happened.findLast((each) => each.observer === observer && each.event === event && each.node === node)?.announced ??
    [];

  test('live, with Go’s library as members', { timeout: TIMEOUT_MS }, async () => {
    happened = [];
    await Promise.all([startTheirs('go-1'), startTheirs('go-2')]);
    expect(await member('go-2').join(member('go-1'))).toEqual({ joined: 1 });
    await startOurs('ours-1');
    await startOurs('ours-2');
    await elected('go-1', 'go-2', 'ours-1', 'ours-2');

    // Somebody comes, of either kind.
    await Promise.all([startTheirs('go-3'), startOurs('ours-3')]);
    expect(await member('go-3').join(member('go-1'))).toEqual({ joined: 1 });
    await elected(...NAMES);

    // A partition; each half owns what it elects, until they meet again.
    const west: Name[] = ['go-1', 'ours-1'];
    const east: Name[] = ['go-2', 'go-3', 'ours-2', 'ours-3'];
    for (const name of west) await refuse(inside(name), east.map(addressOf));
    await Promise.all([elected(...west), elected(...east)]);
    for (const name of west) await inside(name).run('nft', ['flush', 'ruleset']);
    expect(await member('go-1').join(member('go-2'))).toEqual({ joined: 1 });
    await elected(...NAMES);

    // One of Go's leaves: what it had is taken in the turn in which that is heard.
    await member('go-3').leave();
    await member('go-3').crash();
    const five = NAMES.filter((name) => name !== 'go-3');
    await elected(...five);
    const hadByGo = wonBy('go-3', NAMES);
    expect(hadByGo).not.toEqual([]);
    for (const name of ['ours-1', 'ours-2', 'ours-3'] as const) {
      const inherited = hadByGo.filter((address) => wonBy(name, five).includes(address));
      expect(inherited).not.toEqual([]);
      expect(taken(name, 'leave', 'go-3').toSorted(byText)).toEqual(inherited);
    }

    // One of Go's is killed.
    member('go-2').host.process.kill('SIGKILL');
    theirs.delete('go-2');
    await elected('go-1', 'ours-1', 'ours-2', 'ours-3');
    expect(taken('ours-1', 'leave', 'go-2')).not.toEqual([]);

    // One of ours leaves. What another of ours has won it sees announced; what Go's won, nobody announces here.
    const three: Name[] = ['go-1', 'ours-1', 'ours-2'];
    const leaver = speaker('ours-3');
    const kept = (await leaver.call('now')).owned.filter((address) => wonBy('go-1', three).includes(address));
    ours.delete('ours-3'); // what it holds from now on is not what it has won
    await leaver.call('leave', TIMEOUT_MS);
    const answered = async (): Promise<number> => (await leaver.call('now')).answered;
    await expect.poll(answered).toBe(kept.length);
    await elected(...three);
    expect(await answered()).toBe(kept.length);
    await leaver.call('close');

    // One of ours is killed.
    speaker('ours-2').process.kill('SIGKILL');
    ours.delete('ours-2');
    await elected('go-1', 'ours-1');
    expect(taken('ours-1', 'leave', 'ours-2')).not.toEqual([]);
  });
});

/** Drops what is said in the gossip to and from these addresses, and nothing else. */
async function refuse(namespace: Namespace, addresses: readonly string[]): Promise<void> {
  const those = `{ ${addresses.join(', ')} }`;
  const rules = [
    'table inet gossip {',
    `chain in { type filter hook input priority 0; ip saddr ${those} meta l4proto { tcp, udp } drop; }`,
    `chain out { type filter hook output priority 0; ip daddr ${those} meta l4proto { tcp, udp } drop; }`,
    '}',
  ];
  await namespace.run('nft', ['-f', '-'], { input: `${rules.join('\n')}\n` });
}
