import { describe, expect, test } from 'vitest';
import { type Cluster, createCluster } from '../../test/cluster.ts';
import { configOf, type PoolText, type ServiceSpec, service } from '../../test/objects.ts';
import { createAssigner } from './assigner.ts';

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

function reasons(cluster: Cluster, key: string): string[] {
  return cluster.events.filter((posted) => posted.key === key).map(({ event }) => event.reason);
}

const P = { p: '192.0.2.0/24' };
const ONE = { p: '192.0.2.1/32' };

describe('starting', () => {
  test('nobody is served before all Services and a configuration are known', () => {
    const assigner = createAssigner();
    const changed = { type: 'serviceChanged', service: service() } as const;
    expect(assigner.step(changed)).toEqual([]);
    expect(assigner.step({ type: 'configChanged', config: undefined })).toEqual([]);
    expect(assigner.step({ type: 'servicesSynced' })).toEqual([]);
    expect(assigner.serving).toBe(false);
    expect(assigner.explain('ns/a')?.code).toBe('ConfigurationUnknown');
    expect(assigner.step({ type: 'configChanged', config: configOf(P) }).map((effect) => effect.type)).toEqual([
      'writeStatus',
      'postEvent',
    ]);
    expect(assigner.explain('ns/a')?.code).toBe('Assigned');
  });

  test('the status leaves in the step that brings the Service, before the Event', () => {
    const assigner = createAssigner();
    assigner.step({ type: 'configChanged', config: configOf(P) });
    assigner.step({ type: 'servicesSynced' });
    expect(assigner.step({ type: 'serviceChanged', service: service({ resourceVersion: '7' }) })).toMatchObject([
      {
        type: 'writeStatus',
        service: { key: 'ns/a', namespace: 'ns', name: 'a', uid: 'uid-ns-a' },
        resourceVersion: '7',
        write: { ingress: [{ ip: '192.0.2.0' }] },
        because: { code: 'Assigned' },
      },
      { type: 'postEvent', service: { key: 'ns/a' }, event: { reason: 'IPAllocated' } },
    ]);
  });

  test('a restart keeps every address, serves who waits, and writes nothing else', () => {
    const cluster = clusterOf(P, ...[1, 2, 3, 4].map((n) => ({ name: `a${n}`, age: n })));
    cluster.remove('ns/a1');
    cluster.settle();
    cluster.apply({ name: 'new', age: 0 });
    const before = cluster.writes.length;
    cluster.restart();
    cluster.settle();
    expect(cluster.writes.slice(before)).toEqual([{ key: 'ns/new', ingress: ['192.0.2.0'] }]);
    expect(['a2', 'a3', 'a4'].map((name) => cluster.ips(`ns/${name}`))).toEqual([
      ['192.0.2.1'],
      ['192.0.2.2'],
      ['192.0.2.3'],
    ]);
  });

  test('of two Services recorded with one address the older keeps it, whatever their names and order', () => {
    for (const [older, younger] of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      const ingress = [{ ip: '192.0.2.1' }];
      const cluster = createCluster();
      cluster.configure(configOf(P));
      cluster.apply({ name: older, age: 1, ingress });
      cluster.apply({ name: younger, age: 2, ingress });
      cluster.restart();
      cluster.settle();
      expect([cluster.ips(`ns/${older}`), cluster.ips(`ns/${younger}`)]).toEqual([['192.0.2.1'], ['192.0.2.0']]);
      expect(reasons(cluster, `ns/${younger}`)).toEqual(['ClearAssignment', 'IPAllocated']);
    }
  });

  test('one recorded with a foreign address takes nobody’s', () => {
    const cluster = createCluster();
    cluster.configure(configOf({ p: '192.0.2.0/30' }));
    cluster.apply({ name: 'x', age: 0, ingress: [{ ip: '10.0.0.1' }] });
    for (const n of [0, 1, 2]) {
      cluster.apply({ name: `a${n}`, age: n + 1, ingress: [{ ip: `192.0.2.${n}` }] });
    }
    cluster.restart();
    cluster.settle();
    expect([0, 1, 2].map((n) => cluster.ips(`ns/a${n}`))).toEqual([['192.0.2.0'], ['192.0.2.1'], ['192.0.2.2']]);
    expect(cluster.ips('ns/x')).toEqual(['192.0.2.3']);
  });

  test('what changed while nobody looked is applied: a type change, a deletion, a request', () => {
    const cluster = clusterOf({ p: '192.0.2.0/30' }, ...[1, 2, 3].map((n) => ({ name: `a${n}`, age: n })));
    cluster.edit('ns/a1', ({ spec }) => {
      spec['type'] = 'ClusterIP';
    });
    cluster.remove('ns/a2');
    cluster.apply({ name: 'new', age: 9, spec: { loadBalancerIP: '192.0.2.1' } });
    cluster.restart();
    cluster.settle();
    expect(['a1', 'a3', 'new'].map((name) => cluster.ips(`ns/${name}`))).toEqual([[], ['192.0.2.2'], ['192.0.2.1']]);
    expect(cluster.annotation('ns/a1', 'metallb.io/ip-allocated-from-pool')).toBeUndefined();
  });

  test('a configuration that cannot be read takes nothing away, at the start or later', () => {
    const unknown = { completeness: 'unknown' as const, pools: new Map() };
    const cluster = clusterOf(P, { name: 'a' });
    const before = cluster.writes.length;
    cluster.configure(unknown);
    cluster.configure(undefined);
    cluster.settle();
    expect(cluster.assigner.serving).toBe(true);
    cluster.configure(unknown);
    cluster.restart();
    cluster.settle();
    expect(cluster.assigner.serving).toBe(false);
    expect(cluster.writes).toHaveLength(before);
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.0']);
  });

  test('a pool that is present but invalid keeps its holders over a restart', () => {
    const cluster = clusterOf({ p: '192.0.2.0/24', q: '198.51.100.0/24' }, { name: 'a' });
    const before = cluster.writes.length;
    cluster.configure(configOf({ p: 'garbage', q: '198.51.100.0/24' }));
    cluster.settle();
    cluster.restart();
    cluster.settle();
    expect(cluster.writes).toHaveLength(before);
    cluster.apply({ name: 'b' });
    cluster.settle();
    expect([cluster.ips('ns/a'), cluster.ips('ns/b')]).toEqual([['192.0.2.0'], ['198.51.100.0']]);
  });
});

