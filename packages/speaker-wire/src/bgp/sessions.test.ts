import type { BgpPeerEntry, BgpRouteEntry } from '@steelyard/announce';
import type { BgpCloseOptions, BgpPeer, BgpPeerEvent, BgpPeerOptions, BgpPeerStatus } from '@steelyard/bgp/node';
import { expect, test } from 'vitest';
import type { BgpSessionReport, WireReport } from '../protocol/report.ts';
import { BgpSessions } from './sessions.ts';

const NO_MESSAGES = { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 };
const STATUS: BgpPeerStatus = {
  state: 'Idle',
  session: undefined,
  localAddress: undefined,
  establishedAtMs: undefined,
  lastEnd: undefined,
  lastError: undefined,
  lastDown: undefined,
  counters: {
    sent: NO_MESSAGES,
    received: NO_MESSAGES,
    octetsSent: 0,
    octetsReceived: 0,
    established: 0,
    updateFailures: 0,
    prefixesReceived: 0,
    prefixesWithdrawn: 0,
  },
  routes: { wanted: 0, announced: 0, pending: 0, unsendable: 0, unsendableBecause: undefined },
};

/** Speaks to nobody, and writes down what it is asked for. */
class ScriptedSpeaker {
  readonly calls: string[] = [];
  readonly options = new Map<string, BgpPeerOptions>();
  refuses: string | undefined;
  /** Ends what was closed, if that is to take time. */
  endClosing: (() => void) | undefined;
  slowToClose: boolean = false;
  status: BgpPeerStatus = STATUS;

  addPeer(options: BgpPeerOptions): BgpPeer {
    const name = options.name ?? '';
    if (this.refuses === name) throw new RangeError(`${name} cannot be`);
    this.calls.push(`add ${name} hold ${options.holdTimeSeconds}`);
    this.options.set(name, options);
    const statusNow = (): BgpPeerStatus => this.status;
    const closing = new Promise<void>((resolve) => {
      this.endClosing = resolve;
    });
    return {
      name,
      address: options.address,
      get status() {
        return statusNow();
      },
      routes: {
        set: async (routes) => void this.calls.push(`set ${name} ${[...routes].map(({ prefix }) => prefix).join()}`),
        patch: async ({ add = [], remove = [] }) =>
          void this.calls.push(`patch ${name} +${[...add].map(({ prefix }) => prefix).join()} -${[...remove].join()}`),
      },
      events: () => {
        throw new Error('not asked for');
      },
      reset: () => undefined,
      close: async (how?: BgpCloseOptions) => {
        this.calls.push(`close ${name} ${how?.reason}`);
        if (this.slowToClose) await closing;
      },
    };
  }

  async close(how?: BgpCloseOptions): Promise<void> {
    this.calls.push(`close all ${how?.reason}`);
  }

  happens(name: string, event: BgpPeerEvent): void {
    this.options.get(name)?.onEvent?.(event);
  }
}

const peer = (name: string, more: Partial<BgpPeerEntry> = {}): BgpPeerEntry => ({
  name,
  peerAddress: '192.0.2.1',
  peerPort: 179,
  localAsn: 65001,
  peerAsn: 65000,
  sourceAddress: undefined,
  holdTimeSeconds: 90,
  keepaliveTimeMs: undefined,
  connectTimeSeconds: undefined,
  routerId: undefined,
  password: undefined,
  ebgpMultiHop: false,
  vrf: undefined,
  families: ['ipv4-unicast'],
  ...more,
});
const route = (prefix: string, ...peers: string[]): BgpRouteEntry => ({
  prefix,
  serviceKeys: ['default/web'],
  paths: [{ peers, localPref: undefined, communities: [], largeCommunities: [] }],
});
const whole = (routes: readonly BgpRouteEntry[], bgpPeers: readonly BgpPeerEntry[]) =>
  ({ type: 'snapshot', routes: new Map(routes.map((one) => [one.prefix, one])), bgpPeers, bgpComplete: true }) as const;

