import { describe, expect, test } from 'vitest';
import { type Cluster, createCluster, type StoredService } from '../../test/cluster.ts';
import { configOf, type PoolText, type ServiceSpec } from '../../test/objects.ts';

/*
 * Statements about MetalLB's controller that need more than one look, each under the name of what it says. What one look
 * comes to is in `../converge/converge.test.ts`; how the statements differ where we do better, in `parity.test.ts`.
 */

const KEY = 'metallb.io/allow-shared-ip';
const LIST = 'metallb.io/loadBalancerIPs';
const FROM = 'metallb.io/ip-allocated-from-pool';

interface Story {
  readonly name: string;
  readonly pools: Readonly<Record<string, PoolText>>;
  readonly services: readonly ServiceSpec[];
  readonly happens: (cluster: Cluster) => void;
  /** What each Service shows at the end. */
  readonly shows: Readonly<Record<string, string>>;
}

function play({ pools, services, happens }: Story): Cluster {
  const cluster = createCluster();
  cluster.configure(configOf(pools));
  cluster.restart();
  for (const spec of services) {
    cluster.apply(spec);
    cluster.settle();
  }
  happens(cluster);
  cluster.settle();
  return cluster;
}

function shown(cluster: Cluster): Record<string, string> {
  return Object.fromEntries(
    cluster.all().map(({ metadata, key }) => [String(metadata['name']), cluster.ips(key).join()]),
  );
}

function edit(name: string, change: (stored: StoredService) => void): (cluster: Cluster) => void {
  return (cluster) => cluster.edit(`ns/${name}`, change);
}

function specOf(name: string, fields: Readonly<Record<string, unknown>>): (cluster: Cluster) => void {
  return edit(name, ({ spec }) => {
    Object.assign(spec, fields);
  });
}

function annotate(name: string, annotation: string, value: string | undefined): (cluster: Cluster) => void {
  return edit(name, ({ metadata }) => {
    if (value === undefined) {
      delete metadata.annotations[annotation];
    } else {
      metadata.annotations[annotation] = value;
    }
  });
}

function pools(...next: readonly Readonly<Record<string, PoolText>>[]): (cluster: Cluster) => void {
  return (cluster) => {
    for (const each of next) {
      cluster.configure(configOf(each));
      cluster.settle();
    }
  };
}

function inTurn(...acts: readonly ((cluster: Cluster) => void)[]): (cluster: Cluster) => void {
  return (cluster) => {
    for (const act of acts) {
      act(cluster);
      cluster.settle();
    }
  };
}

const nothing = (): void => undefined;
const P = { p: '192.0.2.0/29' };
const a: ServiceSpec = { name: 'a', age: 1 };
const b: ServiceSpec = { name: 'b', age: 2 };
const sharer = (name: string, age: number, port: number, spec: ServiceSpec['spec'] = {}): ServiceSpec => {
  return { name, age, ports: [{ port }], annotations: { [KEY]: 'k' }, spec };
};
const local = (app: string) => ({ externalTrafficPolicy: 'Local', selector: { app } });

