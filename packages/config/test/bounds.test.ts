import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { type ConfigurationInput, parseConfiguration } from '../src/index.ts';
import { advertisement, community, NEWER, parse, peer, pool, profile } from './bgp-objects.ts';

const count = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const address = (i: number): string => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;

// A machine that is busy with other tests is no reason to fail; work that grows with a square is.
vi.setConfig({ testTimeout: 60_000 });

describe('much of everything', () => {
  test('5,000 pools and 200 advertisements, a tenth of which fits none of them', () => {
    const { config, problems } = parse({
      ipAddressPools: count(5000).map((i) => pool(`p${i}`, [`${address(i * 16)}/28`])),
      bgpAdvertisements: count(200).map((i) =>
        advertisement(`ad${i}`, { localPref: i, peers: [`peer${i}`], ...(i % 10 === 0 && { aggregationLength: 24 }) }),
      ),
      nodes: count(100).map((i) => ({ name: `n${i}`, labels: {} })),
    });
    expect(config.pools.get('p4999')?.bgpAdvertisements).toHaveLength(180);
    expect(problems.length).toBeLessThan(200 + 20 * 21 + 1);
  });

  test('a pool of 100,000 ranges, each of them judged', () => {
    const addresses = count(100_000).map((i) => `${address(i * 2)}/32`);
    const input = {
      ipAddressPools: [pool('big', [...addresses, '10.200.0.0/16'])],
      bgpAdvertisements: [advertisement('ad', { aggregationLength: 31 }), advertisement('other', {}, NEWER)],
    };
    const { config, problems } = parse(input);
    expect(config.pools.get('big')?.ranges).toHaveLength(100_001);
    expect(config.pools.get('big')?.bgpAdvertisements.map(({ name }) => name)).toEqual(['other']);
    expect(problems.find(({ severity }) => severity === 'error')?.message).toMatch(
      /prefix 32 .* for addresses 10\.0\.0\.0\/32$/,
    );
  });

  test('100,000 ranges that cannot be read', () => {
    const { config, problems } = parse({
      ipAddressPools: [
        pool(
          'big',
          count(100_000).map((i) => `${i}`),
        ),
      ],
    });
    expect([config.pools.get('big')?.frozen, problems.length]).toEqual([true, 21]);
  });

  test('3,000 advertisements of one pool, each to its own peer with its own LOCAL_PREF', () => {
    const ads = count(3000).map((i) => advertisement(`ad${i}`, { localPref: i, peers: [`peer${i}`] }));
    const { config } = parse({
      ipAddressPools: [pool('a', ['192.0.2.0/24'])],
      bgpAdvertisements: ads,
      nodes: [{ name: 'n', labels: {} }],
    });
    expect(config.pools.get('a')?.bgpAdvertisements).toHaveLength(3000);
  });

  test('3,000 advertisements of one pool that all conflict', () => {
    const ads = count(3000).map((i) => advertisement(`ad${i}`, { localPref: i }));
    const { config, problems } = parse({
      ipAddressPools: [pool('a', ['192.0.2.0/24'])],
      bgpAdvertisements: ads,
      nodes: [{ name: 'n', labels: {} }],
    });
    expect(config.pools.get('a')?.bgpAdvertisements).toHaveLength(1);
    expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(2999);
  });

  test('3,000 peers on 100 nodes in FRR’s mode', () => {
    const { config } = parse({
      bgpType: 'frr',
      nodes: count(100).map((i) => ({ name: `n${i}`, labels: {} })),
      bgpPeers: count(3000).map((i) => peer(`p${i}`, { peerAddress: address(i) })),
    });
    expect(config.bgpPeers.size).toBe(3000);
  });

  test('objects of a megabyte', () => {
    const names = count(60_000).map((i) => `name-of-a-pool-${i}`);
    const aliases = count(20_000).map((i) => ({ name: `alias${i}`, value: `64512:${i}` }));
    const { config, problems } = parse({
      ipAddressPools: [pool('a', ['192.0.2.0/24'])],
      communities: [community('c', [...aliases, ...aliases])],
      bgpAdvertisements: [
        advertisement('ad', {
          ipAddressPools: [...names, 'a'],
          peers: names,
          communities: aliases.map(({ name }) => name),
        }),
      ],
      bgpPeers: [
        peer('p', {
          nodeSelectors: count(20_000).map((i) => ({ matchLabels: { a: `${i}` } })),
          vrf: 'x'.repeat(1 << 20),
        }),
      ],
    });
    expect(config.pools.get('a')?.bgpAdvertisements[0]?.communities).toHaveLength(20_000);
    expect(problems.length).toBeLessThan(100);
    expect(Math.max(...problems.map(({ value }) => value.length))).toBeLessThan(300);
  });

  test('texts of a megabyte in every field, and no message longer than a screen', () => {
    const long = 'x'.repeat(1 << 20);
    const { problems } = parse({
      bgpType: 'native',
      ipAddressPools: [pool('a', [long, `${long}-${long}`])],
      communities: [
        community('c', [
          { name: 'one', value: long },
          { name: 'two', value: `${long}:1` },
        ]),
      ],
      bgpAdvertisements: [advertisement('ad', { communities: [long, `1:${long}`] })],
      bgpPeers: [
        peer('p', {
          dynamicASN: long,
          peerAddress: long,
          routerID: long,
          sourceAddress: long,
          holdTime: long,
          connectTime: long,
          bfdProfile: long,
          passwordSecret: { name: long },
        }),
      ],
      secrets: [],
    });
    expect(problems.length).toBeGreaterThan(10);
    expect(Math.max(...problems.map(({ message, remedy }) => message.length + remedy.length))).toBeLessThan(9000);
  });
});