describe('what comes free', () => {
  test.for<[name: string, free: (cluster: Cluster) => void]>([
    ['by deletion', (cluster) => cluster.remove('ns/a')],
    [
      'by a change of type',
      (cluster) =>
        cluster.edit('ns/a', ({ spec }) => {
          spec['type'] = 'ClusterIP';
        }),
    ],
    [
      'by a change of class',
      (cluster) =>
        cluster.edit('ns/a', ({ spec }) => {
          spec['loadBalancerClass'] = 'other';
        }),
    ],
    [
      'by a move to another pool',
      (cluster) =>
        cluster.edit('ns/a', ({ metadata }) => {
          metadata.annotations['metallb.io/address-pool'] = 'q';
        }),
    ],
    ['by a larger pool', (cluster) => cluster.configure(configOf({ p: '192.0.2.0/31' }))],
  ])('%s goes to the oldest that waits', ([, free]) => {
    const manual = { ...ONE, q: { addresses: ['198.51.100.0/24'], autoAssign: false } };
    const cluster = clusterOf(manual, { name: 'a', age: 1 }, { name: 'young', age: 9 }, { name: 'old', age: 2 });
    expect(cluster.assigner.statistics.waiting).toBe(2);
    free(cluster);
    cluster.settle();
    expect([cluster.ips('ns/old').length, cluster.ips('ns/young')]).toEqual([1, []]);
    expect(cluster.assigner.statistics.waiting).toBe(1);
  });

  test('goes to who asks for it, if that is the oldest', () => {
    const cluster = clusterOf({ p: '192.0.2.0/31' }, { name: 'a', age: 1 }, { name: 'b', age: 2 });
    cluster.apply({ name: 'c', age: 4 });
    cluster.apply({ name: 'd', age: 3, spec: { loadBalancerIP: '192.0.2.1' } });
    cluster.settle();
    cluster.remove('ns/a');
    cluster.settle();
    expect([cluster.ips('ns/c'), cluster.ips('ns/d')]).toEqual([['192.0.2.0'], []]);
    cluster.remove('ns/b');
    cluster.settle();
    expect(cluster.ips('ns/d')).toEqual(['192.0.2.1']);
  });

  test.for<[family: string, addresses: string[], older: string, freed: string]>([
    ['IPv4', ['192.0.2.1-192.0.2.2'], '192.0.2.1', '192.0.2.2'],
    ['IPv6', ['2001:db8::1-2001:db8::2'], '2001:db8::1', '2001:db8::2'],
  ])('of %s passes by an older Service that lacks only the other family', ([, addresses, older, freed]) => {
    const inPool = { annotations: { 'metallb.io/address-pool': 'p' } };
    const cluster = clusterOf({ p: addresses }, { name: 'half', age: 1, families: '46', ...inPool });
    cluster.apply({ name: 'whole', age: 2, families: freed.includes(':') ? '6' : '4', ...inPool });
    cluster.settle();
    cluster.apply({ name: 'pending', age: 3, families: '46', ...inPool });
    cluster.settle();
    expect(cluster.assigner.explain('ns/half')?.code).toBe('SecondFamilyUnavailable');
    expect([cluster.ips('ns/half'), cluster.ips('ns/pending')]).toEqual([[older], []]);
    cluster.remove('ns/whole');
    cluster.settle();
    expect(cluster.ips('ns/pending')).toEqual([freed]);
  });

  test('goes to a Service that kept another address while it waited, and whose own goes on to the next', () => {
    const cluster = clusterOf(
      { p: '192.0.2.0/31' },
      { name: 'a', age: 1 },
      { name: 'b', age: 2 },
      { name: 'c', age: 3 },
    );
    cluster.edit('ns/b', ({ metadata }) => {
      metadata.annotations['metallb.io/loadBalancerIPs'] = '192.0.2.0';
    });
    cluster.settle();
    expect(cluster.ips('ns/b')).toEqual(['192.0.2.1']);
    cluster.remove('ns/a');
    cluster.settle();
    expect([cluster.ips('ns/b'), cluster.ips('ns/c')]).toEqual([['192.0.2.0'], ['192.0.2.1']]);
  });

  test('is offered to sharers too: a key that changes, a port given up, a new neighbour with their key', () => {
    const key = { 'metallb.io/allow-shared-ip': 'k' };
    const sharer = (name: string, age: number, port: number) => ({ name, age, annotations: key, ports: [{ port }] });
    const cluster = clusterOf(
      ONE,
      { name: 'a', age: 1, ports: [{ port: 80 }] },
      sharer('b', 2, 81),
      sharer('c', 3, 80),
    );
    expect([cluster.ips('ns/b'), cluster.ips('ns/c')]).toEqual([[], []]);
    cluster.edit('ns/a', ({ metadata }) => {
      Object.assign(metadata.annotations, key);
    });
    cluster.settle();
    expect([cluster.ips('ns/b'), cluster.ips('ns/c')]).toEqual([['192.0.2.1'], []]);
    cluster.edit('ns/a', ({ spec }) => {
      spec['ports'] = [{ protocol: 'TCP', port: 82 }];
    });
    cluster.settle();
    expect(cluster.ips('ns/c')).toEqual(['192.0.2.1']);

    const other = clusterOf(ONE, { name: 'x', age: 0 }, sharer('b', 2, 81), sharer('c', 3, 82));
    other.remove('ns/x');
    other.settle();
    expect([other.ips('ns/b'), other.ips('ns/c')]).toEqual([['192.0.2.1'], ['192.0.2.1']]);
  });

  test('a pool made again gives its Services the addresses that they had, before anybody else is served', () => {
    const two = { p: '192.0.2.0/31' };
    const cluster = clusterOf(two, { name: 'x', age: 1 }, { name: 'b', age: 3 }, { name: 'a', age: 2 });
    cluster.remove('ns/x');
    cluster.settle();
    expect([cluster.ips('ns/b'), cluster.ips('ns/a')]).toEqual([['192.0.2.1'], ['192.0.2.0']]);
    cluster.configure(configOf({ other: { addresses: ['198.51.100.0/32'], autoAssign: false } }));
    cluster.settle();
    expect([cluster.ips('ns/b'), cluster.ips('ns/a')]).toEqual([[], []]);
    cluster.remove('ns/a');
    cluster.apply({ name: 'old', age: 0 });
    cluster.apply({ name: 'older', age: 0 });
    cluster.settle();
    cluster.configure(configOf(two));
    cluster.settle();
    expect(['b', 'old', 'older'].map((name) => cluster.ips(`ns/${name}`))).toEqual([['192.0.2.1'], ['192.0.2.0'], []]);
  });

  test('an empty configuration clears everybody, and pools that come back give back', () => {
    const cluster = clusterOf(P, { name: 'a', age: 1 }, { name: 'b', age: 2 });
    cluster.configure(configOf({}));
    cluster.settle();
    expect([cluster.ips('ns/a'), cluster.ips('ns/b')]).toEqual([[], []]);
    cluster.configure(configOf(P));
    cluster.settle();
    expect([cluster.ips('ns/a'), cluster.ips('ns/b')]).toEqual([['192.0.2.0'], ['192.0.2.1']]);
  });
});

