import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ConfigurationInput,
  configurationInForce,
  mayAllocateFrom,
  mayHoldFrom,
  type ParsedConfig,
  parseConfiguration,
  placeAddresses,
} from './index.ts';

const pool = (name: string, addresses: unknown, spec: object = {}, metadata: object = {}) => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'IPAddressPool',
  metadata: { namespace: 'metallb-system', name, creationTimestamp: '2026-01-01T00:00:00Z', ...metadata },
  spec: { addresses, ...spec },
});
const advertisement = (name: string, spec?: object) => ({
  apiVersion: 'metallb.io/v1beta1',
  kind: 'L2Advertisement',
  metadata: { namespace: 'metallb-system', name },
  ...(spec && { spec }),
});
const parse = (input: Partial<ConfigurationInput>, previous?: ParsedConfig) =>
  parseConfiguration({ ipAddressPools: [], l2Advertisements: [], namespaces: [], ...input }, previous);
const messages = (input: Partial<ConfigurationInput>) => parse(input).problems.map(({ message }) => message);
const selector = (labels: Record<string, string>) => ({ matchLabels: labels });

describe('a pool that is wrong says so in MetalLB’s words', () => {
  test.for<[name: string, pools: unknown[], message: string]>([
    [
      'bare address',
      [pool('a', ['192.0.2.1'])],
      'IPAddressPool/a spec.addresses[0]: parsing address pool a: invalid CIDR "192.0.2.1" in pool "a": invalid CIDR "192.0.2.1"',
    ],
    [
      'backwards',
      [pool('a', ['192.0.2.0/28', '192.0.2.9-192.0.2.1'])],
      'IPAddressPool/a spec.addresses[1]: parsing address pool a: invalid CIDR "192.0.2.9-192.0.2.1" in pool "a": invalid IP range "192.0.2.9-192.0.2.1": start IP "192.0.2.9" is after the end IP "192.0.2.1"',
    ],
    [
      'no start',
      [pool('a', ['x-192.0.2.1'])],
      'IPAddressPool/a spec.addresses[0]: parsing address pool a: invalid CIDR "x-192.0.2.1" in pool "a": invalid IP range "x-192.0.2.1": invalid start IP "x"',
    ],
    ['empty', [pool('a', [])], 'IPAddressPool/a spec.addresses: parsing address pool a: pool has no prefixes defined'],
    [
      'missing',
      [pool('a', undefined)],
      'IPAddressPool/a spec.addresses: parsing address pool a: pool has no prefixes defined',
    ],
    [
      'no spec',
      [{ metadata: { name: 'a' } }],
      'IPAddressPool/a spec.addresses: parsing address pool a: pool has no prefixes defined',
    ],
    ['nameless', [pool('', ['192.0.2.0/24'])], 'IPAddressPool/ metadata.name: missing pool name'],
    [
      'twice',
      [pool('a', ['192.0.2.0/25']), pool('a', ['192.0.2.128/25'])],
      'IPAddressPool/a metadata.name: duplicate definition of pool "a"',
    ],
    [
      'overlap',
      [pool('a', ['192.0.2.0/24']), pool('b', ['192.0.2.10-192.0.2.11'])],
      'IPAddressPool/b spec.addresses: CIDR "192.0.2.10/31" in pool "b" overlaps with already defined CIDR "192.0.2.0/24"',
    ],
    [
      'namespaces twice',
      [pool('a', ['192.0.2.0/24'], { serviceAllocation: { namespaces: ['x', 'y', 'x'] } })],
      'IPAddressPool/a spec.serviceAllocation.namespaces[2]: parsing address pool a: duplicate definition in namespaces field',
    ],
    [
      'selectors twice',
      [
        pool('a', ['192.0.2.0/24'], {
          serviceAllocation: { serviceSelectors: [selector({ a: 'b' }), selector({ a: 'b' })] },
        }),
      ],
      'IPAddressPool/a spec.serviceAllocation.serviceSelectors[1]: parsing address pool a: duplicate definition of serviceSelectors {map["a":"b"] []}',
    ],
    [
      'operator',
      [
        pool('a', ['192.0.2.0/24'], {
          serviceAllocation: {
            namespaceSelectors: [{ matchExpressions: [{ key: 'a', operator: 'in', values: ['b'] }] }],
          },
        }),
      ],
      'IPAddressPool/a spec.serviceAllocation.namespaceSelectors[0].matchExpressions[0].operator: parsing address pool a: "in" is not a valid label selector operator: invalid namespace label selector &LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{LabelSelectorRequirement{Key:a,Operator:in,Values:[b],},},} in ip pool a',
    ],
  ])('%s', ([, ipAddressPools, message]) => {
    expect(messages({ ipAddressPools })).toContain(message);
    expect(parse({ ipAddressPools }).config.acceptedByMetalLb).toBe(false);
  });

  test('mixed families', () => {
    expect(messages({ ipAddressPools: [pool('a', ['192.0.2.1-2001:db8::1'])] })[0]).toMatch(
      /invalid CIDR "192\.0\.2\.1-2001:db8::1" in pool "a": invalid IP range "192\.0\.2\.1-2001:db8::1"/,
    );
  });
});

