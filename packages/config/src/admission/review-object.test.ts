import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advertisement, community, NEWER, peer, pool, profile, selector } from '../../test/bgp-objects.ts';
import {
  type AdmissionKind,
  type AdmissionOutcome,
  type AdmissionQuestion,
  type AdmissionSlices,
  reviewObject,
  slicesNeeded,
} from '../index.ts';

const NAMESPACE = 'metallb-system';
const KINDS: readonly AdmissionKind[] = [
  'IPAddressPool',
  'L2Advertisement',
  'BGPAdvertisement',
  'BGPPeer',
  'BFDProfile',
  'Community',
];
const l2 = (name: string, spec: object = {}) => ({ metadata: { namespace: NAMESPACE, name }, spec });
const review = (question: Partial<AdmissionQuestion> & Pick<AdmissionQuestion, 'kind'>): AdmissionOutcome =>
  reviewObject({ operation: 'CREATE', namespace: NAMESPACE, existing: {}, bgpType: 'none', ...question });
const denial = (outcome: AdmissionOutcome): string => (outcome.allowed ? 'allowed' : outcome.message);
const warningsOf = (outcome: AdmissionOutcome): readonly string[] => (outcome.allowed ? outcome.warnings : ['denied']);
const badSelector = { matchExpressions: [{ key: 'a', operator: 'in', values: ['b'] }] };

describe('what is wrong is denied in MetalLB’s words', () => {
  test.for<[message: string, kind: AdmissionKind, object: unknown, existing: AdmissionSlices]>([
    [
      'IPAddressPool/b spec.addresses: CIDR "192.0.2.0/25" in pool "b" overlaps with already defined CIDR "192.0.2.0/24"',
      'IPAddressPool',
      pool('b', ['192.0.2.0/25'], NEWER),
      { ipAddressPools: [pool('a', ['192.0.2.0/24'])] },
    ],
    [
      'IPAddressPool/b spec.addresses[0]: parsing address pool b: invalid CIDR "192.0.2.1" in pool "b": invalid CIDR "192.0.2.1"',
      'IPAddressPool',
      pool('b', ['192.0.2.1']),
      {},
    ],
    [
      'L2Advertisement/l spec.ipAddressPools[1]: duplicate definition of ipAddressPools "a"',
      'L2Advertisement',
      l2('l', { ipAddressPools: ['a', 'a'] }),
      {},
    ],
    [
      'BGPAdvertisement/ad spec.aggregationLength: invalid aggregation length 20: prefix 24 in this pool is more specific than the aggregation length for addresses 192.0.2.0/24',
      'BGPAdvertisement',
      advertisement('ad', { aggregationLength: 20 }),
      { ipAddressPools: [pool('a', ['192.0.2.0/24'])] },
    ],
    [
      'BGPAdvertisement/ad spec.localPref: invalid local preference 2: local preferernce 1 was already set for the same type of BGP update. Check existing BGP advertisements with common pools and aggregation lengths',
      'BGPAdvertisement',
      advertisement('ad', { localPref: 2 }, NEWER),
      {
        ipAddressPools: [pool('a', ['192.0.2.0/24'])],
        bgpAdvertisements: [advertisement('other', { localPref: 1 })],
        nodes: [{ name: 'n1', labels: {} }],
      },
    ],
    [
      'BGPAdvertisement/ad spec.communities[0]: invalid community format: my:own:alias: invalid community "my:own:alias" in BGP advertisement',
      'BGPAdvertisement',
      advertisement('ad', { communities: ['alias', 'my:own:alias'] }),
      {},
    ],
    [
      'BGPPeer/p spec.holdTime: parsing peer p invalid BGPPeer timers: invalid hold time "1s": must be 0 or >=3s',
      'BGPPeer',
      peer('p', { holdTime: '1s' }),
      {},
    ],
    [
      'Community/c spec.communities[0].name: duplicate definition of community "one"',
      'Community',
      community('c', [{ name: 'one', value: '1:1' }], NEWER),
      { communities: [community('b', [{ name: 'one', value: '1:2' }])] },
    ],
  ])('%s', ([message, kind, object, existing]) => {
    expect(denial(review({ kind, object, existing }))).toBe(message);
    expect(denial(review({ kind, object, existing, parity: true }))).toContain(message);
    expect(denial(review({ kind, object, existing, operation: 'UPDATE', oldObject: {} }))).toBe(message);
  });

  test('several reasons in one denial', () => {
    const object = peer('p', { holdTime: '1s', myASN: 0, peerAddress: 'x' });
    expect(denial(review({ kind: 'BGPPeer', object })).split('\n')).toHaveLength(3);
  });

  test('an edit that makes another object wrong', () => {
    const [a, b] = [pool('a', ['192.0.2.0/25']), pool('b', ['192.0.2.128/25'], NEWER)];
    const object = pool('a', ['192.0.2.0/24']);
    const outcome = review({
      kind: 'IPAddressPool',
      operation: 'UPDATE',
      object,
      oldObject: a,
      existing: { ipAddressPools: [a, b] },
    });
    expect(denial(outcome)).toMatch(/^IPAddressPool\/b .*overlaps with already defined CIDR "192\.0\.2\.0\/24"$/);
  });
});

