import { expect, test } from 'vitest';
import {
  formatMicros,
  formatParticipants,
  formatRecord,
  hostIdentity,
  NOBODY,
  parseMicros,
  parseRecord,
  podIdentity,
  podOf,
  withParticipant,
} from './record.ts';

test('a record comes back from a Lease as it was, with microseconds', () => {
  const record = {
    holder: 'controller-abc_1',
    acquireMicros: 1_790_000_000_000_001,
    renewMicros: 1_790_000_000_123_456,
    leaseDurationSeconds: 15,
    transitions: 7,
    participants: ['controller-abc', 'controller-def'],
  };
  expect(parseRecord(formatRecord(record), formatParticipants(record))).toEqual(record);
  expect(formatRecord(record)['renewTime']).toBe('2026-09-21T14:13:20.123456Z');
  expect(formatRecord(NOBODY)).toEqual({ leaseDurationSeconds: 15, leaseTransitions: 0 });
  expect(parseRecord(formatRecord(NOBODY), '')).toEqual(NOBODY);
});

test.for<[fields: Readonly<Record<string, unknown>>]>([
  [{}],
  [{ holderIdentity: 5, leaseDurationSeconds: 15 }],
  [{ holderIdentity: 'x'.repeat(600), leaseDurationSeconds: 15 }],
  [{ holderIdentity: 'x', leaseDurationSeconds: 0 }],
  [{ holderIdentity: 'x', leaseDurationSeconds: 1e9 }],
  [{ holderIdentity: 'x', leaseDurationSeconds: '15' }],
])('%o is no record', ([fields]) => {
  expect(parseRecord(fields, '')).toBeUndefined();
});

test('participants are names of Pods, the newest eight', () => {
  const names = Array.from({ length: 20 }, (_, i) => `p${i}`);
  expect(parseRecord({ leaseDurationSeconds: 1 }, `X,${names.join(',')},-,a b`)?.participants).toEqual(names.slice(12));
  expect(parseRecord({ leaseDurationSeconds: 1 }, 5)?.participants).toEqual([]);
  expect(withParticipant(names.slice(0, 8), 'new')).toEqual([...names.slice(1, 8), 'new']);
  expect(withParticipant(['a'], 'a')).toEqual(['a']);
  expect(withParticipant(['a'], '')).toEqual(['a']);
});

test.for<[identity: string, pod: string | undefined]>([
  [podIdentity('controller-7d9-x', 'ab12'), 'controller-7d9-x'],
  [podIdentity('a.b', '1'), 'a.b'],
  [hostIdentity('laptop', '42-ab'), undefined],
  ['x', undefined],
  ['_x', undefined],
  ['', undefined],
])('the Pod of %j is %j', ([identity, pod]) => {
  expect(podOf(identity)).toBe(pod);
});

test.for<[text: unknown, micros: number | undefined]>([
  ['1970-01-01T00:00:01.000002Z', 1_000_002],
  ['1970-01-01T00:00:01Z', 1_000_000],
  ['garbage', undefined],
  [5, undefined],
  ['1960-01-01T00:00:00Z', undefined],
])('the time %j is %j microseconds', ([text, micros]) => {
  expect(parseMicros(text)).toBe(micros);
  if (micros !== undefined) expect(parseMicros(formatMicros(micros))).toBe(micros);
});
