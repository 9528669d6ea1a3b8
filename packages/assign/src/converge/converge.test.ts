import { createIpam, type Ipam } from '@steelyard/ipam';
import { describe, expect, test } from 'vitest';
import { configOf, type PoolText, type ServiceSpec, service } from '../../test/objects.ts';
import type { ServiceView } from '../service/service-view.ts';
import { applyStatusWrite } from '../service/status-write.ts';
import { converge } from './converge.ts';
import type { Convergence } from './convergence.ts';
import { type OrderedPools, orderPools, poolSpecs } from './pool-order.ts';

interface World {
  readonly ipam: Ipam;
  pools: OrderedPools;
  setPools(pools: Readonly<Record<string, PoolText>>): void;
  look(view: ServiceView, remembered?: readonly string[]): Convergence;
  /** Looks until nothing is written, as a controller would that sees its own writes. */
  settle(spec: ServiceSpec): { view: ServiceView; looks: Convergence[] };
}

function world(pools: Readonly<Record<string, PoolText>>, namespaces?: Record<string, Record<string, string>>): World {
  const ipam = createIpam();
  const result: World = {
    ipam,
    pools: orderPools(configOf({}, namespaces)),
    setPools(next) {
      const config = configOf(next, namespaces);
      ipam.setPools(poolSpecs(config), { partial: config.completeness !== 'complete' });
      result.pools = orderPools(config);
    },
    look: (view, remembered) => converge(view, ipam, result.pools, remembered ? { memories: [remembered] } : {}),
    settle(spec) {
      let view = service(spec);
      const looks: Convergence[] = [];
      for (let i = 0; i < 5; i++) {
        const outcome = result.look(view);
        looks.push(outcome);
        if (outcome.write === undefined) {
          return { view, looks };
        }
        view = applyStatusWrite(view, outcome.write, `${i + 2}`);
      }
      throw new Error('it does not come to rest');
    },
  };
  result.setPools(pools);
  return result;
}

function told(outcome: Convergence): string[] {
  return outcome.events.map((event) => `${event.type} ${event.reason}: ${event.message}`);
}

const P = { p: '192.0.2.0/24' };
const FROM_P = { 'metallb.io/ip-allocated-from-pool': 'p' };