test('a name of 253 characters and control characters are told as they are written', () => {
  const name = 'n'.repeat(253);
  const { problems } = parse({ bgpPeers: [peer(name, { peerAddress: 'a\u0000\u001b[31m\u2028"' })] });
  expect(problems[0]?.message).toBe(
    `BGPPeer/${name} spec.peerAddress: parsing peer ${name} invalid BGPPeer address "a\\x00\\x1b[31m\\u2028\\""`,
  );
});

test('no message breaks a line or reaches into a terminal', () => {
  const text = 'a\u001b[2Jb\nc\u0085\u007f';
  const { problems } = parse({
    bgpType: 'frr',
    bgpPeers: [
      peer('p', { dynamicASN: text, bfdProfile: text }),
      peer('q', { peerAddress: undefined, interface: text }),
      peer('r', { peerAddress: undefined, interface: text }),
    ],
    bgpAdvertisements: [advertisement('ad', { communities: [text] })],
    communities: [community('c', [{ name: 'one', value: text }])],
  });
  const words = problems.flatMap(({ message, remedy }) => [message, remedy]);
  expect(words.filter((word) => /\p{Cc}/u.test(word))).toEqual([]);
  expect(words).toContain(
    'Community/c spec.communities[0].value: parsing community "one": invalid community format: a\\x1b[2Jb\\x0ac\\x85\\x7f',
  );
});

const LISTS = [
  'ipAddressPools',
  'l2Advertisements',
  'bgpAdvertisements',
  'bgpPeers',
  'bfdProfiles',
  'communities',
] as const;
const FIELDS = [
  'addresses',
  'serviceAllocation',
  'interfaces',
  'nodeSelectors',
  'serviceSelectors',
  'ipAddressPools',
  'ipAddressPoolSelectors',
  'preferredNodeSelectors',
  'aggregationLength',
  'aggregationLengthV6',
  'localPref',
  'communities',
  'peers',
  'myASN',
  'peerASN',
  'localASN',
  'dynamicASN',
  'peerAddress',
  'interface',
  'sourceAddress',
  'peerPort',
  'holdTime',
  'keepaliveTime',
  'connectTime',
  'routerID',
  'password',
  'passwordSecret',
  'bfdProfile',
  'vrf',
  'detectMultiplier',
  'echoMode',
  'minimumTtl',
  '__proto__',
  'constructor',
];

