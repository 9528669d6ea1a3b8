import { parseIp } from '@steelyard/ipam';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Answer, type Cluster, createCluster, type StoredService } from '../../test/cluster.ts';
import { configOf, type PoolText, type ServiceSpec } from '../../test/objects.ts';

const BLOCKS: readonly (readonly string[])[] = [
  ['192.0.2.0/31'],
  ['192.0.2.2-192.0.2.4'],
  ['198.51.100.254-198.51.101.1', '2001:db8::/127'],
  ['2001:db8::8/126', '203.0.113.7/32'],
];
const ADDRESSES = ['192.0.2.0', '192.0.2.3', '198.51.100.255', '2001:db8::', '203.0.113.7', '10.0.0.1'];

/** Up to four pools of disjoint addresses under names that change; one may be broken, one hidden, one for a namespace. */
const pools = fc
  .record({
    blocks: fc.subarray([0, 1, 2, 3], { minLength: 0 }),
    names: fc.shuffledSubarray(['p', 'q', 'r', 's'], { minLength: 4 }),
    broken: fc.constantFrom(-1, -1, -1, 0, 1),
    hidden: fc.constantFrom(-1, -1, 1, 2),
    pinned: fc.constantFrom(-1, -1, 0, 2),
    merged: fc.boolean(),
    avoidBuggyIPs: fc.constantFrom(false, false, true),
  })
  .map(({ blocks, names, broken, hidden, pinned, merged, avoidBuggyIPs }) => {
    const groups =
      merged && blocks.length > 1 ? [blocks.slice(0, 2), ...blocks.slice(2).map((b) => [b])] : blocks.map((b) => [b]);
    const result: Record<string, PoolText> = {};
    for (const [index, group] of groups.entries()) {
      const addresses = group.flatMap((block) => BLOCKS[block] ?? []);
      result[names[index] ?? ''] = {
        addresses: index === broken ? [...addresses, 'garbage'] : addresses,
        autoAssign: index !== hidden,
        avoidBuggyIPs,
        ...(index === pinned ? { serviceAllocation: { namespaces: ['ns'], priority: index } } : {}),
      };
    }
    return result;
  });

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
const spec: fc.Arbitrary<ServiceSpec> = fc.record({
  name,
  namespace: fc.constantFrom('ns', 'ns', 'other'),
  age: fc.integer({ min: 0, max: 50 }),
  families: fc.constantFrom<NonNullable<ServiceSpec['families']>>('4', '4', '4', '6', '46', '64'),
  ports: fc.constantFrom(
    [{ protocol: 'TCP', port: 80 }],
    [{ protocol: 'TCP', port: 81 }],
    [
      { protocol: 'TCP', port: 80 },
      { protocol: 'UDP', port: 53 },
    ],
  ),
  annotations: fc.constantFrom<Record<string, string>>(
    {},
    {},
    { 'metallb.io/allow-shared-ip': 'k' },
    { 'metallb.io/allow-shared-ip': 'l' },
    { 'metallb.io/address-pool': 'p' },
    { 'metallb.io/loadBalancerIPs': '192.0.2.3' },
  ),
});
const edit = fc.constantFrom<(stored: StoredService) => void>(
  ({ spec: fields }) => {
    fields['type'] = fields['type'] === 'ClusterIP' ? 'LoadBalancer' : 'ClusterIP';
  },
  ({ spec: fields }) => {
    fields['loadBalancerClass'] = fields['loadBalancerClass'] === undefined ? 'other' : undefined;
  },
  ({ spec: fields }) => {
    fields['ports'] = [{ protocol: 'TCP', port: 82 }];
  },
  ({ spec: fields }) => {
    fields['externalTrafficPolicy'] = fields['externalTrafficPolicy'] === 'Local' ? 'Cluster' : 'Local';
  },
  ({ metadata }) => {
    metadata.annotations['metallb.io/allow-shared-ip'] = 'k';
  },
  ({ metadata }) => {
    delete metadata.annotations['metallb.io/allow-shared-ip'];
  },
  ({ metadata }) => {
    metadata.annotations['metallb.io/address-pool'] = 'q';
  },
  ({ metadata }) => {
    metadata.annotations['metallb.io/loadBalancerIPs'] = '192.0.2.0';
  },
  ({ metadata }) => {
    metadata.annotations['metallb.io/loadBalancerIPs'] = 'x';
  },
  ({ metadata }) => {
    delete metadata.annotations['metallb.io/loadBalancerIPs'];
  },
  (stored) => {
    stored.status = { loadBalancer: { ingress: [{ ip: ADDRESSES[Number(stored.metadata.resourceVersion) % 6] }] } };
  },
  (stored) => {
    stored.status = { loadBalancer: {} };
  },
);
const key = fc.tuple(fc.constantFrom('ns', 'other'), name).map((parts) => parts.join('/'));
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('apply' as const), spec }) },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('edit' as const), key, edit }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), key }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('configure' as const), pools }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('write' as const),
      answer: fc.constantFrom<Answer>('written', 'written', 'lost', 'failed'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

function shown(stored: StoredService): string[] {
  return (stored.status.loadBalancer.ingress ?? []).map(({ ip }) => String(ip));
}

/** A Service that is ours, and what it shows. */
function served(stored: StoredService): boolean {
  return stored.spec['type'] === 'LoadBalancer' && stored.spec['loadBalancerClass'] === undefined;
}

/** The rules of sharing, written once more from the objects. */
function mayShare(a: StoredService, b: StoredService): boolean {
  const facts = ({ metadata, spec: fields }: StoredService) => ({
    key: new Map(Object.entries(metadata.annotations)).get('metallb.io/allow-shared-ip') ?? '',
    backend: fields['externalTrafficPolicy'] === 'Local' ? JSON.stringify(fields['selector']) : '',
    ports: (fields['ports'] as { protocol: string; port: number }[]).map((port) => `${port.protocol}${port.port}`),
  });
  const [one, other] = [facts(a), facts(b)];
  return (
    one.key !== '' &&
    one.key === other.key &&
    one.backend === other.backend &&
    !one.ports.some((port) => other.ports.includes(port))
  );
}

/** What must hold when nothing is on its way. */
function checkAtRest(cluster: Cluster, current: Readonly<Record<string, PoolText>>): void {
  const ours = cluster.all().filter(served);
  const config = configOf(current);
  const ranges = [...config.pools.values()].flatMap((pool) => pool.ranges);
  for (const ip of config.completeness === 'complete' ? ours.flatMap(shown) : []) {
    const address = parseIp(ip);
    const inPool = ranges.some(
      (r) => r.family === address?.family && r.first <= address.value && address.value <= r.last,
    );
    expect(inPool, `${ip} is in a pool`).toBe(true);
  }
  for (const [index, stored] of ours.entries()) {
    for (const other of ours.slice(index + 1)) {
      const common = shown(stored).filter((ip) => shown(other).includes(ip));
      expect(common.length === 0 || mayShare(stored, other), `${stored.key} and ${other.key} both have ${common}`).toBe(
        true,
      );
    }
    const allocation = cluster.assigner.ipam.allocationOf(stored.key);
    expect(shown(stored), `what ${stored.key} shows is what it holds`).toEqual(allocation?.addresses ?? []);
    if (allocation !== undefined && Object.keys(current).length > 0) {
      const label = stored.metadata.annotations['metallb.io/ip-allocated-from-pool'];
      expect(label ?? '').toBe(allocation.pool);
    }
  }
  for (const stored of cluster.all().filter((one) => one.spec['type'] !== 'LoadBalancer')) {
    expect(shown(stored)).toEqual([]);
  }
  expect(cluster.assigner.statistics.writesInFlight).toBe(0);

  // Nobody waits for something that is there: a look at each, and at all after a restart, changes nothing.
  const before = cluster.writes.length;
  for (const { key: one } of ours) {
    cluster.edit(one, ({ metadata }) => {
      metadata.annotations['example.org/seen'] = String(before);
    });
  }
  cluster.settle();
  expect(cluster.writes.slice(before), 'a second look writes nothing').toEqual([]);
}

interface Rest {
  readonly shown: ReadonlyMap<
    string,
    { readonly uid: string; readonly ips: readonly string[]; readonly wishes: boolean }
  >;
  readonly touched: Set<string>;
  reconfigured: boolean;
}

function restOf(cluster: Cluster): Rest {
  const entries = cluster
    .all()
    .filter(served)
    .map((stored) => {
      const code = cluster.assigner.explain(stored.key)?.code ?? '';
      return [stored.key, { uid: stored.metadata.uid, ips: shown(stored), wishes: code === 'RequestRefused' }] as const;
    });
  return { shown: new Map(entries), touched: new Set(), reconfigured: false };
}

/** While the pools stay as they are, who was not touched keeps what it had; it may only gain a second family. */
function checkNothingLost(cluster: Cluster, rest: Rest): void {
  for (const stored of cluster.all().filter(served)) {
    const before = rest.shown.get(stored.key);
    const untouched = before?.uid === stored.metadata.uid && !rest.touched.has(stored.key) && !before.wishes;
    if (untouched && !rest.reconfigured) {
      expect(shown(stored).slice(0, before.ips.length), `${stored.key} keeps its addresses`).toEqual(before.ips);
    }
  }
}

function perform(cluster: Cluster, act: Action, rest: Rest): void {
  switch (act.type) {
    case 'apply':
      rest.touched.add(`${act.spec.namespace}/${act.spec.name}`);
      cluster.apply(act.spec);
      break;
    case 'edit':
      rest.touched.add(act.key);
      cluster.edit(act.key, act.edit);
      break;
    case 'remove':
      cluster.remove(act.key);
      break;
    case 'configure':
      rest.reconfigured = true;
      cluster.configure(configOf(act.pools));
      break;
    case 'deliver':
      for (let i = 0; i < act.count; i++) {
        cluster.deliver();
      }
      break;
    case 'write':
      cluster.write(act.answer);
      break;
    case 'restart':
      cluster.restart();
      break;
    case 'settle':
      cluster.settle();
      break;
  }
}

test('over random histories no address is given twice, none outside the pools, and nobody loses one or waits in vain', () => {
  void fc.assert(
    fc.property(pools, fc.array(action, { minLength: 10, maxLength: 40 }), (first, actions) => {
      const cluster = createCluster();
      let current = first;
      cluster.configure(configOf(first));
      cluster.restart();
      let rest = restOf(cluster);
      for (const act of [
        ...actions,
        { type: 'settle' as const },
        { type: 'restart' as const },
        { type: 'settle' as const },
      ]) {
        perform(cluster, act, rest);
        current = act.type === 'configure' ? act.pools : current;
        if (act.type === 'settle') {
          checkNothingLost(cluster, rest);
          checkAtRest(cluster, current);
          rest = restOf(cluster);
        }
      }
    }),
    { numRuns: 1500 },
  );
}, 240_000);
