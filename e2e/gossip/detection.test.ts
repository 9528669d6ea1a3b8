import { type Lab, openLab, waitUntil } from '@steelyard/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithJudge } from './describe-with-judge.ts';
import { type MemberHost, startHost } from './member-host.ts';
import { agreed, startMember, type TestMember } from './members.ts';

const KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
/** Gossips at the same time, half of which lose one of Go's and half one of ours. */
const TRIALS = 6;
/** memberlist's own bound for 6 members without any confirmation: 9 s until the probe, 1 s for it, 24 s of suspicion. */
const BOUND_MS = 45_000;

describeWithJudge('crashes at MetalLB’s own times (LAN)', (judgePath) => {
  let lab: Lab;
  let go: MemberHost;
  let ours: MemberHost;
  beforeAll(async () => {
    lab = await openLab();
    const inside = await lab.namespace('gossip');
    [go, ours] = await Promise.all([startHost(judgePath, inside), startHost(undefined, inside)]);
  });
  afterAll(() => lab.close());

  /** Starts a gossip of three of each, lets one crash, and says when each of the others knew. */
  async function trial(number: number): Promise<{ readonly observer: 'go' | 'ours'; readonly ms: number }[]> {
    const order = (kind: string, i: number) => ({
      name: `${kind}-${number}-${i}`,
      address: `127.${100 + number}.${kind === 'go' ? 1 : 2}.${i}`,
      keys: [KEY],
      profile: 'lan' as const,
      override: {},
    });
    const members: TestMember[] = [];
    for (const i of [1, 2, 3])
      members.push(await startMember(go, order('go', i)), await startMember(ours, order('ours', i)));
    const [first] = members;
    if (first === undefined) throw new Error('no member');
    // Twice: gossip alone may leave a gap until the next push/pull, half a minute later.
    for (const member of [...members.slice(1), ...members.slice(1)]) await member.join(first);
    await agreed(members);
    const victim = members[number % 2];
    if (victim === undefined) throw new Error('no victim');
    const others = members.filter((member) => member !== victim);
    const crashedMs = Number(process.hrtime.bigint()) / 1e6;
    await victim.crash();
    const known = (observer: TestMember) =>
      observer.host.events.find(
        (each) => each.event === 'leave' && each.observer === observer.name && each.member?.name === victim.name,
      );
    await waitUntil(`all to know that ${victim.name} crashed`, () => others.every(known), { timeoutMs: BOUND_MS });
    await agreed(others);
    return others.map((observer) => ({
      observer: observer.host === go ? 'go' : 'ours',
      ms: Math.round((known(observer)?.atMs ?? Number.NaN) - crashedMs),
    }));
  }

  test('are known to both kinds, of both kinds', { timeout: 120_000 }, async () => {
    const trials = await Promise.all(Array.from({ length: TRIALS }, (_, number) => trial(number)));
    for (const [number, known] of trials.entries()) {
      const of = (kind: string): string =>
        known
          .filter(({ observer }) => observer === kind)
          .map(({ ms }) => ms)
          .join(', ');
      process.stderr.write(
        `a crash of ${number % 2 === 0 ? 'go' : 'ours'}: known to go after ${of('go')} ms, to ours after ${of('ours')} ms\n`,
      );
    }
    // Never before a suspicion can be over: the probe's second and the least time to contradict, four.
    const least = Math.min(...trials.flat().map(({ ms }) => ms));
    expect(least).toBeGreaterThan(4_500);
  });
});
