import { expect, test } from 'vitest';
import { NOBODY, type WriterRecord } from '../record.ts';
import { mayWriteNow } from './lease.ts';
import {
  initialState,
  type OtherPod,
  type SingleWriterConfig,
  type SingleWriterEffect,
  type SingleWriterEvent,
  type SingleWriterState,
} from './state.ts';
import { step } from './step.ts';
import { wakeAtMs } from './wake.ts';

const config: SingleWriterConfig = {
  identity: 'me_1',
  podName: 'me',
  repository: 'example.com/steelyard',
  leaseDurationSeconds: 15,
  requestTimeoutMs: 5_000,
  graceMs: 2_000,
  strangersPollMs: 1_000,
  strangersMaxMs: 30_000,
  standbyPollMs: 2_000,
  minReadGapMs: 250,
  retryMinMs: 100,
  retryMaxMs: 2_000,
};

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Happening = DistributiveOmit<SingleWriterEvent, 'nowMs' | 'wallMs'>;

/** Plays events at their times and keeps what came of them. */
function play(...happenings: readonly [atMs: number, happening: Happening][]) {
  let state: SingleWriterState = initialState(0);
  let effects: readonly SingleWriterEffect[] = [];
  const all: SingleWriterEffect[] = [];
  function happen(atMs: number, happening: Happening): readonly SingleWriterEffect[] {
    const done = step(
      state,
      { ...happening, nowMs: atMs, wallMs: 1_790_000_000_000 + atMs } as SingleWriterEvent,
      config,
    );
    ({ state, effects } = done);
    all.push(...effects);
    return effects;
  }
  for (const [atMs, happening] of happenings) happen(atMs, happening);
  return {
    happen,
    get state() {
      return state;
    },
    get effects() {
      return effects;
    },
    all,
  };
}

const read = (record: WriterRecord | undefined, version = record === undefined ? undefined : '1'): Happening => ({
  type: 'recordRead',
  record,
  version,
});
const pods = (...others: (string | OtherPod)[]): Happening => ({
  type: 'podsListed',
  others: others.map((pod) => (typeof pod === 'string' ? { name: pod, repository: 'example.com/metallb' } : pod)),
});
const held = (holder: string, renewMicros = 5, participants: string[] = []): WriterRecord => ({
  ...NOBODY,
  holder,
  renewMicros,
  transitions: 3,
  participants,
});
const types = (effects: readonly SingleWriterEffect[]): string[] =>
  effects.map((effect) => (effect.type === 'write' ? effect.purpose : effect.type));

/** Holds the record since 0 ms. */
function holder() {
  return play(
    [0, { type: 'start' }],
    [0, pods()],
    [0, read(undefined)],
    [1, { type: 'written', version: '1' }],
    [2, { type: 'caughtUp' }],
  );
}

test('alone, the first write takes the record, and what the one before wrote is waited for', () => {
  const one = play([0, { type: 'start' }]);
  expect(types(one.effects)).toEqual(['listPods', 'read']);
  one.happen(1, pods());
  expect(types(one.happen(2, read(undefined)))).toEqual(['acquire']);
  expect(one.effects[0]).toMatchObject({
    record: { holder: 'me_1', transitions: 1, participants: ['me'], leaseDurationSeconds: 15 },
    version: undefined,
  });
  expect(types(one.happen(5, { type: 'written', version: '9' }))).toEqual(['catchUp']);
  expect(mayWriteNow(one.state, config, 5)).toBe(false);
  expect(one.happen(6, { type: 'caughtUp' })).toEqual([{ type: 'tookOver', predecessor: '' }]);
  expect(mayWriteNow(one.state, config, 6)).toBe(true);
});

test.for<[name: string, record: WriterRecord | undefined, atOnce: boolean]>([
  ['nobody has it', undefined, true],
  ['its holder has let go', held(''), true],
  ['an earlier container of our Pod has it', held('me_0'), true],
  ['another Pod has it', held('other_1'), false],
  ['somebody without a Pod has it', held('host/other_1'), false],
  ['the Pod of a similar name has it', held('me2_1'), false],
])('at the start, when %s, it is taken at once: $2', ([, record, atOnce]) => {
  const one = play([0, { type: 'start' }], [0, pods()], [0, read(record)]);
  expect(types(one.all).includes('acquire')).toBe(atOnce);
});

