import { expect, test } from 'vitest';
import { encodeKeepalive } from '../messages/keepalive.ts';
import { encodeNotification } from '../messages/notification/notification.ts';
import type { UpdateMessage } from '../update/update-message.ts';
import { NODE, NODE_ASN, ROUTER, ROUTER_ASN, rawRouter, recorded, typesOf, World } from './testing/world.ts';

function prefixes(updates: readonly UpdateMessage[], what: 'announced' | 'withdrawn'): readonly string[] {
  return updates.flatMap((update) => update[what].flatMap((each) => each.prefixes));
}

test('two speakers establish a session, and one is told what the other announces', async () => {
  const world = new World();
  const updates: UpdateMessage[] = [];
  const atRouter = recorded();
  const router = await world.router();
  const seen = router.addPeer({
    address: NODE,
    asn: NODE_ASN,
    passive: true,
    onUpdate: (update) => updates.push(update),
    ...atRouter,
  });
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN, name: 'tor' });
  const announced = peer.routes.set([{ prefix: '198.51.100.1/32' }, { prefix: '198.51.100.2/32' }]);
  await world.clock.pass(100);
  await announced;
  expect(peer.status).toMatchObject({
    state: 'Established',
    localAddress: NODE,
    session: { peerAsn: ROUTER_ASN, peerIdentifier: ROUTER, internal: false, holdTimeSeconds: 90 },
    routes: { wanted: 2, announced: 2, pending: 0, unsendable: 0 },
    counters: { established: 1, sent: { open: 1, notification: 0 } },
    lastError: undefined,
  });
  expect(prefixes(updates, 'announced')).toEqual(['198.51.100.1/32', '198.51.100.2/32']);
  expect(updates).toHaveLength(2); // packed in one, and End-of-RIB
  expect(typesOf(atRouter.events)).toEqual(['established', 'endOfRibReceived']);
  expect(seen.status.counters).toMatchObject({ prefixesReceived: 2, received: { update: 2 } });

  const patched = peer.routes.patch({ add: [{ prefix: '198.51.100.3/32' }], remove: ['198.51.100.1/32'] });
  await world.clock.pass(1);
  await patched;
  expect(prefixes(updates, 'withdrawn')).toEqual(['198.51.100.1/32']);

  const closed = node.close({ communication: 'maintenance' });
  await world.clock.pass(2_000);
  await closed;
  expect(prefixes(updates, 'withdrawn')).toHaveLength(3);
  expect(seen.status).toMatchObject({ state: 'Active', lastError: expect.stringContaining('maintenance') });
  expect(world.errors).toEqual([]);
});

test('who is told of a session finds in the status what it cannot carry', async () => {
  const world = new World();
  const router = await world.router();
  router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const found: unknown[] = [];
  const peer = node.addPeer({
    address: ROUTER,
    asn: ROUTER_ASN,
    onEvent(event) {
      if (event.type === 'established') found.push(peer.status);
    },
  });
  void peer.routes.set([{ prefix: '198.51.100.1/32' }, { prefix: '2001:db8::1/128' }]);
  await world.clock.pass(100);
  const unsendableBecause = expect.stringContaining('ipv6-unicast');
  expect(found).toMatchObject([
    { state: 'Established', establishedAtMs: expect.any(Number), routes: { unsendable: 1, unsendableBecause } },
  ]);
});

test('calls of one turn become one', async () => {
  const world = new World();
  const router = await world.router();
  const seen = router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(100);
  const before = seen.status.counters.received.update;
  for (let i = 0; i < 200; i++) void peer.routes.patch({ add: [{ prefix: `198.51.100.${i}/32` }] });
  void peer.routes.patch({ remove: ['198.51.100.7/32'] });
  await world.clock.pass(1);
  expect(seen.status.counters.received.update - before).toBe(1);
  expect(seen.status.counters).toMatchObject({ prefixesReceived: 199, prefixesWithdrawn: 0 });
});

