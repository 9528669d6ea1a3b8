import { setTimeout as sleep } from 'node:timers/promises';
import { partition } from '@steelyard/testkit';
import { hasCompiler } from '@steelyard/testkit/flood';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Fleet, type Owners, openFleet, tellLogsOnFailure } from './fleet.ts';

const TIMEOUT_MS = 240_000;
const FLAPS = 3;
const FLAP_MS = 1_000;

describe.skipIf(!hasCompiler())('where there is a C compiler', () => {
  describeLab('three speakers in one gossip, whose network fails', () => {
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

    test('a node without its cable is succeeded, and has its addresses again with it', {
      timeout: TIMEOUT_MS,
    }, async () => {
      const victim = fleet.someOwner(owners);
      await victim.cable.cut();
      await fleet.takenFrom(victim, owners);
      await victim.cable.restore();
      await fleet.atRest(owners);
    });

    test('a node that is cut off from everybody is succeeded; when it can be reached again there is one owner each', {
      timeout: TIMEOUT_MS,
    }, async () => {
      const victim = fleet.someOwner(owners);
      const heal = await partition(fleet.lan, [victim], 'all');
      await fleet.takenFrom(victim, owners);
      await fleet.atRest(fleet.elected(fleet.lan.nodes.filter((node) => node !== victim)));
      await heal();
      await fleet.atRest(owners);
    });

    test('where the gossip alone is cut, both sides answer rather than nobody; afterwards one', {
      timeout: TIMEOUT_MS,
    }, async () => {
      const victim = fleet.someOwner(owners);
      const heal = await partition(fleet.lan, [victim], 'gossip');
      await fleet.takenFrom(victim, owners);
      await heal();
      await fleet.atRest(owners);
    });

    test('a link that flaps leaves each address with its owner', { timeout: TIMEOUT_MS }, async () => {
      const victim = fleet.someOwner(owners);
      for (let flap = 0; flap < FLAPS; flap += 1) {
        await victim.cable.cut();
        await sleep(FLAP_MS);
        await victim.cable.restore();
        await sleep(FLAP_MS);
      }
      await fleet.atRest(owners);
    });
  });
});
