import { describe, expect, test } from 'vitest';
import { configurationInForce, parseConfiguration, placeAddresses } from '../index.ts';

const configMap = (config: unknown) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'metallb-system', name: 'config' },
  data: { config },
});
const parse = (config: unknown) =>
  parseConfiguration({ ipAddressPools: [], l2Advertisements: [], legacyConfigMap: configMap(config) });

const GUIDE = `address-pools:
- name: default
  protocol: layer2
  addresses:
  - 192.168.1.30-192.168.1.49
`;

test('the ConfigMap that every guide shows is a pool announced by layer 2 from every node', () => {
  const { config, problems, choice } = parse(GUIDE);
  expect(problems).toEqual([]);
  expect(choice).toEqual({ source: 'legacy', because: 'NoObjectsExist' });
  expect(config).toMatchObject({ source: 'legacy', completeness: 'complete', acceptedByMetalLb: true });
  expect(config.pools.get('default')).toMatchObject({
    addresses: ['192.168.1.30-192.168.1.49'],
    autoAssign: true,
    avoidBuggyIps: false,
    protocol: 'layer2',
    frozen: false,
    l2Advertisements: [{ nodeSelectors: [], interfaces: 'all' }],
  });
});

describe('values are read as Go reads YAML 1.1', () => {
  test.for<[yaml: string, parts: object]>([
    ['{ auto-assign: no, avoid-buggy-ips: yes, name: p }', { autoAssign: false, avoidBuggyIps: true }],
    ['{ auto-assign: off, name: p }', { autoAssign: false }],
    ['{ auto-assign: ~, name: p }', { autoAssign: true }],
    ['{ name: 123 }', { name: '123' }],
    ['{ name: yes }', { name: 'true' }],
    ['{ name: 1:30 }', { name: '1:30' }],
    ['{ name: 2024-01-01 }', { name: '2024-01-01' }],
  ])('%s', ([yaml, parts]) => {
    const { config } = parse(
      `address-pools:\n- ${yaml.replace('}', ', protocol: layer2, addresses: [ "2001:db8::/64" ] }')}\n`,
    );
    expect([...config.pools.values()]).toMatchObject([{ invalid: undefined, ...parts }]);
  });

  test('merge keys and aliases', () => {
    const { config, problems } = parse(
      'address-pools:\n- &a { name: a, protocol: layer2, addresses: [192.0.2.0/25] }\n- { <<: *a, name: b, addresses: [192.0.2.128/25] }\n',
    );
    expect(problems).toEqual([]);
    expect([...config.pools.keys()]).toEqual(['a', 'b']);
  });
});

