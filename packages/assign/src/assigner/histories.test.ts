import type { Pool } from '@steelyard/config';
import { parseIp } from '@steelyard/ipam';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Answer, type Cluster, createCluster, type StoredService } from '../../test/cluster.ts';
import { configOf, type PoolText, type ServiceSpec } from '../../test/objects.ts';
import type { AssignConfig } from '../converge/pool-order.ts';

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
    rule: fc.constantFrom<object>({ namespaces: ['ns'] }, { namespaceSelectors: [{ matchLabels: { team: 'x' } }] }),
    merged: fc.boolean(),
    avoidBuggyIPs: fc.constantFrom(false, false, true),
  })
  .map(({ blocks, names, broken, hidden, pinned, rule, merged, avoidBuggyIPs }) => {
    const groups =
      merged && blocks.length > 1 ? [blocks.slice(0, 2), ...blocks.slice(2).map((b) => [b])] : blocks.map((b) => [b]);
    const result: Record<string, PoolText> = {};
    for (const [index, group] of groups.entries()) {
      const addresses = group.flatMap((block) => BLOCKS[block] ?? []);
      result[names[index] ?? ''] = {
        addresses: index === broken ? [...addresses, 'garbage'] : addresses,
        autoAssign: index !== hidden,
        avoidBuggyIPs,
        ...(index === pinned ? { serviceAllocation: { ...rule, priority: index } } : {}),
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
  (stored) => {
    const added = ADDRESSES[Number(stored.metadata.resourceVersion) % 6];
    stored.status = { loadBalancer: { ingress: [...(stored.status.loadBalancer.ingress ?? []), { ip: added }] } };
  },
  ({ metadata }) => {
    delete metadata.annotations['metallb.io/ip-allocated-from-pool'];
  },
  ({ metadata }) => {
    metadata.annotations['metallb.io/ip-allocated-from-pool'] = 's';
  },
  ({ spec: fields }) => {
    if (fields['ipFamilyPolicy'] !== 'SingleStack') {
      fields['ipFamilyPolicy'] =
        fields['ipFamilyPolicy'] === 'RequireDualStack' ? 'PreferDualStack' : 'RequireDualStack';
    }
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
  // Somebody writes to one Service what another has.
  { weight: 2, arbitrary: fc.record({ type: fc.constant('copy' as const), from: key, to: key }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('stand down' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('take over' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('relabel' as const), namespace: fc.constantFrom('ns', 'other') }),
  },
  // All pools are deleted and made again.
  { weight: 2, arbitrary: fc.record({ type: fc.constant('make again' as const) }) },
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

/** While another controller decides nothing is asked for, and the books say nothing that no status says. */
function checkStandby(cluster: Cluster): void {
  for (const { holder, addresses } of cluster.assigner.ipam.allocations()) {
    const stored = cluster.all().find((one) => one.key === holder);
    expect(stored && served(stored), `${holder} is served`).toBe(true);
    expect(stored && addresses.every((ip) => shown(stored).includes(ip)), `${holder} shows ${addresses}`).toBe(true);
  }
  expect(cluster.assigner.statistics).toMatchObject({ writesInFlight: 0, waiting: 0 });
  expect(cluster.pendingWrites).toBe(0);
}

interface Rest {
  readonly shown: ReadonlyMap<
    string,
    { readonly uid: string; readonly ips: readonly string[]; readonly wishes: boolean }
  >;
  readonly touched: Set<string>;
  reconfigured: boolean;
}

/** Who keeps an address while asking for another has it by grace: when it is lost, it asks for what it asks for. */
const ASKING = ['RequestRefused', 'InvalidRequest', 'ClusterIPsUnclear'];

function restOf(cluster: Cluster): Rest {
  const entries = cluster
    .all()
    .filter(served)
    .map((stored) => {
      const code = cluster.assigner.explain(stored.key)?.code ?? '';
      return [stored.key, { uid: stored.metadata.uid, ips: shown(stored), wishes: ASKING.includes(code) }] as const;
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

interface Scene {
  readonly cluster: Cluster;
  readonly parity: boolean;
  /** Those with the label that selectors ask for. */
  readonly labelled: Set<string>;
  pools: Readonly<Record<string, PoolText>>;
  rest: Rest;
}

function configIn({ pools: current, labelled }: Scene): AssignConfig {
  const labels = (one: string) => (labelled.has(one) ? { team: 'x' } : {});
  return configOf(current, { ns: labels('ns'), other: labels('other') });
}

function makeAgain(scene: Scene): void {
  const { cluster, parity, rest } = scene;
  const config = configIn(scene);
  const gives = ({ frozen, autoAssign }: Pool) => autoAssign && !frozen;
  const whole = config.completeness === 'complete' && [...config.pools.values()].every(gives);
  if (!whole || cluster.assigner.statistics.standby) {
    return;
  }
  cluster.settle();
  const before = restOf(cluster);
  for (const next of [configOf({}), config]) {
    cluster.configure(next);
    cluster.settle();
  }
  if (!parity) {
    checkNothingLost(cluster, before);
  }
  rest.reconfigured = true; // Those who asked for something may have found another order.
}

function perform(scene: Scene, act: Action): void {
  const { cluster, rest } = scene;
  switch (act.type) {
    case 'apply':
      rest.touched.add(`${act.spec.namespace}/${act.spec.name}`);
      cluster.apply(act.spec);
      break;
    case 'edit':
      rest.touched.add(act.key);
      cluster.edit(act.key, act.edit);
      break;
    case 'copy': {
      const ingress = cluster.all().find((stored) => stored.key === act.from)?.status.loadBalancer.ingress ?? [];
      rest.touched.add(act.to);
      cluster.edit(act.to, (stored) => {
        stored.status = { loadBalancer: { ingress: structuredClone(ingress) } };
      });
      break;
    }
    case 'remove':
      cluster.remove(act.key);
      break;
    case 'configure':
      rest.reconfigured = true;
      scene.pools = act.pools;
      cluster.configure(configIn(scene));
      break;
    case 'relabel':
      rest.reconfigured = true;
      if (!scene.labelled.delete(act.namespace)) {
        scene.labelled.add(act.namespace);
      }
      cluster.configure(configIn(scene));
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
    case 'stand down':
      cluster.standDown();
      break;
    case 'take over':
      cluster.takeOver();
      break;
    case 'make again':
      makeAgain(scene);
      break;
    case 'settle':
      cluster.settle();
      if (cluster.assigner.statistics.standby) {
        checkStandby(cluster);
        break;
      }
      if (!scene.parity) {
        checkNothingLost(cluster, rest);
      }
      checkAtRest(cluster, scene.pools);
      scene.rest = restOf(cluster);
      break;
  }
}

test('over random histories no address is given twice, none outside the pools, and nobody loses one or waits in vain', () => {
  const habits = fc.constantFrom(false, false, false, true);
  void fc.assert(
    fc.property(pools, habits, fc.array(action, { minLength: 10, maxLength: 40 }), (first, parity, actions) => {
      const cluster = createCluster({ parity });
      cluster.configure(configOf(first));
      cluster.restart();
      const scene: Scene = { cluster, parity, labelled: new Set(), pools: first, rest: restOf(cluster) };
      const end = ['take over', 'settle', 'restart', 'settle'] as const;
      for (const act of [...actions, ...end.map((type) => ({ type }))]) {
        perform(scene, act);
      }
    }),
    { numRuns: 1200 },
  );
}, 240_000);
