import { describe, expect, test } from 'vitest';
import {
  accusation,
  alive,
  createDriver,
  driverWith,
  effectsOf,
  endpointOf,
  memberState,
  queued,
  SELF,
} from './driver.ts';

describe('hashicorp/memberlist state.go, aliveNode', () => {
  test('a new member joins, and others are told', () => {
    const driver = createDriver();
    const effects = driver.receive(alive(1));
    expect(driver.member('node-1')).toMatchObject({ status: 'alive', incarnation: 1 });
    expect(effectsOf(effects, 'memberJoined').map(({ member }) => member.node)).toEqual(['node-1']);
    expect(queued(driver)).toEqual([alive(1)]);
  });

  test.for([0, 1])('the same or less, incarnation %d, is not news', (incarnation) => {
    const driver = driverWith(1);
    queued(driver);
    expect(driver.receive(alive(1, { incarnation, meta: Uint8Array.of(9) }))).toEqual([]);
    expect(queued(driver)).toEqual([]);
  });

  test('a newer one is told to others, without another join', () => {
    const driver = driverWith(1);
    queued(driver);
    expect(effectsOf(driver.receive(alive(1, { incarnation: 2 })), 'memberJoined')).toEqual([]);
    expect(driver.member('node-1')?.incarnation).toBe(2);
    expect(queued(driver)).toEqual([alive(1, { incarnation: 2 })]);
  });

  test('a suspected member is alive again with a newer incarnation only, and did not join anew', () => {
    const driver = driverWith(3);
    driver.receive(accusation('suspect', 'node-1'));
    driver.receive(alive(1));
    expect(driver.status('node-1')).toBe('suspect');
    expect(driver.receive(alive(1, { incarnation: 2 })).map(({ type }) => type)).not.toContain('memberJoined');
    expect(driver.status('node-1')).toBe('alive');
    expect(driver.state().members.byName.get('node-1')?.suspicion).toBeUndefined();
    driver.receive(accusation('suspect', 'node-1', 2));
    driver.advance(3_900);
    expect(driver.status('node-1')).toBe('suspect');
  });

  test('changed metadata is an update', () => {
    const driver = driverWith(1);
    const effects = driver.receive(alive(1, { incarnation: 2, meta: Uint8Array.of(1) }));
    expect(effectsOf(effects, 'memberUpdated').map(({ member }) => member.meta)).toEqual([Uint8Array.of(1)]);
  });

  test('what is kept is a copy: the packet belongs to the socket', () => {
    const driver = createDriver();
    const meta = Uint8Array.of(1, 2);
    driver.receive(alive(1, { meta }));
    meta.fill(0);
    expect(driver.member('node-1')?.meta).toEqual(Uint8Array.of(1, 2));
  });

  test('a member without a port has ours', () => {
    const driver = createDriver();
    driver.receive(alive(1, { port: 0 }));
    expect(driver.member('node-1')?.port).toBe(7946);
  });

  test('incarnation 0 takes nobody in', () => {
    const driver = createDriver();
    expect(driver.receive(alive(1, { incarnation: 0 }))).toEqual([]);
    expect(driver.member('node-1')).toBeUndefined();
  });

  test.for([
    ['no name', { node: '' }],
    ['a name of more than 512 octets', { node: 'ä'.repeat(257) }],
    ['metadata of more than 512 octets', { meta: new Uint8Array(513) }],
    ['an address of 5 octets', { address: new Uint8Array(5) }],
    ['no address', { address: new Uint8Array() }],
    ['versions that cannot be', { versions: Uint8Array.of(0, 0, 0, 0, 0, 0) }],
    ['a least version above the greatest', { versions: Uint8Array.of(5, 1, 2, 0, 0, 0) }],
  ] as const)('%s is ignored', ([, changes]) => {
    const driver = createDriver();
    const effects = driver.receive(alive(1, changes));
    expect(effects.map(({ type }) => type)).toEqual(['notice']);
    expect([...driver.state().members.byName.keys()]).toEqual([SELF]);
  });

  test('the longest name and metadata are taken', () => {
    const driver = createDriver();
    driver.receive(alive(1, { node: 'ä'.repeat(256), meta: new Uint8Array(512) }));
    expect(driver.status('ä'.repeat(256))).toBe('alive');
  });

  describe('with another address or port', () => {
    const elsewhere = { ...endpointOf(9), incarnation: 2 };

    test.for([
      ['another address', elsewhere],
      ['another port', { port: 9000, incarnation: 2 }],
      ['the mapped form of the address', { address: mapped(endpointOf(1).address), incarnation: 2 }],
    ] as const)('%s is a conflict while the member lives', ([, changes]) => {
      const driver = driverWith(1);
      queued(driver);
      const effects = driver.receive(alive(1, changes));
      expect(effectsOf(effects, 'nameConflict')).toHaveLength(1);
      expect(driver.member('node-1')).toMatchObject({ ...endpointOf(1), incarnation: 1 });
      expect(queued(driver)).toEqual([]);
    });

    test('it is one while the member is suspected or dead', () => {
      for (const type of ['suspect', 'dead'] as const) {
        const driver = driverWith(1);
        driver.receive(accusation(type, 'node-1'));
        expect(effectsOf(driver.receive(alive(1, elsewhere)), 'nameConflict')).toHaveLength(1);
      }
    });

    test('a member that left comes back at once, with whatever incarnation', () => {
      const driver = driverWith(1);
      driver.receive(accusation('dead', 'node-1', 7, 'node-1'));
      expect(driver.status('node-1')).toBe('left');
      const effects = driver.receive(alive(1, { ...elsewhere, incarnation: 1 }));
      expect(effectsOf(effects, 'memberJoined')).toHaveLength(1);
      expect(driver.member('node-1')).toMatchObject({ ...endpointOf(9), status: 'alive', incarnation: 1 });
    });

    test.for([
      [5_000, 5_000, false],
      [5_000, 5_001, true],
      [0, 29_000, false],
    ] as const)('a reclaim time of %d ms, %d ms after the death: %j', ([deadNodeReclaimTimeMs, waitMs, back]) => {
      const driver = driverWith(1, { deadNodeReclaimTimeMs });
      driver.receive(accusation('dead', 'node-1'));
      driver.skip(waitMs);
      driver.receive(alive(1, elsewhere));
      expect(driver.status('node-1')).toBe(back ? 'alive' : 'dead');
    });
  });
});

