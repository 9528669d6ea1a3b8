import { setTimeout as sleep } from 'node:timers/promises';
import type { Namespace } from '@steelyard/testkit';
import { describeLab } from '@steelyard/testkit/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HOSTILE_ASN, type HostileLab, openHostileLab } from './hostile-lab.ts';
import { listenScripted, type ScriptedPeer } from './scripted-peer.ts';
import { notification, OPEN, open } from './scripted-peer-octets.ts';

const WATCHED_MS = 4_000;
/** A second to two minutes by default; here fifty times as fast, so that some seconds are some minutes. */
const PAUSES = { idleHoldTimeMs: 20, maxIdleHoldTimeMs: 2_400, connectRetryTimeMs: 2_400 } as const;
/** Doubled from 20 ms on, each at least a quarter of what it may be: 5 + 10 + 20 + … + 600 + 600 … ms. */
const MOST_CALLS = 14;

type Answer = (peer: ScriptedPeer) => unknown;
const established = (peer: ScriptedPeer): Promise<ScriptedPeer> => peer.greet({ asn: HOSTILE_ASN });
const whatever = (): void => {}; // it may be gone before it has said all

/** Each port a peer that fails in its own way. */
const FAILURES: readonly (readonly [what: string, answer: Answer, lastError: RegExp])[] = [
  [
    'says NOTIFICATION after each OPEN',
    (peer) => peer.waitFor(OPEN).then(() => peer.say(notification(6, 5)), whatever),
    /^the peer sent Cease\/Connection Rejected \(6\/5\): another BGP speaker on this node/,
  ],
  [
    'says OPEN, then NOTIFICATION',
    (peer) => peer.say(open({ asn: HOSTILE_ASN }), notification(6, 3)),
    /^the peer sent Cease\/Peer De-configured \(6\/3\)/,
  ],
  [
    'ends each session as soon as it is established',
    (peer) => established(peer).then(() => peer.say(notification(6, 4)), whatever),
    /^the peer sent Cease\/Administrative Reset \(6\/4\)/,
  ],
  [
    'resets each session as soon as it is established',
    (peer) => established(peer).then(() => peer.reset(), whatever),
    /^the connection closed without a NOTIFICATION/,
  ],
  ['hangs up at once', (peer) => peer.hangUp(), /^the peer closed the connection before its OPEN: is the address/],
  ['resets at once', (peer) => peer.reset(), /\(.*ECONNRESET\): .*is the address 10\.20\.0\.1/],
  ['says nonsense', (peer) => peer.say(new Uint8Array(64)), /^this end sent Message Header Error\/Connection Not Sync/],
];
const FIRST_PORT = 1_179;

/** The kernel counts who calls: a SYN is one, whether it is answered or not. */
async function countSyns(namespace: Namespace): Promise<() => Promise<number>> {
  const rules = `table inet watch {
    chain calls { type filter hook prerouting priority 0; tcp flags & (syn|ack) == syn tcp dport > 1000 counter; }
  }`;
  await namespace.run('nft', ['-f', '-'], { input: rules });
  return async () => Number(/packets (\d+)/.exec((await namespace.run('nft', ['list', 'ruleset'])).stdout)?.[1]);
}

describeLab('a peer with whom no session lasts', () => {
  let lab: HostileLab;

  beforeAll(async () => {
    lab = await openHostileLab();
  });
  afterAll(() => lab?.close());

  test('is called less and less often, whatever its way to fail; others are not disturbed', async () => {
    const { speaker, hostile } = lab;
    const syns = await countSyns(hostile.namespace);
    const host = hostile.ipv4;
    const routers = await Promise.all(
      FAILURES.map(async ([name, answer], index) => {
        const port = FIRST_PORT + index;
        const router = await listenScripted(hostile.namespace, { host, port });
        router.answer(answer);
        await speaker.addPeer({ address: host, port, name, asn: HOSTILE_ASN, ...PAUSES });
        return router;
      }),
    );
    await speaker.addPeer({ address: host, port: 7_777, name: 'refused', asn: HOSTILE_ASN, ...PAUSES });
    await sleep(WATCHED_MS);
    for (const [index, [name, , lastError]] of FAILURES.entries()) {
      const status = await speaker.status(name);
      const calls = routers[index]?.calls ?? 0;
      process.stdout.write(`# a peer that ${name}: ${calls} calls in ${WATCHED_MS} ms\n`);
      expect([name, status.lastError]).toEqual([name, expect.stringMatching(lastError)]);
      expect([name, calls > 2, calls <= MOST_CALLS]).toEqual([name, true, true]);
    }
    expect((await speaker.status('refused')).lastError).toMatch(/\(ECONNREFUSED\): no BGP daemon listens there/);
    expect(await syns()).toBeLessThanOrEqual((FAILURES.length + 1) * MOST_CALLS);
    await lab.expectUndisturbed();
    for (const router of routers) await router.close();
  });
});
