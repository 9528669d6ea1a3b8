import { monotonicMs } from '@steelyard/testkit';
import { hasCompiler } from '@steelyard/testkit/flood';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fleet, type Owners, openFleet, tellLogsOnFailure } from './fleet.ts';
import { describeMixedFleet } from './mixed-fleet.ts';

const TIMEOUT_MS = 240_000;
/** A crash costs five seconds. Rounds are 50 ms, and a machine that does other things besides answers late. */
const ROUNDS_OF_A_GAP = 40;
const ROUNDS_OF_A_LATE_ANSWER = 5;

describe.skipIf(!hasCompiler())('where there is a C compiler', () => {
  describeMixedFleet();

  describeLab('three speakers in one gossip, one of which fails', () => {
    let fleet: Fleet;
    let owners: Owners;

    beforeAll(async () => {
      fleet = await openFleet(3);
      for (const node of fleet.lan.nodes) fleet.start(node);
      owners = fleet.elected();
      await fleet.atRest(owners);
    }, TIMEOUT_MS);
    afterAll(async () => {
      await fleet?.[Symbol.asyncDispose]();
    });
    tellLogsOnFailure(() => fleet);

    test('both addresses of a Service are where MetalLB elects their owner, and not all on one node', async () => {
      expect(new Set(owners.values()).size).toBeGreaterThan(1);
      await fleet.atRest(owners);
    });

    test('a process that is killed loses its addresses to the others, and has them again when it is back', {
      timeout: TIMEOUT_MS,
    }, async () => {
      const victim = fleet.someOwner(owners);
      fleet.speaker(victim).kill('SIGKILL');
      await fleet.speaker(victim).ended;
      await fleet.takenFrom(victim, owners);
      await fleet.atRest(fleet.elected(fleet.lan.nodes.filter((node) => node !== victim)));
      fleet.start(victim);
      await fleet.atRest(owners);
    });

    test('an owner that is told to end is succeeded before it falls silent', { timeout: TIMEOUT_MS }, async () => {
      const victim = fleet.someOwner(owners);
      const sinceMs = monotonicMs();
      await fleet.speaker(victim).stop();
      await fleet.takenFrom(victim, owners);
      await fleet.atRest(fleet.elected(fleet.lan.nodes.filter((node) => node !== victim)));
      for (const address of fleet.addresses.filter((each) => owners.get(each) === victim.cable.mac)) {
        const answers = fleet.watch.answers.filter((sign) => sign.address === address);
        const firstOfNext = answers.find(({ mac, atMs }) => mac !== victim.cable.mac && atMs > sinceMs)?.round;
        // Which may have been before it was told to end: it is succeeded within a round.
        const lastOfOld = answers.findLast(({ mac }) => mac === victim.cable.mac)?.round;
        expect(firstOfNext, address).toBeLessThanOrEqual((lastOfOld ?? 0) + ROUNDS_OF_A_LATE_ANSWER);
      }
      fleet.start(victim);
      await fleet.atRest(owners);
    });

    test('all are restarted one by one: no address is silent for as long as after a crash', {
      timeout: TIMEOUT_MS,
    }, async () => {
      const sinceMs = monotonicMs();
      for (const node of fleet.lan.nodes) {
        await fleet.speaker(node).stop();
        fleet.start(node);
        await fleet.atRest(owners);
      }
      expect(Math.max(...Object.values(fleet.longestSilence(sinceMs)))).toBeLessThan(ROUNDS_OF_A_GAP);
    });

    test('the API server is away: who dies is succeeded all the same', { timeout: TIMEOUT_MS }, async () => {
      await fleet.api.stop();
      const victim = fleet.someOwner(owners);
      fleet.speaker(victim).kill('SIGKILL');
      await fleet.takenFrom(victim, owners);
      await fleet.atRest(fleet.elected(fleet.lan.nodes.filter((node) => node !== victim)));
      await fleet.api.start();
      fleet.start(victim);
      await fleet.atRest(owners);
    });
  });
});