test('the peer is connected to again after it went, and is told everything again', async () => {
  const world = new World();
  let router = await world.router();
  router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const told = recorded();
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN, ...told });
  void peer.routes.set([{ prefix: '198.51.100.1/32' }]);
  await world.clock.pass(100);
  const closed = router.close({ reason: 'abandon' });
  await world.clock.pass(10);
  await closed;
  expect(peer.status).toMatchObject({ routes: { wanted: 1, announced: 0 } });
  expect(peer.status.lastError).toMatch(/closed without a NOTIFICATION/u);
  const patched = peer.routes.patch({ add: [{ prefix: '198.51.100.2/32' }] });
  await world.clock.pass(3_000);
  router = await world.router();
  const seen = router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  await world.clock.pass(10_000);
  await patched;
  expect(seen.status.counters.prefixesReceived).toBe(2);
  expect(typesOf(told.events)).toEqual(expect.arrayContaining(['established', 'down', 'attemptFailed']));
});

test('two that connect to each other keep one connection', async () => {
  for (const asn of ['external', NODE_ASN] as const) {
    const world = new World();
    const router = await world.router();
    const node = await world.node({ listen: {} });
    const seen = router.addPeer({ address: NODE, asn });
    const peer = node.addPeer({ address: ROUTER, asn: 'external' });
    await world.clock.pass(300_000);
    for (const { status } of [seen, peer]) expect(status).toMatchObject({ state: 'Established', lastError: undefined });
    expect(peer.status.counters.established).toBe(1);
  }
});

test('a peer that is cut off is given up when the hold timer expires, and told why', async () => {
  const world = new World();
  const router = await world.router();
  router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const told = recorded();
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN, holdTimeSeconds: 9, ...told });
  await world.clock.pass(30_000);
  expect(peer.status.state).toBe('Established');
  world.network.cut.add(ROUTER);
  await world.clock.pass(10_000);
  expect(told.events).toContainEqual(
    expect.objectContaining({ type: 'down', message: expect.stringContaining('nothing was heard from the peer') }),
  );
  world.network.cut.clear();
  await world.clock.pass(60_000);
  expect(peer.status.state).toBe('Established');
});

test('a process that stood still reads what waits before it gives a peer up', async () => {
  const world = new World();
  const [met] = [await rawRouter(world, (router) => router.greet(9))];
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(8_000);
  world.clock.standStill(2_000); // the hold timer has expired, and
  met[0]?.say(encodeKeepalive()); // this is there, and was not read
  await world.clock.pass(8_000);
  expect(peer.status).toMatchObject({ state: 'Established', counters: { established: 1 } });
  await world.clock.pass(2_000);
  expect(peer.status.lastError).toMatch(/nothing was heard/u);
});

test('why the last established session ended is known while attempts at another fail', async () => {
  const world = new World();
  const [met] = [await rawRouter(world, (router) => router.greet())];
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(100);
  expect(peer.status).toMatchObject({ state: 'Established', lastDown: undefined });
  met[0]?.say(encodeNotification({ errorCode: 6, errorSubcode: 1, data: new Uint8Array() }));
  await world.clock.pass(1);
  const { lastDown } = peer.status;
  expect(lastDown).toMatchObject({
    end: { type: 'notificationReceived' },
    message: expect.stringContaining('Maximum Number of Prefixes Reached'),
    atMs: expect.any(Number),
  });
  expect(peer.status).toMatchObject({ lastEnd: lastDown?.end, lastError: lastDown?.message });
  world.network.listeners.clear();
  await world.clock.pass(60_000);
  expect(peer.status).toMatchObject({ lastError: expect.stringContaining('ECONNREFUSED'), lastDown });
  await rawRouter(world, (router) => router.greet(0));
  await world.clock.pass(120_000);
  expect(peer.status).toMatchObject({ state: 'Established', lastDown });
  peer.reset();
  expect(peer.status.lastDown).toMatchObject({ end: { type: 'stopped' }, message: 'stopped here' });
});

test('what was stopped on purpose is no error', async () => {
  const world = new World();
  const router = await world.router();
  router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const told = recorded();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN, ...told });
  await world.clock.pass(100);
  const closed = peer.close();
  await world.clock.pass(2_000);
  await closed;
  expect(told.events).toContainEqual({ type: 'down', end: { type: 'stopped' }, message: 'stopped here' });
  expect(peer.status).toMatchObject({ lastEnd: undefined, lastError: undefined });
});

