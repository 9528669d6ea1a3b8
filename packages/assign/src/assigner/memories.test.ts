import { describe, expect, test } from 'vitest';
import { type Cluster, createCluster } from '../../test/cluster.ts';
import { configOf, type PoolText, type ServiceSpec } from '../../test/objects.ts';

const P = { p: '192.0.2.0/29' };
const Q = { q: '198.51.100.0/29' };
const NONE = { none: { addresses: ['203.0.113.0/32'], autoAssign: false } };

function clusterOf(pools: Readonly<Record<string, PoolText>>, ...services: ServiceSpec[]): Cluster {
  const cluster = createCluster();
  cluster.configure(configOf(pools));
  cluster.restart();
  for (const spec of services) {
    cluster.apply(spec);
  }
  cluster.settle();
  return cluster;
}

function reconfigure(cluster: Cluster, ...steps: Readonly<Record<string, PoolText>>[]): void {
  for (const pools of steps) {
    cluster.configure(configOf(pools));
    cluster.settle();
  }
}

/** Three of one pool, the oldest without an address, so that none has the one that its age would bring it. */
function three(pools: Readonly<Record<string, PoolText>> = P): Cluster {
  const cluster = clusterOf(pools, { name: 'x', age: 0 }, ...['c', 'a', 'b'].map((name, n) => ({ name, age: 9 - n })));
  cluster.remove('ns/x');
  cluster.settle();
  return cluster;
}

function all(cluster: Cluster): string {
  return ['a', 'b', 'c'].map((name) => cluster.ips(`ns/${name}`).join('+')).join(' ');
}