describe('what is wrong is isolated', () => {
  const good = pool('good', ['198.51.100.0/24']);
  const service = { namespace: 'default', labels: {} };

  test.for<[name: string, bad: unknown]>([
    ['a range', pool('bad', ['192.0.2.0/28', '192.0.2.9-192.0.2.1'])],
    ['an overlap', pool('bad', ['192.0.2.0/28', '198.51.100.9/32'], {}, { creationTimestamp: '2026-02-01T00:00:00Z' })],
    [
      'a selector',
      pool('bad', ['192.0.2.0/28'], { serviceAllocation: { serviceSelectors: [{ matchExpressions: [{}] }] } }),
    ],
    ['a type', pool('bad', ['192.0.2.0/28', 7], { autoAssign: 'yes' })],
  ])('%s: the other pool serves, and the holders of this one keep what they have', ([, bad]) => {
    const { config, problems } = parse({ ipAddressPools: [bad, good] });
    expect(problems.some(({ severity, object }) => severity === 'error' && object.name === 'bad')).toBe(true);
    expect(problems.some(({ object }) => object.name === 'good')).toBe(false);
    const [frozen, serving] = [config.pools.get('bad'), config.pools.get('good')];
    if (frozen === undefined || serving === undefined) {
      throw new Error('both pools are present');
    }
    expect([mayAllocateFrom(serving, service), mayAllocateFrom(frozen, service)]).toEqual([true, false]);
    expect(mayHoldFrom(frozen, service)).toBe(true);
    expect(placeAddresses(config, ['192.0.2.3'])).toMatchObject({ kind: 'pool', pool: { name: 'bad', frozen: true } });
    expect(placeAddresses(config, ['198.51.100.3'], 'good')).toMatchObject({
      kind: 'pool',
      pool: { name: 'good', frozen: false },
    });
  });

  test('an address whose range became unreadable stays with the pool that it came from, also after a restart', () => {
    const { config } = parse({ ipAddressPools: [pool('a', ['192.0.2.30-192.0.2.4x']), good] });
    expect(config.completeness).toBe('partial');
    expect(placeAddresses(config, ['192.0.2.31'], 'a')).toMatchObject({ kind: 'pool', pool: { name: 'a' } });
    expect(placeAddresses(config, ['192.0.2.31'])).toMatchObject({ kind: 'unplaced', pool: { name: 'a' } });
    expect(placeAddresses(config, ['198.51.100.1', '2001:db8::1'])).toEqual({ kind: 'none' });
  });

  test('an address that no pool has belongs to none when everything was read', () => {
    const { config } = parse({ ipAddressPools: [good] });
    expect(config.completeness).toBe('complete');
    expect(placeAddresses(config, ['192.0.2.31'], 'a')).toEqual({ kind: 'none' });
    expect(placeAddresses(config, ['lb.example.com'])).toEqual({ kind: 'none' });
  });

  test('of two pools that overlap the older stands, and its name decides between twins', () => {
    const newer = pool('a', ['192.0.2.0/24'], {}, { creationTimestamp: '2026-02-01T00:00:00Z' });
    const older = pool('b', ['192.0.2.0/25']);
    const twin = pool('c', ['192.0.2.0/26']);
    const { pools } = parse({ ipAddressPools: [newer, twin, older] }).config;
    expect([...pools].map(([name, { frozen }]) => [name, frozen])).toEqual([
      ['b', false],
      ['c', true],
      ['a', true],
    ]);
    expect(placeAddresses(parse({ ipAddressPools: [newer, twin, older] }).config, ['192.0.2.200'])).toMatchObject({
      pool: { name: 'a' },
    });
  });

  test('a list that failed is no empty configuration', () => {
    const before = parse({ ipAddressPools: [good] }).config;
    const { config, choice } = parse({ unknownKinds: new Set(['BGPPeer']) });
    expect([config.completeness, choice]).toEqual(['unknown', { source: 'unknown', because: 'ObjectsUnknown' }]);
    expect(configurationInForce(before, config)).toBe(before);
    expect(configurationInForce(undefined, config)).toBe(config);
    expect(placeAddresses(config, ['192.0.2.1'])).toEqual({ kind: 'unplaced', pool: undefined });
  });

  test('an advertisement that cannot be read any more stays as it was; one that only repeats itself stays in force', () => {
    const valid = advertisement('l2', { nodeSelectors: [selector({ rack: 'a' })] });
    const broken = advertisement('l2', {
      nodeSelectors: [{ matchExpressions: [{ key: 'rack', operator: 'in', values: ['a'] }] }],
    });
    const before = parse({ ipAddressPools: [good], l2Advertisements: [valid] }).config;
    const after = parse({ ipAddressPools: [good], l2Advertisements: [broken] }, before);
    expect(after.problems[0]?.message).toBe(
      'L2Advertisement/l2 spec.nodeSelectors[0].matchExpressions[0].operator: "in" is not a valid label selector operator: invalid label selector {map[] [{rack in [a]}]}: failed to parse node selector for l2',
    );
    expect(after.config.pools.get('good')?.l2Advertisements).toEqual(before.pools.get('good')?.l2Advertisements);
    const restarted = parse({ ipAddressPools: [good], l2Advertisements: [broken] }).config;
    expect(restarted.pools.get('good')?.l2Advertisements).toMatchObject([
      { nodeSelectors: [{ requirements: 'nothing' }] },
    ]);
    const twice = parse({
      ipAddressPools: [good],
      l2Advertisements: [advertisement('l2', { ipAddressPools: ['good', 'good'] })],
    });
    expect(twice.problems[0]?.message).toBe(
      'L2Advertisement/l2 spec.ipAddressPools[1]: duplicate definition of ipAddressPools "good"',
    );
    expect(twice.config.pools.get('good')?.l2Advertisements).toHaveLength(1);
  });

  test('a field of the wrong type narrows what an advertisement does, never widens it', () => {
    const spec = { ipAddressPools: 'good', nodeSelectors: {}, interfaces: 'eth0', serviceSelectors: 'x' };
    const { config } = parse({ ipAddressPools: [good], l2Advertisements: [advertisement('l2', spec)] });
    expect(config.pools.get('good')?.l2Advertisements).toEqual([]);
    expect(config.l2Advertisements).toMatchObject([
      { resolved: { interfaces: [], nodeSelectors: [{ requirements: 'nothing' }] } },
    ]);
  });
});