test('two processes that were given one Pod’s name do not take turns', () => {
  const one = holder();
  one.happen(60_000, { type: 'renew' });
  one.happen(60_001, pods());
  one.happen(60_002, { type: 'writeConflict' });
  one.happen(60_003, read(held('me_2'), '8'));
  one.happen(70_000, { type: 'tick' });
  one.happen(70_001, read(held('me_2'), '8'));
  expect(types(one.all).filter((type) => type === 'acquire')).toHaveLength(1);
});

test('a write leaves without asking while its time-out ends before the lease', () => {
  const one = holder();
  expect(mayWriteNow(one.state, config, 8_499)).toBe(true); // 0.9 of 15 s, less 5 s
  expect(mayWriteNow(one.state, config, 8_500)).toBe(false);
  expect(wakeAtMs(one.state, config)).toBe(Number.POSITIVE_INFINITY); // nothing is renewed for its own sake
});

test('after a pause one renewal and one look at the Pods let all writes leave, counted from when it was sent', () => {
  const one = holder();
  expect(types(one.happen(60_000, { type: 'renew' }))).toEqual(['listPods', 'renew']);
  expect(types(one.happen(60_001, { type: 'renew' }))).toEqual([]);
  one.happen(60_400, { type: 'written', version: '2' });
  expect(mayWriteNow(one.state, config, 60_400)).toBe(false);
  one.happen(60_500, pods());
  expect(mayWriteNow(one.state, config, 60_500)).toBe(true);
  expect(mayWriteNow(one.state, config, 68_500)).toBe(false);
  expect(one.all.filter(({ type }) => type === 'write')).toHaveLength(2);
});

test('a refused renewal is read after: the same term with another version goes on, another holder ends it', () => {
  const one = holder();
  const own = one.state.seen?.record;
  one.happen(60_000, { type: 'renew' });
  one.happen(60_001, pods());
  expect(types(one.happen(60_002, { type: 'writeConflict' }))).toEqual(['read']);
  expect(own).toBeDefined();
  expect(
    one.happen(60_003, read(own === undefined ? undefined : { ...own, participants: ['me', 'new'] }, '7')),
  ).toMatchObject([{ type: 'write', purpose: 'renew', version: '7', record: { participants: ['me', 'new'] } }]);
  one.happen(60_004, { type: 'writeConflict' });
  expect(types(one.happen(60_005, read(held('other_1'), '8')))).toContain('stoodDown');
  expect(one.state.phase).toBe('standby');
});

test('a lost answer is found by reading, and its lease counts from when it was sent', () => {
  const one = holder();
  one.happen(60_000, { type: 'renew' });
  const sent = one.effects.find(({ type }) => type === 'write');
  one.happen(60_001, pods());
  one.happen(62_000, { type: 'writeFailed' });
  expect(wakeAtMs(one.state, config)).toBe(62_100);
  expect(types(one.happen(62_100, { type: 'tick' }))).toEqual(['read']);
  one.happen(62_110, read(sent?.type === 'write' ? sent.record : undefined, '2'));
  expect(mayWriteNow(one.state, config, 62_110)).toBe(true);
  expect(mayWriteNow(one.state, config, 68_500)).toBe(false);
});

test('the holder is succeeded when something is wanted, it had time, and it has not renewed', () => {
  const other = held('other_1', 5, ['me']);
  const one = play([0, { type: 'start' }], [0, pods('other')], [0, read(other)]);
  one.happen(2_000, { type: 'tick' });
  one.happen(2_010, read(other));
  one.happen(20_000, { type: 'wanted' });
  one.happen(20_010, read(other));
  expect(wakeAtMs(one.state, config)).toBe(22_000);
  expect(types(one.happen(22_000, { type: 'tick' }))).toEqual(['readHolderPod', 'read']);
  expect(types(one.happen(22_010, read(other)))).toEqual(['acquire']);
  one.happen(22_020, { type: 'written', version: '2' });
  expect(one.happen(22_100, { type: 'caughtUp' })).toEqual([{ type: 'tookOver', predecessor: 'other_1' }]);
});

