import { createAdmissionReviewer, isApiError } from '@steelyard/k8s-adapter';
import { type RbacObject, waitUntil } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { objectsOf } from './cluster/roles.ts';
import { NAMESPACE, openWebhookBed, type WebhookBed } from './webhook-bed.ts';

type Kind = 'IPAddressPool' | 'L2Advertisement' | 'BGPAdvertisement' | 'BGPPeer' | 'BFDProfile' | 'Community';

const PLURALS: Readonly<Record<Kind, string>> = {
  IPAddressPool: 'ipaddresspools',
  L2Advertisement: 'l2advertisements',
  BGPAdvertisement: 'bgpadvertisements',
  BGPPeer: 'bgppeers',
  BFDProfile: 'bfdprofiles',
  Community: 'communities',
};
/** The last part of a webhook's name: kubectl shows it. */
const WEBHOOKS: Readonly<Record<Kind, string>> = {
  IPAddressPool: 'ipaddresspoolvalidationwebhook',
  L2Advertisement: 'l2advertisementvalidationwebhook',
  BGPAdvertisement: 'bgpadvertisementvalidationwebhook',
  BGPPeer: 'bgppeersvalidationwebhook',
  BFDProfile: 'bfdprofilevalidationwebhook',
  Community: 'communityvalidationwebhook',
};