describe('writes', () => {
  test('a watch event older than our own write changes nothing and is answered with nothing', () => {
    const cluster = clusterOf(P);
    cluster.apply({ name: 'a' });
    cluster.deliver();
    cluster.edit('ns/a', ({ metadata }) => {
      metadata.annotations['example.org/x'] = '1';
    });
    cluster.deliver();
    cluster.write();
    expect(cluster.writes).toHaveLength(0); // the first write was for an older version
    cluster.settle();
    expect(cluster.writes).toEqual([{ key: 'ns/a', ingress: ['192.0.2.0'] }]);
    expect(reasons(cluster, 'ns/a')).toEqual(['IPAllocated']);
  });

  test('nothing is written twice while an answer is awaited, whatever the watch repeats', () => {
    const assigner = createAssigner();
    assigner.step({ type: 'servicesSynced' });
    assigner.step({ type: 'configChanged', config: configOf(P) });
    const stale = { type: 'serviceChanged', service: service({ resourceVersion: '5' }) } as const;
    expect(assigner.step(stale)).toHaveLength(2);
    expect(assigner.step(stale)).toEqual([]);
    expect(assigner.step({ type: 'statusWritten', key: 'ns/a', uid: 'uid-ns-a', resourceVersion: '9' })).toEqual([]);
    expect(assigner.step(stale)).toEqual([]); // late, from before the write
    expect(assigner.statistics.writesInFlight).toBe(0);
  });

  test('the watch may show our write before its answer comes', () => {
    const cluster = clusterOf(P);
    const assigner = cluster.assigner;
    assigner.step({ type: 'serviceChanged', service: service({ resourceVersion: '5' }) });
    const annotations = { 'metallb.io/ip-allocated-from-pool': 'p' };
    const seen = service({ resourceVersion: '9', ingress: [{ ip: '192.0.2.0', ipMode: 'VIP' }], annotations });
    expect(assigner.step({ type: 'serviceChanged', service: seen })).toEqual([]);
    expect(assigner.step({ type: 'statusWritten', key: 'ns/a', uid: 'uid-ns-a', resourceVersion: '9' })).toEqual([]);
  });

  test('a conflict is written again when the newer Service comes, or after a while', () => {
    const assigner = createAssigner();
    assigner.step({ type: 'servicesSynced' });
    assigner.step({ type: 'configChanged', config: configOf(P) });
    assigner.step({ type: 'serviceChanged', service: service({ resourceVersion: '5' }) });
    const conflict = { type: 'statusConflict', key: 'ns/a', uid: 'uid-ns-a' } as const;
    expect(assigner.step(conflict)).toEqual([{ type: 'retryLater', key: 'ns/a' }]);
    expect(assigner.step({ type: 'serviceChanged', service: service({ resourceVersion: '6' }) })).toMatchObject([
      { type: 'writeStatus', resourceVersion: '6', write: { ingress: [{ ip: '192.0.2.0' }] } },
    ]);
    assigner.step(conflict);
    expect(assigner.step({ type: 'retryService', key: 'ns/a' })).toMatchObject([
      { type: 'writeStatus', resourceVersion: '6' },
    ]);
  });

  test('a write that failed is tried again, once it is said that it may, and the address is still held', () => {
    const cluster = clusterOf(P);
    cluster.apply({ name: 'a' });
    cluster.deliver();
    cluster.write('failed');
    expect([cluster.pendingWrites, cluster.writes.length]).toEqual([0, 0]);
    cluster.apply({ name: 'b' });
    cluster.settle();
    expect([cluster.ips('ns/a'), cluster.ips('ns/b')]).toEqual([['192.0.2.0'], ['192.0.2.1']]);
  });

  test('a write whose answer was lost is not made again', () => {
    const cluster = clusterOf(P);
    cluster.apply({ name: 'a' });
    cluster.deliver();
    cluster.write('lost');
    cluster.settle();
    expect(cluster.writes).toEqual([{ key: 'ns/a', ingress: ['192.0.2.0'] }]);
  });

  test('a Service deleted and made again while a write is on its way gets one of its own', () => {
    const cluster = clusterOf({ p: '192.0.2.0/31' });
    for (let i = 0; i < 3; i++) {
      cluster.apply({ name: 'a' });
      cluster.deliver();
      cluster.remove('ns/a');
    }
    cluster.apply({ name: 'a' });
    cluster.apply({ name: 'b' });
    cluster.settle();
    expect([cluster.ips('ns/a'), cluster.ips('ns/b')]).toEqual([['192.0.2.0'], ['192.0.2.1']]);
    expect(cluster.assigner.statistics).toMatchObject({ services: 2, waiting: 0, writesInFlight: 0 });
  });

  test('a Service of another uid under a known key is another Service', () => {
    const assigner = createAssigner();
    assigner.step({ type: 'servicesSynced' });
    assigner.step({ type: 'configChanged', config: configOf(P) });
    assigner.step({ type: 'serviceChanged', service: service({ resourceVersion: '5' }) });
    const effects = assigner.step({ type: 'serviceChanged', service: service({ resourceVersion: '6', uid: 'other' }) });
    expect(effects).toMatchObject([{ type: 'writeStatus', service: { uid: 'other' } }, { type: 'postEvent' }]);
    expect(assigner.step({ type: 'statusWritten', key: 'ns/a', uid: 'uid-ns-a', resourceVersion: '7' })).toEqual([]);
    expect(assigner.statistics.writesInFlight).toBe(1);
  });
});

