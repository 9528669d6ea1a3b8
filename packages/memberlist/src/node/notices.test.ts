import { expect, test } from 'vitest';
import { type MemberlistNotice, NoticeLimiter } from './notices.ts';

function limiter() {
  const told: MemberlistNotice[] = [];
  const clock = { nowMs: 0 };
  return {
    told,
    clock,
    notices: new NoticeLimiter(
      (notice) => told.push(notice),
      () => clock.nowMs,
    ),
  };
}

test('each kind and source is told of once a minute, then with the number that was held back', () => {
  const { told, clock, notices } = limiter();
  for (let i = 0; i < 5; i += 1) {
    notices.notice('warn', 'refused a packet', '192.0.2.1', { code: 'X' });
    notices.notice('warn', 'refused a packet', '192.0.2.2');
    notices.notice('debug', 'closed', '192.0.2.1');
  }
  expect(told).toEqual([
    { level: 'warn', message: 'refused a packet', fields: { source: '192.0.2.1', code: 'X' } },
    { level: 'warn', message: 'refused a packet', fields: { source: '192.0.2.2' } },
    { level: 'debug', message: 'closed', fields: { source: '192.0.2.1' } },
  ]);
  expect(notices.suppressed).toBe(12);
  clock.nowMs = 60_000;
  notices.notice('warn', 'refused a packet', '192.0.2.1');
  expect(told.at(-1)?.fields).toEqual({ source: '192.0.2.1', suppressed: 4 });
});

test('a sender that claims 10,000 sources is told of seventeen times a minute, and is not remembered in full', () => {
  const { told, clock, notices } = limiter();
  for (let minute = 0; minute < 3; minute += 1) {
    clock.nowMs = minute * 60_000;
    told.length = 0;
    for (let i = 0; i < 10_000; i += 1) notices.notice('warn', 'refused a packet', `${minute}.${i}`);
    expect(told.length).toBeLessThanOrEqual(17);
    expect(told.at(-1)?.fields['source']).toBe('others');
  }
});

test('a kind that nobody foresaw does not grow the table', () => {
  const { told, notices } = limiter();
  for (let i = 0; i < 1_000; i += 1) notices.notice('warn', `kind ${i}`, undefined);
  expect(told.length).toBe(65);
});
