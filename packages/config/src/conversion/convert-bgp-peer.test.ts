import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ConversionOptions, convertBgpPeer } from './convert-bgp-peer.ts';
import { KEPT_FIELDS_ANNOTATION } from './kept-fields.ts';

const [OLD, NEW] = ['metallb.io/v1beta1', 'metallb.io/v1beta2'];
const peer = { myASN: 64500, peerASN: 64501, peerAddress: '192.0.2.1' };
const objectOf = (apiVersion: string, spec: object, annotations?: Record<string, string>) => ({
  apiVersion,
  kind: 'BGPPeer',
  metadata: { name: 'peer', namespace: 'metallb-system', uid: 'a-uid', ...(annotations && { annotations }) },
  spec,
  status: {},
});
interface Converted {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Readonly<Record<string, unknown>>;
}

function converted(object: unknown, apiVersion: string, options?: ConversionOptions): Converted {
  const outcome = convertBgpPeer(object, apiVersion, options);
  if (!outcome.ok) {
    throw new Error(outcome.message);
  }
  return outcome.object as unknown as Converted;
}

describe('a timer that is not set', () => {
  test('stays so: MetalLB’s 0s turns off the hold time, and a dead peer is not noticed', () => {
    expect(converted(objectOf(OLD, peer), NEW).spec).toEqual(peer);
    expect(converted(objectOf(NEW, peer), OLD).spec).toEqual(peer);
  });

  test('is 0s in parity', () => {
    expect(converted(objectOf(OLD, peer), NEW, { parity: true }).spec).toMatchObject({
      holdTime: '0s',
      keepaliveTime: '0s',
    });
  });
});

test('a timer is left as its writer wrote it', () => {
  const timed = { ...peer, holdTime: '90s', keepaliveTime: '0s' };
  expect(converted(objectOf(OLD, timed), NEW).spec).toEqual(timed);
  expect(converted(objectOf(NEW, timed), OLD).spec).toEqual(timed);
});

