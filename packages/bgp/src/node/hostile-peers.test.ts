import { expect, test } from 'vitest';
import { encodeKeepalive } from '../messages/keepalive.ts';
import { encodeNotification } from '../messages/notification/notification.ts';
import { encodeRouteRefresh } from '../messages/route-refresh.ts';
import type { Route } from '../update/route.ts';
import {
  NODE,
  NODE_ASN,
  type RawPeer,
  ROUTER,
  ROUTER_ASN,
  rawRouter,
  recorded,
  typesOf,
  World,
} from './testing/world.ts';

/** Each with a community of its own: nothing can be packed. */
function routes(count: number): readonly Route[] {
  return Array.from({ length: count }, (_, i) => ({
    prefix: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`,
    attributes: { communities: [i + 1] },
  }));
}

/** What is sent goes on in turns of its own, with nobody waiting. */
async function quiet(world: World): Promise<void> {
  await world.clock.pass(50);
}

test('a peer that reads nothing holds back its own routes, and nobody else', async () => {
  const world = new World();
  const met = await rawRouter(world, (peer) => peer.greet());
  const other = await world.speaker(world.network.host('192.0.2.2/24'), {
    asn: ROUTER_ASN,
    routerId: '192.0.2.2',
    listen: {},
  });
  const seen = other.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const deaf = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  const well = node.addPeer({ address: '192.0.2.2', asn: ROUTER_ASN });
  await world.clock.pass(100);
  met[0]?.deaf();
  let toldDeaf = false;
  void deaf.routes.set(routes(20_000)).then(() => (toldDeaf = true));
  const toldWell = well.routes.set(routes(20_000));
  await quiet(world);
  await toldWell;
  expect(seen.status.counters.prefixesReceived).toBe(20_000);
  expect(toldDeaf).toBe(false);
  const { announced, pending } = deaf.status.routes;
  expect(pending).toBeGreaterThan(5_000); // memory holds what the peer is to be told, not the octets of it
  expect(announced + pending).toBe(20_000);
});

test('a peer that reads nothing is given up when the send hold timer expires: RFC 9687', async () => {
  const world = new World();
  const told = recorded();
  const met = await rawRouter(world, (peer) => peer.greet());
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN, sendHoldTimeMs: 20_000, ...told });
  await world.clock.pass(100);
  met[0]?.deaf();
  void peer.routes.set(routes(20_000));
  for (let i = 0; i < 3; i++) {
    met[0]?.say(encodeKeepalive()); // it is alive, and well, and does not read
    await world.clock.pass(8_000);
  }
  expect(told.events).toContainEqual(
    expect.objectContaining({ type: 'down', message: expect.stringMatching(/reads nothing/u) }),
  );
});

test('a KEEPALIVE is never behind more than a slice of routes', async () => {
  const world = new World();
  const met = await rawRouter(world, (peer) => peer.greet(9));
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(100);
  met[0]?.deaf();
  void peer.routes.set(routes(100_000));
  await quiet(world);
  const { sent } = peer.status.counters;
  expect(sent.update * 60).toBeLessThan(1_000_000);
  met[0]?.say(encodeKeepalive());
  await world.clock.pass(6_000);
  expect(peer.status.counters.sent.keepalive).toBeGreaterThan(sent.keepalive);
  expect(peer.status.counters.sent.update).toBe(sent.update);
});

test('nonsense ends the session of who sends it with the right NOTIFICATION, and no other', async () => {
  const world = new World();
  const met = await rawRouter(world, (peer) => peer.greet());
  const other = await world.speaker(world.network.host('192.0.2.2/24'), {
    asn: ROUTER_ASN,
    routerId: '192.0.2.2',
    listen: {},
  });
  other.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const bad = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  const well = node.addPeer({ address: '192.0.2.2', asn: ROUTER_ASN });
  await world.clock.pass(100);
  met[0]?.say(new Uint8Array(200));
  await world.clock.pass(100);
  expect(bad.status.lastError).toMatch(/^this end sent .*Connection Not Synchronized/u);
  expect(met[0]?.heard.slice(-2)).toEqual([1, 1]);
  expect(met[0]?.closed).toBe(true);
  await world.clock.pass(60_000);
  expect(well.status.counters.established).toBe(1);
  expect(world.errors).toEqual([]);
});

test('a flood of messages is read in turns', async () => {
  const world = new World();
  const met = await rawRouter(world, (peer) => peer.greet());
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(100);
  met[0]?.say(...Array.from({ length: 10_000 }, encodeKeepalive));
  await world.clock.pass(1);
  expect(peer.status).toMatchObject({ state: 'Established', counters: { received: { keepalive: 10_001 } } });
});

test('a NOTIFICATION behind a flood is read, although the connection is gone', async () => {
  const world = new World();
  const met = await rawRouter(world, (peer) => peer.greet());
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(100);
  met[0]?.say(
    ...Array.from({ length: 3_000 }, encodeKeepalive),
    encodeNotification({ errorCode: 6, errorSubcode: 1, data: new Uint8Array() }),
  );
  met[0]?.hangUp();
  await world.clock.pass(1);
  expect(peer.status.lastError).toMatch(/Maximum Number of Prefixes.*more prefixes were announced/u);
});

test('a flood of ROUTE-REFRESH is answered once a second', async () => {
  const world = new World();
  const met = await rawRouter(world, (peer) => peer.greet());
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  void peer.routes.set(routes(1_000));
  await world.clock.pass(100);
  const before = peer.status.counters.sent.update;
  const refresh = encodeRouteRefresh({ afi: 1, safi: 1, subtype: 0 });
  for (let i = 0; i < 40; i++) {
    met[0]?.say(...Array.from({ length: 100 }, () => refresh));
    await world.clock.pass(100);
  }
  await world.clock.pass(2_000);
  const answers = (peer.status.counters.sent.update - before) / 1_000;
  expect(answers).toBeGreaterThanOrEqual(4);
  expect(answers).toBeLessThanOrEqual(6);
  expect(peer.status.counters.received.routeRefresh).toBe(4_000);
});

test('a peer that answers each OPEN with a NOTIFICATION is not called a thousand times', async () => {
  const world = new World();
  await rawRouter(world, (peer) =>
    peer.say(encodeNotification({ errorCode: 6, errorSubcode: 5, data: new Uint8Array() })),
  );
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(600_000);
  expect(world.network.dials).toBeLessThan(25);
  expect(peer.status.lastError).toMatch(/another BGP speaker on this node/u);
});

test('a peer that hangs up after each session is not called a thousand times', async () => {
  const world = new World();
  await rawRouter(world, (peer) => {
    peer.greet();
    world.clock.callIn(10, () => peer.hangUp());
  });
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(600_000);
  expect(peer.status.counters.established).toBeGreaterThan(3);
  expect(world.network.dials).toBeLessThan(25);
});

test('a thousand strangers are told that they are, some of them, and all go', async () => {
  const world = new World();
  const router = await world.router({ listen: { maxStrangers: 64 } });
  const seen = router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const crowd = world.network.host('203.0.113.5/24');
  const strangers: { heard: number[]; closed: boolean; deaf: boolean }[] = [];
  for (let i = 0; i < 1_000; i++) {
    const stranger = { heard: [] as number[], closed: false, deaf: i % 2 === 0 };
    strangers.push(stranger);
    const connection = crowd.dial(
      {
        address: ROUTER,
        port: 179,
        sourceAddress: undefined,
        device: undefined,
        md5Password: undefined,
        ttl: 64,
        gtsmHops: undefined,
      },
      {
        onConnect() {},
        onOctets: (octets) => stranger.heard.push(...octets),
        onClose: () => {
          stranger.closed = true;
        },
      },
    );
    if (stranger.deaf) connection.pause(); // takes nothing, and stays as long as he may
  }
  const node = await world.node();
  node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(1_000);
  expect(seen.status.state).toBe('Established');
  await world.clock.pass(5_000);
  expect(strangers.filter(({ closed }) => !closed)).toEqual([]);
  const told = strangers.filter(({ heard }) => heard.length > 0);
  expect(told.length).toBeGreaterThan(0);
  for (const { heard } of told) expect(heard.slice(-3)).toEqual([3, 6, 5]);
});

test('a mistake in a callback is told, and changes nothing', async () => {
  const world = new World();
  const router = await world.router();
  router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const peer = node.addPeer({
    address: ROUTER,
    asn: ROUTER_ASN,
    onEvent({ type }) {
      throw new Error(`cannot take ${type}`);
    },
    onUpdate() {
      throw new Error('cannot take an UPDATE');
    },
  });
  await world.clock.pass(100);
  expect(peer.status.state).toBe('Established');
  expect(world.errors.map(({ message }) => message)).toEqual(
    expect.arrayContaining(['cannot take established', 'cannot take an UPDATE']),
  );
});

test.for([
  [true, 'Established', undefined],
  [false, 'Idle', expect.stringContaining('Bad Message Length')],
] as const)(
  'RFC 8654: where extendedMessages is %s, after a long message of a peer that has not offered any it is %s',
  async ([extendedMessages, state, lastError]) => {
    const world = new World();
    const met = await rawRouter(world, (router) => router.greet());
    const node = await world.node();
    const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN, extendedMessages });
    await world.clock.pass(100);
    // 1,200 withdrawn prefixes of 4 octets.
    const withdrawn = Array.from({ length: 1_200 }, (_, i) => [24, 10, i >> 8, i & 255]).flat();
    const length = 19 + 2 + withdrawn.length + 2;
    const marker = new Array<number>(16).fill(255);
    met[0]?.say(
      Uint8Array.of(...marker, length >> 8, length & 255, 2, withdrawn.length >> 8, withdrawn.length & 255),
      Uint8Array.of(...withdrawn, 0, 0),
    );
    await world.clock.pass(10);
    expect(peer.status).toMatchObject({ state, lastError });
    expect(peer.status.counters.prefixesWithdrawn).toBe(extendedMessages ? 1_200 : 0);
  },
);

test('a mistake of ours ends the session of one peer, which begins anew', async () => {
  const world = new World();
  const router = await world.router();
  router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  let failures = 2;
  world.random = () => {
    if (failures === 0) return 0.5;
    failures -= 1;
    throw new Error('no more randomness');
  };
  const told = recorded();
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN, ...told });
  await world.clock.pass(100);
  expect(peer.status.lastError).toBe('an error in this program: no more randomness');
  expect(told.events).toContainEqual({
    type: 'attemptFailed',
    end: { type: 'stopped' },
    message: 'an error in this program: no more randomness',
  });
  expect(world.errors[0]?.message).toMatch(/^peer 192\.0\.2\.1 failed and is restarted: no more randomness$/u);
  await world.clock.pass(20_000);
  expect(peer.status.state).toBe('Established');
  expect(typesOf(told.events)).toContain('established');
});

test('a mistake of ours that ends a session is told as its end', async () => {
  const world = new World();
  const router = await world.router();
  router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const told = recorded();
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN, ...told });
  await world.clock.pass(100);
  expect(peer.status.state).toBe('Established');
  world.random = () => {
    throw new Error('no more randomness');
  };
  await world.clock.pass(40_000);
  const message = 'an error in this program: no more randomness';
  expect(told.events).toContainEqual({ type: 'down', end: { type: 'stopped' }, message });
  expect(peer.status.lastDown?.message).toBe(message);
});

test('whoever does not take events loses the oldest, and is told how many', async () => {
  const world = new World();
  let greeted: RawPeer | undefined;
  await rawRouter(world, (peer) => {
    greeted = peer;
    peer.greet();
  });
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  const slow = peer.events();
  const controller = new AbortController();
  const until = peer.events({ signal: controller.signal });
  await world.clock.pass(10);
  expect((await until.next()).value).toEqual({ type: 'stateChanged', from: 'Idle', to: 'Connect' });
  controller.abort();
  expect(await until.next()).toEqual({ done: true, value: undefined });
  // End-of-RIB again and again.
  const endOfRib = Uint8Array.of(...new Array(16).fill(255), 0, 23, 2, 0, 0, 0, 0);
  greeted?.say(...Array.from({ length: 2_000 }, () => endOfRib));
  await world.clock.pass(1);
  const first = await slow.next();
  expect(first.value).toMatchObject({ type: 'eventsLost' });
  let count = 0;
  const closing = node.close({ reason: 'abandon' });
  await closing;
  for await (const event of slow) if (event.type === 'endOfRibReceived') count += 1;
  expect(count).toBeLessThanOrEqual(1_000);
  expect(count + (first.value as { count: number }).count).toBeGreaterThanOrEqual(2_000);
});