function open() {
  const speaker = new ScriptedSpeaker();
  const reports: WireReport[] = [];
  const lines: string[] = [];
  const log = (pairs: object, message: string): void => void lines.push(`${message} ${JSON.stringify(pairs)}`);
  let loaded = 0;
  const sessions = new BgpSessions({
    nodeName: 'node-a',
    log: { debug: () => undefined, info: log, warn: log, error: log },
    onReports: (more) => void reports.push(...more),
    onCounterPlaces: () => undefined,
    openSpeaker: async () => {
      loaded += 1;
      return speaker;
    },
  });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const sessionReports = (): BgpSessionReport[] => reports.flatMap((one) => (one.type === 'bgpSession' ? [one] : []));
  return { sessions, speaker, reports, lines, settled, sessionReports, loaded: () => loaded };
}

test('a node without BGP peers never loads what speaks BGP', async () => {
  const { sessions, settled, loaded } = open();
  sessions.take(whole([route('192.0.2.10/32', 'a')], []));
  await settled();
  await sessions.leave(100);
  expect(loaded()).toBe(0);
});

test('what comes while it is loaded is not lost, and is said once', async () => {
  const { sessions, speaker, settled, loaded } = open();
  sessions.take(whole([route('192.0.2.10/32', 'a')], [peer('a')]));
  sessions.take({
    type: 'change',
    routeUpserts: [route('192.0.2.11/32', 'a')],
    routeRemovals: [],
    bgpPeers: [peer('a'), peer('b')],
  });
  await settled();
  expect(speaker.calls).toEqual(['add a hold 90', 'set a 192.0.2.10/32,192.0.2.11/32', 'add b hold 90', 'set b ']);
  expect(loaded()).toBe(1);
});

test('a changed peer is replaced by its successor when it is gone, with the routes of that moment', async () => {
  const { sessions, speaker, settled } = open();
  sessions.take(whole([route('192.0.2.10/32', 'a')], [peer('a')]));
  await settled();
  speaker.calls.length = 0;
  speaker.slowToClose = true;
  const change = (routeUpserts: readonly BgpRouteEntry[], holdTimeSeconds: number) =>
    sessions.take({ type: 'change', routeUpserts, routeRemovals: [], bgpPeers: [peer('a', { holdTimeSeconds })] });
  change([], 9);
  change([route('192.0.2.11/32', 'a')], 9);
  await settled();
  expect(speaker.calls).toEqual(['close a changed']);
  change([], 30); // thought better of it, while the first one is being said goodbye to
  speaker.endClosing?.();
  await settled();
  await settled();
  expect(speaker.calls).toEqual(['close a changed', 'add a hold 30', 'set a 192.0.2.10/32,192.0.2.11/32']);
});

test('a peer that is wanted no more is left for good, and said to be', async () => {
  const { sessions, speaker, settled, sessionReports } = open();
  sessions.take(whole([], [peer('a')]));
  await settled();
  sessions.take({ type: 'change', routeUpserts: [], routeRemovals: [], bgpPeers: [] });
  expect(speaker.calls.at(-1)).toBe('close a deconfigured');
  expect(sessionReports().at(-1)).toMatchObject({ peer: 'a', wanted: false });
  expect(sessions.counterPlaces).toEqual([]);
});

test('what a peer tells while it is left for good is no news of a session', async () => {
  const { sessions, speaker, settled, sessionReports } = open();
  sessions.take(whole([], [peer('a')]));
  await settled();
  sessions.take({ type: 'change', routeUpserts: [], routeRemovals: [], bgpPeers: [] });
  speaker.happens('a', { type: 'stateChanged', from: 'Established', to: 'Idle' });
  speaker.happens('a', { type: 'down', end: { type: 'stopped' }, message: 'stopped here' });
  expect(sessionReports().at(-1)).toMatchObject({ peer: 'a', wanted: false });
});

