import { parseConfiguration } from '@steelyard/config';
import { describe, expect, test } from 'vitest';
import { type Announcer, type AnnouncerEvent, createAnnouncer } from '../src/index.ts';
import {
  advertisement,
  announcerOf,
  configChanged,
  configOf,
  labelled,
  nodeChanged,
  peer,
  SYNCED,
  serviceChanged,
  sliceChanged,
  wordsOf,
} from './bgp-world.ts';

const SERVICE: readonly AnnouncerEvent[] = [
  serviceChanged('web', ['192.0.2.10'], { app: 'web' }),
  sliceChanged('web', ['a']),
];
const GOOD = configOf();
const ROUTE = '192.0.2.10/32 → p';
const started = () => announcerOf(configChanged(GOOD), nodeChanged('a'), ...SERVICE);
const silent = { routeUpserts: [], routeRemovals: [], peers: undefined, servicePeers: [], snapshot: undefined };
const restarted = (
  ...events: readonly AnnouncerEvent[]
): { announcer: Announcer; first: ReturnType<Announcer['step']> } => {
  const announcer = createAnnouncer({ node: 'a' });
  for (const event of events) announcer.step(event);
  return { announcer, first: announcer.step(SYNCED) };
};

test('the first answer is everything, and complete', () => {
  const { first } = restarted(configChanged(GOOD), nodeChanged('a'), ...SERVICE);
  expect(first.bgp).toMatchObject({
    snapshot: 'complete',
    routeUpserts: [{ prefix: '192.0.2.10/32', serviceKeys: ['default/web'] }],
    peers: [{ name: 'p' }],
    decisions: [{ serviceKey: 'default/web', decision: { because: 'Advertised' } }],
    servicePeers: [{ serviceKey: 'default/web', peers: ['p'] }],
  });
});

test('what has not changed is not said again', () => {
  const announcer = started();
  for (const event of [...SERVICE, nodeChanged('a'), configChanged(configOf()), nodeChanged('b'), SYNCED]) {
    expect(announcer.step(event).bgp).toMatchObject({ ...silent, decisions: [], unserved: undefined });
  }
});

describe('withdraws nothing:', () => {
  test.for<[name: string, events: () => AnnouncerEvent[]]>([
    [
      'BGPAdvertisements cannot be listed',
      () => [configChanged(configOf({ advertisements: [], unknownKinds: ['BGPAdvertisement'] }, GOOD))],
    ],
    [
      'nor ever were, for the parser',
      () => [configChanged(configOf({ advertisements: [], unknownKinds: ['BGPAdvertisement'] }))],
    ],
    ['BGPPeers cannot be listed', () => [configChanged(configOf({ peers: [], unknownKinds: ['BGPPeer'] }, GOOD))]],
    [
      'an advertisement is garbled',
      () => [configChanged(configOf({ advertisements: [advertisement('bgp', { localPref: 'x' })] }, GOOD))],
    ],
    ['a peer is garbled', () => [configChanged(configOf({ peers: [peer('p', { peerAddress: 'x' })] }, GOOD))]],
    ['the pool is garbled', () => [configChanged(configOf({ addresses: ['nonsense'] }))]],
    [
      'the pool is gone, and the status names it still',
      () => [configChanged(configOf({ addresses: ['203.0.113.0/24'] }))],
    ],
    [
      'the configuration cannot be read at all',
      () => [
        configChanged(
          parseConfiguration({ ipAddressPools: [], l2Advertisements: [], unknownKinds: new Set(['IPAddressPool']) })
            .config,
        ),
      ],
    ],
  ])('%s', ([, events]) => {
    const announcer = started();
    for (const event of events()) expect(announcer.step(event).bgp).toMatchObject(silent);
    expect(wordsOf(announcer.routes())).toEqual([ROUTE]);
  });

  test('a Service of a pool that is gone is held, and says so', () => {
    const announcer = started();
    expect(announcer.step(configChanged(configOf({ addresses: ['203.0.113.0/24'] }))).bgp.decisions).toMatchObject([
      { decision: { eligible: true, because: 'HeldFromRemovedPool' } },
    ]);
    expect(announcer.step(serviceChanged('web', [])).bgp.routeRemovals).toEqual(['192.0.2.10/32']);
  });

  test('the password of a peer that is known cannot be read any more', () => {
    const peers = [peer('p', { passwordSecret: { name: 's' } })];
    const secret = {
      metadata: { namespace: 'metallb-system', name: 's' },
      type: 'kubernetes.io/basic-auth',
      data: { password: btoa('top') },
    };
    const announcer = announcerOf(configChanged(configOf({ peers, secrets: [secret] })), nodeChanged('a'), ...SERVICE);
    expect(announcer.bgpPeers()).toMatchObject([{ name: 'p', password: new TextEncoder().encode('top') }]);
    // Also to a parser that does not know what was there before.
    expect(announcer.step(configChanged(configOf({ peers }))).bgp).toMatchObject({
      ...silent,
      unserved: [{ peer: 'p', field: 'passwordSecret', because: 'SecretUnknown' }],
    });
    expect(announcer.bgpPeers()).toMatchObject([{ name: 'p' }]);
    expect(wordsOf(announcer.routes())).toEqual([ROUTE]);
  });
});