const STORIES: Readonly<Record<string, readonly Story[]>> = {
  '2.6 requested addresses': [
    {
      name: 'a request that is taken away leaves the Service where it is',
      pools: P,
      services: [{ ...a, annotations: { [LIST]: '192.0.2.5' } }],
      happens: annotate('a', LIST, undefined),
      shows: { a: '192.0.2.5' },
    },
    {
      name: 'autoAssign false does not matter to who asks for an address',
      pools: { p: { addresses: ['192.0.2.0/29'], autoAssign: false } },
      services: [{ ...a, spec: { loadBalancerIP: '192.0.2.5' } }],
      happens: nothing,
      shows: { a: '192.0.2.5' },
    },
    {
      name: 'two addresses of two pools are refused, and what works stays',
      pools: { p: ['192.0.2.0/29', '2001:db8::/125'], q: '2001:db8:1::/125' },
      services: [{ ...a, families: '46' }],
      happens: annotate('a', LIST, '192.0.2.5,2001:db8:1::5'),
      shows: { a: '192.0.2.0,2001:db8::' },
    },
    {
      name: 'an address of a pool that comes later is given when it comes',
      pools: P,
      services: [{ ...a, spec: { loadBalancerIP: '198.51.100.1' } }],
      happens: pools({ ...P, q: '198.51.100.0/29' }),
      shows: { a: '198.51.100.1' },
    },
    {
      name: 'a Service that holds one and asks for a taken one waits for that one, oldest first',
      pools: P,
      services: [a, b, { name: 'c', age: 3 }],
      happens: inTurn(annotate('c', LIST, '192.0.2.0'), annotate('b', LIST, '192.0.2.0'), (cluster) =>
        cluster.remove('ns/a'),
      ),
      shows: { b: '192.0.2.0', c: '192.0.2.2' },
    },
  ],
  '2.7 dual stack': [
    {
      name: 'RequireDualStack is completed by no second pool',
      pools: { p: '192.0.2.0/29', q: '2001:db8::/125' },
      services: [{ ...a, families: '46', spec: { ipFamilyPolicy: 'RequireDualStack' } }],
      happens: nothing,
      shows: { a: '' },
    },
    {
      name: 'a dual-stack pool that appears later moves nobody',
      pools: P,
      services: [{ ...a, families: '46' }],
      happens: pools({ ...P, d: ['198.51.100.0/29', '2001:db8::/125'] }),
      shows: { a: '192.0.2.0' },
    },
    {
      name: 'a dual-stack pool that turns single and finds no other: the family that is left stays',
      pools: { p: ['192.0.2.0/29', '2001:db8::/125'] },
      services: [
        { ...b, families: '46' },
        { ...a, families: '46' },
      ],
      happens: inTurn((cluster) => cluster.remove('ns/b'), pools(P)),
      shows: { a: '192.0.2.1' },
    },
    {
      name: 'the missing family comes when its pool gets it, to the oldest first',
      pools: P,
      services: [
        { ...b, families: '46' },
        { ...a, families: '46' },
      ],
      happens: pools({ p: ['192.0.2.0/29', '2001:db8::1/128'] }),
      shows: { a: '192.0.2.1,2001:db8::1', b: '192.0.2.0' },
    },
  ],
  '2.8 sharing': [
    {
      name: 'the only user may change its key, its policy and its selector freely',
      pools: P,
      services: [sharer('a', 1, 80)],
      happens: inTurn(
        annotate('a', KEY, 'l'),
        specOf('a', local('x')),
        specOf('a', local('y')),
        annotate('a', KEY, undefined),
      ),
      shows: { a: '192.0.2.0' },
    },
    {
      name: 'one of two that turns Local loses the address, the other keeps it',
      pools: P,
      services: [sharer('a', 1, 80), sharer('b', 2, 81)],
      happens: specOf('b', local('x')),
      shows: { a: '192.0.2.0', b: '192.0.2.1' },
    },
    {
      name: 'both Local with one selector share again, for who has none finds the first that it may share',
      pools: { p: '192.0.2.0/32' },
      services: [sharer('a', 1, 80), sharer('b', 2, 81)],
      happens: inTurn(specOf('b', local('x')), specOf('a', local('x'))),
      shows: { a: '192.0.2.0', b: '192.0.2.0' },
    },
    {
      name: 'a selector that changes loses the address, and aligned again regains it',
      pools: { p: '192.0.2.0/32' },
      services: [sharer('a', 1, 80, local('x')), sharer('b', 2, 81, local('x'))],
      happens: inTurn(specOf('b', { selector: { app: 'y' } }), specOf('b', { selector: { app: 'x' } })),
      shows: { a: '192.0.2.0', b: '192.0.2.0' },
    },
    {
      name: 'a port that both come to want moves the one that changed',
      pools: P,
      services: [sharer('a', 1, 80), sharer('b', 2, 81)],
      happens: specOf('b', { ports: [{ protocol: 'TCP', port: 80 }] }),
      shows: { a: '192.0.2.0', b: '192.0.2.1' },
    },
    {
      name: 'one number of two protocols is no port in common',
      pools: P,
      services: [sharer('a', 1, 53), { ...sharer('b', 2, 53), ports: [{ protocol: 'UDP', port: 53 }] }],
      happens: nothing,
      shows: { a: '192.0.2.0', b: '192.0.2.0' },
    },
    {
      name: 'of a pair each address is shared or not for itself',
      pools: { p: ['192.0.2.0/29', '2001:db8::/125'] },
      services: [
        { ...sharer('a', 1, 80), families: '4' },
        { ...sharer('b', 2, 81), families: '46' },
      ],
      happens: nothing,
      shows: { a: '192.0.2.0', b: '192.0.2.0,2001:db8::' },
    },
    {
      name: 'an empty stable key hides the deprecated one',
      pools: P,
      services: [
        sharer('a', 1, 80),
        { ...sharer('b', 2, 81), annotations: { [KEY]: '', 'metallb.universe.tf/allow-shared-ip': 'k' } },
      ],
      happens: nothing,
      shows: { a: '192.0.2.0', b: '192.0.2.1' },
    },
  ],
  '2.9 what clears or changes an address': [
    {
      name: 'a type that is no LoadBalancer clears it, and another gets it',
      pools: { p: '192.0.2.0/32' },
      services: [a, b],
      happens: specOf('a', { type: 'ClusterIP' }),
      shows: { a: '', b: '192.0.2.0' },
    },
    {
      name: 'and back: it waits its turn',
      pools: { p: '192.0.2.0/32' },
      services: [a, b],
      happens: inTurn(specOf('a', { type: 'NodePort' }), specOf('a', { type: 'LoadBalancer' })),
      shows: { a: '', b: '192.0.2.0' },
    },
    {
      name: 'a pool that is deleted re-allocates from elsewhere',
      pools: { ...P, q: '198.51.100.0/29' },
      services: [a, b],
      happens: pools({ q: '198.51.100.0/29' }),
      shows: { a: '198.51.100.0', b: '198.51.100.1' },
    },
    {
      name: 'a pool that is deleted leaves them pending where there is no other',
      pools: { ...P, q: { addresses: ['198.51.100.0/29'], autoAssign: false } },
      services: [a],
      happens: pools({ q: { addresses: ['198.51.100.0/29'], autoAssign: false } }),
      shows: { a: '' },
    },
    {
      name: 'a pool that shrinks moves only those outside',
      pools: P,
      services: [a, b],
      happens: pools({ p: '192.0.2.1/32', q: '198.51.100.0/29' }),
      shows: { a: '198.51.100.0', b: '192.0.2.1' },
    },
    {
      name: 'an address that became a buggy one is replaced',
      pools: P,
      services: [a, b],
      happens: pools({ p: { addresses: ['192.0.2.0/29'], avoidBuggyIPs: true } }),
      shows: { a: '192.0.2.2', b: '192.0.2.1' },
    },
    {
      name: 'pools renamed, merged and split keep every address',
      pools: { ...P, q: '198.51.100.0/29' },
      services: [a, { ...b, annotations: { 'metallb.io/address-pool': 'q' } }, { name: 'c', age: 3 }],
      happens: inTurn(
        annotate('b', 'metallb.io/address-pool', undefined),
        pools(
          { r: '192.0.2.0/29', s: '198.51.100.0/29' },
          { t: ['192.0.2.0/29', '198.51.100.0/29'] },
          { u: '192.0.2.0/32', v: ['192.0.2.1-192.0.2.7', '198.51.100.0/29'] },
        ),
      ),
      shows: { a: '192.0.2.0', b: '198.51.100.0', c: '192.0.2.1' },
    },
    {
      name: 'a label that the pool’s rule asks for, taken away, moves the Service; given back it stays where it is',
      pools: {
        p: { addresses: ['192.0.2.0/29'], serviceAllocation: { serviceSelectors: [{ matchLabels: { app: 'x' } }] } },
        q: '198.51.100.0/29',
      },
      services: [{ ...a, labels: { app: 'x' } }],
      happens: inTurn(
        edit('a', ({ metadata }) => {
          metadata['labels'] = {};
        }),
        edit('a', ({ metadata }) => {
          metadata['labels'] = { app: 'x' };
        }),
      ),
      shows: { a: '198.51.100.0' },
    },
  ],
  '3.3 allocation order': [
    {
      name: 'a pinned pool that is full: the general ones',
      pools: {
        p: { addresses: ['192.0.2.0/32'], serviceAllocation: { namespaces: ['ns'] } },
        q: '198.51.100.0/29',
      },
      services: [a, b],
      happens: nothing,
      shows: { a: '192.0.2.0', b: '198.51.100.0' },
    },
    {
      name: 'a rule without rules admits everybody, before the general pools',
      pools: { a: '198.51.100.0/29', p: { addresses: ['192.0.2.0/29'], serviceAllocation: {} } },
      services: [a],
      happens: nothing,
      shows: { a: '192.0.2.0' },
    },
    {
      name: 'a pinned pool that is not for automatic use is for who names it only',
      pools: {
        p: { addresses: ['192.0.2.0/29'], autoAssign: false, serviceAllocation: { namespaces: ['ns'], priority: 1 } },
        q: '198.51.100.0/29',
      },
      services: [a, { ...b, annotations: { 'metallb.io/address-pool': 'p' } }],
      happens: nothing,
      shows: { a: '198.51.100.0', b: '192.0.2.0' },
    },
    {
      name: 'ranges in the order written, ascending in each, the lowest free again at once',
      pools: { p: ['192.0.2.4-192.0.2.5', '192.0.2.0-192.0.2.1'] },
      services: [a, b, { name: 'c', age: 3 }],
      happens: inTurn(
        (cluster) => cluster.remove('ns/a'),
        (cluster) => cluster.apply({ name: 'd', age: 4 }),
      ),
      shows: { b: '192.0.2.5', c: '192.0.2.0', d: '192.0.2.4' },
    },
  ],
  'a status that somebody edits is put right': [
    {
      name: 'another address',
      pools: P,
      services: [a],
      happens: edit('a', ({ status }) => {
        status.loadBalancer = { ingress: [{ ip: '192.0.2.5' }] };
      }),
      shows: { a: '192.0.2.0' },
    },
    {
      name: 'the address of another Service',
      pools: P,
      services: [a, b],
      happens: edit('a', ({ status }) => {
        status.loadBalancer = { ingress: [{ ip: '192.0.2.1' }] };
      }),
      shows: { a: '192.0.2.0', b: '192.0.2.1' },
    },
    {
      name: 'two addresses more',
      pools: P,
      services: [a],
      happens: edit('a', ({ status }) => {
        status.loadBalancer = { ingress: [{ ip: '192.0.2.0' }, { ip: '192.0.2.5' }, { ip: '192.0.2.6' }] };
      }),
      shows: { a: '192.0.2.0' },
    },
    {
      name: 'a host name',
      pools: P,
      services: [a],
      happens: edit('a', ({ status }) => {
        status.loadBalancer = { ingress: [{ hostname: 'example.org' }] };
      }),
      shows: { a: '192.0.2.0' },
    },
    {
      name: 'nothing at all, while somebody waits for an address',
      pools: { p: '192.0.2.0/32' },
      services: [a, { ...b, age: 0 }],
      happens: edit('a', ({ status }) => {
        status.loadBalancer = {};
      }),
      shows: { a: '192.0.2.0', b: '' },
    },
    {
      name: 'three addresses while nobody looked: the first that will do stays',
      pools: P,
      services: [a, b],
      happens: inTurn(
        edit('b', ({ status }) => {
          const ingress = [{ ip: '10.0.0.1' }, { ip: '192.0.2.1' }, { ip: '192.0.2.5' }];
          status.loadBalancer = { ingress: ingress.slice(1).concat(ingress.slice(0, 1)) };
        }),
        (cluster) => cluster.restart(),
      ),
      shows: { a: '192.0.2.0', b: '192.0.2.1' },
    },
  ],
};

