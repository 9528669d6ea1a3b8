import { describe, expect, test } from 'vitest';
import { SERVICE_L2_STATUS } from '../service-l2-status/service-l2-status-writer.ts';
import { planWrites, type StatusPlan, type StatusWrite } from './plan-writes.ts';
import { readAnnouncementStatus } from './status-object.ts';

const NODE = 'node-1';
const POD = { apiVersion: 'v1', kind: 'Pod', name: 'speaker-x', uid: 'pod-1' };
const LABELS = { 'metallb.io/node': NODE, 'metallb.io/service-name': 'nginx', 'metallb.io/service-namespace': 'web' };
const STATUS = { node: NODE, serviceName: 'nginx', serviceNamespace: 'web' };

interface Made {
  readonly name?: string;
  readonly labels?: object | undefined;
  readonly owners?: readonly object[];
  readonly status?: object | undefined;
  readonly metadata?: object;
}
const read = (made: Made, owner: StatusPlan['owner']) =>
  readAnnouncementStatus(
    SERVICE_L2_STATUS,
    {
      metadata: {
        name: made.name ?? 'l2-a',
        namespace: 'metallb-system',
        uid: `uid-${made.name ?? 'l2-a'}`,
        resourceVersion: '7',
        labels: 'labels' in made ? made.labels : LABELS,
        ownerReferences: made.owners ?? [POD],
        ...made.metadata,
      },
      spec: {},
      ...('status' in made ? { status: made.status } : { status: STATUS }),
    },
    { nodeName: NODE, owner },
  );
const OWNER = { name: POD.name, uid: POD.uid };
const interfaces = (...names: string[]) => names.map((name) => ({ name }));

function plan(rest: Partial<Omit<StatusPlan, 'objects'>>, ...objects: Made[]): string[] {
  const writes = planWrites({
    kind: SERVICE_L2_STATUS,
    serviceKey: 'web/nginx',
    nodeName: NODE,
    owner: OWNER,
    announced: [],
    isOverdue: () => true,
    objects: objects.flatMap((made) => read(made, 'owner' in rest ? rest.owner : OWNER) ?? []),
    ...rest,
  });
  return writes.map((write) => (write.type === 'create' ? 'create' : `${write.type} ${write.object.name}`));
}
const writesOf = (announced: readonly string[], ...objects: Made[]): readonly StatusWrite[] =>
  planWrites({
    kind: SERVICE_L2_STATUS,
    serviceKey: 'web/nginx',
    nodeName: NODE,
    owner: OWNER,
    announced,
    isOverdue: () => true,
    objects: objects.flatMap((made) => read(made, OWNER) ?? []),
  });

describe('what is announced is shown', () => {
  const foreign = (name: string): Made => ({
    name,
    labels: { ...LABELS, 'metallb.io/node': 'node-2' },
    status: { ...STATUS, node: 'node-2' },
  });
  test.for<[why: string, rest: Parameters<typeof plan>[0], objects: Made[], writes: string[]]>([
    ['by a new object where there is none', {}, [], ['create']],
    ['by the one that is there, untouched', {}, [{}], []],
    [
      'with interfaces in any order',
      { announced: ['eth0', 'eth1'] },
      [{ status: { ...STATUS, interfaces: interfaces('eth1', 'eth0') } }],
      [],
    ],
    ['with an empty list of interfaces, which is none', {}, [{ status: { ...STATUS, interfaces: [] } }], []],
    [
      'with other interfaces',
      { announced: ['eth1'] },
      [{ status: { ...STATUS, interfaces: interfaces('eth0') } }],
      ['status l2-a'],
    ],
    ['on all interfaces again', {}, [{ status: { ...STATUS, interfaces: interfaces('eth0') } }], ['status l2-a']],
    ['where the status was never written, as MetalLB leaves it', {}, [{ status: undefined }], ['status l2-a']],
    ['where the labels were edited', {}, [{ labels: { ...LABELS, 'metallb.io/node': 'node-2' } }], ['metadata l2-a']],
    ['where the labels were taken away', {}, [{ labels: undefined }], ['metadata l2-a']],
    ['beside labels of others', {}, [{ labels: { ...LABELS, theirs: 'x' } }], []],
    [
      'by the new Pod of this node',
      {},
      [{ owners: [{ ...POD, name: 'speaker-old', uid: 'pod-0' }] }],
      ['metadata l2-a'],
    ],
    ['by our Pod beside others', {}, [{ owners: [{ ...POD, uid: 'pod-0' }, POD] }], []],
    ['by a process without a Pod', { owner: undefined }, [{ owners: [] }], []],
    [
      'once: of several the one that says something',
      {},
      [{ name: 'l2-a', status: undefined }, { name: 'l2-b' }],
      ['delete l2-a'],
    ],
    ['once: of equals always the same', {}, [{ name: 'l2-b' }, { name: 'l2-a' }], ['delete l2-b']],
    [
      'instead of what other nodes say, which goes after ours is there',
      {},
      [foreign('l2-b'), foreign('l2-c')],
      ['create', 'delete l2-b', 'delete l2-c'],
    ],
    ['beside what another node says just now', { isOverdue: () => false }, [{}, foreign('l2-b')], []],
    [
      'anew where the one that is there is about to end',
      {},
      [{ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }],
      ['create'],
    ],
  ])('%s', ([, rest, objects, writes]) => {
    expect(plan(rest, ...objects)).toEqual(writes);
  });

  test('who does not announce deletes its own, and nobody else’s', () => {
    expect(plan({ announced: undefined }, {}, { name: 'l2-c' }, foreign('l2-b'))).toEqual([
      'delete l2-a',
      'delete l2-c',
    ]);
    expect(plan({ announced: undefined }, foreign('l2-b'))).toEqual([]);
  });
});

