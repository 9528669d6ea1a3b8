import { describe, expect, test } from 'vitest';
import type { AnnouncerEvent } from '../src/index.ts';
import {
  advertisement,
  announcerOf,
  configChanged,
  configOf,
  labelled,
  nodeChanged,
  peer,
  serviceChanged,
  serviceDeleted,
  sliceChanged,
  type World,
  wordsOf,
} from './bgp-world.ts';

/** Two Services: web with both families, db with IPv4. */
const SERVICES: readonly AnnouncerEvent[] = [
  serviceChanged('web', ['192.0.2.10', '2001:db8::1a'], { app: 'web' }),
  serviceChanged('db', ['192.0.2.20'], { app: 'db' }),
  sliceChanged('web', ['a']),
  sliceChanged('db', ['b']),
];
const PEERS = [peer('p'), peer('q', { peerAddress: '198.51.100.2' })];
const told = (world: World, ...events: AnnouncerEvent[]) =>
  wordsOf(
    announcerOf(
      configChanged(configOf({ peers: PEERS, ...world })),
      nodeChanged('a', { rack: '1' }),
      ...SERVICES,
      ...events,
    ).routes(),
  );
const WEB_V4 = '192.0.2.10/32 → p,q';
const WEB_V6 = '2001:db8::1a/128 → p,q';
const DB = '192.0.2.20/32 → p,q';

describe('what the peers of a node are told', () => {
  test.for<[name: string, world: World, routes: string[]]>([
    ['each address as a prefix of its own', {}, [WEB_V4, DB, WEB_V6]],
    ['nothing without an advertisement', { advertisements: [] }, []],
    ['nothing without a peer', { peers: [] }, []],
    [
      'a community',
      { advertisements: [advertisement('a', { communities: ['64512:1'] })] },
      [`${WEB_V4} 64512:1`, `${DB} 64512:1`, `${WEB_V6} 64512:1`],
    ],
    [
      'a community by its alias, and a large one',
      {
        advertisements: [advertisement('a', { communities: ['tag', 'large:1:2:3'] })],
        communities: [{ metadata: { name: 'c' }, spec: { communities: [{ name: 'tag', value: '64512:7' }] } }],
      },
      [`${WEB_V4} 64512:7,1:2:3`, `${DB} 64512:7,1:2:3`, `${WEB_V6} 64512:7,1:2:3`],
    ],
    [
      'a LOCAL_PREF',
      { advertisements: [advertisement('a', { localPref: 300 })] },
      [`${WEB_V4} 300`, `${DB} 300`, `${WEB_V6} 300`],
    ],
    [
      'communities of overlapping advertisements together',
      {
        advertisements: [
          advertisement('a', { communities: ['64512:1', '64512:2'] }),
          advertisement('b', { communities: ['64512:2', '64512:3'] }),
        ],
      },
      [`${WEB_V4} 64512:1,64512:2,64512:3`, `${DB} 64512:1,64512:2,64512:3`, `${WEB_V6} 64512:1,64512:2,64512:3`],
    ],
    [
      'aggregates, one for both Services',
      { advertisements: [advertisement('a', { aggregationLength: 24, aggregationLengthV6: 124 })] },
      ['192.0.2.0/24 → p,q', '2001:db8::10/124 → p,q'],
    ],
    [
      'an aggregate beside the addresses, each with what is said of it',
      {
        advertisements: [
          advertisement('a', { aggregationLength: 24, aggregationLengthV6: 124, communities: ['64512:1'] }),
          advertisement('b', { communities: ['64512:2'], localPref: 50 }),
        ],
      },
      [
        '192.0.2.0/24 → p,q 64512:1',
        `${WEB_V4} 50 64512:2`,
        `${DB} 50 64512:2`,
        '2001:db8::10/124 → p,q 64512:1',
        `${WEB_V6} 50 64512:2`,
      ],
    ],
    [
      'only by the peers that an advertisement names',
      { advertisements: [advertisement('a', { peers: ['q'] })] },
      ['192.0.2.10/32 → q', '192.0.2.20/32 → q', '2001:db8::1a/128 → q'],
    ],
    ['nothing to peers that do not exist', { advertisements: [advertisement('a', { peers: ['x'] })] }, []],
    [
      'two advertisements to two peers',
      {
        advertisements: [
          advertisement('a', { peers: ['p'], communities: ['64512:1'] }),
          advertisement('b', { peers: ['q'], localPref: 7 }),
        ],
      },
      [
        '192.0.2.10/32 → p 64512:1',
        '192.0.2.10/32 → q 7',
        '192.0.2.20/32 → p 64512:1',
        '192.0.2.20/32 → q 7',
        '2001:db8::1a/128 → p 64512:1',
        '2001:db8::1a/128 → q 7',
      ],
    ],
    [
      'what is for this node',
      {
        advertisements: [
          advertisement('a', { nodeSelectors: labelled({ rack: '1' }), communities: ['64512:1'] }),
          advertisement('b', { nodeSelectors: labelled({ rack: '2' }), communities: ['64512:2'] }),
        ],
      },
      [`${WEB_V4} 64512:1`, `${DB} 64512:1`, `${WEB_V6} 64512:1`],
    ],
    [
      'only peers of this node',
      { peers: [peer('p'), peer('q', { peerAddress: '198.51.100.2', nodeSelectors: labelled({ rack: '2' }) })] },
      ['192.0.2.10/32 → p', '192.0.2.20/32 → p', '2001:db8::1a/128 → p'],
    ],
    [
      'only the family that a session has',
      {
        peers: [
          peer('p', { dualStackAddressFamily: false }),
          peer('q', { peerAddress: '2001:db8:1::1', dualStackAddressFamily: false }),
        ],
      },
      ['192.0.2.10/32 → p', '192.0.2.20/32 → p', '2001:db8::1a/128 → q'],
    ],
    [
      'Services that an advertisement selects',
      { advertisements: [advertisement('a', { serviceSelectors: labelled({ app: 'web' }) })] },
      [WEB_V4, WEB_V6],
    ],
    [
      'another community for each Service, and one for both',
      {
        advertisements: [
          advertisement('a', { serviceSelectors: labelled({ app: 'web' }), communities: ['64512:1'] }),
          advertisement('b', { serviceSelectors: labelled({ app: 'db' }), communities: ['64512:2'] }),
          advertisement('c', { communities: ['64512:3'] }),
        ],
      },
      [`${WEB_V4} 64512:1,64512:3`, `${DB} 64512:2,64512:3`, `${WEB_V6} 64512:1,64512:3`],
    ],
    [
      'an aggregate of all, and the address of one',
      {
        advertisements: [
          advertisement('a', { aggregationLength: 24, aggregationLengthV6: 64 }),
          advertisement('b', { serviceSelectors: labelled({ app: 'db' }) }),
        ],
      },
      ['192.0.2.0/24 → p,q', DB, '2001:db8::/64 → p,q'],
    ],
  ])('%s', ([, world, routes]) => {
    expect(told(world)).toEqual(routes);
  });

  test('the communities of two Services that share an address are told together', () => {
    const advertisements = [
      advertisement('a', { serviceSelectors: labelled({ app: 'web' }), communities: ['64512:1'] }),
      advertisement('b', { serviceSelectors: labelled({ app: 'other' }), communities: ['64512:2'] }),
    ];
    const sharing = [serviceChanged('other', ['192.0.2.10'], { app: 'other' }), sliceChanged('other', ['a'])];
    expect(told({ advertisements }, ...sharing)).toEqual([`${WEB_V4} 64512:1,64512:2`, `${WEB_V6} 64512:1`]);
  });
});

