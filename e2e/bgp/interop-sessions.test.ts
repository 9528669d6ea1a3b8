import type { Route } from '@steelyard/bgp';
import type { BgpPeerEvent } from '@steelyard/bgp/node';
import { waitUntil } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL, ordersOf, ROUTERS } from './interop-daemons.ts';
import { type Changes, expectPath, type InteropLab, openInteropLab, PATIENCE, type Session } from './interop-lab.ts';

const PREFIX = '192.0.2.1/32';
const ROUTE: Route = { prefix: PREFIX };

const give = (session: Session, ...routes: readonly Route[]): Promise<void> =>
  session.ours.call('set', session.name, routes);

async function downs({ ours, name }: Session): Promise<readonly string[]> {
  const events: readonly BgpPeerEvent[] = await ours.call('events', name);
  return events.flatMap((event) => (event.type === 'down' ? [event.message] : []));
}

/** Waits for the n-th end of the session. */
async function down(session: Session, count = 1): Promise<string> {
  const what = `session ${count} with ${session.name} to end`;
  return waitUntil(what, async () => (await downs(session))[count - 1], PATIENCE);
}

/** It is there again, and so is the route, which nobody has given again. */
async function expectBack(session: Session): Promise<void> {
  await session.established();
  await expectPath(session, PREFIX, { nextHop: session.ourAddress });
}