function mapped(ipv4: Uint8Array): Uint8Array {
  return Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...ipv4);
}

describe('about ourselves', () => {
  const ourselves = { node: SELF, address: Uint8Array.of(192, 0, 2, 254) };

  test.for([
    ['a newer incarnation', { incarnation: 2 }, 3],
    ['a far newer incarnation', { incarnation: 5_000 }, 5_001],
    ['other metadata', { incarnation: 1, meta: Uint8Array.of(7) }, 2],
    ['other versions', { incarnation: 1, versions: Uint8Array.of(1, 4, 2, 0, 0, 0) }, 2],
  ] as const)('%s of an earlier life is refuted', ([, changes, incarnation]) => {
    const driver = driverWith(1);
    queued(driver);
    driver.receive(alive(0, { ...ourselves, ...changes }));
    expect(driver.member(SELF)).toMatchObject({ incarnation, meta: new Uint8Array(), status: 'alive' });
    expect(queued(driver)).toEqual([alive(0, { ...ourselves, incarnation })]);
    expect(driver.state().healthScore).toBe(1);
  });

  test('what we said ourselves is no news when it comes around, nor is what we said before', () => {
    const driver = driverWith(1, { initialIncarnation: 5 });
    queued(driver);
    expect(driver.receive(alive(0, { ...ourselves, incarnation: 5 }))).toEqual([]);
    expect(driver.receive(alive(0, { ...ourselves, incarnation: 4, meta: Uint8Array.of(1) }))).toEqual([]);
    expect(queued(driver)).toEqual([]);
  });

  test('from elsewhere is a conflict: we stay who we are', () => {
    const driver = driverWith(1);
    const effects = driver.receive(alive(3, { node: SELF, incarnation: 9 }));
    expect(effectsOf(effects, 'nameConflict')).toMatchObject([{ known: { node: SELF }, other: endpointOf(3) }]);
    expect(driver.member(SELF)).toMatchObject({ incarnation: 1, address: ourselves.address });
  });

  test.for(['suspect', 'dead'] as const)('%s is refuted', (type) => {
    const driver = driverWith(1);
    queued(driver);
    expect(effectsOf(driver.receive(accusation(type, SELF, 1, 'node-1')), 'refuted')).toEqual([
      { type: 'refuted', from: 'node-1' },
    ]);
    expect(driver.member(SELF)).toMatchObject({ status: 'alive', incarnation: 2 });
    driver.receive(accusation(type, SELF, 1));
    expect(driver.member(SELF)?.incarnation).toBe(2);
    driver.receive(accusation(type, SELF, 70));
    expect(driver.member(SELF)?.incarnation).toBe(71);
    expect(driver.state().healthScore).toBe(2);
    expect(queued(driver)).toEqual([alive(0, { ...ourselves, incarnation: 71 })]);
  });

  test('that we left, as our earlier life said, is refuted', () => {
    const driver = driverWith(1);
    driver.receive(accusation('dead', SELF, 4, SELF));
    expect(driver.member(SELF)).toMatchObject({ status: 'alive', incarnation: 5 });
  });

  test('an accusation that nothing could contradict is none', () => {
    const driver = driverWith(1);
    queued(driver);
    driver.receive(accusation('dead', SELF, 0xffffffff));
    expect(driver.member(SELF)).toMatchObject({ status: 'alive', incarnation: 1 });
    expect(queued(driver)).toEqual([]);
  });
});