describe('an L2Advertisement reaches', () => {
  const pools = [pool('a', ['192.0.2.0/25'], {}, { labels: { tier: 'gold' } }), pool('b', ['192.0.2.128/25'])];
  const preference = [{ weight: 10, preference: {} }];
  test.for<[name: string, advertisements: unknown[], a: string[], b: string[]]>([
    ['all pools without names and selectors', [advertisement('x', {})], ['x'], ['x']],
    ['all pools without a spec', [advertisement('x')], ['x'], ['x']],
    ['a pool by name', [advertisement('x', { ipAddressPools: ['b', 'unknown'] })], [], ['x']],
    ['a pool by its labels', [advertisement('x', { ipAddressPoolSelectors: [selector({ tier: 'gold' })] })], ['x'], []],
    [
      'the union of both',
      [advertisement('x', { ipAddressPools: ['b'], ipAddressPoolSelectors: [selector({ tier: 'gold' })] })],
      ['x'],
      ['x'],
    ],
    ['nothing when nothing is named that exists', [advertisement('x', { ipAddressPools: ['c'] })], [], []],
    [
      'a pool once, by name and by selector',
      [advertisement('x', { ipAddressPools: ['a'], ipAddressPoolSelectors: [{}], preferredNodeSelectors: preference })],
      ['x'],
      ['x'],
    ],
    [
      'a pool once where another does the same',
      [advertisement('y', { interfaces: ['p', 'q'] }), advertisement('x', { interfaces: ['q', 'p'] })],
      ['x'],
      ['x'],
    ],
    [
      'a pool twice where preferences add up',
      [
        advertisement('x', { preferredNodeSelectors: preference }),
        advertisement('y', { preferredNodeSelectors: preference }),
      ],
      ['x', 'y'],
      ['x', 'y'],
    ],
  ])('%s', ([, l2Advertisements, a, b]) => {
    const { config } = parse({ ipAddressPools: pools, l2Advertisements });
    expect(['a', 'b'].map((name) => config.pools.get(name)?.l2Advertisements.map((l2) => l2.name))).toEqual([a, b]);
  });

  test('an unknown pool by name with a warning', () => {
    const { problems, config } = parse({
      ipAddressPools: pools,
      l2Advertisements: [advertisement('x', { ipAddressPools: ['c'] })],
    });
    expect(problems).toMatchObject([{ severity: 'warning', code: 'ERR_CONFIG_UNKNOWN_POOL', value: '"c"' }]);
    expect(config.acceptedByMetalLb).toBe(true);
  });
});