test('reset says so, and begins anew', async () => {
  const world = new World();
  const router = await world.router();
  const seen = router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  await world.clock.pass(100);
  peer.reset('new cable');
  await world.clock.pass(10_000);
  expect(seen.status.lastError).toMatch(/Administrative Reset.*new cable/u);
  expect(peer.status).toMatchObject({ state: 'Established', counters: { established: 2 } });
});

test.for<['deconfigured' | 'changed' | 'abandon', words: RegExp, withdrawn: number]>([
  ['deconfigured', /Peer De-configured/u, 1],
  ['changed', /Other Configuration Change/u, 0],
  ['abandon', /closed without a NOTIFICATION/u, 0],
])('who is left as %s is told so', async ([reason, words, withdrawn]) => {
  const world = new World();
  const router = await world.router();
  const seen = router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  void peer.routes.set([{ prefix: '198.51.100.1/32' }]);
  await world.clock.pass(100);
  const closed = peer.close({ reason });
  await world.clock.pass(100);
  await closed;
  expect(node.peers).toEqual([]);
  expect(seen.status.lastError).toMatch(words);
  expect(seen.status.counters.prefixesWithdrawn).toBe(withdrawn);
});

test('a peer that acknowledges nothing is left when the time is over', async () => {
  const world = new World();
  const router = await world.router();
  router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  void peer.routes.set([{ prefix: '198.51.100.1/32' }]);
  await world.clock.pass(100);
  world.network.cut.add(ROUTER);
  let closed = false;
  const closing = peer.close({ timeoutMs: 500 }).then(() => (closed = true));
  await world.clock.pass(450);
  expect(closed).toBe(false);
  await world.clock.pass(100);
  await closing;
  await world.clock.pass(10_000);
  expect(world.clock.timers).toBeLessThan(5); // those of the router
});

test('what is wanted of a peer that is gone is refused, what waits for it is rejected', async () => {
  const world = new World();
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: ROUTER_ASN });
  const waits = peer.routes.set([{ prefix: '198.51.100.1/32' }]);
  const controller = new AbortController();
  const aborted = peer.routes.patch({ remove: ['198.51.100.9/32'] }, { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' });
  expect(() => peer.routes.set([{ prefix: 'nonsense' }])).toThrow(TypeError);
  expect(peer.status.routes.wanted).toBe(1);
  await peer.close({ reason: 'abandon' });
  await expect(waits).rejects.toMatchObject({ code: 'ERR_BGP_PEER_CLOSED' });
  await expect(peer.routes.set([])).rejects.toMatchObject({ code: 'ERR_BGP_PEER_CLOSED' });
  await node.close();
  await node[Symbol.asyncDispose]();
  expect(() => node.addPeer({ address: ROUTER, asn: ROUTER_ASN })).toThrow(/closed/u);
});

test('each connection has the identifier that its own address makes', async () => {
  const world = new World();
  const router = await world.router();
  const seen = router.addPeer({ address: NODE, asn: 64_511, passive: true });
  const node = await world.node();
  const asked: string[] = [];
  node.addPeer({
    address: ROUTER,
    asn: ROUTER_ASN,
    localAsn: 64_511,
    routerId(local) {
      asked.push(local);
      return '203.0.113.77';
    },
  });
  await world.clock.pass(100);
  expect(asked).toEqual([NODE]);
  expect(seen.status.session).toMatchObject({ peerIdentifier: '203.0.113.77', peerAsn: 64_511 });
});

test('an identifier that cannot be made fails the attempt, and is told', async () => {
  const world = new World();
  await world.router();
  const node = await world.node();
  const peer = node.addPeer({
    address: ROUTER,
    asn: ROUTER_ASN,
    routerId() {
      throw new Error('the interface has no address');
    },
  });
  await world.clock.pass(100);
  expect(peer.status.lastError).toMatch(/the interface has no address/u);
});

test('wrong AS numbers are told with both of them', async () => {
  const world = new World();
  const router = await world.router();
  const seen = router.addPeer({ address: NODE, asn: NODE_ASN, passive: true });
  const node = await world.node();
  const peer = node.addPeer({ address: ROUTER, asn: 64_499 });
  await world.clock.pass(100);
  expect(peer.status.lastError).toMatch(/the peer has AS 64496, expected 64499/u);
  expect(seen.status.lastError).toMatch(/expects another AS number than 64496/u);
});