test('a holder that renews meanwhile stays, and so does one that may still write silently', () => {
  const one = play([0, { type: 'start' }], [0, pods('other')], [0, read(held('other_1', 5, ['me']))]);
  one.happen(20_000, { type: 'wanted' });
  one.happen(20_010, read(held('other_1', 6, ['me'])));
  for (const atMs of [21_000, 29_000]) one.happen(atMs, { type: 'wanted' });
  for (let atMs = 30_000; atMs < 60_000; atMs += 1_000) {
    one.happen(atMs, { type: 'tick' });
    if (types(one.effects).includes('read')) one.happen(atMs + 10, read(held('other_1', 6, ['me'])));
  }
  expect(types(one.all)).not.toContain('acquire');
});

test('the record of a Pod that has ended is taken at once, that of a holder who has renewed elsewhere is not', () => {
  const other = held('other_1', 5, ['me']);
  const one = play([0, { type: 'start' }], [0, pods('other')], [0, read(other)]);
  expect(types(one.happen(10, { type: 'holderGone', holder: 'third_1' }))).toEqual([]);
  expect(types(one.happen(10, { type: 'holderGone', holder: 'other_1' }))).toEqual(['acquire']);
});

test('a record that somebody deletes is not free before its holder has to have noticed', () => {
  const one = play([0, { type: 'start' }], [0, pods('other')], [0, read(held('other_1', 5, ['me']))]);
  one.happen(2_000, { type: 'tick' });
  expect(types(one.happen(2_010, read(undefined)))).toEqual(['register']);
  one.happen(2_020, { type: 'written', version: '1' });
  expect(wakeAtMs(one.state, config)).toBeLessThanOrEqual(15_750);
  one.happen(15_000, { type: 'tick' });
  one.happen(15_010, read({ ...NOBODY, participants: ['me'] }, '1'));
  expect(types(one.all)).not.toContain('acquire');
  expect(types(one.happen(15_750, { type: 'tick' }))).toEqual(['acquire']);
});

test('beside a controller that knows no record nothing is taken, until it is gone or 30 s have passed', () => {
  const waiting = play([0, { type: 'start' }], [0, read(undefined)], [1, pods('metallb-1')]);
  expect(waiting.effects).toMatchObject([
    { type: 'strangers', pods: ['metallb-1'], waiting: true },
    { type: 'write', purpose: 'register', record: { holder: '', participants: ['me'] } },
  ]);
  waiting.happen(5, { type: 'written', version: '1' });
  expect(types(waiting.happen(1_001, { type: 'tick' }))).toEqual(['listPods', 'read']);
  waiting.happen(1_002, read({ ...NOBODY, participants: ['me'] }, '1'));
  expect(types(waiting.happen(1_003, pods()))).toEqual(['acquire']);

  const patient = play(
    [0, { type: 'start' }],
    [0, read({ ...NOBODY, participants: ['me'] }, '1')],
    [1, pods('metallb-1')],
  );
  expect(types(patient.happen(29_999, { type: 'tick' }))).not.toContain('acquire');
  patient.happen(29_999, read({ ...NOBODY, participants: ['me'] }, '1'));
  patient.happen(30_000, { type: 'tick' });
  expect(patient.effects).toMatchObject([
    { type: 'strangers', pods: ['metallb-1'], waiting: false },
    { type: 'write', purpose: 'acquire' },
  ]);
});

test('two that start at a time know each other from the record and do not wait', () => {
  const one = play([0, { type: 'start' }], [0, read(undefined)], [1, pods('twin')]);
  one.happen(2, { type: 'writeConflict' });
  expect(types(one.all)).toEqual(['listPods', 'read', 'strangers', 'register', 'read']);
  one.happen(3, read({ ...NOBODY, participants: ['twin'] }, '1'));
  expect(types(one.effects)).toEqual(['acquire']);
});