interface KubeObject {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

function object(kind: Kind, name: string, spec: object, namespace: string = NAMESPACE): KubeObject {
  const apiVersion = `metallb.io/${kind === 'BGPPeer' ? 'v1beta2' : 'v1beta1'}`;
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

const pool = (name: string, ...addresses: readonly string[]): KubeObject =>
  object('IPAddressPool', name, { addresses });
const peer = (name: string, more: object = {}, namespace?: string): KubeObject =>
  object('BGPPeer', name, { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', ...more }, namespace);

/** What came of a call. */
interface Outcome {
  readonly admitted: boolean;
  /** As kubectl shows it. */
  readonly message: string;
  readonly warnings: readonly string[];
}

await describeKubeLab('the webhooks', (kubeLab) => {
  describe.each(['metallb', 'own'] as const)('with the roles of %s', (roles) => {
    let bed: WebhookBed;
    let controllerLog: readonly string[] = [];

    beforeAll(async () => {
      bed = await openWebhookBed(kubeLab, roles);
      const review = createAdmissionReviewer({ client: bed.client, namespace: NAMESPACE, bgpType: 'frr-k8s' });
      controllerLog = (await bed.start({ review })).logged;
      // The authority is known to the API server a moment after it was written.
      await waitUntil('a pool to be admitted', async () => (await create(pool('first', '198.51.100.0/28'))).admitted);
    });
    afterAll(() => bed[Symbol.asyncDispose]());
    beforeEach(async () => {
      for (const kind of [
        'BGPPeer',
        'BFDProfile',
        'L2Advertisement',
        'BGPAdvertisement',
        'Community',
        'IPAddressPool',
      ] as const) {
        await bed.admin.request('DELETE', pathOf(object(kind, '', {}))); // the collection
      }
    });

    function pathOf({ apiVersion, kind, metadata }: KubeObject): string {
      return `/apis/${apiVersion}/namespaces/${metadata.namespace}/${PLURALS[kind]}`;
    }

    async function call(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Outcome> {
      try {
        const { headers } = await bed.admin.request(method, path, body === undefined ? {} : { body });
        const header = headers['warning'];
        const warnings = header === undefined ? [] : String(header).split(/, (?=299 )/);
        return { admitted: true, message: '', warnings: warnings.map((text) => JSON.parse(text.slice(6))) };
      } catch (error) {
        if (!isApiError(error)) throw error;
        return { admitted: false, message: error.message, warnings: [] };
      }
    }

    const create = (one: KubeObject): Promise<Outcome> => call('POST', pathOf(one), one);
    const update = (one: KubeObject, spec: object): Promise<Outcome> =>
      call('PATCH', `${pathOf(one)}/${one.metadata.name}`, { spec });
    const remove = (one: KubeObject): Promise<Outcome> => call('DELETE', `${pathOf(one)}/${one.metadata.name}`);

    const denied = (kind: Kind, text: string): object => ({
      admitted: false,
      message: expect.stringMatching(
        new RegExp(`admission webhook "${WEBHOOKS[kind]}\\.metallb\\.io" denied the request: [^]*${text}`),
      ),
    });
    const admitted = { admitted: true };

    const cases: readonly (readonly [string, readonly KubeObject[], KubeObject, string])[] = [
      ['a pool that overlaps another', [pool('a', '192.0.2.0/28')], pool('b', '192.0.2.8/29'), 'overlaps'],
      ['a pool whose range is none', [], pool('a', '192.0.2.9-192.0.2.1'), '192.0.2.9-192.0.2.1'],
      ['a pool that overlaps itself', [], pool('a', '192.0.2.0/28', '192.0.2.0/30'), 'overlaps'],
      [
        'a layer 2 advertisement with a selector that is none',
        [],
        object('L2Advertisement', 'a', { nodeSelectors: [{ matchExpressions: [{ key: 'k', operator: 'Near' }] }] }),
        'Near',
      ],
      [
        'a BGP advertisement that aggregates more than its pool has',
        [pool('a', '192.0.2.0/28')],
        object('BGPAdvertisement', 'a', { aggregationLength: 24, ipAddressPools: ['a'] }),
        'aggregation',
      ],
      [
        'a BGP advertisement with a community that is none',
        [],
        object('BGPAdvertisement', 'a', { communities: ['70000:1'] }),
        '70000:1',
      ],
      [
        'a peer whose keepalives come after its hold time',
        [],
        peer('a', { holdTime: '30s', keepaliveTime: '90s' }),
        'keepalive',
      ],
      ['a peer that another is already', [peer('a')], peer('b'), 'already exists'],
      [
        'a community whose alias is defined twice',
        [object('Community', 'a', { communities: [{ name: 'x', value: '1:2' }] })],
        object('Community', 'b', { communities: [{ name: 'x', value: '3:4' }] }),
        'x',
      ],
    ];
    test.each(cases)('%s is denied, and says why', async (_, existing, one, text) => {
      for (const other of existing) expect(await create(other)).toMatchObject(admitted);
      expect(await create(one)).toMatchObject(denied(one.kind, text));
    });

    test.each([
      pool('a', '192.0.2.0/28'),
      object('L2Advertisement', 'a', {}),
      object('BGPAdvertisement', 'a', {}),
      peer('a'),
      object('BFDProfile', 'a', {}),
      object('Community', 'a', { communities: [{ name: 'x', value: '1:2' }] }),
    ])('a $kind that is right is admitted, in the namespace of MetalLB alone', async (one) => {
      const { warnings, ...outcome } = await create(one);
      expect(outcome).toMatchObject(admitted);
      if (['IPAddressPool', 'L2Advertisement', 'Community'].includes(one.kind)) expect(warnings).toEqual([]);
      const elsewhere = { ...one, metadata: { name: 'elsewhere', namespace: 'default' } };
      expect(await create(elsewhere)).toMatchObject(
        denied(one.kind, `resource must be created in ${NAMESPACE} namespace`),
      );
    });

    test('an update is judged as a creation is', async () => {
      const [a, b] = [pool('a', '192.0.2.0/28'), pool('b', '192.0.2.16/28')];
      for (const one of [a, b]) await create(one);
      expect(await update(b, { addresses: ['192.0.2.0/28'] })).toMatchObject(denied('IPAddressPool', 'overlaps'));
      expect(await update(b, { addresses: ['192.0.2.32/28'] })).toMatchObject(admitted);
    });

    test('disableMP warns, and opens no way past the checks', async () => {
      const warning = "disable mp is deprecated and has no effect since it's the default behavior now";
      const right = await create(peer('a', { disableMP: true }));
      expect(right.admitted).toBe(true);
      expect(right.warnings).toContain(warning);
      const elsewhere = await create(peer('b', { disableMP: true, peerAddress: '192.0.2.2' }, 'default'));
      expect(elsewhere).toMatchObject(denied('BGPPeer', 'must be created in'));
      const wrong = peer('c', { disableMP: true, peerAddress: '192.0.2.3', holdTime: '30s', keepaliveTime: '90s' });
      expect(await create(wrong)).toMatchObject(denied('BGPPeer', 'keepalive'));
    });

    test('a BFDProfile stays as long as a peer uses it', async () => {
      const profile = object('BFDProfile', 'fast', {});
      await create(profile);
      await create(peer('router', { bfdProfile: 'fast' }));
      expect(await remove(profile)).toMatchObject(
        denied('BFDProfile', 'failed to delete BFDProfile fast, used by BGPPeer router'),
      );
      await remove(peer('router'));
      expect(await remove(profile)).toMatchObject(admitted);
    });

    test('what may come later is not asked for: profiles, secrets, aliases', async () => {
      expect(await create(peer('a', { passwordSecret: { name: 'later' } }))).toMatchObject(admitted);
      expect(await create(object('BGPAdvertisement', 'a', { communities: ['later'] }))).toMatchObject({
        admitted: true,
      });
    });

    test('each sees what was admitted a moment before it', async () => {
      for (let i = 0; i < 20; i++) {
        expect(await create(pool(`a-${i}`, `192.0.2.${i * 8}/29`))).toMatchObject(admitted);
        expect(await create(pool(`b-${i}`, `192.0.2.${i * 8}/29`))).toMatchObject(denied('IPAddressPool', 'overlaps'));
      }
    });

    test('300 at once are all answered', async () => {
      const pools = Array.from({ length: 300 }, (_, i) => pool(`p-${i}`, `10.0.${i >> 4}.${(i & 15) * 16}/28`));
      const outcomes = await Promise.all(pools.map(create));
      expect(outcomes.filter((outcome) => !outcome.admitted)).toEqual([]);
    });

    test('kubectl shows what it shows with MetalLB', async () => {
      const input = JSON.stringify(pool('a', '192.0.2.9-192.0.2.1'));
      await expect(bed.controlPlane.kubectl(['apply', '-f', '-'], { input })).rejects.toThrow(
        /Error from server \(Forbidden\): error when creating "STDIN": admission webhook "ipaddresspoolvalidationwebhook.metallb.io" denied the request: /,
      );
      expect(
        controllerLog.some((line) => line.startsWith('denied ') && line.includes('"webhook":"ipaddresspool"')),
      ).toBe(true);
    });

    test('where the rule for a list is missing nothing is admitted, and it is said which', async () => {
      const lists = ({ kind, metadata }: RbacObject): boolean =>
        ['ClusterRoleBinding', 'RoleBinding'].includes(kind) && metadata.namespace === NAMESPACE;
      const bindings = (await objectsOf(roles)).filter(lists);
      for (const { kind, metadata } of bindings) {
        await bed.controlPlane.kubectl(['delete', kind, metadata.name, '-n', NAMESPACE]);
      }
      try {
        await expect
          .poll(() => create(pool('a', '192.0.2.0/28')), { timeout: 20_000 })
          .toMatchObject(
            denied('IPAddressPool', 'failed to get existing IPAddressPool objects: .*ipaddresspools.*forbidden'),
          );
      } finally {
        const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: bindings });
        await bed.controlPlane.kubectl(['apply', '-f', '-'], { input });
      }
    });
  });
});