describe('one wrong pool', () => {
  const good = '- { name: good, protocol: layer2, addresses: [198.51.100.0/24] }\n';
  test.for<[name: string, pool: string, message: string]>([
    [
      'an unknown protocol',
      '{ name: bad, protocol: l2, addresses: [192.0.2.0/24] }',
      'ConfigMap/config address-pools[0].protocol: parsing address pool bad: unknown protocol "l2"',
    ],
    [
      'no protocol',
      '{ name: bad, addresses: [192.0.2.0/24] }',
      'ConfigMap/config address-pools[0].protocol: parsing address pool bad: address pool is missing the protocol field',
    ],
    [
      'a bare address',
      '{ name: bad, protocol: layer2, addresses: [192.0.2.0/25, 192.0.2.200] }',
      'ConfigMap/config address-pools[0].addresses[1]: parsing address pool bad: invalid CIDR "192.0.2.200" in pool "bad": invalid CIDR "192.0.2.200"',
    ],
    [
      'no list',
      '{ name: bad, protocol: layer2, addresses: 192.0.2.0/24 }',
      'ConfigMap/config address-pools[0].addresses: parsing address pool bad: cannot unmarshal into a list of texts',
    ],
    [
      'a misspelled key',
      '{ name: bad, protocol: layer2, auto-asign: false, addresses: [192.0.2.0/24] }',
      'ConfigMap/config address-pools[0].auto-asign: parsing address pool bad: field auto-asign not found',
    ],
    [
      'a boolean that is none',
      '{ name: bad, protocol: layer2, auto-assign: "no", addresses: [192.0.2.0/24] }',
      'ConfigMap/config address-pools[0].auto-assign: parsing address pool bad: cannot unmarshal into true or false',
    ],
    [
      'BGP advertisements at layer 2',
      '{ name: bad, protocol: layer2, bgp-advertisements: [{ localpref: 1 }], addresses: [192.0.2.0/24] }',
      'ConfigMap/config address-pools[0].bgp-advertisements: parsing address pool bad: cannot have bgp-advertisements configuration element in a layer2 address pool',
    ],
  ])('%s: is named with its value, the other serves', ([, pool, message]) => {
    const { config, problems } = parse(`address-pools:\n- ${pool}\n${good}`);
    expect(problems.map((problem) => problem.message)).toContain(message);
    expect([config.pools.get('good')?.frozen, config.pools.get('bad')?.frozen]).toEqual([false, true]);
    expect(config.pools.get('bad')?.l2Advertisements).toHaveLength(1);
    expect(placeAddresses(config, ['192.0.2.7'], 'bad')).toMatchObject({ kind: 'pool', pool: { name: 'bad' } });
  });

  test('without a name is lost, but nobody loses an address by that', () => {
    const { config, problems } = parse(
      `address-pools:\n- { protocol: layer2, addresses: [192.0.2.0/24] }\n- 7\n${good}`,
    );
    expect(problems.map(({ message }) => message)).toEqual([
      'ConfigMap/config address-pools[0].name: parsing address pool #1: missing pool name',
      'ConfigMap/config address-pools[1].name: parsing address pool #2: missing pool name',
    ]);
    expect(placeAddresses(config, ['192.0.2.7'], 'default')).toEqual({ kind: 'unplaced', pool: undefined });
    expect(config.unplacedL2Advertisements).toHaveLength(1);
  });

  test('of the same name as another: the first stands, and nobody loses an address', () => {
    const { config, problems } = parse(
      `address-pools:\n${good}- { name: good, protocol: layer2, addresses: [192.0.2.0/24] }\n`,
    );
    expect(problems[0]?.message).toBe('ConfigMap/config address-pools[1].name: duplicate definition of pool "good"');
    expect(placeAddresses(config, ['192.0.2.7'], 'good').kind).toBe('unplaced');
  });

  test('which overlaps one earlier in the list gives way to it', () => {
    const { config, problems } = parse(
      `address-pools:\n- { name: z, protocol: layer2, addresses: [192.0.2.0/24] }\n- { name: a, protocol: layer2, addresses: [192.0.2.128-192.0.3.10] }\n`,
    );
    expect(problems[0]?.message).toBe(
      'ConfigMap/config address-pools[1].addresses: CIDR "192.0.2.128/25" in pool "a" overlaps with already defined CIDR "192.0.2.0/24"',
    );
    expect([config.pools.get('z')?.frozen, config.pools.get('a')?.frozen]).toEqual([false, true]);
  });
});

test.for<[mistake: string, data: Record<string, string>]>([
  ['the YAML', { config: 'peers:\n- password: hunter2\n   my-asn: 1\n' }],
  ['no mapping', { config: 'password hunter2' }],
  ['the key of the document', { 'config.yaml': 'peers:\n- password: hunter2\n' }],
  ['the key of the peers', { config: 'peer:\n- password: hunter2\n' }],
  ['the key of the password', { config: 'peers:\n- pasword: hunter2\n' }],
])('the password of a peer is not told where %s is wrong', ([, data]) => {
  const legacyConfigMap = { metadata: { namespace: 'metallb-system', name: 'config' }, data };
  const { problems } = parseConfiguration({ ipAddressPools: [], l2Advertisements: [], legacyConfigMap });
  expect(problems).not.toEqual([]);
  expect(JSON.stringify(problems)).not.toContain('hunter2');
});

test('a key that MetalLB never had is a warning, one that is misspelled an error with the right one', () => {
  const { config, problems } = parse(`comment: mine\nbfd-profile: []\n${GUIDE}`);
  expect(problems).toMatchObject([
    { severity: 'warning', message: 'ConfigMap/config comment: field comment not found' },
    {
      severity: 'error',
      message: 'ConfigMap/config bfd-profile: field bfd-profile not found',
      remedy: 'did you mean bfd-profiles?',
    },
  ]);
  expect(config.pools.get('default')?.frozen).toBe(false);
});

