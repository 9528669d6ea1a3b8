import {
  createServiceBgpStatusWriter,
  type KubeClient,
  openKubeClient,
  readOwnPod,
  type ServiceBgpStatusWriter,
} from '@steelyard/k8s-adapter';
import { type ControlPlane, createServiceAccountKubeconfig, openRealControlPlane, waitUntil } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { CRDS, MANIFESTS, objectsOf, type Roles } from './cluster/roles.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const NAMESPACE = 'metallb-system';
const PATH = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/servicebgpstatuses`;
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const CASES: readonly (readonly [words: string, roles: Roles])[] = [
  ['exactly the roles of MetalLB', 'metallb'],
  ['the roles of our own manifests', 'own'],
];

interface Shown {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly uid: string }[];
  };
  readonly spec?: object;
  readonly status?: {
    readonly node?: string;
    readonly serviceName?: string;
    readonly serviceNamespace?: string;
    readonly peers?: readonly string[];
  };
}

await describeKubeLab('to whom a speaker announces by BGP', (kubeLab) => {
  let controlPlane: ControlPlane;
  let admin: KubeClient;

  beforeAll(async () => {
    controlPlane = await openRealControlPlane({ kubeLab });
    const { kubectl, kubeconfigPath } = controlPlane;
    await kubectl(['apply', '-f', CRDS, '-f', `${MANIFESTS}/namespace.yaml`]);
    await kubectl(['wait', '--for=condition=established', '--timeout=20s', '-f', CRDS]);
    admin = await openKubeClient({ kubeconfigPath, env: {} });
  });
  afterAll(async () => {
    await admin.close();
    await controlPlane.stop();
  });

  describe.each(CASES)('is said with %s', (_words, roles) => {
    let speaker: KubeClient;
    const lines: string[] = [];
    const say = (_: object, msg: string): void => void lines.push(msg);
    const logger = { debug: () => undefined, info: say, warn: say, error: say };
    const closing: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      const items = await objectsOf(roles);
      const list = { apiVersion: 'v1', kind: 'List', items };
      await controlPlane.kubectl(['apply', '-f', '-'], { input: JSON.stringify(list) });
      const account = await createServiceAccountKubeconfig(controlPlane, { namespace: NAMESPACE, name: 'speaker' });
      speaker = await openKubeClient({ kubeconfigPath: account, env: {} });
    });
    afterAll(() => speaker.close());
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
      await admin.request('DELETE', PATH);
      await admin.request('DELETE', `${PODS}?gracePeriodSeconds=0`);
      lines.length = 0;
    });

    async function createPod(name: string): Promise<{ name: string; uid: string }> {
      await admin.request('POST', PODS, {
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, labels: { app: 'metallb', component: 'speaker' } },
          spec: { serviceAccountName: 'speaker', containers: [{ name: 'speaker', image: 'example.com/c:1' }] },
        },
      });
      const outcome = await readOwnPod({ client: speaker, namespace: NAMESPACE, podName: name });
      if (!outcome.found) throw new Error(outcome.because);
      return outcome.pod;
    }

    function start(nodeName: string, owner?: { name: string; uid: string }): ServiceBgpStatusWriter {
      const writer = createServiceBgpStatusWriter({ client: speaker, namespace: NAMESPACE, nodeName, owner, logger });
      closing.push(() => writer.stop());
      return writer;
    }

    const all = async (): Promise<readonly Shown[]> =>
      ((await admin.request('GET', PATH)).body as { items: readonly Shown[] | null }).items ?? [];
    const said = ({ status }: Shown): string =>
      `${status?.serviceNamespace}/${status?.serviceName} ${status?.node} ${status?.peers}`;
    const inOrder = (texts: readonly string[]): string => JSON.stringify(texts.toSorted((a, b) => (a < b ? -1 : 1)));
    const shows = (...wanted: string[]): Promise<readonly Shown[]> =>
      waitUntil(
        `the objects to say ${inOrder(wanted)}`,
        async () => {
          const objects = await all();
          return inOrder(objects.map(said)) === inOrder(wanted) && objects;
        },
        { timeoutMs: 30_000 },
      );
    const rest = (ms = 500): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const versions = async (): Promise<readonly string[]> =>
      (await all()).map(({ metadata }) => metadata.resourceVersion);

    async function the<T>(objects: Promise<readonly T[]>): Promise<T> {
      const [object, second] = await objects;
      if (object === undefined || second !== undefined) throw new Error('there is one');
      return object;
    }

    test('in the object that MetalLB’s speaker makes, and kubectl shows it', async () => {
      const owner = await createPod('speaker-1');
      const writer = start('node-1', owner);
      writer.set('web/nginx', { peers: ['tor-b', 'tor-a'] });
      const object = await the(shows('web/nginx node-1 tor-a,tor-b'));
      const table = await controlPlane.kubectl(['-n', NAMESPACE, 'get', 'servicebgpstatuses']);
      expect(table).toMatch(/^NAME +NODE +SERVICE NAME +SERVICE NAMESPACE\nbgp-[a-z0-9]{5} +node-1 +nginx +web\n$/);
      expect(object.metadata.labels).toEqual({
        'metallb.io/node': 'node-1',
        'metallb.io/service-name': 'nginx',
        'metallb.io/service-namespace': 'web',
      });
      expect(object.metadata.ownerReferences).toEqual([
        { apiVersion: 'v1', kind: 'Pod', name: 'speaker-1', uid: owner.uid },
      ]);
      expect(object.spec).toEqual({});
      writer.set('web/nginx', { peers: [] });
      await shows();
      expect(lines).toEqual([]);
    });

    test('once: a second look writes nothing, nor does the next process of the Pod, and the next Pod takes it over', async () => {
      const owner = await createPod('speaker-1');
      const before = start('node-1', owner);
      before.set('web/a', { peers: ['x', 'y'] });
      before.set('web/b', { peers: ['x'] });
      await shows('web/a node-1 x,y', 'web/b node-1 x');
      const made = await versions();
      before.set('web/a', { peers: ['y', 'x'] });
      await before.stop();
      const after = start('node-1', owner);
      after.set('web/a', { peers: ['x', 'y'] });
      after.set('web/b', { peers: ['x'] });
      after.complete();
      await rest();
      expect(await versions()).toEqual(made);
      await after.stop();
      const next = await createPod('speaker-2');
      const last = start('node-1', next);
      last.set('web/a', { peers: ['x', 'y'] });
      last.complete();
      await shows('web/a node-1 x,y');
      await waitUntil('the new owner', async () =>
        (await the(all())).metadata.ownerReferences?.every(({ uid }) => uid === next.uid),
      );
    });

    test('again, when it was edited or deleted by hand', async () => {
      const writer = start('node-1', await createPod('speaker-1'));
      writer.set('web/a', { peers: ['x', 'y'] });
      const object = await the(shows('web/a node-1 x,y'));
      const path = `${PATH}/${object.metadata.name}`;
      await admin.request('PATCH', `${path}/status`, { body: { status: { peers: ['y', 'x'] } } });
      await shows('web/a node-1 x,y');
      await admin.request('PATCH', path, { body: { metadata: { labels: { 'metallb.io/node': 'node-2' } } } });
      await waitUntil('one object with its label', async () => {
        const [only, second] = await all();
        return second === undefined && only?.metadata.labels?.['metallb.io/node'] === 'node-1';
      });
      await shows('web/a node-1 x,y');
      await admin.request('DELETE', PATH);
      await shows('web/a node-1 x,y');
    });

    test('by each node for itself', async () => {
      const [one, other] = [start('node-1'), start('node-2')];
      one.set('web/a', { peers: ['x'] });
      other.set('web/a', { peers: ['x'] });
      for (const writer of [one, other]) writer.complete();
      await shows('web/a node-1 x', 'web/a node-2 x');
      const made = await versions();
      await rest();
      expect(await versions()).toEqual(made);
      one.set('web/a', undefined);
      await shows('web/a node-2 x');
    });
  });
});
