import { describe, expect, test } from 'vitest';
import { type BgpPeerSessionStatus, differenceOf, sessionStatusOf, withShownTimes } from './session-status.ts';
import type { BgpPeerSessionView } from './session-view.ts';

const AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const DOWN: BgpPeerSessionView = {
  address: '192.0.2.1',
  port: 179,
  localAsn: 64512,
  peerAsn: 'external',
  routerId: undefined,
  localAddress: undefined,
  state: 'Active',
  stateSinceMs: AT_MS,
  establishedAtMs: undefined,
  lastError: { text: 'connection refused', atMs: AT_MS },
  holdTimeSeconds: undefined,
  keepaliveTimeMs: undefined,
  sentCapabilities: [],
  receivedCapabilities: [],
  prefixesAnnounced: 0,
  prefixesUnsendable: 0,
  unsendableBecause: undefined,
};
const statusOf = (view: Partial<BgpPeerSessionView> = {}): BgpPeerSessionStatus =>
  sessionStatusOf('node-1', 'tor', { ...DOWN, ...view });
/** What the API server keeps of it. */
const stored = (status: BgpPeerSessionStatus): Record<string, unknown> =>
  Object.fromEntries(Object.entries(status).filter(([, value]) => value !== null));

test('what is not known is absent, and moments are RFC 3339 in whole seconds', () => {
  expect(stored(statusOf())).toEqual({
    node: 'node-1',
    peer: 'tor',
    address: '192.0.2.1',
    port: 179,
    localASN: 64512,
    peerASN: 'external',
    state: 'Active',
    stateSince: '2026-01-02T03:04:05Z',
    lastError: 'connection refused',
    lastErrorTime: '2026-01-02T03:04:05Z',
    sentCapabilities: [],
    receivedCapabilities: [],
    prefixesAnnounced: 0,
    prefixesUnsendable: 0,
  });
});

test('what a peer has to say is bounded, and can be printed', () => {
  const text = `\u0007${'😀'.repeat(2000)}\ud800`;
  const { lastError, receivedCapabilities } = statusOf({
    lastError: { text, atMs: AT_MS },
    receivedCapabilities: Array.from({ length: 1000 }, () => text),
  });
  expect(String(lastError).length).toBeLessThanOrEqual(1024);
  expect(String(lastError)).toMatch(/^ 😀.*…$/u);
  expect(String(lastError).isWellFormed()).toBe(true);
  expect(receivedCapabilities).toHaveLength(64);
});

test.for([Number.NaN, Number.POSITIVE_INFINITY, -1, 1e20])('%d is no moment', (atMs) => {
  expect(statusOf({ establishedAtMs: atMs })['establishedAt']).toBeNull();
});

describe('a difference', () => {
  const later = AT_MS + 60_000;
  test.for<[what: string, view: Partial<BgpPeerSessionView>, before: Partial<BgpPeerSessionView>, expected: string]>([
    ['none', {}, {}, 'none'],
    ['another attempt', { state: 'Connect', stateSinceMs: later }, {}, 'minor'],
    ['the same error again', { lastError: { text: 'connection refused', atMs: later } }, {}, 'minor'],
    ['another error', { lastError: { text: 'no route to host', atMs: later } }, {}, 'news'],
    ['up', { state: 'Established', stateSinceMs: later, establishedAtMs: later }, {}, 'news'],
    ['down', {}, { state: 'Established', establishedAtMs: AT_MS }, 'news'],
    ['a prefix', { prefixesAnnounced: 1 }, {}, 'minor'],
    ['what a peer can', { receivedCapabilities: ['Route Refresh'] }, {}, 'news'],
  ])('%s', ([, view, before, expected]) => {
    expect(differenceOf(statusOf(view), stored(statusOf(before)))).toBe(expected);
  });

  test('is not that a moment was counted back a little otherwise', () => {
    const written = stored(statusOf());
    const again = statusOf({ stateSinceMs: AT_MS + 900 });
    expect(differenceOf(again, written)).not.toBe('none');
    expect(differenceOf(withShownTimes(again, written), written)).toBe('none');
    const other = statusOf({ stateSinceMs: AT_MS + 9_000 });
    expect(withShownTimes(other, written)).toEqual(other);
  });

  test('is what somebody has edited', () => {
    expect(differenceOf(statusOf(), { ...stored(statusOf()), routerID: '1.2.3.4' })).toBe('news');
    expect(differenceOf(statusOf(), {})).toBe('news');
  });
});
