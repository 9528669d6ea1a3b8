import { describe, expect, test } from 'vitest';
import {
  advertisement,
  community,
  messages,
  NEWER,
  parse,
  peer,
  pool,
  profile,
  secret,
  selector,
} from '../test/bgp-objects.ts';
import { advertisesFromNode, type ConfigurationInput, type ParsedConfig, selectsNode } from './index.ts';

const a = pool('a', ['192.0.2.0/24'], { labels: { tier: 'gold' } });
const b = pool('b', ['198.51.100.0/28']);
const attachedTo = (config: ParsedConfig, name: string) =>
  config.pools.get(name)?.bgpAdvertisements.map((advertisement_) => advertisement_.name);

describe('a BGPAdvertisement reaches', () => {
  test.for<[name: string, spec: object, a: string[], b: string[]]>([
    ['all pools without names and selectors', {}, ['ad'], ['ad']],
    ['a pool by name', { ipAddressPools: ['b', 'unknown'] }, [], ['ad']],
    ['a pool by its labels', { ipAddressPoolSelectors: [selector({ tier: 'gold' })] }, ['ad'], []],
    [
      'the union of both',
      { ipAddressPools: ['b'], ipAddressPoolSelectors: [selector({ tier: 'gold' })] },
      ['ad'],
      ['ad'],
    ],
    ['a pool once, by name and by selector', { ipAddressPools: ['a'], ipAddressPoolSelectors: [{}] }, ['ad'], ['ad']],
    ['nothing when nothing is named that exists', { ipAddressPools: ['c'] }, [], []],
    ['only the pools that its aggregation length fits', { aggregationLength: 25 }, ['ad'], []],
  ])('%s', ([, spec, inA, inB]) => {
    const { config } = parse({ ipAddressPools: [a, b], bgpAdvertisements: [advertisement('ad', spec)] });
    expect([attachedTo(config, 'a'), attachedTo(config, 'b')]).toEqual([inA, inB]);
  });

  test('nodes, peers and Services as it says, with its communities in MetalLB’s sequence', () => {
    const { config } = parse({
      ipAddressPools: [a],
      communities: [community('c', [{ name: 'one', value: 'large:1:2:3' }])],
      bgpAdvertisements: [
        advertisement('ad', {
          communities: ['64512:9', 'one', '64512:1'],
          localPref: 50,
          peers: ['p'],
          nodeSelectors: [selector({ rack: 'a' }), selector({ rack: 'b' })],
        }),
      ],
    });
    const [resolved] = config.pools.get('a')?.bgpAdvertisements ?? [];
    expect(resolved).toMatchObject({
      name: 'ad',
      aggregationLength: 32,
      aggregationLengthV6: 128,
      localPref: 50,
      peers: ['p'],
      serviceSelectors: [],
      communities: [
        { kind: 'large', globalAdministrator: 1, localData1: 2, localData2: 3 },
        { kind: 'legacy', upper: 64512, lower: 1 },
        { kind: 'legacy', upper: 64512, lower: 9 },
      ],
    });
    expect(['a', 'b', 'c'].map((rack) => resolved && advertisesFromNode(resolved, { rack }))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('an unknown pool by name with a warning', () => {
    const { problems, config } = parse({ bgpAdvertisements: [advertisement('ad', { ipAddressPools: ['c'] })] });
    expect(problems).toContainEqual(
      expect.objectContaining({ severity: 'warning', code: 'ERR_CONFIG_UNKNOWN_POOL', value: '"c"' }),
    );
    expect(config.acceptedByMetalLb).toBe(true);
  });
});

describe('what is wrong is isolated', () => {
  const good = peer('good', { peerAddress: '192.0.2.7' });

  test('a wrong peer is out of force, and stays as it was if it was there', () => {
    const before = parse({ bgpPeers: [good, peer('p', { holdTime: '30s' })] }).config;
    const broken = peer('p', { holdTime: '1s' });
    expect([...parse({ bgpPeers: [good, broken] }).config.bgpPeers.keys()]).toEqual(['good']);
    const after = parse({ bgpPeers: [good, broken] }, before);
    expect(after.config.bgpPeers.get('p')).toMatchObject({
      holdTimeSeconds: 30,
      invalid: { code: 'ERR_CONFIG_INVALID_VALUE' },
    });
    const again = parse({ bgpPeers: [good, broken] }, after.config);
    expect(again.config.bgpPeers.get('p')?.holdTimeSeconds).toBe(30);
    expect([...parse({ bgpPeers: [good] }, again.config).config.bgpPeers.keys()]).toEqual(['good']);
    const mended = parse({ bgpPeers: [good, peer('p')] }, again.config);
    expect([mended.stale, mended.config.bgpPeers.get('p')?.invalid]).toEqual([false, undefined]);
  });

  test('a wrong BFDProfile is out of force with the peers that name it, and stays as it was with them', () => {
    const named = peer('p', { bfdProfile: 'b' });
    const before = parse({ bgpPeers: [good, named], bfdProfiles: [profile('b', { detectMultiplier: 5 })] }).config;
    expect(before.bgpPeers.get('p')?.bfdProfile).toMatchObject({ name: 'b', detectMultiplier: 5, echoMode: false });
    const input = { bgpPeers: [good, named], bfdProfiles: [profile('b', { detectMultiplier: 1 })] };
    expect([...parse(input).config.bgpPeers.keys()]).toEqual(['good']);
    expect(parse(input, before).config.bgpPeers.get('p')?.bfdProfile?.detectMultiplier).toBe(5);
  });

  test('a profile or a Secret that does not exist yet is a transient problem of the peer', () => {
    const { problems } = parse({
      bgpPeers: [peer('p', { bfdProfile: 'b', passwordSecret: { name: 's' } })],
      bgpAdvertisements: [advertisement('ad', { communities: ['one'] })],
      secrets: [],
    });
    const errors = problems.filter(({ severity }) => severity === 'error');
    expect(errors.map(({ field, transient }) => [field, transient])).toEqual([
      ['spec.passwordSecret', true],
      ['spec.bfdProfile', true],
      ['spec.communities[0]', true],
    ]);
  });

  test('of two aliases with one name the older stands; a wrong one stays as it was', () => {
    const aliases = (value: string) => [
      community('x', [{ name: 'one', value: '1:2' }], NEWER),
      community('y', [
        { name: 'one', value },
        { name: 'two', value: '2:2' },
      ]),
    ];
    const before = parse({ communities: aliases('1:1') }).config;
    expect(before.communities.get('one')).toMatchObject({ lower: 1 });
    expect([...parse({ communities: aliases('?') }).config.communities.keys()]).toEqual(['two']);
    expect(parse({ communities: aliases('?') }, before).config.communities.get('one')).toMatchObject({ lower: 1 });
  });

  test('a wrong advertisement announces nothing it did not announce before', () => {
    const wrong = advertisement('ad', { communities: ['no-export'], localPref: 7 });
    const other = advertisement('other');
    expect(attachedTo(parse({ ipAddressPools: [a], bgpAdvertisements: [wrong, other] }).config, 'a')).toEqual([
      'other',
    ]);
    const before = parse({
      ipAddressPools: [a],
      bgpAdvertisements: [advertisement('ad', { communities: ['1:1'] }), other],
    });
    const after = parse({ ipAddressPools: [a, b], bgpAdvertisements: [wrong, other] }, before.config).config;
    expect(attachedTo(after, 'b')).toEqual(['ad', 'other']);
    expect(after.pools.get('a')?.bgpAdvertisements[0]).toMatchObject({ localPref: 0, communities: [{ upper: 1 }] });
  });

  test('what is written twice is taken once', () => {
    const { config } = parse({
      ipAddressPools: [a],
      bgpAdvertisements: [
        advertisement('ad', { peers: ['p', 'p'], communities: ['1:1', '1:1'], ipAddressPools: ['a', 'a'] }),
      ],
    });
    expect(config.pools.get('a')?.bgpAdvertisements).toMatchObject([{ peers: ['p'], communities: [{ upper: 1 }] }]);
  });

  test('of two advertisements that conflict in one pool the newer is out there, and in force in others', () => {
    const { config, problems } = parse({
      ipAddressPools: [a, b],
      bgpAdvertisements: [
        advertisement('x', { localPref: 200 }, NEWER),
        advertisement('y', { localPref: 100, ipAddressPools: ['a'] }),
      ],
    });
    expect([attachedTo(config, 'a'), attachedTo(config, 'b')]).toEqual([['y'], ['x']]);
    expect(problems.find(({ severity }) => severity === 'error')).toMatchObject({ object: { name: 'x' } });
  });

  test('where Services are selected it is for the speaker to find a conflict', () => {
    const { config, stale } = parse({
      ipAddressPools: [a],
      bgpAdvertisements: [
        advertisement('x', { localPref: 200, serviceSelectors: [{}] }),
        advertisement('y', { localPref: 100 }),
      ],
    });
    expect([stale, attachedTo(config, 'a')]).toEqual([false, ['x', 'y']]);
  });

  test('echo mode where it is not possible is left out, and nothing else', () => {
    const { config } = parse({
      ipAddressPools: [pool('six', ['2001:db8::/64'])],
      bgpAdvertisements: [advertisement('ad', { peers: ['p'] })],
      bfdProfiles: [profile('echo', { echoMode: true, detectMultiplier: 7 })],
      bgpPeers: [peer('p', { bfdProfile: 'echo' }), peer('q', { bfdProfile: 'echo' })],
    });
    expect(config.pools.get('six')?.bgpAdvertisements).toHaveLength(1);
    expect(['p', 'q'].map((name) => config.bgpPeers.get(name)?.bfdProfile?.echoMode)).toEqual([false, true]);
    expect(config.bgpPeers.get('p')?.bfdProfile?.detectMultiplier).toBe(7);
  });

  test('of two peers that FRR cannot have on one node the older stands; where they do not meet both do', () => {
    const nodes = [
      { name: 'n1', labels: { rack: 'a' } },
      { name: 'n2', labels: { rack: 'b' } },
    ];
    const inRack = (rack: string) => ({ nodeSelectors: [selector({ rack })] });
    const names = (input: Partial<ConfigurationInput>, previous?: ParsedConfig) => [
      ...parse({ bgpType: 'frr', nodes, ...input }, previous).config.bgpPeers.keys(),
    ];
    expect(names({ bgpPeers: [peer('p', {}, NEWER), peer('q')] })).toEqual(['q']);
    expect(names({ bgpPeers: [peer('p', inRack('a')), peer('q', inRack('b'))] })).toEqual(['p', 'q']);
    expect(names({ bgpPeers: [peer('p', inRack('a')), peer('q', inRack('b'))], nodes: [] })).toEqual(['p']);
    // Which nodes there are is not known, as in MetalLB's controller: only what selects none is known to meet.
    const blind = { bgpType: 'frr', ipAddressPools: [] };
    const elsewhere = parse({ ...blind, bgpPeers: [peer('p'), peer('q', inRack('b'), NEWER)] });
    expect([...elsewhere.config.bgpPeers.keys()]).toEqual(['p', 'q']);
    expect([...parse({ ...blind, bgpPeers: [peer('p'), peer('q', {}, NEWER)] }).config.bgpPeers.keys()]).toEqual(['p']);
    const before = parse({
      bgpType: 'frr',
      nodes,
      bgpPeers: [peer('p'), peer('q', { peerAddress: '192.0.2.2' }, NEWER)],
    }).config;
    const after = parse({ bgpType: 'frr', nodes, bgpPeers: [peer('p'), peer('q', {}, NEWER)] }, before).config;
    expect(after.bgpPeers.get('q')).toMatchObject({
      address: '192.0.2.2',
      invalid: { code: 'ERR_CONFIG_IMPLEMENTATION' },
    });
  });
});

describe('MetalLB’s native mode', () => {
  const input: Partial<ConfigurationInput> = {
    bgpType: 'native',
    ipAddressPools: [pool('six', ['192.0.2.0/24', '2001:db8::10-2001:db8::1f'])],
    bgpAdvertisements: [advertisement('ad', { communities: ['large:1:2:3'] })],
    bfdProfiles: [profile('b')],
    communities: [community('c', [{ name: 'one', value: 'large:1:2:3' }])],
    bgpPeers: [
      peer('p', {
        peerASN: undefined,
        bfdProfile: 'b',
        keepaliveTime: '10s',
        vrf: 'red',
        connectTime: '10s',
        enableGracefulRestart: true,
        disableMP: true,
        dualStackAddressFamily: true,
        dynamicASN: 'external',
        localASN: 64999,
      }),
      peer('unnumbered', { peerAddress: undefined, interface: 'eth0' }),
    ],
  };
  const refused = [
    'BGPPeer/p spec.bfdProfile: peer 192.0.2.1 has bfd-profile set on native bgp mode',
    'BGPPeer/p spec.keepaliveTime: peer 192.0.2.1 has keepalive-time set on native bgp mode',
    'BGPPeer/p spec.vrf: peer 192.0.2.1 has vrf set on native bgp mode',
    'BGPPeer/p spec.connectTime: peer 192.0.2.1 has connect time set on native bgp mode',
    'BGPPeer/p spec.enableGracefulRestart: peer 192.0.2.1 has EnableGracefulRestart flag set on native bgp mode',
    'BGPPeer/p spec.disableMP: peer 192.0.2.1 has disable MP flag set on native bgp mode',
    'BGPPeer/p spec.dualStackAddressFamily: peer 192.0.2.1 has dualstackaddressfamily flag set on native bgp mode',
    'BGPPeer/p spec.dynamicASN: peer 192.0.2.1 has dynamicASN set on native bgp mode',
    'BGPPeer/p spec.localASN: peer 192.0.2.1 has localASN set on native bgp mode',
    'BGPPeer/unnumbered spec.interface: peer  has interface set on native bgp mode',
    'BFDProfile/b: bfd profiles section set',
    'IPAddressPool/six spec.addresses: pool "six" has ipv6 CIDR 2001:db8::10/124, native bgp mode does not support ipv6',
    'BGPAdvertisement/ad spec.communities[0]: native BGP mode only supports legacy communities, BGP advertisement "ad" has non legacy community "large:1:2:3"',
    'Community/c spec.communities[0].value: native BGP mode only supports legacy communities, BGP community CR "c" has non legacy community {"one" "large:1:2:3"}',
  ];

  test('would refuse what ours takes: a warning, and everything is in force', () => {
    const { config, problems, stale } = parse(input);
    const ofMode = problems.filter(({ code }) => code === 'ERR_CONFIG_IMPLEMENTATION');
    const asWarning = (message: string) =>
      message.replace(/^(\S+(?: spec\.\S+)?): /, "$1: MetalLB's native mode would refuse this: ");
    expect(ofMode.map(({ message }) => message)).toEqual(refused.map(asWarning));
    expect(ofMode.every(({ severity, refusedByMetalLb }) => severity === 'warning' && refusedByMetalLb)).toBe(true);
    expect([stale, config.bgpPeers.size, config.acceptedByMetalLb]).toEqual([false, 2, false]);
    expect(config.acceptedBy).toEqual({ controller: false, speaker: false }); // the controller reads Communities
    expect(parse({ ...input, communities: [] }).config.acceptedBy).toEqual({ controller: true, speaker: false });
  });

  test('refuses it under parity, and nothing is in force', () => {
    expect(messages({ ...input, parity: true })).toEqual(refused);
    const { config, stale } = parse({ ...input, parity: true });
    expect([stale, config.completeness, config.bgpPeers.size]).toEqual([true, 'unknown', 0]);
  });

  test('another mode has other rules, and an unknown one none', () => {
    for (const bgpType of ['frr-k8s', 'none']) {
      expect(messages({ ...input, bgpType, bgpPeers: [] })).toEqual([]);
    }
  });
});

describe('a speaker', () => {
  const nodes = [
    { name: 'n1', labels: { rack: 'a' } },
    { name: 'n2', labels: { rack: 'b' } },
  ];
  const elsewhere = { nodeSelectors: [selector({ rack: 'b' })] };
  const input: Partial<ConfigurationInput> = {
    nodes,
    ipAddressPools: [a],
    bgpPeers: [peer('here', { peerAddress: '192.0.2.7' }), peer('wrong', { ...elsewhere, holdTime: '1s' })],
    bgpAdvertisements: [advertisement('here'), advertisement('wrong', { ...elsewhere, aggregationLength: 1 })],
  };

  test('leaves out what is for other nodes before it judges', () => {
    const { config, stale, problems } = parse({ ...input, reader: 'speaker', nodeName: 'n1' });
    expect([stale, config.acceptedByMetalLb]).toEqual([false, true]);
    expect(problems.filter(({ object }) => object.name === 'wrong')).toEqual([]);
    expect([[...config.bgpPeers.keys()], attachedTo(config, 'a')]).toEqual([['here'], ['here']]);
    expect(parse({ ...input, reader: 'speaker', nodeName: 'n2' }).stale).toBe(true);
  });

  test('judges everything while its own node is not known', () => {
    expect(parse({ ...input, reader: 'speaker', nodeName: 'n3' }).stale).toBe(true);
    expect(parse({ ...input, reader: 'speaker' }).stale).toBe(true);
  });

  test('does not leave out what may be for its node', () => {
    const unreadable = { matchExpressions: [{ key: 'rack', operator: 'in' }] };
    const selectors = { nodeSelectors: [selector({ rack: 'b' }), unreadable] };
    const { stale } = parse({ nodes, bgpPeers: [peer('p', selectors)], reader: 'speaker', nodeName: 'n1' });
    expect(stale).toBe(true);
  });

  test('finds the peers of a node', () => {
    const { config } = parse({ bgpPeers: [peer('p', elsewhere)] });
    const found = config.bgpPeers.get('p');
    expect(nodes.map(({ labels }) => found && selectsNode(found, labels))).toEqual([false, true]);
  });
});

describe('a process judges what it reads', () => {
  const wrongPeer = { bgpPeers: [peer('p', { holdTime: '1s' })] };
  const wrongPool = { ipAddressPools: [pool('bad', ['192.0.2.1'])] };

  test('a controller pools and communities, a speaker everything', () => {
    const stale = (input: Partial<ConfigurationInput>) => [
      parse({ ...input, reader: 'controller' }).stale,
      parse({ ...input, reader: 'speaker' }).stale,
    ];
    expect(stale(wrongPeer)).toEqual([false, true]);
    expect(stale(wrongPool)).toEqual([true, true]);
    expect(stale({ communities: [community('c', [{ name: 'one', value: '?' }])] })).toEqual([true, true]);
    expect(
      parse({ ...wrongPeer, reader: 'controller' }).problems.find(({ severity }) => severity === 'error'),
    ).toMatchObject({
      scopes: ['speaker'],
    });
  });

  test('all-or-nothing keeps the whole configuration of before, or has nothing', () => {
    const strict = { strictness: 'all-or-nothing', reader: 'speaker' } as const;
    const before = parse({ ...strict, ipAddressPools: [a], bgpPeers: [peer('p')] });
    const wrong = { ...strict, ipAddressPools: [a, b], ...wrongPeer };
    const after = parse(wrong, before.config);
    expect(after.config).toBe(before.config);
    expect(after.stale).toBe(true);
    expect(parse(wrong).config).toMatchObject({ completeness: 'unknown', source: 'crds', pools: new Map() });
    expect(parse({ ...wrong, reader: 'controller' }, before.config).config.pools.size).toBe(2);
    expect(parse(wrong, parse(wrong).config).config.completeness).toBe('unknown');
  });
});

describe('a list that failed', () => {
  const whole: Partial<ConfigurationInput> = {
    ipAddressPools: [a],
    bgpPeers: [peer('p', { bfdProfile: 'b' })],
    bfdProfiles: [profile('b')],
    bgpAdvertisements: [advertisement('ad', { communities: ['one'] })],
    communities: [community('c', [{ name: 'one', value: '1:1' }])],
  };
  const none = { ipAddressPools: [], bgpPeers: [], bfdProfiles: [], bgpAdvertisements: [], communities: [] };

  test.for([
    ['IPAddressPool', 'ipAddressPools'],
    ['BGPPeer', 'bgpPeers'],
    ['BFDProfile', 'bfdProfiles'],
    ['BGPAdvertisement', 'bgpAdvertisements'],
    ['Community', 'communities'],
  ] as const)('of %s takes nothing away, and the others go on', ([kind, list]) => {
    const before = parse(whole).config;
    const { config, stale } = parse(
      {
        ...whole,
        [list]: none[list],
        l2Advertisements: [{ metadata: { name: 'new' } }],
        unknownKinds: new Set([kind]),
      },
      before,
    );
    expect(stale).toBe(false);
    expect([config.pools.size, config.bgpPeers.size, config.bfdProfiles.size, config.communities.size]).toEqual([
      1, 1, 1, 1,
    ]);
    expect(attachedTo(config, 'a')).toEqual(['ad']);
    expect(config.pools.get('a')?.l2Advertisements).toHaveLength(1);
    expect(config.unknownKinds).toEqual(new Set([kind]));
    expect(config.completeness).toBe(kind === 'IPAddressPool' ? 'partial' : 'complete');
  });

  test('says nothing at all when it was never read', () => {
    const unknownKinds = new Set(['IPAddressPool']);
    expect(parse({ ...whole, ipAddressPools: [], unknownKinds }).config.completeness).toBe('unknown');
    const l2 = { ...whole, unknownKinds: new Set(['L2Advertisement']) };
    expect(parse({ ...l2, reader: 'speaker' }).config.completeness).toBe('unknown');
    expect(parse({ ...l2, reader: 'controller' }).config.completeness).toBe('complete');
  });

  test('leaves it open whether objects or the ConfigMap configure', () => {
    const choice = (input: Partial<ConfigurationInput>) => parse(input).choice.source;
    const legacyConfigMap = { data: { config: 'address-pools: []' } };
    expect(choice({ unknownKinds: new Set(['BGPPeer']), legacyConfigMap })).toBe('unknown');
    expect(choice({ unknownKinds: new Set(['BGPPeer']), legacyConfigMap, legacyMode: 'on' })).toBe('legacy');
    expect(choice({ unknownKinds: new Set(['ConfigMap']) })).toBe('unknown');
    expect(choice({ unknownKinds: new Set(['ConfigMap']), legacyMode: 'off' })).toBe('none');
    expect(choice({ ...whole, unknownKinds: new Set(['ConfigMap']) })).toBe('crds');
    expect(choice({ ...whole, unknownKinds: new Set(['ConfigMap']), legacyMode: 'on' })).toBe('unknown');
    expect(choice({ bgpPeers: [peer('p')], legacyConfigMap })).toBe('crds');
  });
});

describe('under parity', () => {
  const rule = (serviceAllocation: object) => ({
    ipAddressPools: [{ ...a, spec: { ...a.spec, serviceAllocation } }],
    namespaces: [{ name: 'shop', labels: {} }],
  });

  test('a range of two families is empty, as MetalLB has it; otherwise it is an error', () => {
    const mixed = { ipAddressPools: [pool('m', ['192.0.2.1-2001:db8::1'])] };
    expect(parse(mixed)).toMatchObject({ stale: true, config: { acceptedByMetalLb: true } });
    expect(parse({ ...mixed, parity: true })).toMatchObject({ stale: false, problems: [{ severity: 'warning' }] });
    expect(parse({ ...mixed, parity: true }).config.pools.get('m')).toMatchObject({
      frozen: false,
      incomplete: false,
      addresses: [],
      ranges: [],
    });
    expect(messages({ ipAddressPools: [pool('m', ['2001:db8::1-192.0.2.1'])], parity: true })[0]).toContain(
      'start IP "2001:db8::1" is after the end IP "192.0.2.1"',
    );
  });

  test.for<[name: string, serviceAllocation: object, parity: object, ours: object]>([
    [
      'namespace selectors that match nothing are forgotten',
      { namespaceSelectors: [selector({ team: 'blue' })] },
      { autoAssign: false, serviceAllocation: { namespaces: 'any' } },
      { autoAssign: true, serviceAllocation: { namespaces: new Set() } },
    ],
    [
      'beside Service selectors too',
      { namespaceSelectors: [selector({ team: 'blue' })], serviceSelectors: [selector({ app: 'web' })] },
      { autoAssign: true, serviceAllocation: { namespaces: 'any' } },
      { autoAssign: true, serviceAllocation: { namespaces: new Set() } },
    ],
    [
      'and namespaces by name are not',
      { namespaces: ['gone'] },
      { autoAssign: true, serviceAllocation: { namespaces: new Set(['gone']) } },
      { autoAssign: true, serviceAllocation: { namespaces: new Set(['gone']) } },
    ],
  ])('%s', ([, serviceAllocation, parity, ours]) => {
    expect(parse({ ...rule(serviceAllocation), parity: true }).config.pools.get('a')).toMatchObject(parity);
    expect(parse(rule(serviceAllocation)).config.pools.get('a')).toMatchObject(ours);
  });
});

describe('a password', () => {
  const HIDDEN = 'hunter2-and-more';
  const shows = (value: unknown): boolean =>
    JSON.stringify(value, (_, v) => (v instanceof Map ? [...v] : v)).includes(HIDDEN);
  const octets = (config: ParsedConfig) => new TextDecoder().decode(config.bgpPeers.get('p')?.password?.reveal());

  test('comes from the peer or from its Secret', () => {
    const secrets = [secret('s', HIDDEN)];
    expect(octets(parse({ bgpPeers: [peer('p', { password: HIDDEN })] }).config)).toBe(HIDDEN);
    const { config } = parse({
      bgpPeers: [peer('p', { passwordSecret: { name: 's', namespace: 'elsewhere' } })],
      secrets,
    });
    expect(octets(config)).toBe(HIDDEN);
    expect(config.bgpPeers.get('p')?.passwordSecretName).toBe('s');
    expect(`${config.bgpPeers.get('p')?.password}`).toBe('<hidden>');
    expect(shows(config)).toBe(false);
  });

  test('that is the same stays the same value, and another one can be told from it', () => {
    const config = (password: string, previous?: ParsedConfig) =>
      parse({ bgpPeers: [peer('p', { password })] }, previous).config;
    const first = config('one');
    expect(config('one', first).bgpPeers.get('p')?.password).toBe(first.bgpPeers.get('p')?.password);
    expect(config('two', first).bgpPeers.get('p')?.password?.revision).toBe(2);
    expect(config('two', first)).not.toEqual(first);
  });

  test('is not judged and not forgotten while Secrets cannot be read', () => {
    const peers = { bgpPeers: [peer('p', { passwordSecret: { name: 's' } })] };
    const before = parse({ ...peers, secrets: [secret('s', HIDDEN)] }).config;
    expect(octets(parse(peers, before).config)).toBe(HIDDEN);
    expect([messages(peers), octets(parse(peers).config)]).toEqual([[], '']);
  });

  test('is in no problem, whatever is wrong', () => {
    const wrong = [
      { password: HIDDEN, passwordSecret: { name: 's' } },
      { password: [HIDDEN] },
      { password: { deep: HIDDEN } },
      { password: HIDDEN, myASN: undefined, holdTime: 'x', peerAddress: 'y' },
      { password: HIDDEN.repeat(9) },
      { passwordSecret: { name: { x: HIDDEN } } },
      { passwordSecret: HIDDEN },
    ];
    const secrets = [
      { metadata: { name: 's' }, type: 'Opaque', data: { password: btoa(HIDDEN) } },
      { metadata: { name: 't' }, type: HIDDEN, data: HIDDEN },
    ];
    for (const spec of wrong) {
      const { problems } = parse({ bgpPeers: [peer('p', spec), { metadata: { name: 'q' }, spec: HIDDEN }], secrets });
      expect([shows(problems), problems.length > 1]).toEqual([false, true]);
    }
  });

  test('longer than TCP MD5 takes is told, without it', () => {
    const { problems } = parse({ bgpPeers: [peer('p', { password: 'x'.repeat(81) })] });
    expect(problems[0]).toMatchObject({
      severity: 'warning',
      message: expect.stringContaining('has 81 octets'),
      value: 'null',
    });
  });
});