describe('any JSON', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      '192.0.2.0/24',
      '1:1',
      'x',
      32,
      64512,
      '3s',
      true,
      [],
      {},
      [{}],
      ['a'],
      [{ matchLabels: { a: 'b' } }],
    ),
  );
  const item = fc.oneof(
    { weight: 1, arbitrary: fc.jsonValue() },
    {
      weight: 3,
      arbitrary: fc.record({
        metadata: fc.record({
          name: fc.constantFrom('a', 'b', 'c'),
          creationTimestamp: fc.constantFrom('2026', '2025'),
        }),
        spec: fc.dictionary(fc.constantFrom(...FIELDS), value),
      }),
    },
  );
  const lists = fc.record(Object.fromEntries(LISTS.map((list) => [list, fc.array(item, { maxLength: 4 })])));
  const input = fc.tuple(
    lists,
    fc.record({
      bgpType: fc.constantFrom('native', 'frr', 'none'),
      parity: fc.boolean(),
      strictness: fc.constantFrom('isolate', 'all-or-nothing'),
      reader: fc.constantFrom('controller', 'speaker', 'webhook'),
      nodeName: fc.constantFrom('n1', 'n2'),
      nodes: fc.constant([{ name: 'n1', labels: { a: 'b' } }]),
      secrets: fc.array(item, { maxLength: 2 }),
      namespaces: fc.constant([]),
    }),
  );

  test('is parsed without a throw, also after another', () => {
    void fc.assert(
      fc.property(input, input, ([first, options], [second, otherOptions]) => {
        const merge = (a: object, b: object) =>
          ({ ipAddressPools: [], l2Advertisements: [], ...a, ...b }) as ConfigurationInput;
        const before = parseConfiguration(merge(first, options));
        const after = parseConfiguration(merge(second, otherOptions), before.config);
        expect(after.config.pools).toBeInstanceOf(Map);
        expect(after.problems.every(({ message, scopes }) => message !== '' && scopes.length > 0)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  test('means the same in whatever order the API server lists it', () => {
    void fc.assert(
      fc.property(input, ([first, options]) => {
        const base = { ipAddressPools: [], l2Advertisements: [], ...first, ...options } as ConfigurationInput;
        const reversed = Object.fromEntries(LISTS.map((list) => [list, (base[list] ?? []).toReversed()]));
        expect(parseConfiguration({ ...base, ...reversed })).toEqual(parseConfiguration(base));
      }),
      { numRuns: 150 },
    );
  });
});

test('objects that could be right mean the same in whatever order they are listed', () => {
  const age = fc.constantFrom({ creationTimestamp: '2026-01-01T00:00:00Z' }, NEWER);
  const named = <T>(spec: fc.Arbitrary<T>) =>
    fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), spec, age), { selector: ([name]) => name });
  const ads = named(
    fc.record(
      {
        aggregationLength: fc.constantFrom(24, 28),
        localPref: fc.nat(2),
        peers: fc.subarray(['a', 'b']),
        communities: fc.subarray(['one', 'two', '1:1']),
        ipAddressPools: fc.subarray(['a', 'b']),
      },
      { requiredKeys: ['localPref'] },
    ),
  );
  const peers = named(
    fc.record({ peerAddress: fc.constantFrom('192.0.2.1', '192.0.2.2'), bfdProfile: fc.constantFrom('a', 'b', '') }),
  );
  const pools = named(fc.constantFrom(['192.0.2.0/25'], ['192.0.2.128/25'], ['192.0.2.0/24', '2001:db8::/64']));
  const profiles = named(fc.record({ echoMode: fc.boolean(), detectMultiplier: fc.integer({ min: 1, max: 3 }) }));
  const aliases = named(fc.record({ name: fc.constantFrom('one', 'two'), value: fc.constantFrom('1:2', '1:3', 'x') }));
  void fc.assert(
    fc.property(ads, peers, pools, profiles, aliases, (a, p, q, b, c) => {
      const input = {
        bgpType: 'frr',
        bgpAdvertisements: a.map(([name, spec, metadata]) => advertisement(name, spec, metadata)),
        bgpPeers: p.map(([name, spec, metadata]) => peer(name, spec, metadata)),
        ipAddressPools: q.map(([name, addresses, metadata]) => pool(name, addresses, metadata)),
        bfdProfiles: b.map(([name, spec, metadata]) => profile(name, spec, metadata)),
        communities: c.map(([name, spec, metadata]) => community(name, [spec], metadata)),
      };
      const reversed = Object.fromEntries(
        Object.entries(input).map(([name, list]) => [name, Array.isArray(list) ? list.toReversed() : list]),
      );
      expect(parse(reversed)).toEqual(parse(input));
    }),
    { numRuns: 150 },
  );
});
