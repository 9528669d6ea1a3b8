import { expect, test } from 'vitest';
import { type ConfigurationReport, nextWrite, type WantedState } from './next-write.ts';
import type { StateCondition, StateObject } from './state-object.ts';

const NOW = '2026-11-24T09:00:00Z';
const EARLIER = '2026-01-01T00:00:00Z';
const OWNER = { apiVersion: 'v1', kind: 'Pod', name: 'controller-x', uid: 'u1' };

const wanted = (report?: ConfigurationReport): WantedState => ({
  labels: { 'metallb.io/component-type': 'controller' },
  owner: { name: 'controller-x', uid: 'u1' },
  conditionType: 'poolReconcilerValid',
  report,
});
const condition = (more: Partial<StateCondition> = {}): StateCondition => ({
  type: 'poolReconcilerValid',
  status: 'True',
  reason: 'Reconciled',
  message: '',
  lastTransitionTime: EARLIER,
  ...more,
});
const invalid = (message: string): StateCondition =>
  condition({ status: 'False', reason: 'ConfigurationError', message });
const object = (more: Partial<StateObject> = {}): StateObject => ({
  resourceVersion: '7',
  labels: { 'metallb.io/component-type': 'controller', theirs: 'stays' },
  ownerReferences: [OWNER],
  conditions: [],
  result: '',
  errorSummary: '',
  ...more,
});
const valid = object({ conditions: [condition()], result: 'Valid' });

test('what is not there is made, with labels and owner', () => {
  expect(nextWrite(undefined, wanted(), NOW)).toEqual({
    type: 'create',
    labels: { 'metallb.io/component-type': 'controller' },
    ownerReferences: [OWNER],
  });
  expect(nextWrite(undefined, { ...wanted(), owner: undefined }, NOW)).toMatchObject({ ownerReferences: [] });
});

test.for<[name: string, state: Partial<StateObject>, ownerReferences: readonly unknown[]]>([
  ['a label is missing', { labels: {} }, [OWNER]],
  ['the owner is missing', { ownerReferences: [] }, [OWNER]],
  [
    'another Pod owns it',
    { ownerReferences: [{ ...OWNER, name: 'old', uid: 'u0' }] },
    [{ ...OWNER, name: 'old', uid: 'u0' }, OWNER],
  ],
  ['an earlier Pod of our name owns it', { ownerReferences: [{ ...OWNER, uid: 'u0' }] }, [OWNER]],
])('the metadata is put right when %s', ([, state, ownerReferences]) => {
  expect(nextWrite({ ...valid, ...state }, wanted({ valid: true }), NOW)).toEqual({
    type: 'metadata',
    resourceVersion: '7',
    labels: { 'metallb.io/component-type': 'controller' },
    ownerReferences,
  });
});

test.for<[report: ConfigurationReport, expected: Partial<StateCondition>]>([
  [{ valid: true }, { status: 'True', reason: 'Reconciled', message: '' }],
  [{ errors: [] }, { status: 'True', reason: 'Reconciled', message: '' }],
  [
    { errors: ['parsing pool "a": invalid CIDR', 'x'] },
    {
      status: 'False',
      reason: 'ConfigurationError',
      message: 'configuration error: parsing pool "a": invalid CIDR\nx',
    },
  ],
  [
    { unknown: 'pools cannot be listed' },
    { status: 'False', reason: 'UnknownError', message: 'pools cannot be listed' },
  ],
])('the report %j is a condition in MetalLB’s words', ([report, expected]) => {
  expect(nextWrite(object(), wanted(report), NOW)).toMatchObject({
    type: 'condition',
    condition: { type: 'poolReconcilerValid', ...expected, lastTransitionTime: NOW },
  });
});

test('the time of the last transition is that of the last transition', () => {
  const broken = object({ conditions: [invalid('configuration error: a')], result: 'Invalid', errorSummary: 'x' });
  expect(nextWrite(broken, wanted({ errors: ['b'] }), NOW)).toMatchObject({
    condition: { lastTransitionTime: EARLIER },
  });
  expect(nextWrite(broken, wanted({ valid: true }), NOW)).toMatchObject({ condition: { lastTransitionTime: NOW } });
  const garbled = object({ conditions: [condition({ lastTransitionTime: 'x' })] });
  expect(nextWrite(garbled, wanted({ valid: true }), NOW)).toMatchObject({ condition: { lastTransitionTime: NOW } });
});

test.for<
  [
    name: string,
    conditions: readonly StateCondition[],
    report: ConfigurationReport,
    result: string,
    errorSummary: string,
  ]
>([
  ['valid', [condition()], { valid: true }, 'Valid', ''],
  ['invalid', [invalid('configuration error: a')], { errors: ['a'] }, 'Invalid', 'configuration error: a'],
  [
    'valid, where another condition is not',
    [condition(), condition({ type: 'other', status: 'False', reason: 'ConfigurationError', message: 'b' })],
    { valid: true },
    'Invalid',
    'b',
  ],
  [
    'unknown',
    [condition({ status: 'False', reason: 'UnknownError', message: 'why' })],
    { unknown: 'why' },
    'Unknown',
    'why',
  ],
])('of what is %s that is the result', ([, conditions, report, result, errorSummary]) => {
  expect(nextWrite(object({ conditions }), wanted(report), NOW)).toEqual({ type: 'result', result, errorSummary });
  expect(nextWrite(object({ conditions, result, errorSummary }), wanted(report), NOW)).toBeUndefined();
});

test('nothing is written when nothing has changed, and no status before something was reported', () => {
  expect(nextWrite(valid, wanted({ valid: true }), NOW)).toBeUndefined();
  expect(nextWrite(object(), wanted(), NOW)).toBeUndefined();
});

test('conditions of others stay', () => {
  const theirs = condition({ type: 'theirs' });
  expect(nextWrite(object({ conditions: [theirs] }), wanted({ valid: true }), NOW)).toMatchObject({
    all: [theirs, { type: 'poolReconcilerValid' }],
  });
});

test('a message has a place for every error that fits, and says how many do not', () => {
  const errors = Array.from({ length: 5_000 }, (_, i) => `IPAddressPool/pool-${i}: invalid CIDR`);
  const write = nextWrite(object(), wanted({ errors }), NOW);
  const message = write?.type === 'condition' ? write.condition.message : '';
  expect(message.length).toBeLessThan(32_768);
  expect(message).toMatch(/^configuration error: IPAddressPool\/pool-0: invalid CIDR\n.*\n… and \d+ more$/s);
  const long = nextWrite(object(), wanted({ errors: ['😀'.repeat(40_000), 'b'] }), NOW);
  const text = long?.type === 'condition' ? long.condition.message : '';
  expect(text.length).toBeLessThan(32_768);
  expect(text.isWellFormed()).toBe(true);
  expect(text).toContain('… and 1 more');
});