describe('Events', () => {
  test('what still is so is not posted again, and is when it comes to be so again', () => {
    const cluster = clusterOf(ONE, { name: 'a', age: 1 }, { name: 'b', age: 2 });
    const touch = () => {
      cluster.edit('ns/b', ({ metadata }) => {
        metadata.annotations['example.org/n'] = String(cluster.events.length);
      });
      cluster.settle();
    };
    touch();
    touch();
    expect(reasons(cluster, 'ns/b')).toEqual(['AllocationFailed']);
    cluster.remove('ns/a');
    cluster.settle();
    cluster.edit('ns/b', ({ spec }) => {
      spec['loadBalancerIP'] = '10.0.0.1';
    });
    cluster.settle();
    expect(reasons(cluster, 'ns/b')).toEqual(['AllocationFailed', 'IPAllocated', 'AllocationFailed']);
  });

  test('PreferDualStack on a pool of one family says so once', () => {
    const cluster = clusterOf(P, { name: 'a', families: '46' });
    cluster.edit('ns/a', ({ metadata }) => {
      metadata.annotations['example.org/x'] = '1';
    });
    cluster.settle();
    expect(reasons(cluster, 'ns/a')).toEqual(['IPAllocated', 'AdditionalAssignFailed']);
    cluster.configure(configOf({ p: ['192.0.2.0/24', '2001:db8::/64'] }));
    cluster.settle();
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.0', '2001:db8::']);
  });
});