test('one who holds it makes way for a controller that knows no record, and comes back', () => {
  const one = holder();
  expect(types(one.happen(1_500, { type: 'writing' }))).toEqual(['listPods']);
  expect(types(one.happen(1_510, pods('metallb-1'))).slice(0, 2)).toEqual(['stoodDown', 'strangers']);
  expect(mayWriteNow(one.state, config, 1_510)).toBe(false);
  one.happen(2_520, { type: 'tick' });
  one.happen(2_530, read(one.state.seen?.record, '1'));
  expect(types(one.happen(2_540, pods()))).toEqual(['catchUp']);
  expect(types(one.happen(2_550, { type: 'caughtUp' }))).toEqual(['tookOver']);
});

test('one who holds it does not make way for our own next version, nor for one that ends', () => {
  const one = holder();
  one.happen(1_500, { type: 'writing' });
  one.happen(1_510, pods({ name: 'next', repository: 'example.com/steelyard' }));
  expect(one.state.phase).toBe('holding');
});

test('without the rule for Pods, or without their list, it goes on', () => {
  const forbidden = play([0, { type: 'start' }], [0, read(undefined)], [1, { type: 'podsForbidden' }]);
  expect(types(forbidden.effects)).toEqual(['acquire']);
  const unknown = play([0, { type: 'start' }], [0, read({ ...NOBODY, participants: ['me'] }, '1')]);
  unknown.happen(1, { type: 'podsUnknown' });
  expect(types(unknown.all)).not.toContain('acquire');
  expect(wakeAtMs(unknown.state, config)).toBe(1_001);
  expect(types(unknown.happen(30_000, { type: 'tick' }))).toContain('acquire');
});

test('letting go writes the record of nobody, once whatever is under way has ended; one who stands by writes nothing', () => {
  const one = holder();
  expect(one.happen(5_000, { type: 'release' })).toMatchObject([
    { type: 'write', purpose: 'release', record: { holder: '', participants: ['me'] }, version: '1' },
  ]);
  one.happen(5_010, { type: 'written', version: '2' });
  expect(one.state.phase).toBe('stopped');

  const early = play([0, { type: 'start' }], [0, read(undefined)], [1, pods()], [2, { type: 'release' }]);
  expect(types(early.happen(3, { type: 'written', version: '1' }))).toEqual(['release']);

  const other = play([0, { type: 'start' }], [0, pods('other')], [0, read(held('other_1', 5, ['me']))]);
  expect(other.happen(1, { type: 'release' })).toEqual([]);
  expect(other.state.phase).toBe('stopped');
});

test('after the machine slept the lease is not counted on', () => {
  const one = holder();
  one.happen(100, { type: 'clockJumped' });
  expect(mayWriteNow(one.state, config, 100)).toBe(false);
  expect(types(one.happen(2_000, { type: 'renew' }))).toContain('renew');
});

test('after the machine slept nothing that was sent before is counted on, however it is heard of', () => {
  const one = holder();
  const own = one.state.seen?.record;
  one.happen(100, { type: 'clockJumped' });
  one.happen(110, { type: 'renew' });
  one.happen(120, { type: 'writeConflict' }); // somebody has come to take part
  one.happen(130, read(own, '9'));
  expect(mayWriteNow(one.state, config, 130)).toBe(false);
  expect(one.state.operation).toMatchObject({ kind: 'write', purpose: 'renew' });
  one.happen(140, { type: 'clockJumped' }); // once more, with the renewal under way
  one.happen(150, { type: 'written', version: '10' });
  expect(mayWriteNow(one.state, config, 150)).toBe(false);
});

test('a holder with a companion shows that it lives when something may be wanted; alone it writes nothing', () => {
  const alone = holder();
  expect(types(alone.happen(60_000, { type: 'wanted' }))).toEqual(['listPods']);
  expect(alone.happen(60_001, pods())).toEqual([]);
  expect(alone.happen(60_002, { type: 'wanted' })).toEqual([]);
  const one = holder();
  one.happen(20_000, { type: 'renew' });
  one.happen(20_001, pods({ name: 'standby', repository: 'example.com/steelyard' }));
  one.happen(20_002, { type: 'writeConflict' });
  const own = one.state.seen?.record;
  expect(own).toBeDefined();
  if (own === undefined) return;
  one.happen(20_003, read({ ...own, participants: ['me', 'standby'] }, '4'));
  one.happen(20_004, { type: 'written', version: '5' });
  expect(types(one.happen(60_000, { type: 'wanted' }))).toContain('renew');
});