describe('the decisions of 3.2, in their order', () => {
  test('no configuration yet: nothing is decided and nothing is cleared', () => {
    const view = service({ ingress: [{ ip: '192.0.2.7' }], annotations: FROM_P });
    expect(converge(view, createIpam(), undefined)).toMatchObject({
      addresses: ['192.0.2.7'],
      write: undefined,
      events: [],
      because: { code: 'ConfigurationUnknown' },
    });
  });

  test('a free address of a general pool is given, written and told', () => {
    const outcome = world(P).look(service());
    expect(outcome).toEqual({
      addresses: ['192.0.2.0'],
      pool: 'p',
      write: { ingress: [{ ip: '192.0.2.0' }], annotations: { 'metallb.io/ip-allocated-from-pool': 'p' } },
      events: [{ type: 'Normal', reason: 'IPAllocated', message: 'Assigned IP ["192.0.2.0"]' }],
      because: { code: 'Assigned', message: 'Assigned IP ["192.0.2.0"]' },
      wish: undefined,
    });
  });

  test('a second look writes nothing and says nothing, whatever the API server adds', () => {
    const { looks } = world(P).settle({});
    expect(looks).toHaveLength(2);
    const w = world(P);
    const outcome = w.look(service({ ingress: [{ ip: '192.0.2.9', ipMode: 'VIP', ports: [] }], annotations: FROM_P }));
    expect(outcome).toMatchObject({
      addresses: ['192.0.2.9'],
      write: undefined,
      events: [],
      because: { code: 'Assigned' },
    });
  });

  test.for<[name: string, spec: ServiceSpec, code: string, events: string[]]>([
    ['not a LoadBalancer', { spec: { type: 'ClusterIP' } }, 'NotLoadBalancer', []],
    ['no cluster IPs', { spec: { clusterIP: '', clusterIPs: [] } }, 'NoClusterIPs', []],
    [
      'two families required and one cluster IP',
      { spec: { ipFamilyPolicy: 'RequireDualStack' } },
      'NotEnoughClusterIPs',
      ['Warning not enough clusterips: Service requires dual stack but not enough clusterips [10.96.0.10]'],
    ],
  ])('%s: cleared', ([, spec, code, events]) => {
    const w = world(P);
    w.settle({});
    const outcome = w.look(service({ ...spec, ingress: [{ ip: '192.0.2.0' }], annotations: FROM_P }));
    expect(outcome).toMatchObject({
      addresses: [],
      write: { ingress: [], annotations: { 'metallb.io/ip-allocated-from-pool': null } },
      because: { code },
    });
    expect(told(outcome)).toEqual(events);
    expect(w.ipam.allocationOf('ns/a')).toBeUndefined();
  });

  test('no pools at all, and that is known: cleared', () => {
    const outcome = world({}).look(service({ ingress: [{ ip: '192.0.2.0' }], annotations: FROM_P }));
    expect(outcome).toMatchObject({ write: { ingress: [] }, events: [], because: { code: 'NoPools' } });
  });

  test('ClusterIP and NodePort Services that show nothing are not written', () => {
    expect(world(P).look(service({ spec: { type: 'NodePort' } })).write).toBeUndefined();
  });

  test('the cluster IPs cannot be read: the Service keeps its address', () => {
    const w = world(P);
    const spec = {
      ingress: [{ ip: '192.0.2.5' }],
      annotations: FROM_P,
      spec: { clusterIPs: ['None'], clusterIP: 'None' },
    };
    const outcome = w.look(service(spec));
    expect(outcome).toMatchObject({
      addresses: ['192.0.2.5'],
      write: undefined,
      because: { code: 'ClusterIPsUnclear' },
    });
    expect(told(outcome)).toEqual([
      'Warning noclusterIPsIPFamily: Failed to retrieve ClusterIPs IPFamily for ["None"] None: IPFamilyForAddresses: Invalid address ["None"]',
    ]);
    expect(w.ipam.holdersOf('192.0.2.5')).toEqual(['ns/a']);
    expect(told(w.look(service({ name: 'b', spec: { clusterIPs: ['None'] } })))).toEqual([
      'Warning AllocationFailed: Failed to allocate IP for "ns/b": IPFamilyForAddresses: Invalid address ["None"]',
    ]);
  });

  test.for<[name: string, ingress: { ip: string }[], why: string]>([
    [
      'three addresses on record',
      [{ ip: '192.0.2.0' }, { ip: '192.0.2.1' }, { ip: '2001:db8::1' }],
      'for ["192.0.2.0" "192.0.2.1" "2001:db8::1"]: IPFamilyForAddresses: invalid ips length 3 ["192.0.2.0" "192.0.2.1" "2001:db8::1"]',
    ],
    [
      'two of one family on record',
      [{ ip: '192.0.2.3' }, { ip: '192.0.2.1' }],
      'for ["192.0.2.3" "192.0.2.1"]: IPFamilyForAddresses: same address family ["192.0.2.3" "192.0.2.1"]',
    ],
    ['no address on record but a word', [{ ip: 'x' }], 'for ["x"]: IPFamilyForAddresses: Invalid address ["x"]'],
  ])('%s: told, and the first that will do stays', ([, ingress, why]) => {
    const given = ingress[0]?.ip === '192.0.2.3' ? '192.0.2.3' : '192.0.2.0';
    const outcome = world(P).look(service({ ingress, annotations: FROM_P }));
    expect(told(outcome)).toEqual([
      `Warning nolbIPsIPFamily: Failed to retrieve LBIPs IPFamily ${why}`,
      `Normal IPAllocated: Assigned IP ["${given}"]`,
    ]);
    expect(outcome.write?.ingress).toEqual([{ ip: given }]);
  });

  test('an address that no pool has any more is replaced, and why is told', () => {
    const outcome = world(P).look(service({ ingress: [{ ip: '198.51.100.1' }], annotations: FROM_P }));
    expect(told(outcome)).toEqual([
      'Normal ClearAssignment: current IP for "ns/a" not allowed by config, will attempt for new IP assignment: ["198.51.100.1"] is not allowed in config',
      'Normal IPAllocated: Assigned IP ["192.0.2.0"]',
    ]);
    expect(outcome.write?.ingress).toEqual([{ ip: '192.0.2.0' }]);
  });

  test('without a replacement it is cleared and pending', () => {
    const outcome = world({ p: { addresses: ['192.0.2.0/24'], autoAssign: false } }).look(
      service({ ingress: [{ ip: '198.51.100.1' }], annotations: FROM_P }),
    );
    expect(told(outcome).at(-1)).toBe('Warning AllocationFailed: Failed to allocate IP for "ns/a": no available IPs');
    expect(outcome).toMatchObject({ addresses: [], write: { ingress: [] }, wish: { kind: 'any' } });
  });

  test('of two with one address on record the second moves', () => {
    const w = world(P);
    w.look(service({ name: 'a', ingress: [{ ip: '192.0.2.0' }], annotations: FROM_P }));
    const outcome = w.look(service({ name: 'b', ingress: [{ ip: '192.0.2.0' }], annotations: FROM_P }));
    expect(outcome.addresses).toEqual(['192.0.2.1']);
    expect(told(outcome)[0]).toContain('can\'t change sharing key for "ns/b", address also in use by ns/a');
  });

  test('an address edited into the status by hand is taken out again', () => {
    const w = world(P);
    w.settle({});
    const outcome = w.look(service({ ingress: [{ ip: '192.0.2.77' }], annotations: FROM_P }));
    expect(outcome).toMatchObject({ addresses: ['192.0.2.0'], write: { ingress: [{ ip: '192.0.2.0' }] }, events: [] });
  });

  test('a host name in the status is dropped', () => {
    const outcome = world(P).look(service({ ingress: [{ hostname: 'example.org' }, { ip: '10.10.10.10' }] }));
    expect(outcome.write?.ingress).toEqual([{ ip: '192.0.2.0' }]);
  });

  test('a wiped status gets the same address again', () => {
    const w = world(P);
    w.settle({ name: 'x' });
    w.settle({});
    w.ipam.release('ns/x');
    expect(w.look(service({}))).toMatchObject({ write: { ingress: [{ ip: '192.0.2.1' }] }, events: [] });
  });
});