describe('a pool deleted and made again gives its Services what they had', () => {
  test.for<[name: string, change: (cluster: Cluster) => void]>([
    ['whatever their order', () => undefined],
    [
      'though others came and waited meanwhile',
      (cluster) => {
        for (const name of ['d', 'e', 'f']) {
          cluster.apply({ name, age: 0 });
        }
      },
    ],
    [
      'though they were changed meanwhile',
      (cluster) => {
        cluster.edit('ns/a', ({ spec }) => {
          spec['ports'] = [{ protocol: 'TCP', port: 443 }];
        });
      },
    ],
    ['also if it comes back under another name', (cluster) => reconfigure(cluster, { renamed: '192.0.2.0/29' })],
    [
      'also if it comes back in two parts',
      (cluster) => reconfigure(cluster, { low: '192.0.2.0/30', high: '192.0.2.4/30' }),
    ],
    ['also if it comes back broken first', (cluster) => reconfigure(cluster, { p: 'garbage' })],
    ['also if the answer of the API server was that there is nothing', (cluster) => reconfigure(cluster, {})],
  ])('%s', ([, meanwhile]) => {
    const cluster = three();
    const before = all(cluster);
    expect(before).toBe('192.0.2.2 192.0.2.3 192.0.2.1');
    reconfigure(cluster, NONE);
    expect(all(cluster)).toBe('  ');
    meanwhile(cluster);
    cluster.settle();
    reconfigure(cluster, P);
    expect(all(cluster)).toBe(before);
  });

  test('unless somebody else was given one meanwhile', () => {
    const cluster = three();
    reconfigure(cluster, NONE);
    cluster.apply({ name: 'z', age: 0, annotations: { 'metallb.io/address-pool': 'p' }, spec: {} });
    cluster.settle();
    reconfigure(cluster, { ...NONE, p: { addresses: ['192.0.2.2/32'], autoAssign: false } });
    expect(cluster.ips('ns/z')).toEqual(['192.0.2.2']);
    reconfigure(cluster, P);
    expect(all(cluster)).toBe('192.0.2.0 192.0.2.3 192.0.2.1');
  });

  test('several pools, one after the other, in whatever order they come back', () => {
    for (const back of [[P, { ...P, ...Q }], [Q, { ...P, ...Q }], [{ ...Q, ...P }]]) {
      const cluster = clusterOf({ ...P, ...Q }, { name: 'x', age: 0 }, { name: 'a', age: 3 }, { name: 'b', age: 2 });
      cluster.remove('ns/x');
      cluster.apply({ name: 'c', age: 1, annotations: { 'metallb.io/address-pool': 'q' } });
      cluster.settle();
      const before = all(cluster);
      expect(before).toBe('192.0.2.1 192.0.2.2 198.51.100.0');
      reconfigure(cluster, NONE, ...back.map((pools) => ({ ...NONE, ...pools })));
      expect(cluster.ips('ns/c')).toEqual(['198.51.100.0']);
      // Who found another pool first stays there.
      const [a, b] = [cluster.ips('ns/a')[0], cluster.ips('ns/b')[0]];
      const first = back[0] === Q ? ['198.51.100.2', '198.51.100.1'] : ['192.0.2.1', '192.0.2.2'];
      expect([a, b]).toEqual(first);
    }
  });

  test('moved from one pool to the next and left with none: it gets what the first of them to come back gave it', () => {
    const cluster = three({ ...P, ...Q });
    const inP = all(cluster);
    reconfigure(cluster, Q);
    const inQ = all(cluster);
    expect(inQ).toMatch(/^198\.51\.100\.\d 198\.51\.100\.\d 198\.51\.100\.\d$/);
    reconfigure(cluster, NONE, P);
    expect(all(cluster)).toBe(inP);
    reconfigure(cluster, NONE, Q);
    expect(all(cluster)).toBe(inQ);
  });

  test('what one had last goes before what another had earlier', () => {
    const cluster = clusterOf({ ...P, ...Q }, { name: 'old', age: 1 });
    reconfigure(cluster, Q); // it moves, and 192.0.2.0 is free for others
    cluster.apply({ name: 'young', age: 2, annotations: { 'metallb.io/address-pool': 'p' } });
    cluster.settle();
    reconfigure(cluster, { ...P, ...Q });
    expect([cluster.ips('ns/old'), cluster.ips('ns/young')]).toEqual([['198.51.100.0'], ['192.0.2.0']]);
    reconfigure(cluster, NONE, P);
    expect([cluster.ips('ns/old'), cluster.ips('ns/young')]).toEqual([['192.0.2.1'], ['192.0.2.0']]);
  });

  test('a pool that stops to admit a Service and admits it again', () => {
    const only = (namespace: string) => ({
      p: { addresses: ['192.0.2.0/29'], serviceAllocation: { namespaces: [namespace] } },
    });
    const cluster = three(only('ns'));
    const before = all(cluster);
    reconfigure(cluster, only('other'));
    expect(all(cluster)).toBe('  ');
    reconfigure(cluster, only('ns'));
    expect(all(cluster)).toBe(before);
  });

  test('a pair comes back as it was, in the order in which it was asked for', () => {
    const dual = { p: ['192.0.2.0/29', '2001:db8::/125'] };
    const cluster = clusterOf(dual, { name: 'x', age: 0, families: '46' }, { name: 'a', age: 1, families: '46' });
    cluster.remove('ns/x');
    cluster.settle();
    reconfigure(cluster, NONE, dual);
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  test('one family of a pool comes back: who prefers two gets the one that it had, and nobody else loses by that', () => {
    const dual = { p: ['192.0.2.0/29', '2001:db8::/125'] };
    const cluster = clusterOf(
      dual,
      { name: 'six', age: 0, families: '6' },
      { name: 'two', age: 1, families: '6' },
      { name: 'prefers', age: 2, families: '46' },
      { name: 'new', age: 3, families: '46', annotations: { 'metallb.io/address-pool': 'q' } },
    );
    const had = ['six', 'two', 'prefers'].map((name) => cluster.ips(`ns/${name}`));
    expect(had).toEqual([['2001:db8::'], ['2001:db8::1'], ['192.0.2.0', '2001:db8::2']]);
    reconfigure(cluster, P);
    expect(['six', 'two', 'prefers'].map((name) => cluster.ips(`ns/${name}`))).toEqual([[], [], ['192.0.2.0']]);
    // This one never had a second address, and is no reason to give away what another had.
    cluster.edit('ns/new', ({ metadata }) => {
      delete metadata.annotations['metallb.io/address-pool'];
    });
    cluster.settle();
    reconfigure(cluster, dual);
    expect(['six', 'two', 'prefers'].map((name) => cluster.ips(`ns/${name}`))).toEqual(had);
    expect(cluster.ips('ns/new')[1]).toBe('2001:db8::3');
  });

  test('a Service that is another by the same name has no such claim', () => {
    const cluster = three();
    reconfigure(cluster, NONE);
    cluster.remove('ns/a');
    cluster.apply({ name: 'a', age: 1 });
    cluster.settle();
    reconfigure(cluster, P);
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.0']);
  });

  test('a Service that was no LoadBalancer meanwhile has no such claim', () => {
    const cluster = three();
    reconfigure(cluster, NONE);
    for (const type of ['ClusterIP', 'LoadBalancer']) {
      cluster.edit('ns/a', ({ spec }) => {
        spec['type'] = type;
      });
      cluster.settle();
    }
    reconfigure(cluster, P);
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.0']);
  });
});

describe('a policy that comes and goes', () => {
  const dual = { p: ['192.0.2.0/29', '2001:db8::/125'] };

  function withPolicy(cluster: Cluster, policy: string): string[] {
    cluster.edit('ns/a', ({ spec }) => {
      spec['ipFamilyPolicy'] = policy;
    });
    cluster.settle();
    return cluster.ips('ns/a');
  }

  test('PreferDualStack to RequireDualStack and back on a pool of one family: none, then the same again', () => {
    const cluster = clusterOf(P, { name: 'x', age: 0 }, { name: 'a', age: 1, families: '46' });
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.1']);
    cluster.remove('ns/x');
    cluster.settle();
    expect(withPolicy(cluster, 'RequireDualStack')).toEqual([]);
    expect(withPolicy(cluster, 'PreferDualStack')).toEqual(['192.0.2.1']);
  });

  test('PreferDualStack to RequireDualStack where the pool has both: the one that it has is completed', () => {
    const cluster = clusterOf(P, { name: 'x', age: 0 }, { name: 'a', age: 1, families: '46' });
    cluster.remove('ns/x');
    cluster.edit('ns/a', ({ spec }) => {
      spec['ipFamilyPolicy'] = 'RequireDualStack';
    });
    cluster.configure(configOf(dual));
    cluster.settle();
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.1', '2001:db8::']);
  });

  test('RequireDualStack to PreferDualStack keeps both', () => {
    const cluster = clusterOf(dual, { name: 'a', families: '46', spec: { ipFamilyPolicy: 'RequireDualStack' } });
    const before = cluster.writes.length;
    expect(withPolicy(cluster, 'PreferDualStack')).toEqual(['192.0.2.0', '2001:db8::']);
    expect(cluster.writes).toHaveLength(before);
  });
});