describe('serviceAllocation', () => {
  const namespaces = [
    { name: 'shop', labels: { team: 'red' } },
    { name: 'lab', labels: {} },
  ];
  const service = (namespace: string, labels: Record<string, string> = {}) => ({ namespace, labels });
  const web = [selector({ app: 'web' })];
  const red = [selector({ team: 'red' })];
  const blue = [selector({ team: 'blue' })];
  test.for<[name: string, rule: object | undefined, candidate: ReturnType<typeof service>, allowed: boolean]>([
    ['none', undefined, service('lab'), true],
    ['nothing but a priority', { priority: 5 }, service('lab'), true],
    ['a namespace', { namespaces: ['shop'] }, service('shop'), true],
    ['another namespace', { namespaces: ['shop'] }, service('lab'), false],
    ['a selected namespace', { namespaceSelectors: red }, service('shop'), true],
    ['a namespace beside selected ones', { namespaces: ['lab'], namespaceSelectors: red }, service('lab'), true],
    ['selectors that match no namespace', { namespaceSelectors: blue }, service('shop'), false],
    [
      'selectors that match no namespace, and the Service itself',
      { namespaceSelectors: blue, serviceSelectors: web },
      service('shop', { app: 'web' }),
      false,
    ],
    ['the Service', { serviceSelectors: web }, service('lab', { app: 'web' }), true],
    ['another Service', { serviceSelectors: web }, service('lab', { app: 'db' }), false],
    ['namespace and Service', { namespaces: ['shop'], serviceSelectors: web }, service('shop', { app: 'web' }), true],
    [
      'the Service in another namespace',
      { namespaces: ['shop'], serviceSelectors: web },
      service('lab', { app: 'web' }),
      false,
    ],
  ])('%s', ([, serviceAllocation, candidate, allowed]) => {
    const spec = serviceAllocation && { serviceAllocation };
    const found = parse({ namespaces, ipAddressPools: [pool('a', ['192.0.2.0/24'], spec)] }).config.pools.get('a');
    expect(found && [mayAllocateFrom(found, candidate), mayHoldFrom(found, candidate)]).toEqual([allowed, allowed]);
  });

  test('namespace selectors freeze the pool while Namespaces are unknown', () => {
    const ipAddressPools = [pool('a', ['192.0.2.0/24'], { serviceAllocation: { namespaceSelectors: red } })];
    const found = parseConfiguration({ ipAddressPools, l2Advertisements: [] }).config.pools.get('a');
    expect(found).toMatchObject({ frozen: true, invalid: undefined });
  });
});

