import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, test } from 'vitest';
import { type Fleet, type Owners, openFleet, tellLogsOnFailure } from './fleet.ts';
import { metalLbSpeaker } from './speakers.ts';

const TIMEOUT_MS = 240_000;

/** Defines its tests where STEELYARD_METALLB_SPEAKER names the program; elsewhere there are none. */
export function describeMixedFleet(): void {
  if (metalLbSpeaker() === undefined) return;
  describeLab('MetalLB’s speakers and ours in one gossip', () => {
    let fleet: Fleet;
    let owners: Owners;

    beforeAll(async () => {
      fleet = await openFleet(4);
      for (const node of fleet.lan.nodes) fleet.start(node, 'metallb');
      owners = fleet.elected();
      await fleet.atRest(owners);
    }, TIMEOUT_MS);
    afterAll(async () => {
      await fleet?.[Symbol.asyncDispose]();
    });
    tellLogsOnFailure(() => fleet);

    test('nodes are migrated one by one, and back: each address is where MetalLB alone would have it', {
      timeout: TIMEOUT_MS,
    }, async () => {
      const [first, second] = fleet.lan.nodes;
      for (const node of [first, second]) {
        if (node === undefined) throw new Error('four nodes were asked for');
        await fleet.speaker(node).stop();
        fleet.start(node, 'steelyard');
        await fleet.atRest(owners);
      }
      if (first === undefined) throw new Error('four nodes were asked for');
      await fleet.speaker(first).stop();
      fleet.start(first, 'metallb');
      await fleet.atRest(owners);
    });

    test.for([1, 2])(
      'of two of each kind, one that is killed (node %i) is succeeded by the one that all agree on',
      {
        timeout: TIMEOUT_MS,
      },
      async (index) => {
        const victim = fleet.lan.nodes[index];
        if (victim === undefined) throw new Error('four nodes were asked for');
        fleet.speaker(victim).kill('SIGKILL');
        await fleet.speaker(victim).ended;
        await fleet.takenFrom(victim, owners);
        await fleet.atRest(fleet.elected(fleet.lan.nodes.filter((node) => node !== victim)));
        fleet.start(victim, index === 1 ? 'steelyard' : 'metallb');
        await fleet.atRest(owners);
      },
    );
  });
}
