import { describe, expect, test } from 'vitest';
import { createCluster } from '../../test/cluster.ts';
import { configOf, service } from '../../test/objects.ts';
import { createAssigner } from './assigner.ts';

const P = { p: '192.0.2.0/30' };

function held(assigner: ReturnType<typeof createAssigner>): string[] {
  const texts = [...assigner.ipam.allocations()].map(({ holder, addresses }) => `${holder} ${addresses.join()}`);
  return texts.sort((a, b) => (a < b ? -1 : 1));
}

describe('an assigner that stands by', () => {
  test('from the start decides nothing, and counts what statuses show', () => {
    const assigner = createAssigner({ standby: true });
    const effects = [
      ...assigner.step({ type: 'serviceChanged', service: service({ name: 'a', ingress: [{ ip: '192.0.2.1' }] }) }),
      ...assigner.step({ type: 'serviceChanged', service: service({ name: 'b' }) }),
      ...assigner.step({ type: 'servicesSynced' }),
      ...assigner.step({ type: 'configChanged', config: configOf(P) }),
      ...assigner.step({ type: 'serviceChanged', service: service({ name: 'c', ingress: [{ ip: '192.0.2.2' }] }) }),
    ];
    expect(effects).toEqual([]);
    expect(held(assigner)).toEqual(['ns/a 192.0.2.1', 'ns/c 192.0.2.2']);
    expect(assigner.ipam.counters('p')).toMatchObject({ assignedIpv4: 2n, availableIpv4: 2n });
    expect(assigner.serving).toBe(false);
    expect(assigner.statistics).toMatchObject({ services: 3, waiting: 0, looks: 0, writesInFlight: 0, standby: true });
    expect(assigner.explain('ns/b')).toEqual({ code: 'StandingBy', message: 'another controller decides' });
  });

  test('follows what another writes: a move, a clearing, a deletion, a class, a pool', () => {
    const assigner = createAssigner({ standby: true });
    const see = (name: string, ...ips: string[]) =>
      assigner.step({ type: 'serviceChanged', service: service({ name, ingress: ips.map((ip) => ({ ip })) }) });
    assigner.step({ type: 'configChanged', config: configOf(P) });
    see('a', '192.0.2.1');
    see('b', '192.0.2.2');
    see('c', '192.0.2.3');
    assigner.step({ type: 'servicesSynced' });
    see('a', '192.0.2.0');
    see('b');
    expect(held(assigner)).toEqual(['ns/a 192.0.2.0', 'ns/c 192.0.2.3']);
    assigner.step({ type: 'serviceDeleted', key: 'ns/c' });
    see('d', '198.51.100.1');
    expect(held(assigner)).toEqual(['ns/a 192.0.2.0']);
    assigner.step({ type: 'configChanged', config: configOf({ ...P, q: '198.51.100.0/24' }) });
    expect(held(assigner)).toEqual(['ns/a 192.0.2.0', 'ns/d 198.51.100.1']);
    const other = service({ name: 'a', ingress: [{ ip: '192.0.2.0' }], spec: { loadBalancerClass: 'other' } });
    assigner.step({ type: 'serviceChanged', service: other });
    expect(held(assigner)).toEqual(['ns/d 198.51.100.1']);
  });

  test('counts an address that two show once, and still when one of them gives it up', () => {
    const assigner = createAssigner({ standby: true });
    assigner.step({ type: 'configChanged', config: configOf(P) });
    assigner.step({ type: 'servicesSynced' });
    for (const [name, age] of [
      ['a', 1],
      ['b', 2],
    ] as const) {
      assigner.step({ type: 'serviceChanged', service: service({ name, age, ingress: [{ ip: '192.0.2.1' }] }) });
    }
    expect(held(assigner)).toEqual(['ns/a 192.0.2.1']);
    assigner.step({ type: 'serviceChanged', service: service({ name: 'a', ingress: [{ ip: '192.0.2.2' }] }) });
    expect(held(assigner)).toEqual(['ns/a 192.0.2.2', 'ns/b 192.0.2.1']);
    assigner.step({ type: 'serviceChanged', service: service({ name: 'c', ingress: [{ ip: '192.0.2.1' }] }) });
    assigner.step({ type: 'serviceDeleted', key: 'ns/b' });
    expect(held(assigner)).toEqual(['ns/a 192.0.2.2', 'ns/c 192.0.2.1']);
  });
});