describe('hashicorp/memberlist state.go, suspectNode', () => {
  test('nobody knows whom it is about', () => {
    const driver = driverWith(1);
    queued(driver);
    expect(driver.receive(accusation('suspect', 'nobody'))).toEqual([]);
    expect(queued(driver)).toEqual([]);
  });

  test('a suspected member still is one; others are told', () => {
    const driver = driverWith(3);
    queued(driver);
    const effects = driver.receive(accusation('suspect', 'node-1', 4));
    expect(effects.filter(({ type }) => type !== 'wakeAt')).toEqual([]);
    expect(driver.member('node-1')).toMatchObject({ status: 'suspect', incarnation: 4 });
    expect(queued(driver)).toEqual([accusation('suspect', 'node-1', 4)]);
  });

  test('an older accusation is none', () => {
    const driver = createDriver();
    driver.receive(alive(1, { incarnation: 10 }));
    queued(driver);
    driver.receive(accusation('suspect', 'node-1', 9));
    driver.receive(accusation('dead', 'node-1', 9));
    expect(driver.status('node-1')).toBe('alive');
    expect(queued(driver)).toEqual([]);
  });

  test('the dead are not suspected', () => {
    const driver = driverWith(1);
    driver.receive(accusation('dead', 'node-1'));
    queued(driver);
    driver.receive(accusation('suspect', 'node-1', 5));
    expect(driver.status('node-1')).toBe('dead');
    expect(queued(driver)).toEqual([]);
  });

  test('who accuses twice says nothing new; another one does, and is passed on', () => {
    const driver = driverWith(6);
    driver.receive(accusation('suspect', 'node-1', 1, 'node-2'));
    queued(driver);
    driver.receive(accusation('suspect', 'node-1', 1, 'node-2'));
    expect(queued(driver)).toEqual([]);
    driver.receive(accusation('suspect', 'node-1', 1, 'node-3'));
    expect(queued(driver)).toEqual([accusation('suspect', 'node-1', 1, 'node-3')]);
    driver.receive(accusation('suspect', 'node-1', 1, 'node-4'));
    queued(driver);
    // As many as were waited for have confirmed.
    driver.receive(accusation('suspect', 'node-1', 1, 'node-5'));
    expect(queued(driver)).toEqual([]);
  });

  // TestMemberList_ProbeNode_Suspect_Dogpile: multiplier 5, so 3 confirmations; at most twice the least time.
  test.for([
    [1, 0, 500],
    [2, 0, 500],
    [3, 0, 500],
    [4, 0, 1_000],
    [5, 0, 1_000],
    [5, 1, 750],
    [5, 2, 603],
    [5, 3, 500],
    [5, 4, 500],
  ] as const)('with %d others and %d confirmations it is dead after %d ms', ([others, confirmed, afterMs]) => {
    const driver = createDriver({ suspicionMult: 5, suspicionMaxTimeoutMult: 2, probeIntervalMs: 100 });
    for (let index = 1; index <= others; index += 1) driver.receive(alive(index));
    driver.receive(accusation('suspect', 'node-1', 1, SELF));
    for (let index = 0; index < confirmed; index += 1) {
      driver.receive(accusation('suspect', 'node-1', 1, `peer-${index}`));
    }
    driver.advance(afterMs - 1);
    expect(driver.status('node-1')).toBe('suspect');
    const effects = driver.advance(2);
    expect(effectsOf(effects, 'memberLeft').map(({ member }) => member.status)).toEqual(['dead']);
    expect(queued(driver)).toContainEqual(accusation('dead', 'node-1', 1, SELF));
  });

  test('a confirmation that comes when the time is over ends it at the next wake', () => {
    const driver = createDriver({ suspicionMult: 3, suspicionMaxTimeoutMult: 300, probeIntervalMs: 100 });
    for (let index = 1; index <= 5; index += 1) driver.receive(alive(index));
    driver.receive(accusation('suspect', 'node-1', 1, 'node-2'));
    driver.advance(400);
    driver.receive(accusation('suspect', 'node-1', 1, 'node-3'));
    expect(driver.wakeAtMs()).toBe(400);
    driver.advance(0);
    expect(driver.status('node-1')).toBe('dead');
  });
});