describe('what v1beta1 has no field for', () => {
  const lost = {
    localASN: 64999,
    connectTime: '10s',
    passwordSecret: { name: 'secret' },
    enableGracefulRestart: true,
    vrf: 'red',
    disableMP: true,
    dualStackAddressFamily: true,
  };

  test('is kept in an annotation while it is v1beta1, and nowhere else', () => {
    const before = objectOf(NEW, { ...peer, ...lost }, { note: 'mine' });
    const old = converted(before, OLD);
    expect(old.spec).toEqual(peer);
    expect(old.metadata.annotations).toEqual({ note: 'mine', [KEPT_FIELDS_ANNOTATION]: JSON.stringify(lost) });
    expect(converted({ ...old, spec: { ...old.spec, bfdProfile: 'fast' } }, NEW)).toEqual({
      ...before,
      spec: { ...peer, ...lost, bfdProfile: 'fast' },
    });
  });

  test('leaves no annotation where it is what it would be by default', () => {
    const plain = { ...peer, disableMP: false, dualStackAddressFamily: false, passwordSecret: {}, vrf: '' };
    expect(converted(objectOf(NEW, plain), OLD).metadata).toEqual(objectOf(NEW, {}).metadata);
  });

  test('is lost in parity, and the annotation of another mode is then any annotation', () => {
    expect(converted(objectOf(NEW, { ...peer, ...lost }), OLD, { parity: true }).metadata).not.toHaveProperty(
      'annotations',
    );
    const annotations = { [KEPT_FIELDS_ANNOTATION]: '{"vrf":"red"}' };
    const { metadata, spec } = converted(objectOf(OLD, peer, annotations), NEW, { parity: true });
    expect(metadata.annotations).toEqual(annotations);
    expect(spec).not.toHaveProperty('vrf');
  });

  test.for([
    [
      'an address',
      'an interface',
      { ...peer, peerASN: 0 },
      { interface: 'eth1', dynamicASN: 'external' },
      { dynamicASN: 'external' },
    ],
    [
      'an AS number',
      'a dynamic one',
      { ...peer, peerAddress: '' },
      { interface: 'eth1', dynamicASN: 'external' },
      { interface: 'eth1' },
    ],
    ['a password', 'a Secret', { ...peer, password: 'p' }, { passwordSecret: { name: 's' } }, {}],
  ] as const)('%s that was given as v1beta1 excludes %s that is kept', ([, , spec, kept, restored]) => {
    const annotations = { [KEPT_FIELDS_ANNOTATION]: JSON.stringify(kept) };
    const { interface: i, dynamicASN, passwordSecret } = converted(objectOf(OLD, spec, annotations), NEW).spec;
    expect({ interface: i, dynamicASN, passwordSecret }).toEqual({
      interface: undefined,
      dynamicASN: undefined,
      passwordSecret: undefined,
      ...restored,
    });
  });

  test('replaces what another program left in the annotation of a stored object', () => {
    const stale = { [KEPT_FIELDS_ANNOTATION]: '{"vrf":"blue"}', note: 'mine' };
    expect(converted(objectOf(NEW, { ...peer, vrf: 'red' }, stale), OLD).metadata.annotations).toEqual({
      note: 'mine',
      [KEPT_FIELDS_ANNOTATION]: '{"vrf":"red"}',
    });
    expect(converted(objectOf(NEW, peer, stale), OLD).metadata.annotations).toEqual({ note: 'mine' });
  });

  test.for([
    ['no JSON', '{"vrf":'],
    ['no object', '["red"]'],
    ['another type', '{"vrf":7}'],
    ['a value that v1beta2 refuses', '{"dynamicASN":"any"}'],
    ['a number that v1beta2 refuses', '{"localASN":0}'],
    ['a time that v1beta2 refuses', '{"connectTime":"1500ms"}'],
    ['a time that is none', '{"connectTime":"soon"}'],
    ['more than there can be', JSON.stringify({ vrf: 'r'.repeat(5000) })],
    ['something deep', `${'['.repeat(2000)}${']'.repeat(2000)}`],
  ])('is not restored from an annotation with %s, which stays', ([, text = '']) => {
    const { metadata, spec } = converted(objectOf(OLD, peer, { [KEPT_FIELDS_ANNOTATION]: text }), NEW);
    expect(spec).toEqual(peer);
    expect(metadata.annotations).toEqual({ [KEPT_FIELDS_ANNOTATION]: text });
  });

  test('brings nothing else into the spec, nor into any other object', () => {
    const text = '{"__proto__":{"vrf":"red"},"myASN":1,"constructor":1,"password":"p"}';
    const { spec } = converted(objectOf(OLD, peer, { [KEPT_FIELDS_ANNOTATION]: text }), NEW);
    expect(spec).toEqual(peer);
    expect({}).not.toHaveProperty('vrf');
  });
});