describe('loadBalancerClass', () => {
  test('Services of another class are left alone, whatever they show', () => {
    const cluster = clusterOf(P, { name: 'a', spec: { loadBalancerClass: 'other' }, ingress: [{ ip: '10.0.0.1' }] });
    expect([cluster.writes, cluster.events]).toEqual([[], []]);
    expect(cluster.assigner.explain('ns/a')).toEqual({
      code: 'OtherLoadBalancerClass',
      message: 'its loadBalancerClass is "other"',
    });
  });

  test('with a class of our own, that class is served and no other', () => {
    const cluster = createCluster({ loadBalancerClass: 'mine' });
    cluster.configure(configOf(P));
    cluster.restart();
    cluster.apply({ name: 'a', spec: { loadBalancerClass: 'mine' } });
    cluster.apply({ name: 'b' });
    cluster.settle();
    expect([cluster.ips('ns/a'), cluster.ips('ns/b')]).toEqual([['192.0.2.0'], []]);
  });

  test('one that was ours and gets another class is cleared, also if the first write comes too late', () => {
    const cluster = clusterOf(P, { name: 'a' });
    cluster.edit('ns/a', ({ spec }) => {
      spec['loadBalancerClass'] = 'other';
    });
    cluster.deliver();
    cluster.edit('ns/a', ({ metadata }) => {
      metadata.annotations['example.org/x'] = '1';
    });
    cluster.settle();
    expect(cluster.ips('ns/a')).toEqual([]);
    cluster.edit('ns/a', ({ status }) => {
      status.loadBalancer = { ingress: [{ ip: '192.0.2.0' }] };
    });
    cluster.settle();
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.0']); // now it is another's
  });

  test('one that was ours and turns ClusterIP, so that the API server wipes its class, is freed', () => {
    const cluster = createCluster({ loadBalancerClass: 'mine' });
    cluster.configure(configOf(ONE));
    cluster.restart();
    cluster.apply({ name: 'a', age: 1, spec: { loadBalancerClass: 'mine' } });
    cluster.apply({ name: 'b', age: 2, spec: { loadBalancerClass: 'mine' } });
    cluster.settle();
    cluster.edit('ns/a', ({ spec }) => {
      spec['type'] = 'ClusterIP';
      delete spec['loadBalancerClass'];
    });
    cluster.settle();
    expect([cluster.ips('ns/a'), cluster.ips('ns/b')]).toEqual([[], ['192.0.2.1']]);
    expect(cluster.annotation('ns/a', 'metallb.io/ip-allocated-from-pool')).toBeUndefined();
  });
});

