import { describe, expect, test } from 'vitest';
import { type Cluster, createCluster } from '../../test/cluster.ts';
import { configOf, type PoolText, type ServiceSpec } from '../../test/objects.ts';

const P = { p: '192.0.2.0/29' };
const LIST = 'metallb.io/loadBalancerIPs';

function clusterOf(parity: boolean, pools: Readonly<Record<string, PoolText>>, ...services: ServiceSpec[]): Cluster {
  const cluster = createCluster({ parity });
  cluster.configure(configOf(pools));
  cluster.restart();
  for (const spec of services) {
    cluster.apply(spec);
  }
  cluster.settle();
  return cluster;
}

function annotate(cluster: Cluster, key: string, name: string, value: string): void {
  cluster.edit(key, ({ metadata }) => {
    metadata.annotations[name] = value;
  });
  cluster.settle();
}

function reasons(cluster: Cluster, key: string): string[] {
  return cluster.events.filter((posted) => posted.key === key).map(({ event }) => event.reason);
}

/** What comes of one story, told to us and to us with MetalLB's habits. */
interface Difference {
  readonly name: string;
  tell(parity: boolean): unknown;
  readonly ours: unknown;
  readonly metallbs: unknown;
}

const DIFFERENCES: readonly Difference[] = [
  {
    name: 'asking for a taken address',
    tell(parity) {
      const cluster = clusterOf(parity, P, { name: 'x', age: 0 }, { name: 'a', age: 1 });
      annotate(cluster, 'ns/a', LIST, '192.0.2.0');
      const asked = cluster.ips('ns/a');
      cluster.remove('ns/x');
      cluster.settle();
      return [asked, cluster.ips('ns/a')];
    },
    ours: [['192.0.2.1'], ['192.0.2.0']],
    metallbs: [[], ['192.0.2.0']],
  },
  {
    name: 'asking for a pool that is full',
    tell(parity) {
      const tiny = { tiny: { addresses: ['198.51.100.0/32'], autoAssign: false } };
      const inTiny = { 'metallb.io/address-pool': 'tiny' };
      const cluster = clusterOf(parity, { ...P, ...tiny }, { name: 'x', annotations: inTiny }, { name: 'a' });
      annotate(cluster, 'ns/a', 'metallb.io/address-pool', 'tiny');
      return cluster.ips('ns/a');
    },
    ours: ['192.0.2.0'],
    metallbs: [],
  },
  {
    name: 'asking for two addresses in an order of one’s own',
    tell(parity) {
      const dual = { p: ['192.0.2.0/29', '2001:db8::/125'] };
      const annotations = { [LIST]: '2001:db8::1,192.0.2.1' };
      const cluster = clusterOf(parity, dual, { name: 'a', families: '46', annotations });
      return cluster.writes.map(({ ingress }) => ingress.join());
    },
    ours: ['2001:db8::1,192.0.2.1'],
    metallbs: ['2001:db8::1,192.0.2.1', '192.0.2.1,2001:db8::1'],
  },
  {
    name: 'another address edited into a status',
    tell(parity) {
      const cluster = clusterOf(parity, P, { name: 'a' });
      cluster.edit('ns/a', ({ status }) => {
        status.loadBalancer = { ingress: [{ ip: '192.0.2.5' }] };
      });
      cluster.settle();
      return cluster.ips('ns/a');
    },
    ours: ['192.0.2.0'],
    metallbs: ['192.0.2.5'],
  },
  {
    name: 'a Service of two families that becomes one of one',
    tell(parity) {
      const dual = { p: ['192.0.2.0/29', '2001:db8::/125'] };
      const cluster = clusterOf(parity, dual, { name: 'x', families: '46' }, { name: 'a', age: 1, families: '46' });
      cluster.remove('ns/x');
      cluster.settle();
      cluster.edit('ns/a', ({ spec }) => {
        Object.assign(spec, { clusterIPs: ['10.96.0.10'], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
      });
      cluster.settle();
      return cluster.ips('ns/a');
    },
    ours: ['192.0.2.1'],
    metallbs: ['192.0.2.0'],
  },
  {
    name: 'a pool deleted and made again',
    tell(parity) {
      const cluster = clusterOf(parity, P, { name: 'x', age: 0 }, { name: 'b', age: 2 }, { name: 'a', age: 1 });
      cluster.remove('ns/x');
      cluster.settle();
      for (const pools of [{}, P]) {
        cluster.configure(configOf(pools));
        cluster.settle();
      }
      return [cluster.ips('ns/a'), cluster.ips('ns/b')];
    },
    ours: [['192.0.2.2'], ['192.0.2.1']],
    metallbs: [['192.0.2.1'], ['192.0.2.0']],
  },
  {
    name: 'what still is so, told again',
    tell(parity) {
      const cluster = clusterOf(
        parity,
        P,
        { name: 'half', families: '46' },
        { name: 'none', spec: { loadBalancerIP: '1.1.1.1' } },
      );
      for (const value of ['1', '2']) {
        annotate(cluster, 'ns/half', 'example.org/x', value);
        annotate(cluster, 'ns/none', 'example.org/x', value);
      }
      return [reasons(cluster, 'ns/half'), reasons(cluster, 'ns/none')];
    },
    ours: [['IPAllocated', 'AdditionalAssignFailed'], ['AllocationFailed']],
    metallbs: [
      // A look comes with the answer to the write, one with the watch that shows it, and one with each change.
      ['IPAllocated', ...Array<string>(4).fill('AdditionalAssignFailed')],
      Array<string>(3).fill('AllocationFailed'),
    ],
  },
  {
    name: 'two Services recorded with one address, of which the younger shows more addresses',
    tell(parity) {
      const cluster = createCluster({ parity });
      cluster.configure(configOf({ p: ['192.0.2.0/29', '2001:db8::/125'] }));
      cluster.apply({ name: 'old', age: 1, families: '4', ingress: [{ ip: '192.0.2.3' }] });
      cluster.apply({
        name: 'young',
        age: 2,
        families: '46',
        ingress: [{ ip: '192.0.2.3' }, { ip: '2001:db8::3' }],
      });
      cluster.restart();
      cluster.settle();
      return [cluster.ips('ns/old'), cluster.ips('ns/young')];
    },
    ours: [['192.0.2.3'], ['192.0.2.0', '2001:db8::']],
    metallbs: [['192.0.2.0'], ['192.0.2.3', '2001:db8::3']],
  },
];

describe('where we and MetalLB differ', () => {
  test.each(DIFFERENCES)('$name: we do better', ({ tell, ours }) => {
    expect(tell(false)).toEqual(ours);
  });

  test.each(DIFFERENCES)('$name: with its habits, as MetalLB', ({ tell, metallbs }) => {
    expect(tell(true)).toEqual(metallbs);
  });
});

describe('what only harms is done by neither', () => {
  test.for([false, true])('PreferDualStack with one cluster IP does not flap (parity: %s)', (parity) => {
    const dual = { p: ['192.0.2.0/29', '2001:db8::/125'] };
    const single = { name: 'a', families: '4', spec: { ipFamilyPolicy: 'PreferDualStack' } } as const;
    const cluster = clusterOf(parity, dual, single);
    annotate(cluster, 'ns/a', 'example.org/x', '1');
    expect(cluster.writes).toEqual([{ key: 'ns/a', ingress: ['192.0.2.0'] }]);
    expect(reasons(cluster, 'ns/a')).toEqual(['IPAllocated']);
  });

  test.for([false, true])('a class that changes frees the address (parity: %s)', (parity) => {
    const cluster = clusterOf(parity, P, { name: 'a' });
    cluster.edit('ns/a', ({ spec }) => {
      spec['loadBalancerClass'] = 'other';
    });
    cluster.settle();
    expect([cluster.ips('ns/a'), [...cluster.assigner.ipam.allocations()]]).toEqual([[], []]);
  });

  test.for([false, true])('an address on record is given to nobody who comes first (parity: %s)', (parity) => {
    const cluster = createCluster({ parity });
    cluster.configure(configOf(P));
    cluster.apply({ name: 'foreign', age: 0, ingress: [{ ip: '10.0.0.1' }, { ip: '2001:db8::1' }] });
    cluster.apply({ name: 'a', age: 9, ingress: [{ ip: '192.0.2.0' }] });
    cluster.restart();
    cluster.settle();
    expect([cluster.ips('ns/foreign'), cluster.ips('ns/a')]).toEqual([['192.0.2.1'], ['192.0.2.0']]);
  });

  test('a status that is older than our own write is not taken for the truth', () => {
    const cluster = clusterOf(true, P, { name: 'x', age: 0 });
    cluster.apply({ name: 'a', age: 1 });
    cluster.deliver();
    cluster.remove('ns/x');
    cluster.edit('ns/a', ({ metadata }) => {
      metadata.annotations['example.org/x'] = '1';
    });
    while (cluster.deliver()) {
      // The write is still on its way.
    }
    expect(cluster.assigner.ipam.allocationOf('ns/a')?.addresses).toEqual(['192.0.2.1']);
  });
});