const name = fc.constantFrom('a', 'b', 'rack', '__proto__');
const selector = fc.record(
  {
    matchLabels: fc.dictionary(name, name, { minKeys: 1, maxKeys: 2 }),
    matchExpressions: fc.array(
      fc.oneof(
        fc.record({ key: name, operator: fc.constantFrom('In', 'NotIn'), values: fc.array(name, { minLength: 1 }) }),
        fc.record({ key: name, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
  { requiredKeys: [] },
);
const asn = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const timer = fc.constantFrom('0s', '9s', '90s', '1m30s');
const text = fc.constantFrom('x', '192.0.2.9', 'eth0', 'ünï');
const spec = fc.record(
  {
    myASN: asn,
    peerASN: asn,
    localASN: asn,
    dynamicASN: fc.constantFrom('internal', 'external'),
    peerAddress: text,
    interface: text,
    sourceAddress: text,
    peerPort: fc.integer({ min: 1, max: 16384 }),
    holdTime: timer,
    keepaliveTime: timer,
    connectTime: fc.constantFrom('1s', '1m', '65535s'),
    routerID: text,
    nodeSelectors: fc.array(selector, { minLength: 1, maxLength: 3 }),
    password: text,
    passwordSecret: fc.record({ name: text, namespace: text }),
    bfdProfile: text,
    enableGracefulRestart: fc.boolean(),
    ebgpMultiHop: fc.constant(true),
    vrf: text,
    disableMP: fc.constant(true),
    dualStackAddressFamily: fc.constant(true),
  },
  { requiredKeys: ['myASN'] },
);

/** Peers that MetalLB's webhook lets through. */
const valid = spec.filter(
  (s) =>
    (s.peerAddress === undefined) !== (s.interface === undefined) &&
    (s.peerASN === undefined) !== (s.dynamicASN === undefined) &&
    (s.password === undefined || s.passwordSecret === undefined),
);
const annotations = fc.option(fc.dictionary(name, text, { minKeys: 1 }), { nil: undefined });

test('to v1beta1 and back is the same object', () => {
  void fc.assert(
    fc.property(valid, annotations, (before, notes) => {
      const object = objectOf(NEW, before, notes);
      expect(converted(converted(object, OLD), NEW)).toEqual(object);
    }),
  );
});

test('to v1beta2 and back is the same object', () => {
  const old = spec.map(
    ({ localASN, dynamicASN, interface: i, connectTime, passwordSecret, enableGracefulRestart, ...rest }) => {
      const { vrf, disableMP, dualStackAddressFamily, nodeSelectors, ...common } = rest;
      const withValues = nodeSelectors?.map((each) => ({
        ...each,
        ...(each.matchExpressions && { matchExpressions: each.matchExpressions.map((e) => ({ values: [], ...e })) }),
      }));
      return { peerASN: 1, peerAddress: 'x', ...common, ...(withValues && { nodeSelectors: withValues }) };
    },
  );
  void fc.assert(
    fc.property(old, annotations, fc.boolean(), (before, notes, parity) => {
      const timed = parity ? { holdTime: '0s', keepaliveTime: '0s', ...before } : before;
      const goWritten = JSON.parse(JSON.stringify(timed).replaceAll('"90s"', '"1m30s"'));
      const object = objectOf(OLD, parity ? goWritten : timed, notes);
      expect(converted(converted(object, NEW, { parity }), OLD, { parity })).toEqual(object);
    }),
  );
});

test('the object that was given is not changed', () => {
  const freeze = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) {
      Object.values(value).forEach(freeze);
      Object.freeze(value);
    }
  };
  void fc.assert(
    fc.property(spec, annotations, (before, notes) => {
      const object = objectOf(NEW, before, { ...notes, [KEPT_FIELDS_ANNOTATION]: '{}' });
      freeze(object);
      converted(converted(object, OLD), NEW);
    }),
  );
});

test('a status is there where there was one', () => {
  const { status: _, ...without } = objectOf(NEW, peer);
  expect(converted(objectOf(NEW, peer), OLD)).toMatchObject({ status: {} });
  expect(converted(without, OLD)).not.toHaveProperty('status');
  expect(converted(without, OLD, { parity: true })).toMatchObject({ status: {} });
});

test('an object that has the version already is returned as it is', () => {
  const object = objectOf(NEW, peer);
  expect(converted(object, NEW)).toBe(object);
});

test.for([
  ['nothing', null, NEW, 'only objects of kind BGPPeer'],
  ['another kind', { ...objectOf(OLD, peer), kind: 'BFDProfile' }, NEW, 'only objects of kind BGPPeer'],
  ['no metadata', { ...objectOf(OLD, peer), metadata: undefined }, NEW, 'only objects of kind BGPPeer'],
  [
    'a version that is not there',
    objectOf(OLD, peer),
    'metallb.io/v1',
    'no conversion from "metallb.io/v1beta1" to "metallb.io/v1"',
  ],
  ['an object of no version', { ...objectOf(OLD, peer), apiVersion: 7 }, NEW, 'no conversion from ""'],
  ['a version as long as a book', objectOf(OLD, peer), 'v'.repeat(1e6), 'BGPPeer metallb-system/peer: no conversion'],
  ['a spec that is none', { ...objectOf(OLD, peer), spec: 'x' }, NEW, 'BGPPeer metallb-system/peer: spec'],
  ['a text for a number', objectOf(OLD, { ...peer, myASN: '1' }), NEW, 'BGPPeer metallb-system/peer: spec.myASN: '],
] as const)('%s: a failure that says what', ([, object, version, message]) => {
  const outcome = convertBgpPeer(object, version);
  expect(outcome).toEqual({ ok: false, message: expect.stringContaining(message) });
  expect(JSON.stringify(outcome).length).toBeLessThan(1200);
});