describe('whatever the objects are', () => {
  test('one with as many mistakes as it has room for is out of force, told in a few lines, and no other is touched', () => {
    const garbage = Array.from({ length: 150_000 }, (_, i) => `x${i}`);
    const { config, problems } = parse({ ipAddressPools: [pool('bad', garbage), pool('good', ['192.0.2.0/24'])] });
    expect([config.pools.get('bad')?.frozen, config.pools.get('good')?.frozen]).toEqual([true, false]);
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toMatchObject({ severity: 'warning', message: 'IPAddressPool/bad: 149980 more problems' });
  }, 60_000); // a second of work, on a machine that may have other things to do

  test('an error is not lost among warnings', () => {
    const unknown = Array.from({ length: 50 }, (_, i) => `nope${i}`);
    const bad = { matchExpressions: [{ key: 'a', operator: 'Like' }] };
    const { problems } = parse({
      l2Advertisements: [
        { metadata: { name: 'l2' }, spec: { ipAddressPools: [...unknown, 'nope0'], nodeSelectors: [bad] } },
      ],
    });
    expect(problems).toHaveLength(21);
    expect(problems.map(({ severity }) => severity).slice(0, 3)).toEqual(['error', 'error', 'warning']);
  });

  test('parsing returns', () => {
    const weird = fc.oneof(
      fc.jsonValue(),
      fc.record({
        metadata: fc.jsonValue(),
        spec: fc.dictionary(
          fc.constantFrom(
            'addresses',
            'autoAssign',
            'serviceAllocation',
            'interfaces',
            'nodeSelectors',
            'ipAddressPools',
            'preferredNodeSelectors',
          ),
          fc.jsonValue(),
        ),
      }),
    );
    void fc.assert(
      fc.property(
        fc.array(weird),
        fc.array(weird),
        fc.jsonValue(),
        (ipAddressPools, l2Advertisements, legacyConfigMap) => {
          expect(parse({ ipAddressPools, l2Advertisements, legacyConfigMap }).config.pools).toBeInstanceOf(Map);
        },
      ),
    );
  });

  test('the sequence in which the API server lists them changes nothing', () => {
    const item = fc.record({
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      first: fc.nat(40),
      size: fc.nat(8),
      age: fc.nat(2),
    });
    void fc.assert(
      fc.property(fc.uniqueArray(item, { selector: ({ name }) => name }), (items) => {
        const objects = items.map(({ name, first, size, age }) =>
          pool(
            name,
            [`192.0.2.${first}-192.0.2.${first + size}`],
            {},
            { creationTimestamp: `202${age}-01-01T00:00:00Z` },
          ),
        );
        expect(parse({ ipAddressPools: objects.toReversed() })).toEqual(parse({ ipAddressPools: objects }));
      }),
    );
  });

  test('each address belongs to the pool that a search through all of them finds', () => {
    const item = fc.record({ first: fc.nat(60), size: fc.nat(8) });
    void fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), fc.nat(70), (items, n) => {
        const { config } = parse({
          ipAddressPools: items.map(({ first, size }, i) =>
            pool(`p${i}`, [`192.0.2.${first}-192.0.2.${first + size}`]),
          ),
        });
        const has = (frozen: boolean) =>
          [...config.pools.values()].find(
            (p) =>
              p.frozen === frozen &&
              p.ranges.some((r) => (r.first & 255n) <= BigInt(n) && (r.last & 255n) >= BigInt(n)),
          );
        const placed = placeAddresses(config, [`192.0.2.${n}`]);
        expect(placed.kind === 'pool' ? placed.pool : undefined).toBe(has(false) ?? has(true));
      }),
    );
  });
});