test('while nothing can be told of its advertisements, a Service still ends with its endpoints, and comes back with them', () => {
  const announcer = started();
  announcer.step(configChanged(configOf({ advertisements: [], unknownKinds: ['BGPAdvertisement'] })));
  expect(announcer.step(sliceChanged('web', [])).bgp.routeRemovals).toEqual(['192.0.2.10/32']);
  expect(announcer.step(sliceChanged('web', ['b'])).bgp.routeUpserts).toMatchObject([{ prefix: '192.0.2.10/32' }]);
});

describe('after a restart the first answer is partial, and a complete one follows:', () => {
  const peers = [peer('p', { passwordSecret: { name: 's' } }), peer('q', { peerAddress: '198.51.100.2' })];
  test.for<[name: string, events: AnnouncerEvent[], routes: string[]]>([
    [
      'BGPAdvertisements cannot be listed',
      [configChanged(configOf({ advertisements: [], unknownKinds: ['BGPAdvertisement'] })), nodeChanged('a')],
      [],
    ],
    [
      'BGPPeers cannot be listed',
      [configChanged(configOf({ peers: [], unknownKinds: ['BGPPeer'] })), nodeChanged('a')],
      [],
    ],
    ['this node is not known', [configChanged(GOOD), nodeChanged('b')], []],
    [
      'the ConfigMap is no YAML',
      [
        configChanged(
          parseConfiguration({ ipAddressPools: [], l2Advertisements: [], legacyConfigMap: { data: { config: '}{' } } })
            .config,
        ),
        nodeChanged('a'),
      ],
      [],
    ],
    ['a password cannot be read', [configChanged(configOf({ peers })), nodeChanged('a')], ['192.0.2.10/32 → p,q']],
  ])('%s', ([, events, routes]) => {
    const { announcer, first } = restarted(...events, ...SERVICE);
    expect(first.bgp).toMatchObject({ snapshot: 'partial' });
    expect(wordsOf(announcer.routes())).toEqual(routes);
    announcer.step(configChanged(GOOD));
    announcer.step(nodeChanged('a', { rack: '1' }));
    expect(announcer.step(sliceChanged('other', ['a'])).bgp.snapshot).toBeUndefined();
    expect(wordsOf(announcer.routes())).toEqual([ROUTE]);
  });

  test('but not where a pool is garbled whose advertisements are known: what is held is announced by them', () => {
    const { announcer, first } = restarted(
      configChanged(configOf({ addresses: ['nonsense'] })),
      nodeChanged('a'),
      ...SERVICE,
    );
    expect(first.bgp).toMatchObject({
      snapshot: 'complete',
      decisions: [{ decision: { because: 'HeldFromUnreadablePool' } }],
    });
    expect(wordsOf(announcer.routes())).toEqual([ROUTE]);
  });

  test('as soon as nothing is unknown', () => {
    const { announcer } = restarted(
      configChanged(configOf({ peers: [], unknownKinds: ['BGPPeer'] })),
      nodeChanged('a'),
      ...SERVICE,
    );
    expect(announcer.step(nodeChanged('a', { rack: '1' })).bgp.snapshot).toBeUndefined();
    expect(announcer.step(configChanged(GOOD)).bgp).toMatchObject({
      snapshot: 'complete',
      peers: [{ name: 'p' }],
      routeUpserts: [{ prefix: '192.0.2.10/32' }],
    });
  });

  test('peers that change while one is unknown are told in another partial one', () => {
    const { announcer, first } = restarted(configChanged(configOf({ peers })), nodeChanged('a'), ...SERVICE);
    expect(first.bgp).toMatchObject({ snapshot: 'partial', peers: [{ name: 'q' }] });
    expect(
      announcer.step(configChanged(configOf({ peers: [...peers, peer('r', { peerAddress: '198.51.100.3' })] }))).bgp,
    ).toMatchObject({
      snapshot: 'partial',
      peers: [{ name: 'q' }, { name: 'r' }],
      routeUpserts: [{ prefix: '192.0.2.10/32' }],
    });
  });

  test('no Service has to be there for that a ConfigMap that is no YAML ends no session', () => {
    const garbage = parseConfiguration({
      ipAddressPools: [],
      l2Advertisements: [],
      legacyConfigMap: { data: { config: '}{' } },
    }).config;
    expect(restarted(configChanged(garbage), nodeChanged('a')).first).toMatchObject({
      snapshot: 'complete', // of layer 2, which knows of nothing that it lacks
      bgp: { snapshot: 'partial' },
    });
  });
});