for (const [section, stories] of Object.entries(STORIES)) {
  describe(section, () => {
    test.each(stories)('$name', (story) => {
      const cluster = play(story);
      expect(shown(cluster)).toEqual(story.shows);
      // At rest: a restart finds nothing to mend.
      const writes = cluster.writes.length;
      cluster.restart();
      cluster.settle();
      expect(cluster.writes.slice(writes)).toEqual([]);
    });
  });
}

describe('an entry of a status that shows the right address', () => {
  test.for<[name: string, edited: object, writes: number]>([
    ['and that kube-proxy shall leave it alone', { ip: '192.0.2.0', ipMode: 'Proxy' }, 2],
    ['and ports', { ip: '192.0.2.0', ipMode: 'VIP', ports: [{ port: 80, protocol: 'TCP' }] }, 2],
    ['as an API server without ipMode has it', { ip: '192.0.2.0' }, 1],
  ])('%s', ([, edited, writes]) => {
    const happens = edit('a', ({ status }) => {
      status.loadBalancer = { ingress: [{ ...edited }] };
    });
    const cluster = play({ name: '', pools: P, services: [a], happens, shows: {} });
    expect(cluster.writes).toHaveLength(writes);
    const left = writes === 1 ? edited : { ip: '192.0.2.0', ipMode: 'VIP' };
    expect(cluster.all().map(({ status }) => status.loadBalancer.ingress)).toEqual([[left]]);
  });
});