describe('the namespace', () => {
  const elsewhere = {
    metadata: { namespace: 'default', name: 'x' },
    spec: { addresses: ['192.0.2.0/24'], myASN: 1, peerASN: 2, peerAddress: '192.0.2.1' },
  };
  const message = (kind: string) => `${kind}/x metadata.namespace: resource must be created in ${NAMESPACE} namespace`;

  test.for(KINDS)('of a %s must be MetalLB’s, when it is created and when it is changed', (kind) => {
    expect(denial(review({ kind, object: elsewhere }))).toBe(message(kind));
    const update = { kind, operation: 'UPDATE', object: elsewhere, oldObject: elsewhere } as const;
    expect(denial(review(update))).toBe(message(kind));
    expect(denial(review({ ...update, parity: true }))).toBe('allowed');
  });

  test('is not passed over by disableMP', () => {
    const object = { ...elsewhere, spec: { ...elsewhere.spec, disableMP: true } };
    expect(denial(review({ kind: 'BGPPeer', object }))).toBe(message('BGPPeer'));
    expect(denial(review({ kind: 'BGPPeer', object, parity: true }))).toBe(message('BGPPeer'));
  });
});

describe('a BGPPeer with disableMP', () => {
  const warning = "disable mp is deprecated and has no effect since it's the default behavior now";
  test('is created with a warning, and reviewed all the same', () => {
    expect(warningsOf(review({ kind: 'BGPPeer', object: peer('p', { disableMP: true }) }))).toContain(warning);
    expect(denial(review({ kind: 'BGPPeer', object: peer('p', { disableMP: true, holdTime: '1s' }) }))).toContain(
      'invalid hold time',
    );
    const changed = peer('p', { disableMP: true });
    expect(
      warningsOf(review({ kind: 'BGPPeer', operation: 'UPDATE', object: changed, oldObject: changed })),
    ).not.toContain(warning);
  });
});

describe('a BFDProfile', () => {
  const existing = { bgpPeers: [peer('other'), peer('p', { bfdProfile: 'b' })] };
  test('is not deleted while a peer names it', () => {
    const deletion = { kind: 'BFDProfile', operation: 'DELETE', existing } as const;
    expect(denial(review({ ...deletion, oldObject: profile('b') }))).toBe(
      'BFDProfile/b: failed to delete BFDProfile b, used by BGPPeer p',
    );
    expect(denial(review({ ...deletion, oldObject: profile('c') }))).toBe('allowed');
    expect(denial(review({ ...deletion, oldObject: profile('b', {}, { namespace: 'default' }) }))).toBe('allowed');
    expect(denial(review({ kind: 'BGPPeer', operation: 'DELETE', oldObject: peer('p'), existing }))).toBe('allowed');
  });

  test('is refused by no mode', () => {
    for (const parity of [false, true]) {
      expect(denial(review({ kind: 'BFDProfile', object: profile('b'), bgpType: 'native', parity }))).toBe('allowed');
    }
  });
});

