import { describe, expect, test } from 'vitest';
import { configOf, type PoolText, type ServiceSpec, service } from '../../test/objects.ts';
import { createAssigner } from './assigner.ts';
import type { Assigner } from './assigner-surface.ts';

/** An assigner that serves, and what it costs to go on from there. */
function servingOf(pools: Readonly<Record<string, PoolText>>, services: readonly ServiceSpec[]): Assigner {
  const assigner = createAssigner();
  assigner.step({ type: 'configChanged', config: configOf(pools) });
  assigner.step({ type: 'servicesSynced' });
  for (const spec of services) {
    assigner.step({ type: 'serviceChanged', service: service(spec) });
  }
  return assigner;
}

interface Cost {
  readonly looks: number;
  readonly operations: number;
}

function costOf(assigner: Assigner, act: () => void): Cost {
  const before = { looks: assigner.statistics.looks, operations: assigner.ipam.operations };
  act();
  return { looks: assigner.statistics.looks - before.looks, operations: assigner.ipam.operations - before.operations };
}

/** `count` Services, a tenth of them in each of ten namespaces. */
function many(count: number, spec: (n: number) => ServiceSpec = () => ({})): ServiceSpec[] {
  return Array.from({ length: count }, (_, n) => {
    return { name: `s${n}`, namespace: `ns${n % 10}`, age: n % 3600, ...spec(n) };
  });
}

const WIDE = { p: '10.0.0.0/16' };

describe('one Service costs the same beside 100 and beside 10,000', () => {
  test.for<[name: string, cost: (count: number) => Cost, looks: number]>([
    [
      'a label that changes',
      (count) => {
        const assigner = servingOf(WIDE, many(count));
        const changed = service({ ...many(count)[7], labels: { app: 'x' }, resourceVersion: '2' });
        return costOf(assigner, () => assigner.step({ type: 'serviceChanged', service: changed }));
      },
      1,
    ],
    [
      'a second look at one that has what it should have',
      (count) => {
        const assigner = servingOf(WIDE, many(count));
        const { key, uid } = service(many(count)[7]);
        const answer = { type: 'statusWritten', key, uid, resourceVersion: '9' } as const;
        return costOf(assigner, () => expect(assigner.step(answer)).toEqual([]));
      },
      1,
    ],
    [
      'an address that comes free while nobody waits',
      (count) => {
        const assigner = servingOf(WIDE, many(count));
        return costOf(assigner, () => assigner.step({ type: 'serviceDeleted', key: 'ns7/s7' }));
      },
      0,
    ],
    [
      'an address that comes free while all wait with sharing keys of their own',
      (count) => {
        const keyed = many(count, (n) => ({ annotations: { 'metallb.io/allow-shared-ip': `key${n}` } }));
        const assigner = servingOf({ p: '192.0.2.1/32' }, keyed);
        expect(assigner.statistics.waiting).toBe(count - 1);
        return costOf(assigner, () => assigner.step({ type: 'serviceDeleted', key: 'ns0/s0' }));
      },
      1,
    ],
    [
      'an address that comes free while all ask for that one',
      (count) => {
        const asking = many(count, (n) => ({
          spec: { loadBalancerIP: '192.0.2.1' },
          annotations: { 'metallb.io/allow-shared-ip': `key${n % 50}` },
        }));
        const assigner = servingOf({ p: '192.0.2.1/32' }, asking);
        expect(assigner.statistics.waiting).toBe(count - 1);
        return costOf(assigner, () => assigner.step({ type: 'serviceDeleted', key: 'ns0/s0' }));
      },
      1,
    ],
    [
      'an address of a pinned pool that comes free while others wait for other pools',
      (count) => {
        const pinned = (n: number) => ({
          addresses: [`192.0.2.${n}/32`],
          serviceAllocation: { namespaces: [`ns${n}`] },
        });
        const pools = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`p${n}`, pinned(n)]));
        const assigner = servingOf(pools, many(count));
        expect(assigner.statistics.waiting).toBe(count - 10);
        return costOf(assigner, () => assigner.step({ type: 'serviceDeleted', key: 'ns3/s3' }));
      },
      1,
    ],
  ])('%s', { timeout: 60_000 }, ([, cost, looks]) => {
    const [few, lots] = [cost(100), cost(10_000)];
    expect([few.looks, lots.looks]).toEqual([looks, looks]);
    expect(lots.operations).toBeLessThan(3 * few.operations + 30);
  });
});