describe('the annotation that names the pool', () => {
  test.for<[name: string, value: string | undefined]>([
    ['taken away', undefined],
    ['changed', 'q'],
    ['emptied', ''],
  ])('%s: it is put right, and nothing else', ([, value]) => {
    const cluster = play({ name: '', pools: P, services: [a], happens: annotate('a', FROM, value), shows: {} });
    expect([cluster.ips('ns/a'), cluster.annotation('ns/a', FROM)]).toEqual([['192.0.2.0'], 'p']);
    expect(cluster.writes).toHaveLength(2);
  });

  test('follows a pool’s name, without an Event', () => {
    const story: Story = { name: '', pools: P, services: [a], happens: pools({ renamed: '192.0.2.0/28' }), shows: {} };
    const cluster = play(story);
    expect(cluster.annotation('ns/a', FROM)).toBe('renamed');
    expect(cluster.events.map(({ event }) => event.reason)).toEqual(['IPAllocated']);
  });
});

describe('what a Service is told while it waits for the address that it asks for', () => {
  test('that it is taken, once; and that it has it, when it comes free', () => {
    const cluster = play({
      name: '',
      pools: P,
      services: [a, b],
      happens: annotate('b', LIST, '192.0.2.0'),
      shows: {},
    });
    annotate('b', 'example.org/x', '1')(cluster);
    cluster.settle();
    expect(cluster.assigner.explain('ns/b')?.code).toBe('RequestRefused');
    cluster.remove('ns/a');
    cluster.settle();
    expect(
      cluster.events
        .filter(({ key }) => key === 'ns/b')
        .map(({ event }) => `${event.type} ${event.reason}: ${event.message}`),
    ).toEqual([
      'Normal IPAllocated: Assigned IP ["192.0.2.1"]',
      'Warning AllocationFailed: Failed to allocate IP for "ns/b": can\'t change sharing key for "ns/b", address also in use by ns/a',
      'Normal IPAllocated: Assigned IP ["192.0.2.0"]',
    ]);
  });
});