describe('each kind sees its own part of the world', () => {
  test.for<[kind: AdmissionKind, changed: string[], deleted: string[]]>([
    ['IPAddressPool', ['ipAddressPools'], []],
    ['L2Advertisement', ['l2Advertisements', 'ipAddressPools'], []],
    ['BGPAdvertisement', ['bgpAdvertisements', 'ipAddressPools', 'nodes'], []],
    ['BGPPeer', ['bgpPeers', 'nodes'], []],
    ['BFDProfile', [], ['bgpPeers']],
    ['Community', ['communities'], []],
  ])('%s', ([kind, changed, deleted]) => {
    expect([slicesNeeded(kind, 'CREATE'), slicesNeeded(kind, 'UPDATE')]).toEqual([changed, changed]);
    expect([slicesNeeded(kind, 'DELETE'), slicesNeeded(kind)]).toEqual([deleted, [...changed, ...deleted]]);
    expect(slicesNeeded(kind, 'CONNECT')).toEqual([]);
  });

  test.for<[name: string, kind: AdmissionKind, object: unknown, existing: AdmissionSlices]>([
    [
      'a BFDProfile, a Secret that does not exist yet',
      'BGPPeer',
      peer('p', { bfdProfile: 'b', passwordSecret: { name: 's' } }),
      {},
    ],
    ['an alias that does not exist yet', 'BGPAdvertisement', advertisement('ad', { communities: ['one'] }), {}],
    [
      'a new pool that an advertisement’s aggregation length does not fit',
      'IPAddressPool',
      pool('a', ['192.0.2.0/28']),
      { bgpAdvertisements: [advertisement('ad', { aggregationLength: 24 })] },
    ],
    ['a wrong pool beside a peer', 'BGPPeer', peer('p'), { ipAddressPools: [pool('a', ['x'])] }],
    ['values of a profile beside a peer', 'BGPPeer', peer('p', { bfdProfile: 'b' }), {}],
  ])('what it does not see is not denied: %s', ([, kind, object, existing]) => {
    expect(denial(review({ kind, object, existing, parity: true }))).toBe('allowed');
  });

  test('FRR’s rules look at the peers and at the nodes that they share', () => {
    const nodes = [{ name: 'n1', labels: { rack: 'a' } }];
    const question = (spec: object, nodes_ = nodes) =>
      review({
        kind: 'BGPPeer',
        bgpType: 'frr',
        object: peer('q', spec, NEWER),
        existing: { bgpPeers: [peer('p')], nodes: nodes_ },
      });
    expect(denial(question({}))).toMatch(/already exists, FRR mode doesn't support duplicate BGPPeers/);
    expect(denial(question({ nodeSelectors: [selector({ rack: 'b' })] }))).toBe('allowed');
    expect(denial(question({ nodeSelectors: [selector({ rack: 'b' })] }, []))).toMatch(/already exists/);
  });
});

describe('an object that was wrong before', () => {
  const broken = pool('broken', ['192.0.2.1']);
  const existing = { ipAddressPools: [broken] };
  test('stands in nobody’s way, but under parity', () => {
    const object = pool('a', ['192.0.2.0/24']);
    expect(denial(review({ kind: 'IPAddressPool', object, existing }))).toBe('allowed');
    expect(denial(review({ kind: 'IPAddressPool', object, existing, parity: true }))).toContain('IPAddressPool/broken');
  });

  test('may be labelled, and must be right when its spec changes', () => {
    const update = { kind: 'IPAddressPool', operation: 'UPDATE', oldObject: broken, existing } as const;
    const labelled = pool('broken', ['192.0.2.1'], { labels: { a: 'b' }, deletionTimestamp: '2026-03-01T00:00:00Z' });
    expect(denial(review({ ...update, object: labelled }))).toBe('allowed');
    expect(denial(review({ ...update, object: pool('broken', ['192.0.2.2']) }))).toContain('invalid CIDR "192.0.2.2"');
    expect(denial(review({ ...update, object: pool('broken', ['192.0.2.2/32']) }))).toBe('allowed');
  });
});

describe('warnings', () => {
  test('say what MetalLB’s native mode would refuse, and under parity it does', () => {
    const object = peer('p', { vrf: 'red', bfdProfile: 'b' });
    const question = { kind: 'BGPPeer', object, bgpType: 'native' } as const;
    const warnings = warningsOf(review(question));
    expect(warnings).toContainEqual(
      expect.stringContaining(
        "BGPPeer/p spec.vrf: MetalLB's native mode would refuse this: peer 192.0.2.1 has vrf set on native bgp mode",
      ),
    );
    expect(warnings).toContainEqual(expect.stringContaining('has bfd-profile set on native bgp mode'));
    expect(denial(review({ ...question, parity: true }))).toBe(
      'BGPPeer/p spec.vrf: peer 192.0.2.1 has vrf set on native bgp mode',
    );
    expect(denial(review({ ...question, parity: true, object: peer('p', { bfdProfile: 'b' }) }))).toBe('allowed');
  });

  test('say which fields are not served, also of those that are judged later', () => {
    const object = peer('p', { bfdProfile: 'b', enableGracefulRestart: true });
    expect(warningsOf(review({ kind: 'BGPPeer', object, bgpType: 'frr' }))).toEqual([
      expect.stringContaining('BGPPeer/p spec.bfdProfile: BFD is not served by this version: the session runs without'),
      expect.stringContaining('BGPPeer/p spec.enableGracefulRestart: graceful restart is not served by this version'),
    ]);
  });

  test('say which pools do not exist', () => {
    const object = advertisement('ad', { ipAddressPools: ['a', 'gone'] });
    const warnings = warningsOf(
      review({ kind: 'BGPAdvertisement', object, existing: { ipAddressPools: [pool('a', ['192.0.2.0/24'])] } }),
    );
    expect(warnings).toEqual([expect.stringContaining('BGPAdvertisement/ad spec.ipAddressPools: unknown pool "gone"')]);
    expect(warningsOf(review({ kind: 'IPAddressPool', object: pool('a', ['192.0.2.0/24']) }))).toEqual([]);
  });

  test('carry no password', () => {
    const object = peer('p', { password: 'hunter2', holdTime: '1s', nodeSelectors: [badSelector] });
    expect(denial(review({ kind: 'BGPPeer', object }))).not.toContain('hunter2');
  });
});

test('a review returns, whatever the objects are', () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.record({ metadata: fc.record({ namespace: fc.constant(NAMESPACE), name: fc.string() }), spec: fc.jsonValue() }),
  );
  void fc.assert(
    fc.property(
      fc.constantFrom(...KINDS),
      fc.constantFrom('CREATE', 'UPDATE', 'DELETE', 'CONNECT'),
      anything,
      anything,
      fc.array(anything),
      fc.boolean(),
      (kind, operation, object, oldObject, list, parity) => {
        const existing = {
          ipAddressPools: list,
          l2Advertisements: list,
          bgpAdvertisements: list,
          bgpPeers: list,
          communities: list,
        };
        const outcome = review({ kind, operation, object, oldObject, existing, parity, bgpType: 'native' });
        expect(typeof outcome.allowed).toBe('boolean');
      },
    ),
    { numRuns: 300 },
  );
});

test('what is created is to blame, and not what was created within the same second', () => {
  const creationTimestamp = '2026-01-01T00:00:00Z';
  const pool = (name: string, addresses: readonly string[]): object => ({
    metadata: { name, namespace: 'metallb-system', creationTimestamp },
    spec: { addresses },
  });
  const outcome = reviewObject({
    kind: 'IPAddressPool',
    operation: 'CREATE',
    object: pool('a', ['10.0.99.0/30']),
    namespace: 'metallb-system',
    existing: { ipAddressPools: [pool('b', ['10.0.99.0/24'])] },
  });
  expect(outcome).toMatchObject({
    allowed: false,
    message: expect.stringContaining('overlaps with already defined CIDR "10.0.99.0/24"'),
  });
});