describe('requested addresses', () => {
  const LIST = 'metallb.io/loadBalancerIPs';
  const both = { d: ['192.0.2.0/24', '2001:db8::/64'], e: '198.51.100.0/24' };

  test.for<[name: string, spec: ServiceSpec, outcome: string[] | string]>([
    ['by annotation', { annotations: { [LIST]: '192.0.2.9' } }, ['192.0.2.9']],
    [
      'by deprecated annotation',
      { annotations: { 'metallb.universe.tf/loadBalancerIPs': '192.0.2.9' } },
      ['192.0.2.9'],
    ],
    ['by spec.loadBalancerIP', { spec: { loadBalancerIP: '192.0.2.9' } }, ['192.0.2.9']],
    [
      'two, in the user’s order',
      { families: '46', annotations: { [LIST]: ' 2001:db8::9 , 192.0.2.9' } },
      ['2001:db8::9', '192.0.2.9'],
    ],
    [
      'by both ways',
      { spec: { loadBalancerIP: '192.0.2.9' }, annotations: { [LIST]: '192.0.2.9' } },
      'service can not have both metallb.io/loadBalancerIPs and svc.Spec.LoadBalancerIP',
    ],
    ['not an address', { annotations: { [LIST]: '1.2.3' } }, 'invalid metallb.io/loadBalancerIPs: "1.2.3"'],
    [
      'not an address in spec',
      { spec: { loadBalancerIP: '192.0.2.010' } },
      'invalid spec.loadBalancerIP "192.0.2.010"',
    ],
    ['an empty part', { annotations: { [LIST]: '192.0.2.9,' } }, 'invalid metallb.io/loadBalancerIPs: "192.0.2.9,"'],
    [
      'two of one family',
      { annotations: { [LIST]: '192.0.2.9,192.0.2.8' } },
      'IPFamilyForAddresses: same address family ["192.0.2.9" "192.0.2.8"]',
    ],
    [
      'one for two families',
      { families: '46', annotations: { [LIST]: '192.0.2.9' } },
      'requested loadBalancer IP(s) ["192.0.2.9"] does not match the ipFamily of the service',
    ],
    [
      'the other family',
      { annotations: { [LIST]: '2001:db8::9' } },
      'requested loadBalancer IP(s) ["2001:db8::9"] does not match the ipFamily of the service',
    ],
    ['in no pool', { annotations: { [LIST]: '10.0.0.1' } }, '["10.0.0.1"] is not allowed in config'],
    [
      'of another pool than the one named',
      { annotations: { [LIST]: '192.0.2.9', 'metallb.io/address-pool': 'e' } },
      'requested loadBalancer IP(s) ["192.0.2.9"] is not compatible with requested address pool e',
    ],
    [
      'of the pool that is named',
      { annotations: { [LIST]: '192.0.2.9', 'metallb.io/address-pool': 'd' } },
      ['192.0.2.9'],
    ],
  ])('%s', ([, spec, expected]) => {
    const outcome = world(both).look(service(spec));
    if (typeof expected === 'string') {
      expect(told(outcome)).toEqual([`Warning AllocationFailed: Failed to allocate IP for "ns/a": ${expected}`]);
      expect(outcome.addresses).toEqual([]);
    } else {
      expect(outcome.write?.ingress.map(({ ip }) => ip)).toEqual(expected);
    }
  });

  test('the order on record stays, look after look, also if it is another than the request’s', () => {
    const w = world(both);
    w.settle({ families: '46', annotations: { [LIST]: '2001:db8::9,192.0.2.9' } });
    const ingress = [{ ip: '192.0.2.9' }, { ip: '2001:db8::9' }];
    const later = world(both).look(
      service({
        families: '46',
        ingress,
        annotations: { [LIST]: '2001:db8::9,192.0.2.9', 'metallb.io/ip-allocated-from-pool': 'd' },
      }),
    );
    expect(later).toMatchObject({ write: undefined, events: [] });
  });

  test('a Service that asks for another address moves there', () => {
    const w = world(both);
    const { view } = w.settle({});
    const outcome = w.look({ ...view, annotations: new Map([...view.annotations, [LIST, '198.51.100.5']]) });
    expect(outcome).toMatchObject({ addresses: ['198.51.100.5'], pool: 'e' });
    expect(told(outcome)).toEqual(['Normal IPAllocated: Assigned IP ["198.51.100.5"]']);
  });

  test('asking for a taken address keeps the one that works', () => {
    const w = world(both);
    w.settle({ name: 'x', annotations: { [LIST]: '192.0.2.9' } });
    const { view } = w.settle({});
    const outcome = w.look({ ...view, annotations: new Map([...view.annotations, [LIST, '192.0.2.9']]) });
    expect(outcome).toMatchObject({
      addresses: ['192.0.2.0'],
      write: undefined,
      because: { code: 'RequestRefused' },
      wish: { kind: 'addresses', addresses: ['192.0.2.9'] },
    });
    expect(told(outcome)[0]).toContain(
      'Warning AllocationFailed: Failed to allocate IP for "ns/a": can\'t change sharing key',
    );
  });

  test('a request that cannot be read keeps the address', () => {
    const w = world(both);
    const { view } = w.settle({});
    const outcome = w.look({ ...view, annotations: new Map([...view.annotations, [LIST, '1.2.3']]) });
    expect(outcome).toMatchObject({ addresses: ['192.0.2.0'], write: undefined, because: { code: 'InvalidRequest' } });
    expect(told(outcome)).toEqual([
      'Warning LoadBalancerFailed: invalid requested loadbalancer IPs: invalid metallb.io/loadBalancerIPs: "1.2.3"',
    ]);
  });

  test('an address left out by avoidBuggyIPs cannot be had', () => {
    const w = world({ p: { addresses: ['192.0.2.0/24'], avoidBuggyIPs: true } });
    expect(told(w.look(service({ spec: { loadBalancerIP: '192.0.2.255' } })))[0]).toContain(
      '["192.0.2.255"] is not allowed in config',
    );
  });
});