describe('work', () => {
  /** What one Service that comes and one that goes cost beside `count` that have and `count` that wait. */
  function cost(count: number): { looks: number; operations: number } {
    const assigner = createAssigner();
    const pools = { p: `10.0.0.0-10.0.${(count - 1) >> 8}.${(count - 1) & 255}` };
    assigner.step({ type: 'configChanged', config: configOf(pools) });
    assigner.step({ type: 'servicesSynced' });
    for (let n = 0; n < 2 * count; n++) {
      assigner.step({ type: 'serviceChanged', service: service({ name: `s${n}`, age: n % 3600 }) });
    }
    expect(assigner.statistics).toMatchObject({ services: 2 * count, waiting: count });
    const before = { looks: assigner.statistics.looks, operations: assigner.ipam.operations };
    assigner.step({ type: 'serviceChanged', service: service({ name: 'new', age: 3599 }) });
    assigner.step({ type: 'serviceDeleted', key: 's7' });
    assigner.step({ type: 'serviceDeleted', key: `ns/s${count >> 1}` });
    return {
      looks: assigner.statistics.looks - before.looks,
      operations: assigner.ipam.operations - before.operations,
    };
  }

  test('a Service that comes or goes costs looks at two or three, not at all of them', () => {
    const [few, many] = [cost(100), cost(10_000)];
    expect(few.looks).toBeLessThanOrEqual(3);
    expect(many.looks).toBe(few.looks);
    expect(many.operations).toBeLessThan(3 * few.operations + 30);
  }, 120_000);

  test('a pool edit is one pass, and one write for each Service that waited', () => {
    const cluster = clusterOf(
      { p: { addresses: ['192.0.2.0/32'], autoAssign: false } },
      ...Array.from({ length: 300 }, (_, n) => ({ name: `s${n}`, age: n })),
    );
    const looks = cluster.assigner.statistics.looks;
    cluster.configure(configOf({ p: '10.0.0.0/24' }));
    expect(cluster.assigner.statistics.looks - looks).toBe(300);
    cluster.settle();
    expect(cluster.writes).toHaveLength(256);
  });
});