test('a peer under another name is the same session, with the routes of that name', async () => {
  const { sessions, speaker, settled, sessionReports } = open();
  sessions.take(whole([route('192.0.2.10/32', 'a')], [peer('a')]));
  await settled();
  speaker.calls.length = 0;
  sessions.take({
    type: 'change',
    routeUpserts: [route('192.0.2.10/32', 'b')],
    routeRemovals: [],
    bgpPeers: [peer('b')],
  });
  expect(speaker.calls).toEqual(['set b 192.0.2.10/32'].map((call) => call.replace('set b', 'set a')));
  expect(sessionReports().slice(-2)).toMatchObject([
    { peer: 'a', wanted: false },
    { peer: 'b', wanted: true },
  ]);
});

test('another peer of the same place waits until the one before is gone', async () => {
  const { sessions, speaker, settled } = open();
  sessions.take(whole([], [peer('a')]));
  await settled();
  speaker.calls.length = 0;
  speaker.slowToClose = true;
  sessions.take({ type: 'change', routeUpserts: [], routeRemovals: [], bgpPeers: [peer('b', { localAsn: 65_002 })] });
  await settled();
  expect(speaker.calls).toEqual(['close a deconfigured']);
  speaker.endClosing?.();
  await settled();
  await settled();
  expect(speaker.calls).toEqual(['close a deconfigured', 'add b hold 90', 'set b ']);
});

test('what is found out later, without an event, is reported with the next look', async () => {
  const { sessions, speaker, settled, sessionReports } = open();
  sessions.take(whole([], [peer('a')]));
  await settled();
  sessions.writeCounters();
  const before = sessionReports().length;
  speaker.status = { ...STATUS, routes: { ...STATUS.routes, unsendable: 1, unsendableBecause: 'no IPv6 address' } };
  sessions.writeCounters();
  sessions.writeCounters();
  expect(sessionReports()).toHaveLength(before + 1);
  expect(sessionReports().at(-1)).toMatchObject({ unsendableBecause: 'no IPv6 address' });
});

test('a peer that cannot be spoken to says why, and stands in no other’s way', async () => {
  const { sessions, speaker, settled, sessionReports } = open();
  speaker.refuses = 'a';
  sessions.take(whole([], [peer('a'), peer('b')]));
  await settled();
  expect(speaker.calls).toEqual(['add b hold 90', 'set b ']);
  expect(sessionReports().find(({ event }) => event === 'refused')).toMatchObject({
    peer: 'a',
    lastError: 'a cannot be',
  });
});

test('an attempt that fails as the last one did is said once', async () => {
  const { sessions, speaker, settled, sessionReports, lines } = open();
  sessions.take(whole([], [peer('a', { password: new TextEncoder().encode('hunter2') })]));
  await settled();
  const end = { type: 'connectTimedOut' } as const;
  for (let i = 0; i < 3; i++) speaker.happens('a', { type: 'attemptFailed', end, message: 'nobody answers' });
  expect(sessionReports().filter(({ event }) => event === 'attemptFailed')).toHaveLength(1);
  expect(lines.filter((line) => line.includes('nobody answers'))).toHaveLength(1);
  expect(JSON.stringify([lines, sessionReports()])).not.toContain('hunter2');
});

test('a new control thread is told of each session', async () => {
  const { sessions, settled, reports } = open();
  sessions.take(whole([route('192.0.2.10/32', 'a')], [peer('a')]));
  await settled();
  reports.length = 0;
  sessions.take(whole([route('192.0.2.10/32', 'a')], [peer('a')]));
  expect(reports).toMatchObject([
    { type: 'bgpSession', peer: 'a', wanted: true, state: 'Idle' },
    { type: 'bgpService', serviceKey: 'default/web', announced: true, fresh: false },
  ]);
});

test('a speaker that leaves says goodbye to all, and listens to nothing more', async () => {
  const { sessions, speaker, settled } = open();
  sessions.take(whole([], [peer('a')]));
  await settled();
  await sessions.leave(100);
  sessions.take(whole([], [peer('a'), peer('b')]));
  await sessions.close();
  expect(speaker.calls.slice(-1)).toEqual(['close all shutdown']);
});

test('one that is closed without leaving says nothing', async () => {
  const { sessions, speaker, settled } = open();
  sessions.take(whole([], [peer('a')]));
  await settled();
  await sessions.close();
  expect(speaker.calls.at(-1)).toBe('close all abandon');
});