describe('the pool', () => {
  const manual = { general: '198.51.100.0/24', manual: { addresses: ['203.0.113.0/24'], autoAssign: false } };

  test.for<[name: string, annotations: Record<string, string>, expected: string]>([
    ['named', { 'metallb.io/address-pool': 'manual' }, '203.0.113.0'],
    ['named by the deprecated key', { 'metallb.universe.tf/address-pool': 'manual' }, '203.0.113.0'],
    [
      'named by both: the stable key wins',
      { 'metallb.universe.tf/address-pool': 'manual', 'metallb.io/address-pool': 'general' },
      '198.51.100.0',
    ],
    [
      'named by an empty stable key: none',
      { 'metallb.universe.tf/address-pool': 'manual', 'metallb.io/address-pool': '' },
      '198.51.100.0',
    ],
    ['that is not there', { 'metallb.io/address-pool': 'nope' }, 'unknown pool "nope"'],
  ])('%s', ([, annotations, expected]) => {
    const outcome = world(manual).look(service({ annotations }));
    expect(outcome.addresses[0] ?? outcome.because.message).toContain(expected);
  });

  test('named and full: the Event names it', () => {
    const w = world({ tiny: { addresses: ['203.0.113.1/32'], autoAssign: false } });
    w.settle({ name: 'x', annotations: { 'metallb.io/address-pool': 'tiny' } });
    const outcome = w.look(service({ annotations: { 'metallb.io/address-pool': 'tiny' } }));
    expect(told(outcome)).toEqual([
      'Warning AllocationFailed: Failed to allocate IP for "ns/a": no available IPs in pool tiny',
    ]);
    expect(outcome.wish).toEqual({ kind: 'pool', need: 'ipv4', pool: 'tiny' });
  });

  test('named later: the Service moves there, and stays where it is if that pool has nothing', () => {
    const w = world({ ...manual, tiny: { addresses: ['192.0.2.1/32'], autoAssign: false } });
    w.settle({ name: 'x', annotations: { 'metallb.io/address-pool': 'tiny' } });
    const { view } = w.settle({});
    const named = (pool: string) =>
      w.look({ ...view, annotations: new Map([...view.annotations, ['metallb.io/address-pool', pool]]) });
    expect(named('tiny')).toMatchObject({
      addresses: ['198.51.100.0'],
      because: { code: 'RequestRefused' },
      wish: { kind: 'pool', pool: 'tiny' },
    });
    expect(named('manual')).toMatchObject({ addresses: ['203.0.113.0'], pool: 'manual' });
  });

  test('of one with autoAssign false nothing is given unasked', () => {
    expect(told(world({ manual: manual.manual }).look(service()))).toEqual([
      'Warning AllocationFailed: Failed to allocate IP for "ns/a": no available IPs',
    ]);
  });

  test('pinned by namespace or labels comes before the general ones; priority, then the name decide', () => {
    const pinned = (last: number, priority: number, rule: object = { namespaces: ['ns'] }) => ({
      addresses: [`203.0.113.${last}/32`],
      serviceAllocation: { priority, ...rule },
    });
    const w = world({
      general: '198.51.100.0/24',
      c: pinned(1, 20),
      b: pinned(2, 20),
      z: pinned(3, 10, { serviceSelectors: [{ matchLabels: { app: 'x' } }] }),
      other: pinned(4, 1, { namespaces: ['elsewhere'] }),
      last: pinned(5, 0),
    });
    const given = [1, 2, 3, 4, 5].map(
      (n) => w.look(service({ name: `s${n}`, labels: n === 1 ? { app: 'x' } : {} })).addresses[0],
    );
    expect(given).toEqual(['203.0.113.3', '203.0.113.2', '203.0.113.1', '203.0.113.5', '198.51.100.0']);
  });

  test('general ones are taken by name', () => {
    const w = world({ b: '192.0.2.1/32', a: '192.0.2.2/32' });
    expect([w.look(service({ name: 'x' })).addresses, w.look(service({ name: 'y' })).addresses]).toEqual([
      ['192.0.2.2'],
      ['192.0.2.1'],
    ]);
  });

  test('whose rule does not admit a Service gives it nothing, asked by name or by address', () => {
    const w = world({ p: { addresses: ['192.0.2.0/24'], serviceAllocation: { namespaces: ['other'] } } });
    for (const spec of [
      { annotations: { 'metallb.io/address-pool': 'p' } },
      { spec: { loadBalancerIP: '192.0.2.1' } },
    ]) {
      expect(told(w.look(service(spec)))[0]).toContain('pool p not compatible for ip assignment');
    }
  });

  test('whose namespace selectors match no namespace admits nobody', () => {
    const rule = { namespaceSelectors: [{ matchLabels: { team: 'x' } }], serviceSelectors: [{ matchLabels: {} }] };
    const w = world({ p: { addresses: ['192.0.2.0/24'], serviceAllocation: rule } });
    expect(told(w.look(service()))[0]).toContain('no available IPs');
  });

  test('whose rule now excludes the Service turns it out', () => {
    const w = world({ p: '192.0.2.0/24' });
    const { view } = w.settle({});
    w.setPools({
      p: { addresses: ['192.0.2.0/24'], serviceAllocation: { namespaces: ['other'] } },
      q: '198.51.100.0/24',
    });
    const outcome = w.look(view);
    expect(told(outcome)[0]).toContain(
      'ClearAssignment: current IP for "ns/a" not allowed by config, will attempt for new IP assignment: pool p not compatible for ip assignment',
    );
    expect(outcome.addresses).toEqual(['198.51.100.0']);
  });

  test('renamed: only the annotation changes', () => {
    const w = world(P);
    const { view } = w.settle({});
    w.setPools({ q: '192.0.2.0/23' });
    expect(w.look(view)).toMatchObject({
      write: { ingress: [{ ip: '192.0.2.0' }], annotations: { 'metallb.io/ip-allocated-from-pool': 'q' } },
      events: [],
    });
  });

  test('with autoAssign turned off evicts nobody', () => {
    const w = world(P);
    const { view } = w.settle({});
    w.setPools({ p: { addresses: ['192.0.2.0/24'], autoAssign: false } });
    expect(w.look(view)).toMatchObject({ write: undefined, events: [] });
  });

  test('present but invalid: its holders keep their addresses, also after a restart, and nothing new is given', () => {
    for (const broken of ['garbage', ['192.0.2.0/24', '192.0.2.1']]) {
      const w = world({ p: broken });
      const outcome = w.look(service({ ingress: [{ ip: '192.0.2.7' }], annotations: FROM_P }));
      expect(outcome).toMatchObject({ addresses: ['192.0.2.7'], write: undefined, events: [] });
      expect(w.look(service({ name: 'b' })).addresses).toEqual([]);
      const wish = { spec: { loadBalancerIP: '192.0.2.8' } };
      expect(told(w.look(service({ name: 'c', ...wish })))[0]).toContain('["192.0.2.8"] is not allowed in config');
    }
  });

  test('deleted and made again gives its Services what they had', () => {
    const w = world(P);
    w.settle({ name: 'x' });
    const { view } = w.settle({});
    w.setPools({ q: { addresses: ['198.51.100.0/24'], autoAssign: false } });
    expect(w.look(view).addresses).toEqual([]);
    w.setPools(P);
    expect(w.look(service({}), ['192.0.2.1']).addresses).toEqual(['192.0.2.1']);
    expect(
      w.look(service({ name: 'c', annotations: { 'metallb.io/address-pool': 'p' } }), ['192.0.2.9']).addresses,
    ).toEqual(['192.0.2.9']);
  });
});