describe('an aggregate', () => {
  const world = configOf({ advertisements: [advertisement('a', { aggregationLength: 24 })], peers: PEERS });
  const started = () => announcerOf(configChanged(world), nodeChanged('a'), ...SERVICES);

  test('names all Services that contribute to it, sorted', () => {
    expect([...started().routes()]).toMatchObject([
      { prefix: '192.0.2.0/24', serviceKeys: ['default/db', 'default/web'] },
      { prefix: '2001:db8::1a/128', serviceKeys: ['default/web'] },
    ]);
  });

  test('stays while one Service remains, and goes with the last', () => {
    const announcer = started();
    expect(announcer.step(serviceDeleted('db')).bgp).toMatchObject({
      routeUpserts: [{ prefix: '192.0.2.0/24', serviceKeys: ['default/web'] }],
      routeRemovals: [],
    });
    expect(announcer.step(serviceChanged('web', ['2001:db8::1a'])).bgp).toMatchObject({
      routeUpserts: [],
      routeRemovals: ['192.0.2.0/24'],
    });
  });

  test('says nothing of a Service that moves inside it', () => {
    expect(started().step(serviceChanged('db', ['192.0.2.77'], { app: 'db' })).bgp).toMatchObject({
      routeUpserts: [],
      routeRemovals: [],
      servicePeers: [],
    });
  });
});

