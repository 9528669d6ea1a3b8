import { type Lab, type Namespace, openLab, waitUntil } from '@steelyard/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { describeWithJudge } from './describe-with-judge.ts';
import { type MemberHost, startHost } from './member-host.ts';
import { agreed, complaints, startMember, type TestMember, told } from './members.ts';
import { PORT, SHORT_TIMES } from './times.ts';

const KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const KEY_OF_16 = '0123456789abcdef0123456789abcdef';

describeWithJudge('three members of Go’s library and three of ours', (judgePath) => {
  let lab: Lab;
  let inside: Namespace;
  let go: MemberHost;
  let ours: MemberHost;
  /** Each test has addresses of its own: what an earlier one sent still comes to its own. */
  let net = 0;
  const at = (subnet: number, host: number): string => `127.${net}.${subnet}.${host}`;

  beforeAll(async () => {
    lab = await openLab();
    inside = await lab.namespace('gossip');
    [go, ours] = await Promise.all([startHost(judgePath, inside), startHost(undefined, inside)]);
  });
  beforeEach(() => {
    net += 1;
  });
  afterEach(() => Promise.all([go.reset(), ours.reset()]));
  afterAll(() => lab.close());

  async function six(order: object): Promise<[TestMember[], TestMember[]]> {
    const start = (host: MemberHost, kind: string, subnet: number) =>
      Promise.all([1, 2, 3].map((i) => startMember(host, { name: `${kind}-${i}`, address: at(subnet, i), ...order })));
    const [theirs, own] = await Promise.all([start(go, 'go', 1), start(ours, 'ours', 2)]);
    const [first] = theirs;
    if (first === undefined) throw new Error('none');
    // Of either kind, some join by the other.
    for (const [index, member] of [...theirs.slice(1), ...own].entries()) {
      const by = index % 2 === 0 ? first : (own[0] ?? first);
      expect(await member.join(by === member ? first : by)).toEqual({ joined: 1 });
    }
    return [theirs, own];
  }

  describe.each([
    ['without encryption', {}],
    ['encrypted with AES-256', { keys: [KEY] }],
    ['encrypted with AES-128', { keys: [KEY_OF_16] }],
    ['with a label', { label: 'blue' }],
    ['encrypted and with a label', { keys: [KEY], label: 'blue' }],
    ['without compression', { override: { ...SHORT_TIMES, enableCompression: false } }],
    ['in the local profile', { profile: 'local', override: { pushPullIntervalMs: 500 } }],
    ['in the WAN profile', { profile: 'wan', override: { gossipIntervalMs: 50, pushPullIntervalMs: 500 } }],
  ])('%s', (_, order) => {
    test('agree on who is there, and neither complains of the other', async () => {
      const [theirs, own] = await six(order);
      await agreed([...theirs, ...own]);
      expect(complaints(go, ours)).toEqual([]);
    });
  });

  test.for<[name: string, order: object]>([
    ['without encryption', {}],
    ['encrypted', { keys: [KEY] }],
  ])('%s, each sees each leave, crash, come back elsewhere', async ([, order]) => {
    const [theirs, own] = await six(order);
    const [go1, go2, go3] = theirs as [TestMember, TestMember, TestMember];
    const [ours1, ours2, ours3] = own as [TestMember, TestMember, TestMember];
    await agreed([...theirs, ...own]);

    await Promise.all([go3.leave(), ours3.leave()]);
    await Promise.all([go3.crash(), ours3.crash()]);
    const four = [go1, go2, ours1, ours2];
    await agreed(four);
    for (const observer of four) for (const { name } of [go3, ours3]) await told(observer, 'leave', name);

    // Who left may come back at another address at once.
    const movedGo = await startMember(go, { name: 'go-3', address: at(1, 33), ...order });
    const movedOurs = await startMember(ours, { name: 'ours-3', address: at(2, 33), ...order });
    expect(await movedGo.join(ours1)).toEqual({ joined: 1 });
    expect(await movedOurs.join(go1)).toEqual({ joined: 1 });
    await agreed([...four, movedGo, movedOurs]);

    await Promise.all([go2.crash(), ours2.crash()]);
    const survivors = [go1, ours1, movedGo, movedOurs];
    await agreed(survivors);

    // A crashed one comes back where it was, as somebody who knows nobody.
    const again = [
      await startMember(go, { name: 'go-2', address: go2.address, ...order }),
      await startMember(ours, { name: 'ours-2', address: ours2.address, ...order }),
    ];
    for (const member of again) expect(await member.join(ours1, go1)).toEqual({ joined: 2 });
    await agreed([...survivors, ...again]);
  });

  test('a name at another address is a conflict for both kinds, and the member stays where it was', async () => {
    const [theirs, own] = await six({});
    await agreed([...theirs, ...own]);
    const liar = await startMember(go, { name: 'ours-2', address: at(1, 66) });
    await liar.join(theirs[0] as TestMember, own[0] as TestMember);
    for (const observer of [theirs[0] as TestMember, own[0] as TestMember]) await told(observer, 'conflict', 'ours-2');
    await agreed([...theirs, own[0] as TestMember, own[2] as TestMember], [...theirs, ...own]);
    await liar.crash();

    const ourLiar = await startMember(ours, { name: 'go-2', address: at(2, 66) });
    await ourLiar.join(theirs[0] as TestMember, own[0] as TestMember);
    for (const observer of [theirs[0] as TestMember, own[0] as TestMember]) await told(observer, 'conflict', 'go-2');
    await agreed([theirs[0] as TestMember, ...own], [...theirs, ...own]);
  });

  test('meta and user messages pass between both kinds; user state is skipped', async () => {
    const mine = await startMember(ours, { name: 'ours-1', address: at(2, 1), meta: 'a' });
    const one = await startMember(go, { name: 'go-1', address: at(1, 1), meta: 'b', delegate: true });
    const two = await startMember(go, { name: 'go-2', address: at(1, 2), delegate: true });
    for (const member of [one, two]) expect(await member.join(mine)).toEqual({ joined: 1 });
    await agreed([mine, one, two], undefined, { 'ours-1': 'a', 'go-1': 'b' });
    await ours.order('setMeta', { name: 'ours-1', meta: 'fd=1' });
    await go.order('setMeta', { name: 'go-1', meta: 'x'.repeat(512) });
    await agreed([mine, one, two], undefined, { 'ours-1': 'fd=1', 'go-1': 'x'.repeat(512) });
    for (const observer of [mine, two]) await told(observer, 'update', 'go-1');
    await go.order('sendUser', { name: 'go-1', to: 'ours-1', payload: 'by a packet' });
    await go.order('sendUserReliable', { name: 'go-2', to: 'ours-1', payload: 'by a connection'.repeat(200) });
    await waitUntil('both messages', () => ours.events.filter(({ event }) => event === 'user').length === 2);
    expect(ours.events.flatMap(({ payload }) => payload ?? []).toSorted()).toEqual([
      'by a connection'.repeat(200),
      'by a packet',
    ]);
    expect(complaints(go, ours)).toEqual([]);
  });

  test('members of another label, or with another key, never get in', async () => {
    const blue = await startMember(ours, { name: 'ours-1', address: at(2, 1), label: 'blue', keys: [KEY] });
    const theirBlue = await startMember(go, { name: 'go-1', address: at(1, 1), label: 'blue', keys: [KEY] });
    await theirBlue.join(blue);
    for (const [index, order] of [
      { label: 'red', keys: [KEY] },
      { keys: [KEY] },
      { label: 'blue', keys: [KEY_OF_16] },
      { label: 'blue' },
    ].entries()) {
      for (const [host, kind] of [
        [go, 'go'],
        [ours, 'ours'],
      ] as const) {
        const stranger = await startMember(host, {
          name: `${kind}-stranger-${index}`,
          address: at(3, index + (kind === 'go' ? 1 : 100)),
          ...order,
        });
        const { joined, failure } = await stranger.join(blue, theirBlue);
        expect([joined, failure]).toEqual([0, expect.any(String)]);
      }
    }
    await agreed([blue, theirBlue]);
  });

  test('keys are changed while the gossip runs', async () => {
    const [before, after] = [KEY, KEY.replaceAll('0', 'f')];
    const [theirs, own] = await six({ keys: [before] });
    const all = [...theirs, ...own];
    const use = (members: readonly TestMember[], keys: readonly string[]): Promise<unknown> =>
      Promise.all(members.map(({ host, name }) => host.order('useKeys', { name, keys })));
    await agreed(all);
    await use(all, [before, after]);
    await use(theirs, [after, before]);
    // Ours hear that somebody uses the new key: that is when a speaker begins to.
    for (const { name } of own)
      await waitUntil(`${name} to hear the new key`, () =>
        ours.events.some((each) => each.event === 'keyHeard' && each.observer === name && each.index === 1),
      );
    await use(own, [after, before]);
    await use(all, [after]);
    const crashed = own[2] as TestMember;
    await crashed.crash();
    await agreed(all.filter((member) => member !== crashed));
    const late = await startMember(ours, { name: 'late', address: at(2, 9), keys: [after] });
    expect(await late.join(theirs[0] as TestMember)).toEqual({ joined: 1 });
    await agreed([...all.filter((member) => member !== crashed), late]);
  });

  test('a process of ours that stood still accuses nobody when it goes on, and is taken back', async () => {
    const [theirs, own] = await six({ keys: [KEY] });
    await agreed([...theirs, ...own]);
    ours.process.kill('SIGSTOP');
    await agreed(theirs); // they have given ours up
    ours.process.kill('SIGCONT');
    for (const member of own) expect(await theirs[0]?.join(member)).toEqual({ joined: 1 });
    await agreed([...theirs, ...own]);
    const accused = ours.events.filter(({ event, member }) => event === 'leave' && member?.name.startsWith('go-'));
    expect(accused).toEqual([]);
  });

  test('processes that are killed are missed by both kinds', async () => {
    const [theirs, own] = await six({ keys: [KEY] });
    const hosts = [await startHost(judgePath, inside), await startHost(undefined, inside)];
    const doomed: TestMember[] = [];
    for (const [index, host] of hosts.entries()) {
      const member = await startMember(host, { name: `doomed-${host.kind}`, address: at(4, index + 1), keys: [KEY] });
      expect(await member.join(theirs[0] as TestMember)).toEqual({ joined: 1 });
      doomed.push(member);
    }
    await agreed([...theirs, ...own, ...doomed]);
    for (const { process } of hosts) process.kill('SIGKILL');
    await agreed([...theirs, ...own]);
  });

  test('a gossip is changed over to encryption in memberlist’s three steps, member by member', async () => {
    const start = (host: MemberHost, subnet: number, keyed: boolean) =>
      startMember(host, {
        name: `${host.kind}-${keyed ? 'keyed' : 'plain'}`,
        address: at(subnet, keyed ? 1 : 2),
        ...(keyed ? { keys: [KEY] } : {}),
        override: { ...SHORT_TIMES, gossipVerifyIncoming: false, gossipVerifyOutgoing: false },
      });
    const members = [
      await start(go, 1, true),
      await start(go, 1, false),
      await start(ours, 2, true),
      await start(ours, 2, false),
    ];
    for (const member of members.slice(1)) expect(await member.join(members[0] as TestMember)).toEqual({ joined: 1 });
    await agreed(members);
    await members[1]?.crash();
    await members[3]?.crash();
    // The second step, for those that are left: what they send is encrypted, and read by those that do not send so yet.
    const second = { ...SHORT_TIMES, gossipVerifyIncoming: false, gossipVerifyOutgoing: true };
    const late = [
      await startMember(go, { name: 'go-second', address: at(1, 3), keys: [KEY], override: second }),
      await startMember(ours, { name: 'ours-second', address: at(2, 3), keys: [KEY], override: second }),
    ];
    for (const member of late) expect(await member.join(members[0] as TestMember)).toEqual({ joined: 1 });
    await agreed([members[0] as TestMember, members[2] as TestMember, ...late]);
  });

  test('IPv6', async () => {
    await inside.ip(['addr add fd00:5::1/128 dev lo nodad', 'addr add fd00:5::2/128 dev lo nodad']);
    const host = (last: number): string => `fd00:5:0:0:0:0:0:${last}`;
    const theirs = await startMember(go, { name: 'go-1', address: 'fd00:5::1', keys: [KEY] });
    const own = await startMember(ours, { name: 'ours-1', address: 'fd00:5::2', keys: [KEY] });
    expect(await ours.join('ours-1', [`[${theirs.address}]:${PORT}`])).toEqual({ joined: 1 });
    const names = async (member: TestMember): Promise<string[]> =>
      (await member.list()).map(({ name, addressOctets, status }) => `${name} ${addressOctets} ${status}`);
    for (const member of [theirs, own])
      await expect.poll(() => names(member)).toEqual(['go-1 16 alive', 'ours-1 16 alive']);
    expect((await own.list()).map(({ address }) => address)).toEqual([host(1), host(2)]);
  });
});