test('what is written is what MetalLB writes', () => {
  expect(writesOf(['eth0', 'eth1'])).toEqual([
    {
      type: 'create',
      labels: LABELS,
      ownerReferences: [POD],
      status: { ...STATUS, interfaces: interfaces('eth0', 'eth1') },
    },
  ]);
  expect(writesOf([], { status: { ...STATUS, interfaces: interfaces('eth0') } })).toMatchObject([
    { type: 'status', status: { ...STATUS, interfaces: null } },
  ]);
});

test('the new Pod takes the place of the old one and leaves other owners', () => {
  const other = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u' };
  expect(writesOf([], { owners: [{ ...POD, uid: 'pod-0' }, other] })).toMatchObject([
    { type: 'metadata', ownerReferences: [other, POD] },
  ]);
});

test('a node whose name is too long for a label is in the status alone', () => {
  const [write] = planWrites({
    kind: SERVICE_L2_STATUS,
    serviceKey: 'web/nginx',
    nodeName: `${'n'.repeat(60)}.example.com`,
    owner: undefined,
    announced: [],
    objects: [],
    isOverdue: () => true,
  });
  expect(write?.type === 'create' && Object.keys(write.labels)).toEqual([
    'metallb.io/service-name',
    'metallb.io/service-namespace',
  ]);
});

describe('an object is about', () => {
  test.for<[why: string, made: Made, node: string | undefined, service: string | undefined]>([
    ['what its status says', { labels: { ...LABELS, 'metallb.io/service-name': 'other' } }, NODE, 'web/nginx'],
    ['what its labels say where there is no status', { status: undefined }, NODE, 'web/nginx'],
    ['what its labels say where the status is torn', { status: { node: 'node-2' } }, NODE, 'web/nginx'],
    ['nothing, without both', { labels: undefined, status: {} }, undefined, undefined],
    [
      'nothing, with labels that say half',
      { labels: { 'metallb.io/node': NODE }, status: undefined },
      undefined,
      undefined,
    ],
    [
      'nothing, with nonsense',
      { labels: { 'metallb.io/node': 3 }, status: { node: [], serviceName: {}, serviceNamespace: 1 } },
      undefined,
      undefined,
    ],
  ])('%s', ([, made, node, service]) => {
    const object = read(made, OWNER);
    expect([object?.node, object?.serviceKey]).toEqual([node, service]);
  });

  test.for<unknown>([
    undefined,
    null,
    'x',
    7,
    [],
    {},
    { metadata: null },
    { metadata: { uid: 1 } },
    { metadata: { uid: 'u', name: 'n', resourceVersion: '1', labels: 'x', ownerReferences: 'y' }, status: 'z' },
  ])('nothing: %o', (object) => {
    expect(readAnnouncementStatus(SERVICE_L2_STATUS, object, { nodeName: NODE, owner: undefined })).toBeUndefined();
  });
});