describe('a configuration', () => {
  const teams = (...names: string[]) =>
    Object.fromEntries(
      Array.from({ length: 10 }, (_, n) => [`ns${n}`, names.includes(`ns${n}`) ? { team: 'x' } : {}] as const),
    );
  const selecting = {
    p: {
      addresses: ['10.0.0.0/16'],
      serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: 'x' } }], priority: 1 },
    },
    q: '10.1.0.0/16',
  };

  test('that says the same again, in other objects, looks at nobody and does nothing', () => {
    const assigner = servingOf(selecting, many(100));
    const again = { type: 'configChanged', config: configOf(selecting) } as const;
    expect(costOf(assigner, () => expect(assigner.step(again)).toEqual([]))).toEqual({ looks: 0, operations: 0 });
  });

  test.for([100, 10_000])('that only a Namespace’s label changes looks at its Services alone, at %i', (count) => {
    const assigner = createAssigner();
    assigner.step({ type: 'configChanged', config: configOf(selecting, teams('ns1')) });
    assigner.step({ type: 'servicesSynced' });
    for (const spec of many(count)) {
      assigner.step({ type: 'serviceChanged', service: service(spec) });
    }
    const relabelled = { type: 'configChanged', config: configOf(selecting, teams('ns1', 'ns2')) } as const;
    expect(costOf(assigner, () => assigner.step(relabelled)).looks).toBe(count / 10);
    const unlabelled = { type: 'configChanged', config: configOf(selecting, teams('ns2')) } as const;
    expect(costOf(assigner, () => assigner.step(unlabelled)).looks).toBe(count / 10);
    // They had their addresses of the pool that no longer admits them.
    expect(assigner.ipam.allocationOf('ns1/s1')?.pool).toBe('q');
  });

  test('that a Namespace’s label changes looks at nobody where no pool selects by one', () => {
    const assigner = createAssigner();
    assigner.step({ type: 'configChanged', config: configOf(WIDE, teams('ns1')) });
    assigner.step({ type: 'servicesSynced' });
    for (const spec of many(100)) {
      assigner.step({ type: 'serviceChanged', service: service(spec) });
    }
    const relabelled = { type: 'configChanged', config: configOf(WIDE, teams('ns2')) } as const;
    expect(costOf(assigner, () => assigner.step(relabelled))).toEqual({ looks: 0, operations: 0 });
  });

  test('that changes a priority alone is obeyed from then on, and looks at nobody', () => {
    const pinned = (priority: number) => ({
      p: { addresses: ['192.0.2.1/32'], serviceAllocation: { priority } },
      q: { addresses: ['192.0.2.2/32'], serviceAllocation: { priority: 5 } },
    });
    const assigner = servingOf(pinned(1), []);
    const changed = { type: 'configChanged', config: configOf(pinned(9)) } as const;
    assigner.step({ type: 'serviceChanged', service: service({ name: 'x', spec: { loadBalancerIP: '192.0.2.1' } }) });
    assigner.step({ type: 'serviceDeleted', key: 'ns/x' });
    expect(costOf(assigner, () => assigner.step(changed)).looks).toBe(0);
    assigner.step({ type: 'serviceChanged', service: service({ name: 'a' }) });
    expect(assigner.ipam.allocationOf('ns/a')?.pool).toBe('q');
  });

  test.for<[name: string, after: Readonly<Record<string, PoolText>>]>([
    ['addresses', { p: '10.0.0.0/15' }],
    ['avoidBuggyIPs', { p: { addresses: ['10.0.0.0/16'], avoidBuggyIPs: true } }],
    ['autoAssign', { p: { addresses: ['10.0.0.0/16'], autoAssign: false } }],
    ['a rule that was not there', { p: { addresses: ['10.0.0.0/16'], serviceAllocation: { namespaces: ['ns1'] } } }],
    ['service selectors', { p: { addresses: ['10.0.0.0/16'], serviceAllocation: { serviceSelectors: [{}] } } }],
    ['the name', { q: '10.0.0.0/16' }],
    ['another pool', { p: '10.0.0.0/16', q: '10.1.0.0/16' }],
    ['an error', { p: ['10.0.0.0/16', 'x'] }],
  ])('with another %s is one pass', ([, after]) => {
    const assigner = servingOf(WIDE, many(100));
    const changed = { type: 'configChanged', config: configOf(after) } as const;
    expect(costOf(assigner, () => assigner.step(changed)).looks).toBe(100);
  });

  test('that changes a pool costs a hundred times as much at 10,000 Services as at 100, not more', () => {
    const cost = (count: number) => {
      const assigner = servingOf(WIDE, many(count));
      return costOf(assigner, () => assigner.step({ type: 'configChanged', config: configOf({ p: '10.0.0.0/15' }) }));
    };
    const [few, lots] = [cost(100), cost(10_000)];
    expect([few.looks, lots.looks]).toEqual([100, 10_000]);
    expect(lots.operations / few.operations).toBeLessThan(200);
  });

  test('that brings a pool for 5,000 who wait is one look and one write each', () => {
    const assigner = servingOf({ p: { addresses: ['192.0.2.0/32'], autoAssign: false } }, many(5000));
    const { operations } = assigner.ipam;
    const effects = assigner.step({ type: 'configChanged', config: configOf(WIDE) });
    expect(effects.filter(({ type }) => type === 'writeStatus')).toHaveLength(5000);
    expect(assigner.statistics).toMatchObject({ looks: 10_000, waiting: 0 });
    expect(assigner.ipam.operations - operations).toBeLessThan(5000 * 20);
  });
});

test('what comes free is offered in turn: of 2,000 that share one key each is looked at once', () => {
  const sharer = (n: number): ServiceSpec => ({
    name: `k${n}`,
    age: n % 3600,
    ports: [{ port: n + 1 }],
    annotations: { 'metallb.io/allow-shared-ip': 'k' },
  });
  const assigner = servingOf({ p: '192.0.2.1/32' }, [
    { name: 'x', age: 0 },
    ...Array.from({ length: 2000 }, (_, n) => sharer(n)),
  ]);
  expect(assigner.statistics.waiting).toBe(2000);
  expect(costOf(assigner, () => assigner.step({ type: 'serviceDeleted', key: 'ns/x' })).looks).toBe(2000);
  expect(assigner.statistics.waiting).toBe(0);
});