describe('dual stack', () => {
  const dual = { d: ['192.0.2.0/24', '2001:db8::/64'] };

  test.for<[name: string, pools: Record<string, PoolText>, spec: ServiceSpec, expected: string]>([
    [
      'required: both of one pool',
      { ...dual },
      { families: '46', spec: { ipFamilyPolicy: 'RequireDualStack' } },
      '192.0.2.0 2001:db8::',
    ],
    [
      'required, IPv6 first in the cluster: IPv4 first in the status',
      { ...dual },
      { families: '64', spec: { ipFamilyPolicy: 'RequireDualStack' } },
      '192.0.2.0 2001:db8::',
    ],
    [
      'required and no pool has both',
      { a: '192.0.2.0/24', b: '2001:db8::/64' },
      { families: '46', spec: { ipFamilyPolicy: 'RequireDualStack' } },
      'no available IPs',
    ],
    [
      'preferred: the pool that has both, not the first by name',
      { a: '198.51.100.0/24', ...dual },
      { families: '46' },
      '192.0.2.0 2001:db8::',
    ],
    [
      'preferred and no pool has both: the primary family',
      { a: '2001:db8::/64', b: '192.0.2.0/24' },
      { families: '46' },
      '192.0.2.0',
    ],
    ['preferred, IPv6 primary', { a: '192.0.2.0/24', b: '2001:db8::/64' }, { families: '64' }, '2001:db8::'],
    ['preferred and only the other family there', { b: '2001:db8::/64' }, { families: '46' }, '2001:db8::'],
    [
      'preferred with one cluster IP: one address, at once and for ever',
      { ...dual },
      { families: '4', spec: { ipFamilyPolicy: 'PreferDualStack' } },
      '192.0.2.0',
    ],
    ['single', { ...dual }, { families: '6' }, '2001:db8::'],
    [
      'two cluster IPs and a policy of one stack',
      { ...dual },
      { families: '46', spec: { ipFamilyPolicy: 'SingleStack' } },
      'no available IPs',
    ],
    [
      'a pinned pool of one family beats a general one of two',
      { ...dual, pin: { addresses: ['203.0.113.0/24'], serviceAllocation: { namespaces: ['ns'] } } },
      { families: '46' },
      '203.0.113.0',
    ],
    [
      'preferred from a named pool of one family',
      { ...dual, v6: '2001:db8:1::/64' },
      { families: '46', annotations: { 'metallb.io/address-pool': 'v6' } },
      '2001:db8:1::',
    ],
  ])('%s', ([, pools, spec, expected]) => {
    const { view, looks } = world(pools).settle(spec);
    const shown = view.ingress.map(({ ip }) => ip).join(' ');
    expect(shown === '' ? looks[0]?.because.message : shown).toContain(expected);
    expect(shown === '' || shown === expected).toBe(true);
  });

  test('one address where two are preferred: said, and the pool is waited for', () => {
    const { looks } = world(P).settle({ families: '46' });
    expect(looks.map(told)).toEqual([
      ['Normal IPAllocated: Assigned IP ["192.0.2.0"]'],
      [
        'Normal AdditionalAssignFailed: cannot assign additional IP in PreferDualStack: no available IPs in pool p for ipv6 IPFamily',
      ],
    ]);
    expect(looks[1]).toMatchObject({
      because: { code: 'SecondFamilyUnavailable' },
      wish: { kind: 'pool', need: 'ipv6', pool: 'p' },
    });
  });

  test('the missing one is added at the end, from the same pool and no other', () => {
    const w = world(P);
    const { view } = w.settle({ families: '46' });
    w.setPools({ ...P, a: '2001:db8:5::/64' });
    expect(w.look(view)).toMatchObject({ addresses: ['192.0.2.0'], write: undefined });
    w.setPools({ p: ['192.0.2.0/24', '2001:db8::/64'] });
    const outcome = w.look(view);
    expect(told(outcome)).toEqual(['Normal IPAllocated: Assigned additional IP "2001:db8::"']);
    expect(outcome.write?.ingress).toEqual([{ ip: '192.0.2.0' }, { ip: '2001:db8::' }]);
  });

  test('a pool that turns single: both are dropped and another pool of two is found', () => {
    const w = world(dual);
    const { view } = w.settle({ families: '46' });
    w.setPools({ d: '192.0.2.0/24', e: ['198.51.100.0/24', '2001:db8:1::/64'] });
    expect(w.look(view).addresses).toEqual(['198.51.100.0', '2001:db8:1::']);
  });

  test('a Service of two families that becomes one of one keeps the address of that family', () => {
    const w = world(dual);
    const { view } = w.settle({ families: '46' });
    const single = service({ families: '4' });
    expect(w.look({ ...view, clusterIPs: single.clusterIPs, ipFamilyPolicy: 'SingleStack' })).toMatchObject({
      write: { ingress: [{ ip: '192.0.2.0' }] },
      events: [],
    });
  });

  test('a Service that comes to require two starts anew', () => {
    const w = world({ p: '198.51.100.0/24', ...dual });
    const { view } = w.settle({ families: '4' });
    const required = service({ families: '46' });
    const outcome = w.look({ ...view, clusterIPs: required.clusterIPs, ipFamilyPolicy: 'RequireDualStack' });
    expect(outcome.addresses.join(' ')).toMatch(/^192\.0\.2\.\d 2001:db8::$/);
  });
});