test('0.6 the first pass serves no newcomer before all who show addresses have claimed them', () => {
  const cluster = createCluster();
  cluster.configure(configOf({ p: '192.0.2.0/30' }));
  cluster.apply({ name: 'new', age: 0 });
  for (const [n, name] of ['x', 'y', 'z'].entries()) {
    cluster.apply({ name, age: 9 - n, ingress: [{ ip: `192.0.2.${n}` }], annotations: { [FROM]: 'p' } });
  }
  cluster.restart();
  cluster.settle();
  expect(shown(cluster)).toEqual({ new: '192.0.2.3', x: '192.0.2.0', y: '192.0.2.1', z: '192.0.2.2' });
  expect(cluster.writes).toEqual([{ key: 'ns/new', ingress: ['192.0.2.3'] }]);
});

describe('messages of 2.11 and 8.2', () => {
  const dual = { p: ['192.0.2.0/32', '2001:db8::/127'] };
  const named = { 'metallb.io/address-pool': 'p' };

  test.for<[name: string, pools: Readonly<Record<string, PoolText>>, service: ServiceSpec, message: string]>([
    ['nothing anywhere', { q: { addresses: ['192.0.2.9/32'], autoAssign: false } }, {}, 'no available IPs'],
    ['nothing in the named pool', { p: '192.0.2.0/32' }, { annotations: named }, 'no available IPs in pool p'],
    [
      'only the other family in the named pool',
      dual,
      { annotations: named },
      'no available IPs in pool p for ipv4 IPFamily',
    ],
    [
      'only one of two families in the named pool',
      dual,
      { families: '46', annotations: named, spec: { ipFamilyPolicy: 'RequireDualStack' } },
      'no available IPs in pool p for dual IPFamily',
    ],
    [
      'two cluster IPs and a policy of one',
      dual,
      { families: '46', spec: { ipFamilyPolicy: 'SingleStack' } },
      'no available IPs',
    ],
    ['a port in use', dual, { spec: { loadBalancerIP: '192.0.2.0' } }, 'port TCP/80 is already in use on "192.0.2.0"'],
    [
      'three cluster IPs',
      dual,
      { spec: { clusterIPs: ['10.0.0.1', '10.0.0.2', '::1'] } },
      'IPFamilyForAddresses: invalid ips length 3 ["10.0.0.1" "10.0.0.2" "::1"]',
    ],
  ])('%s', ([, config, spec, message]) => {
    const taken = { name: 'x', spec: { loadBalancerIP: '192.0.2.0' }, annotations: { [KEY]: 'k' } };
    const service = { ...spec, name: 'a', annotations: { ...spec.annotations, [KEY]: 'k' } };
    const cluster = play({ name: '', pools: config, services: [taken, service], happens: nothing, shows: {} });
    const [event] = cluster.events.filter(({ key }) => key === 'ns/a');
    expect(event?.event).toEqual({
      type: 'Warning',
      reason: 'AllocationFailed',
      message: `Failed to allocate IP for "ns/a": ${message}`,
    });
  });
});