describe('hashicorp/memberlist state.go, deadNode', () => {
  test('nobody knows whom it is about', () => {
    const driver = driverWith(0);
    queued(driver);
    expect(driver.receive(accusation('dead', 'nobody'))).toEqual([]);
    expect(queued(driver)).toEqual([]);
  });

  test.for([
    ['accuser', 'dead'],
    ['node-1', 'left'],
    ['', 'dead'],
  ] as const)('one word of %j is enough: it is %s, and others are told', ([from, status]) => {
    const driver = driverWith(2);
    queued(driver);
    const effects = driver.receive(accusation('dead', 'node-1', 1, from));
    expect(effectsOf(effects, 'memberLeft').map(({ member }) => member.status)).toEqual([status]);
    expect(queued(driver)).toEqual([accusation('dead', 'node-1', 1, from)]);
  });

  test('it dies once', () => {
    const driver = driverWith(2);
    driver.receive(accusation('dead', 'node-1'));
    queued(driver);
    expect(effectsOf(driver.receive(accusation('dead', 'node-1', 9)), 'memberLeft')).toEqual([]);
    expect(queued(driver)).toEqual([]);
    expect(driver.member('node-1')?.incarnation).toBe(1);
  });

  test('an alive message of before its death does not bring it back, a newer one does', () => {
    const driver = driverWith(2);
    driver.receive(accusation('dead', 'node-1', 10));
    driver.receive(alive(1, { incarnation: 10 }));
    expect(driver.status('node-1')).toBe('dead');
    const effects = driver.receive(alive(1, { incarnation: 11 }));
    expect(effectsOf(effects, 'memberJoined')).toHaveLength(1);
    expect(driver.status('node-1')).toBe('alive');
  });

  test('an accuser with an endless name is not heard', () => {
    const driver = driverWith(2);
    driver.receive(accusation('dead', 'node-1', 1, 'x'.repeat(513)));
    expect(driver.status('node-1')).toBe('alive');
  });
});

describe('hashicorp/memberlist state.go, mergeState', () => {
  test('others that hold a member for dead or suspect make us suspect it; who left has left', () => {
    const driver = driverWith(3);
    driver.receive(alive(5));
    driver.receive(accusation('suspect', 'node-1'));
    const states = [
      memberState(1, 'alive', { incarnation: 2 }),
      memberState(2, 'suspect'),
      memberState(3, 'dead'),
      memberState(4, 'alive', { incarnation: 2 }),
      memberState(5, 'left'),
      memberState(6, 'dead'),
    ];
    const effects = driver.step({
      type: 'pushPullRequested',
      exchange: 1,
      message: { type: 'pushPull', join: false, states, userState: new Uint8Array() },
    });
    const expected = { 1: 'alive', 2: 'suspect', 3: 'suspect', 4: 'alive', 5: 'left', 6: undefined };
    for (const [index, status] of Object.entries(expected)) expect(driver.status(`node-${index}`)).toBe(status);
    expect(effectsOf(effects, 'memberJoined').map(({ member }) => member.node)).toEqual(['node-4']);
    expect(effectsOf(effects, 'memberLeft').map(({ member }) => member.node)).toEqual(['node-5']);
    expect(queued(driver)).toContainEqual(accusation('suspect', 'node-3', 1, SELF));
  });

  test('that we are dead is how we learn it after a restart', () => {
    const driver = driverWith(0);
    const states = [memberState(0, 'dead', { node: SELF, address: Uint8Array.of(192, 0, 2, 254), incarnation: 7 })];
    driver.step({
      type: 'pushPullRequested',
      exchange: 1,
      message: { type: 'pushPull', join: false, states, userState: new Uint8Array() },
    });
    expect(driver.member(SELF)).toMatchObject({ status: 'alive', incarnation: 8 });
  });
});