describe('a LOCAL_PREF of two that share a prefix', () => {
  const advertisements = (web: number, other: number) => [
    advertisement('web', { serviceSelectors: labelled({ app: 'web' }), localPref: web }),
    advertisement('other', { serviceSelectors: labelled({ app: 'other' }), localPref: other }),
  ];
  const age = (objects: readonly unknown[], older: string) =>
    objects.map((object) => {
      const { metadata, spec } = object as { metadata: { name: string }; spec: object };
      const creationTimestamp = metadata.name === older ? '2020-01-01T00:00:00Z' : '2021-01-01T00:00:00Z';
      return { metadata: { ...metadata, creationTimestamp }, spec };
    });
  const sharing = [serviceChanged('other', ['192.0.2.10'], { app: 'other' }), sliceChanged('other', ['a'])];
  const started = (objects: readonly unknown[]) =>
    announcerOf(configChanged(configOf({ advertisements: objects })), nodeChanged('a'), ...SERVICES, ...sharing);

  test.for<[older: string, localPref: number]>([
    ['web', 100],
    ['other', 200],
  ])('is that of the older advertisement: %s', ([older, localPref]) => {
    const announcer = started(age(advertisements(100, 200), older));
    expect(wordsOf(announcer.routes())[0]).toBe(`192.0.2.10/32 → p ${localPref}`);
    expect([...announcer.localPrefConflicts()]).toMatchObject([
      {
        prefix: '192.0.2.10/32',
        serviceKeys: ['default/other', 'default/web'],
        conflicts: [{ kept: { advertisement: older, localPref }, peers: ['p'] }],
      },
    ]);
  });

  test('is that of the first by name, where both are of one age', () => {
    expect(wordsOf(started(advertisements(100, 200)).routes())[0]).toBe('192.0.2.10/32 → p 200');
  });

  test('is told when they begin to disagree, once, and when they end', () => {
    const announcer = started(advertisements(200, 200));
    expect([...announcer.localPrefConflicts()]).toEqual([]);
    const differing = configChanged(configOf({ advertisements: advertisements(100, 200) }));
    expect(announcer.step(differing).bgp.localPrefConflicts).toMatchObject([
      { prefix: '192.0.2.10/32', conflicts: [{ kept: { advertisement: 'other' }, dropped: { advertisement: 'web' } }] },
    ]);
    expect(announcer.step(configChanged(configOf({ advertisements: advertisements(100, 200) }))).bgp).toMatchObject({
      routeUpserts: [],
      localPrefConflicts: [],
    });
    expect(announcer.step(serviceDeleted('other')).bgp).toMatchObject({
      routeUpserts: [{ prefix: '192.0.2.10/32', paths: [{ localPref: 100 }] }],
      localPrefConflicts: [{ prefix: '192.0.2.10/32', conflicts: [] }],
    });
  });
});

describe('the peers of a Service', () => {
  test('are those of its prefixes, also where another Service brought them', () => {
    const advertisements = [
      advertisement('a', { serviceSelectors: labelled({ app: 'web' }), peers: ['p'] }),
      advertisement('b', { serviceSelectors: labelled({ app: 'other' }), peers: ['q'] }),
    ];
    const announcer = announcerOf(
      configChanged(configOf({ peers: PEERS, advertisements })),
      nodeChanged('a'),
      ...SERVICES,
    );
    expect(announcer.peersOf('default/web')).toEqual(['p']);
    expect(announcer.peersOf('default/db')).toEqual([]);
    announcer.step(sliceChanged('other', ['a']));
    const { servicePeers } = announcer.step(serviceChanged('other', ['192.0.2.10'], { app: 'other' })).bgp;
    expect(new Map(servicePeers.map(({ serviceKey, peers }) => [serviceKey, peers]))).toEqual(
      new Map([
        ['default/web', ['p', 'q']],
        ['default/other', ['p', 'q']],
      ]),
    );
    expect(announcer.step(serviceDeleted('web')).bgp.servicePeers).toEqual(
      expect.arrayContaining([
        { serviceKey: 'default/web', peers: [] },
        { serviceKey: 'default/other', peers: ['q'] },
      ]),
    );
  });

  test('come and go with BGPPeers and with the labels of the node', () => {
    const selecting = peer('q', { peerAddress: '198.51.100.2', nodeSelectors: labelled({ rack: '2' }) });
    const announcer = announcerOf(configChanged(configOf()), nodeChanged('a'), ...SERVICES);
    expect(announcer.peersOf('default/web')).toEqual(['p']);
    announcer.step(configChanged(configOf({ peers: [peer('p'), selecting] })));
    expect(announcer.peersOf('default/web')).toEqual(['p']);
    announcer.step(nodeChanged('a', { rack: '2' }));
    expect(announcer.peersOf('default/web')).toEqual(['p', 'q']);
    announcer.step(configChanged(configOf({ peers: [] })));
    expect(announcer.peersOf('default/web')).toEqual([]);
  });
});