describe('sharing', () => {
  const KEY = 'metallb.io/allow-shared-ip';
  const sharer = (name: string, port: number, spec: ServiceSpec['spec'] = {}, key = 'k'): ServiceSpec => {
    return { name, annotations: { [KEY]: key }, ports: [{ protocol: 'TCP', port }], spec };
  };
  const local = (app: string) => ({ externalTrafficPolicy: 'Local', selector: { app, z: '1' } });

  test.for<[name: string, first: ServiceSpec, second: ServiceSpec, shared: boolean]>([
    ['equal keys, other ports, other selectors', sharer('a', 80), sharer('b', 81), true],
    ['a port in common', sharer('a', 80), sharer('b', 80), false],
    ['other keys', sharer('a', 80), sharer('b', 81, {}, 'l'), false],
    ['empty keys', sharer('a', 80, {}, ''), sharer('b', 81, {}, ''), false],
    ['Local with equal selectors', sharer('a', 80, local('x')), sharer('b', 81, local('x')), true],
    ['Local with other selectors', sharer('a', 80, local('x')), sharer('b', 81, local('y')), false],
    ['Local and Cluster', sharer('a', 80, local('x')), sharer('b', 81), false],
    [
      'Local without a selector and Cluster',
      sharer('a', 80, { externalTrafficPolicy: 'Local', selector: null }),
      sharer('b', 81),
      true,
    ],
    ['over namespaces', sharer('a', 80), { ...sharer('b', 81), namespace: 'other' }, true],
    [
      'by the deprecated key',
      sharer('a', 80),
      { ...sharer('b', 81), annotations: { 'metallb.universe.tf/allow-shared-ip': 'k' } },
      true,
    ],
  ])('%s', ([, first, second, shared]) => {
    const w = world(P);
    w.look(service(first));
    expect(w.look(service(second)).addresses).toEqual([shared ? '192.0.2.0' : '192.0.2.1']);
  });

  test('a sharer whose policy changes is moved, and the other keeps the address', () => {
    const w = world(P);
    w.look(service(sharer('a', 80)));
    w.look(service(sharer('b', 81)));
    const outcome = w.look(
      service({
        ...sharer('b', 81, local('x')),
        ingress: [{ ip: '192.0.2.0' }],
        annotations: { [KEY]: 'k', ...FROM_P },
      }),
    );
    expect(told(outcome)[0]).toContain('can\'t change sharing key for "ns/b", address also in use by ns/a');
    expect(outcome.addresses).toEqual(['192.0.2.1']);
    expect(w.ipam.holdersOf('192.0.2.0')).toEqual(['ns/a']);
  });
});

describe('deprecated annotations', () => {
  test('are told of when something is written', () => {
    const annotations = {
      'metallb.universe.tf/ip-allocated-from-pool': 'p',
      'metallb.universe.tf/allow-shared-ip': 'k',
    };
    const { looks } = world(P).settle({ annotations });
    expect(looks[0]?.write?.annotations).toEqual({ 'metallb.io/ip-allocated-from-pool': 'p' });
    expect(told(looks[0] as Convergence).slice(1)).toEqual([
      'Warning deprecatedAnnotation: Service uses deprecated annotation metallb.universe.tf/allow-shared-ip',
      'Warning deprecatedAnnotation: Service uses deprecated annotation metallb.universe.tf/ip-allocated-from-pool',
    ]);
    expect(looks[1]?.events).toEqual([]);
  });

  test('of an older MetalLB are no reason to write to a Service that has what it should have', () => {
    const annotations = {
      'metallb.io/ip-allocated-from-pool': 'p',
      'metallb.universe.tf/ip-allocated-from-pool': 'p',
    };
    const { looks } = world(P).settle({ annotations, ingress: [{ ip: '192.0.2.1' }] });
    expect(looks[0]).toMatchObject({ write: undefined, events: [] });
  });
});