describeLab('a session that ends', () => {
  let lab: InteropLab;
  beforeAll(async () => {
    lab = await openInteropLab({ listen: true });
  });
  afterAll(() => lab?.[Symbol.asyncDispose]());

  /** With a route in it. */
  async function sessionWithRoute(kind: (typeof ALL)[number], changes?: Changes): Promise<Session> {
    const session = await lab.session(kind, changes);
    await session.established();
    await give(session, ROUTE);
    await expectPath(session, PREFIX, {});
    return session;
  }

  describe.concurrent('at the other side', () => {
    test.for(ROUTERS)('%s: is shut down with a text, and started again', async (kind) => {
      await using session = await sessionWithRoute(kind);
      const orders = ordersOf(session.daemon);
      await session.daemon.command(...orders.shutDown(session.ourAddress, 'back at noon'));
      expect(await down(session)).toMatch(/^the peer sent Cease\/Administrative Shutdown \(6\/2\): "back at noon"$/);
      expect((await session.status()).routes).toMatchObject({ wanted: 1, announced: 0 });
      await session.daemon.command(...orders.start(session.ourAddress));
      await expectBack(session);
    });

    test.for(ROUTERS)('%s: is cleared', async (kind) => {
      await using session = await sessionWithRoute(kind);
      await session.daemon.command(...ordersOf(session.daemon).clear(session.ourAddress));
      expect(await down(session)).toMatch(/^the peer sent Cease\/Administrative Reset \(6\/4\)/);
      await expectBack(session);
    });

    test.for(ALL)('%s: the daemon is started anew', async (kind) => {
      await using session = await sessionWithRoute(kind);
      await session.restart();
      await down(session);
      await expectBack(session);
    });

    test.for(ALL)('%s: the daemon stands still for longer than the hold time', async (kind) => {
      await using session = await sessionWithRoute(kind, { peer: { holdTimeSeconds: 3 } });
      session.daemon.process.kill('SIGSTOP');
      expect(await down(session)).toBe(
        'this end sent Hold Timer Expired (4/0): nothing was heard from the peer for the whole hold time: it, or the way ' +
          'to it, is dead',
      );
      const { state, routes } = await session.status();
      expect(state).not.toBe('Established');
      expect(routes).toMatchObject({ wanted: 1, announced: 0, pending: 1 });
      session.daemon.process.kill('SIGCONT');
      await expectBack(session);
    });

    test.for(ROUTERS)('%s: takes no more than two prefixes', async (kind) => {
      await using session = await sessionWithRoute(kind, { neighbor: { maxPrefixes: 2 } });
      // FRR counts before it takes a prefix: the last one of a message is never too much.
      await session.ours.call('setHosts', session.name, 5);
      expect(await down(session)).toMatch(
        /^the peer sent Cease\/Maximum Number of Prefixes Reached \(6\/1\).*: more prefixes were announced than it takes$/,
      );
      const fewer = give(session, ROUTE);
      // BIRD comes back by itself, the others when they are told; FRR also after a minute.
      if (kind !== 'bird') await session.daemon.command(...ordersOf(session.daemon).forgive(session.ourAddress));
      await expectBack(session);
      await fewer;
    });
  });

  describe.concurrent('before it begins', () => {
    test.for(ALL)('%s: another AS number is expected there', async (kind) => {
      await using session = await lab.session(kind, { neighbor: { asn: 64_999 } });
      expect(await session.lastError(/AS number/)).toMatch(
        /^the peer sent OPEN Message Error\/Bad Peer AS \(2\/2\).*: it expects another AS number than 65001 from the address/,
      );
    });

    test.for(ALL)('%s: another AS number is expected here', async (kind) => {
      await using session = await lab.session(kind, { peer: { asn: 64_999 } });
      expect(await session.lastError(/AS/)).toMatch(/^this end sent OPEN Message Error\/Bad Peer AS \(2\/2\)/);
    });

    test('frr: the address is no peer there', async () => {
      await using session = await lab.session('frr', { neighbor: { address: '10.20.1.249' } });
      expect(await session.lastError(/address/)).toMatch(/is the address 10\.20\.1\.\d+ .*, with AS 65001\?$/);
    });
  });

  test('frr: an external peer without a policy is up and has no routes (RFC 8212)', async () => {
    await using session = await lab.session('frr', { description: { requiresPolicy: true } });
    await session.established();
    await give(session, ROUTE);
    const { routes } = await session.status();
    expect(routes).toMatchObject({ wanted: 1, announced: 1 });
    expect(await session.daemon.routes()).toEqual(new Map());
    await session.daemon.command('configure terminal', 'router bgp', 'no bgp ebgp-requires-policy');
    await session.daemon.command(...ordersOf(session.daemon).refresh(session.ourAddress));
    await expectBack(session);
  });

  describe.concurrent('at this side', () => {
    test.for([
      ['frr', 'shutdown', /Cease\/Administrative Shutdown|Administrative Shutdown/],
      ['bird', 'shutdown', /Received: Administrative shutdown/],
      ['gobgp', 'shutdown', /6.*2|administrative shutdown/i],
    ] as const)('%s: %s, with a text, after the routes are withdrawn', async ([kind, reason, pattern]) => {
      await using session = await sessionWithRoute(kind);
      await session.ours.call('close', session.name, { reason, communication: 'to be back' });
      await waitUntil('no route', async () => (await session.daemon.routeCount()) === 0, PATIENCE);
      const view = await session.daemon.neighbor(session.ourAddress);
      const told = [JSON.stringify(view.raw), ...session.daemon.process.lines].join('\n');
      expect(told).toMatch(pattern);
      expect(told).toContain('to be back');
    });

    test.for(ROUTERS)('%s: is reset', async (kind) => {
      await using session = await sessionWithRoute(kind);
      await session.ours.call('reset', session.name, 'once more');
      await down(session);
      await expectBack(session);
    });
  });

  describe.concurrent('and who connects', () => {
    const connections = async ({ host }: Session): Promise<number> => {
      const { stdout } = await host.namespace.run('ss', [
        ...['-H', '-t', '-n', 'state', 'established'],
        '( sport = :179 or dport = :179 )',
      ]);
      return stdout.split('\n').filter((line) => line.trim() !== '').length;
    };

    test.for(ROUTERS)('%s: the other side alone', async (kind) => {
      const changes: Changes = { listening: true, neighbor: { passive: false }, peer: { passive: true } };
      await using session = await sessionWithRoute(kind, changes);
      expect(await connections(session)).toBe(1);
    });

    test.for(['frr', 'bird'] as const)('%s: both, again and again, for one session', async (kind) => {
      await using session = await sessionWithRoute(kind, { listening: true, neighbor: { passive: false } });
      for (let round = 1; round <= 5; round += 1) {
        if (round % 2 === 0) await session.ours.call('reset', session.name);
        else await session.daemon.command(...ordersOf(session.daemon).clear(session.ourAddress));
        await down(session, round);
        await expectBack(session);
        await waitUntil('one connection', async () => (await connections(session)) === 1, PATIENCE);
        expect((await session.status()).state).toBe('Established');
      }
      expect((await downs(session)).length).toBe(5);
    });
  });
});
