import { describe, expect, test } from 'vitest';
import { createEventCorrelator, type EventNotice } from './event-correlator.ts';

function notice(message: string, name = 'nginx', reason = 'IPAllocated'): EventNotice {
  const object = {
    apiVersion: 'v1',
    kind: 'Service',
    namespace: 'default',
    name,
    uid: `uid-${name}`,
    resourceVersion: '1',
  };
  return { object, type: 'Normal', reason, message };
}

const MINUTE_MS = 60_000;

describe('client-go, tools/record/events_cache.go', () => {
  test('the same Event again is counted on the first', () => {
    const correlator = createEventCorrelator();
    const first = correlator.correlate(notice('Assigned IP'), 0);
    const second = correlator.correlate(notice('Assigned IP'), 5000);
    if (first.verdict !== 'create' || second.verdict !== 'count') throw new Error(`${first.verdict} ${second.verdict}`);
    expect(second.record).toMatchObject({ name: first.record.name, count: 2, firstMs: 0, lastMs: 5000 });
  });

  test('another reason, type, message or object is another Event with another name', () => {
    const correlator = createEventCorrelator();
    const notices = [
      notice('a'),
      notice('b'),
      notice('a', 'other'),
      notice('a', 'nginx', 'ClearAssignment'),
      { ...notice('a'), type: 'Warning' as const },
    ];
    const records = notices.map((one) => correlator.correlate(one, 0));
    expect(records.map(({ verdict }) => verdict)).toEqual(notices.map(() => 'create'));
    expect(new Set(records.map((one) => one.verdict !== 'dropped' && one.record.name)).size).toBe(notices.length);
  });

  test('more than ten that differ only in their message become one', () => {
    const correlator = createEventCorrelator();
    const verdicts = Array.from({ length: 14 }, (_, i) => correlator.correlate(notice(`reason ${i}`), i));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual([...Array(11).fill('create'), 'count', 'count', 'count']);
    expect(verdicts[13]).toMatchObject({ record: { message: '(combined from similar events): reason 13', count: 4 } });
  });

  test('after ten quiet minutes the messages stand for themselves again', () => {
    const correlator = createEventCorrelator();
    for (let i = 0; i < 12; i++) correlator.correlate(notice(`reason ${i}`), 0);
    expect(correlator.correlate(notice('new'), 11 * MINUTE_MS)).toMatchObject({ record: { message: 'new', count: 1 } });
  });

  test('an object gets 25 Events at once and then one in five minutes', () => {
    const correlator = createEventCorrelator();
    const at = (nowMs: number): string => correlator.correlate(notice('same'), nowMs).verdict;
    expect(Array.from({ length: 30 }, () => at(0)).filter((verdict) => verdict !== 'dropped')).toHaveLength(25);
    expect(correlator.correlate(notice('same', 'other'), 0).verdict).toBe('create');
    expect([at(4 * MINUTE_MS), at(5 * MINUTE_MS), at(6 * MINUTE_MS)]).toEqual(['dropped', 'count', 'dropped']);
  });

  test('a clock that goes back neither fills nor empties the bucket', () => {
    const correlator = createEventCorrelator();
    correlator.correlate(notice('same'), 1e9);
    const verdicts = Array.from({ length: 24 }, () => correlator.correlate(notice('same'), 0).verdict);
    expect(verdicts).not.toContain('dropped');
  });
});

test('what was forgotten is created anew', () => {
  const correlator = createEventCorrelator();
  const first = correlator.correlate(notice('a'), 0);
  if (first.verdict === 'dropped') throw new Error('dropped');
  correlator.forget(first.record);
  expect(correlator.correlate(notice('a'), 0)).toMatchObject({ verdict: 'create', record: { count: 1 } });
});

test('a message longer than an Event may have is cut', () => {
  const long = createEventCorrelator().correlate(notice('x'.repeat(5000)), 0);
  expect(long.verdict !== 'dropped' && long.record.message.length).toBe(1024);
});

test('ten thousand objects leave no more than the cache holds', () => {
  const correlator = createEventCorrelator();
  for (let i = 0; i < 10_000; i++) correlator.correlate(notice('a', `s${i}`), 0);
  expect(correlator.correlate(notice('a', 's0'), 0).verdict).toBe('create'); // long forgotten
  expect(correlator.correlate(notice('a', 's9999'), 0).verdict).toBe('count');
});