describe('a ConfigMap that says nothing', () => {
  const nested = (depth: number) => `a: ${'['.repeat(depth)}${']'.repeat(depth)}`;
  const bomb = `a: &a [x, x]\n${Array.from(
    { length: 24 },
    (_, i) =>
      `b${i}: &b${i} [${Array(8)
        .fill(i === 0 ? '*a' : `*b${i - 1}`)
        .join(', ')}]`,
  ).join('\n')}\n`;
  test.for<[name: string, config: unknown, message: RegExp]>([
    ['no YAML', 'address-pools: [', /could not parse config: yaml: line 1: /],
    ['tabs', 'address-pools:\n\t- name: a', /could not parse config: yaml: line/],
    ['a text', 'hello', /could not parse config: not a mapping/],
    ['pools that are no list', 'address-pools: { name: a }', /address-pools is not a list/],
    ['a misspelled list of pools', GUIDE.replace('address-pools', 'adress-pools'), /field adress-pools not found/],
    [
      'the same key twice',
      `${GUIDE}${GUIDE}`,
      /could not parse config: yaml: line 6: key "address-pools" already set in map/,
    ],
    ['no text', 7, /no key "config" in the ConfigMap/],
    ['nothing under its key', undefined, /no key "config" in the ConfigMap/],
    ['too much', `# ${'x'.repeat(1_048_576)}\n${GUIDE}`, /larger than 1048576 characters/],
    ['too deep', nested(40), /nested deeper than 32 levels/],
    ['a million brackets', '['.repeat(1_000_000), /nested deeper than 32 levels/],
    ['a million quotes', '"'.repeat(1_000_000), /more than 250000 tokens/],
    ['an alias bomb', bomb, /alias/i],
  ])('%s: is unknown, not empty; what was in force stays, and holders keep their addresses', ([, config, message]) => {
    const before = parse(GUIDE).config;
    const { config: now, problems } = parse(config);
    expect(problems[0]?.message).toMatch(message);
    expect(now.completeness).toBe('unknown');
    expect(configurationInForce(before, now)).toBe(before);
    expect(placeAddresses(now, ['192.168.1.30'], 'default')).toEqual({ kind: 'unplaced', pool: undefined });
    expect(now.unplacedL2Advertisements).toMatchObject([{ nodeSelectors: [], interfaces: 'all' }]);
  });

  test('many keys take no time that grows with their square', () => {
    expect(parse(Array.from({ length: 15_000 }, (_, i) => `key${i}: 1`).join('\n')).problems).toHaveLength(20);
  }, 60_000); // half a second of work, on a machine that may have other things to do

  test('an empty document is an empty configuration', () => {
    expect(parse('').config).toMatchObject({ completeness: 'complete', source: 'legacy' });
  });
});

describe('the ConfigMap is read', () => {
  const pool = { metadata: { name: 'a' }, spec: { addresses: ['192.0.2.0/24'] } };
  const legacyConfigMap = configMap(GUIDE);
  test.for<[name: string, input: object, source: string, because: string]>([
    ['while no object exists', { legacyConfigMap }, 'legacy', 'NoObjectsExist'],
    ['not while a pool exists', { legacyConfigMap, ipAddressPools: [pool] }, 'crds', 'ObjectsExist'],
    [
      'not while a BGPPeer exists',
      { legacyConfigMap, bgpPeers: [{ metadata: { name: 'a' } }] },
      'crds',
      'ObjectsExist',
    ],
    ['when told to', { legacyConfigMap, ipAddressPools: [pool], legacyMode: 'on' }, 'legacy', 'LegacyForced'],
    ['when told to, unless it does not exist', { ipAddressPools: [pool], legacyMode: 'on' }, 'crds', 'ObjectsExist'],
    ['not under parity', { legacyConfigMap, parity: true }, 'none', 'LegacyOff'],
    ['when told to, also under parity', { legacyConfigMap, parity: true, legacyMode: 'on' }, 'legacy', 'LegacyForced'],
    ['not when told not to', { legacyConfigMap, legacyMode: 'off' }, 'none', 'LegacyOff'],
    [
      'not while it is unknown whether objects exist',
      { legacyConfigMap, unknownKinds: new Set(['Community']) },
      'unknown',
      'ObjectsUnknown',
    ],
    ['not if it does not exist', {}, 'none', 'NothingConfigured'],
  ])('%s', ([, input, source, because]) => {
    const { choice, config } = parseConfiguration({ ipAddressPools: [], l2Advertisements: [], ...input });
    expect(choice).toEqual({ source, because });
    expect(config.source).toBe(source);
  });

  test('with a warning where it is not', () => {
    const { problems } = parseConfiguration({ legacyConfigMap, ipAddressPools: [pool], l2Advertisements: [] });
    expect(problems).toMatchObject([
      { severity: 'warning', code: 'ERR_CONFIG_LEGACY_IGNORED', object: { name: 'config' } },
    ]);
  });
});