describe('the peers of a node', () => {
  test('are told only when one of them is otherwise', () => {
    const announcer = started();
    const same = peer('p', { nodeSelectors: [{ matchLabels: {} }] });
    expect(announcer.step(configChanged(configOf({ peers: [same] }))).bgp.peers).toBeUndefined();
    expect(announcer.step(configChanged(configOf({ peers: [peer('p', { holdTime: '9s' })] }))).bgp.peers).toMatchObject(
      [{ name: 'p', holdTimeSeconds: 9 }],
    );
    expect(announcer.step(configChanged(configOf({ peers: [] }))).bgp).toMatchObject({
      peers: [],
      routeRemovals: ['192.0.2.10/32'],
    });
  });

  test('keep the very entry of a session that a change does not concern', () => {
    const announcer = started();
    const [before] = announcer.bgpPeers();
    announcer.step(configChanged(configOf({ peers: [peer('p'), peer('q', { peerAddress: '198.51.100.2' })] })));
    expect(announcer.bgpPeers()[0]).toBe(before);
  });

  test('follow the labels of the node', () => {
    const announcer = announcerOf(
      configChanged(configOf({ peers: [peer('p', { nodeSelectors: labelled({ rack: '1' }) })] })),
      nodeChanged('a'),
      ...SERVICE,
    );
    expect(announcer.bgpPeers()).toEqual([]);
    expect(announcer.step(nodeChanged('b', { rack: '1' })).bgp.peers).toBeUndefined();
    expect(announcer.step(nodeChanged('a', { rack: '1' })).bgp).toMatchObject({
      peers: [{ name: 'p' }],
      routeUpserts: [{ prefix: '192.0.2.10/32' }],
    });
  });

  test('stay when its Node is gone, with nothing to tell them: as with MetalLB', () => {
    const announcer = started();
    expect(announcer.step({ type: 'nodeDeleted', name: 'a' }).bgp).toMatchObject({
      peers: undefined,
      routeRemovals: ['192.0.2.10/32'],
      decisions: [{ decision: { because: 'UnknownNode' } }],
    });
    expect(announcer.step(nodeChanged('a')).bgp.routeUpserts).toMatchObject([{ prefix: '192.0.2.10/32' }]);
  });

  test('show no password in JSON but as octets of an entry', () => {
    const announcer = announcerOf(
      configChanged(configOf({ peers: [peer('p', { password: 'top' })] })),
      nodeChanged('a'),
    );
    expect(announcer.bgpPeers()).toMatchObject([{ password: new TextEncoder().encode('top') }]);
    expect(JSON.stringify(announcer.unservedBgpFields())).not.toContain('top');
  });
});