describe('standing down', () => {
  test('drops what no status shows, writes on their way and writes held back, and who waits', () => {
    const cluster = createCluster();
    cluster.configure(configOf({ p: '192.0.2.0/31' }));
    cluster.restart();
    cluster.apply({ name: 'shown', age: 1 });
    cluster.settle();
    cluster.apply({ name: 'in-flight', age: 2 });
    cluster.apply({ name: 'waiting', age: 3 });
    cluster.deliver();
    cluster.deliver();
    expect(cluster.assigner.statistics).toMatchObject({ writesInFlight: 1, waiting: 1 });
    cluster.standDown();
    expect(held(cluster.assigner)).toEqual(['ns/shown 192.0.2.0']);
    expect(cluster.assigner.statistics).toMatchObject({ writesInFlight: 0, waiting: 0, standby: true });
    const { assigner } = cluster;
    const uid = String(cluster.all()[1]?.metadata.uid);
    // An answer that comes late is nothing to it.
    expect(assigner.step({ type: 'statusWritten', key: 'ns/in-flight', uid, resourceVersion: '999' })).toEqual([]);
    expect(assigner.step({ type: 'retryService', key: 'ns/in-flight' })).toEqual([]);
    expect(assigner.step({ type: 'stoodDown' })).toEqual([]);
    expect(cluster.pendingWrites).toBe(0);
  });

  test('keeps what was written though the watch has not shown it yet', () => {
    const cluster = createCluster();
    cluster.configure(configOf(P));
    cluster.restart();
    cluster.apply({ name: 'a' });
    cluster.deliver();
    cluster.write();
    cluster.standDown();
    expect(held(cluster.assigner)).toEqual(['ns/a 192.0.2.0']);
    cluster.settle();
    expect(held(cluster.assigner)).toEqual(['ns/a 192.0.2.0']);
  });
});

describe('taking over', () => {
  test('claims everything recorded, the older first, before anybody is served; and writes only what is wrong', () => {
    const cluster = createCluster({ standby: true });
    cluster.configure(configOf(P));
    cluster.apply({ name: 'new', age: 0 });
    cluster.apply({ name: 'young', age: 5, ingress: [{ ip: '192.0.2.0' }] });
    cluster.apply({ name: 'old', age: 4, ingress: [{ ip: '192.0.2.0' }] });
    cluster.apply({
      name: 'right',
      age: 9,
      ingress: [{ ip: '192.0.2.1' }],
      annotations: { 'metallb.io/ip-allocated-from-pool': 'p' },
    });
    cluster.restart();
    cluster.settle();
    expect([cluster.writes, cluster.events]).toEqual([[], []]);
    cluster.takeOver();
    expect(cluster.assigner.serving).toBe(true);
    cluster.settle();
    expect(['old', 'young', 'right', 'new'].map((name) => cluster.ips(`ns/${name}`)[0])).toEqual([
      '192.0.2.0',
      '192.0.2.2',
      '192.0.2.1',
      '192.0.2.3',
    ]);
    expect(cluster.writes.map(({ key }) => key)).not.toContain('ns/right');
    const writes = cluster.writes.length;
    cluster.takeOver();
    cluster.settle();
    expect(cluster.writes).toHaveLength(writes);
  });

  test('before everything is known serves nobody until it is', () => {
    const cluster = createCluster({ standby: true });
    cluster.apply({ name: 'a' });
    cluster.takeOver();
    expect(cluster.assigner.serving).toBe(false);
    cluster.configure(configOf(P));
    cluster.deliver();
    expect(cluster.pendingWrites).toBe(0);
    cluster.restart();
    cluster.takeOver();
    cluster.settle();
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.0']);
  });

  test('goes on from what another has decided meanwhile', () => {
    const cluster = createCluster();
    cluster.configure(configOf(P));
    cluster.restart();
    cluster.apply({ name: 'a', age: 1 });
    cluster.settle();
    cluster.standDown();
    cluster.edit('ns/a', ({ status }) => {
      status.loadBalancer = { ingress: [{ ip: '192.0.2.3' }] };
    });
    cluster.apply({ name: 'b', age: 0 });
    cluster.settle();
    cluster.takeOver();
    cluster.settle();
    expect([cluster.ips('ns/a'), cluster.ips('ns/b')]).toEqual([['192.0.2.3'], ['192.0.2.0']]);
  });

  test('a Service that lost its address to a pool that went away before gets it again', () => {
    const cluster = createCluster();
    cluster.configure(configOf(P));
    cluster.restart();
    cluster.apply({ name: 'x', age: 0 });
    cluster.apply({ name: 'a', age: 1 });
    cluster.settle();
    cluster.configure(configOf({}));
    cluster.settle();
    cluster.standDown();
    cluster.remove('ns/x');
    cluster.configure(configOf(P));
    cluster.settle();
    cluster.takeOver();
    cluster.settle();
    expect(cluster.ips('ns/a')).toEqual(['192.0.2.1']);
  });
});
