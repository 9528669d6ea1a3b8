import {
  createServiceL2StatusWriter,
  followSpeakerPeers,
  type KubeClient,
  openKubeClient,
  readOwnPod,
  type ServiceL2StatusWriter,
} from '@steelyard/k8s-adapter';
import { type ControlPlane, createServiceAccountKubeconfig, openRealControlPlane, waitUntil } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { CRDS, MANIFESTS, objectsOf, type Roles } from './cluster/roles.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const NAMESPACE = 'metallb-system';
const PATH = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/servicel2statuses`;
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
    readonly managedFields?: readonly { manager: string; operation: string; subresource?: string }[];
  };
  readonly spec?: object;
  readonly status?: {
    readonly node?: string;
    readonly serviceName?: string;
    readonly serviceNamespace?: string;
    readonly interfaces?: readonly { readonly name: string }[];
  };
}

await describeKubeLab('what a speaker says of itself, and learns of the others,', (kubeLab) => {
  describe.each(CASES)('with %s', (_words, roles) => {
    let controlPlane: ControlPlane;
    let admin: KubeClient;
    let speaker: KubeClient;
    const lines: string[] = [];
    const say = (_: object, msg: string): void => void lines.push(msg);
    const logger = { debug: () => undefined, info: say, warn: say, error: say };
    const closing: (() => Promise<unknown>)[] = [];

    beforeAll(async () => {
      controlPlane = await openRealControlPlane({ kubeLab });
      const { kubectl, kubeconfigPath } = controlPlane;
      await kubectl(['apply', '-f', CRDS, '-f', `${MANIFESTS}/namespace.yaml`]);
      const items = await objectsOf(roles);
      await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
      await kubectl(['wait', '--for=condition=established', '--timeout=20s', '-f', CRDS]);
      admin = await openKubeClient({ kubeconfigPath, env: {} });
      const account = await createServiceAccountKubeconfig(controlPlane, { namespace: NAMESPACE, name: 'speaker' });
      speaker = await openKubeClient({ kubeconfigPath: account, env: {} });
    });
    afterAll(async () => {
      for (const client of [admin, speaker]) await client.close();
      await controlPlane.stop();
    });
    afterEach(async () => {
      for (const close of closing.splice(0).reverse()) await close();
      await admin.request('DELETE', PATH);
      await admin.request('DELETE', `${PODS}?gracePeriodSeconds=0`);
      lines.length = 0;
    });

    async function createPod(name: string, podIP?: string): Promise<{ name: string; uid: string }> {
      await admin.request('POST', PODS, {
        body: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, labels: { app: 'metallb', component: 'speaker' } },
          spec: { serviceAccountName: 'speaker', containers: [{ name: 'speaker', image: 'example.com/c:1' }] },
        },
      });
      if (podIP !== undefined) {
        const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }] };
        await admin.request('PATCH', `${PODS}/${name}/status`, { body: { status } });
      }
      const outcome = await readOwnPod({ client: speaker, namespace: NAMESPACE, podName: name });
      if (!outcome.found) throw new Error(outcome.because);
      return outcome.pod;
    }

    function start(nodeName: string, owner?: { name: string; uid: string }): ServiceL2StatusWriter {
      const writer = createServiceL2StatusWriter({ client: speaker, namespace: NAMESPACE, nodeName, owner, logger });
      closing.push(() => writer.stop());
      return writer;
    }

    const all = async (): Promise<readonly Shown[]> =>
      ((await admin.request('GET', PATH)).body as { items: readonly Shown[] | null }).items ?? [];
    const said = ({ status }: Shown): string =>
      `${status?.serviceNamespace}/${status?.serviceName} ${status?.node} ${(status?.interfaces ?? []).map(({ name }) => name)}`;
    const inOrder = (texts: readonly string[]): string => JSON.stringify(texts.toSorted((a, b) => (a < b ? -1 : 1)));
    const shows = (...wanted: string[]): Promise<readonly Shown[]> =>
      waitUntil(
        `the objects to say ${inOrder(wanted)}`,
        async () => {
          const objects = await all();
          return inOrder(objects.map(said)) === inOrder(wanted) && objects;
        },
        { timeoutMs: 60_000 }, // the garbage collector looks for new kinds every half minute
      );
    const rest = (ms = 500): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const versions = async (): Promise<readonly string[]> =>
      (await all()).map(({ metadata }) => metadata.resourceVersion);

    async function the<T>(objects: Promise<readonly T[]>): Promise<T> {
      const [object, second] = await objects;
      if (object === undefined || second !== undefined) throw new Error('there is one');
      return object;
    }

    test('kubectl shows who announces a Service, and the object is what MetalLB’s speaker makes', async () => {
      const owner = await createPod('speaker-1');
      const writer = start('node-1', owner);
      writer.set('web/nginx', { interfaces: ['eth1', 'eth0'] });
      const object = await the(shows('web/nginx node-1 eth0,eth1'));
      const table = await controlPlane.kubectl(['-n', NAMESPACE, 'get', 'servicel2statuses']);
      expect(table).toMatch(
        /^NAME +ALLOCATED NODE +SERVICE NAME +SERVICE NAMESPACE\nl2-[a-z0-9]{5} +node-1 +nginx +web\n$/,
      );
      expect(object.metadata.labels).toEqual({
        'metallb.io/node': 'node-1',
        'metallb.io/service-name': 'nginx',
        'metallb.io/service-namespace': 'web',
      });
      expect(object.metadata.ownerReferences).toEqual([
        { apiVersion: 'v1', kind: 'Pod', name: 'speaker-1', uid: owner.uid },
      ]);
      expect(object.spec).toEqual({});
      const managers = (object.metadata.managedFields ?? []).map(({ manager, subresource }) => [manager, subresource]);
      expect(managers).toEqual([
        ['speaker', undefined],
        ['speaker', 'status'],
      ]);
      writer.set('web/nginx', { interfaces: [] });
      expect((await the(shows('web/nginx node-1 '))).status).not.toHaveProperty('interfaces');
      writer.set('web/nginx', undefined);
      await shows();
      expect(lines).toEqual([]);
    });

    test('a second look writes nothing, nor does the next process of the Pod', async () => {
      const owner = await createPod('speaker-1');
      const before = start('node-1', owner);
      before.set('web/a', { interfaces: ['eth0', 'eth1'] });
      before.set('web/b', { interfaces: [] });
      await shows('web/a node-1 eth0,eth1', 'web/b node-1 ');
      const made = await versions();
      before.set('web/a', { interfaces: ['eth1', 'eth0'] });
      await before.stop();
      const after = start('node-1', owner);
      after.set('web/a', { interfaces: ['eth0', 'eth1'] });
      after.set('web/b', { interfaces: [] });
      after.complete();
      await rest();
      expect(await versions()).toEqual(made);
    });

    test('what is edited or deleted by hand is put right', async () => {
      const writer = start('node-1', await createPod('speaker-1'));
      writer.set('web/a', { interfaces: ['eth0'] });
      const object = await the(shows('web/a node-1 eth0'));
      const path = `${PATH}/${object.metadata.name}`;
      await admin.request('PATCH', `${path}/status`, { body: { status: { interfaces: [{ name: 'x' }] } } });
      await shows('web/a node-1 eth0');
      await admin.request('PATCH', path, { body: { metadata: { labels: null, ownerReferences: null } } });
      await waitUntil('its labels and its owner', async () => {
        const { metadata } = await the(all());
        return metadata.labels?.['metallb.io/node'] === 'node-1' && metadata.ownerReferences?.length === 1;
      });
      await admin.request('PATCH', `${path}/status`, { body: { status: null } });
      await shows('web/a node-1 eth0');
      expect((await the(all())).metadata.uid).toBe(object.metadata.uid);
      await admin.request('DELETE', path);
      await waitUntil('another object', async () => {
        const [again] = await all();
        return again !== undefined && again.metadata.uid !== object.metadata.uid && said(again) === 'web/a node-1 eth0';
      });
    });

    // The garbage collector asks for no role of ours, and takes half a minute to learn of a new kind.
    if (roles === 'metallb') {
      test('the objects of a Pod that ends go with it, but for those that the next Pod of the node has taken over', async () => {
        const old = await createPod('speaker-old');
        const before = start('node-1', old);
        for (const name of ['web/a', 'web/b']) before.set(name, { interfaces: [] });
        const made = await shows('web/a node-1 ', 'web/b node-1 ');
        await before.stop();
        const owner = await createPod('speaker-new');
        const after = start('node-1', owner);
        after.set('web/a', { interfaces: [] });
        const taken = await waitUntil('the new owner', async () =>
          (await all()).find(({ metadata }) => metadata.ownerReferences?.every(({ uid }) => uid === owner.uid)),
        );
        await admin.request('DELETE', `${PODS}/${old.name}?gracePeriodSeconds=0`);
        expect(made.map(({ metadata }) => metadata.uid)).toContain(taken.metadata.uid);
        expect((await the(shows('web/a node-1 '))).metadata.uid).toBe(taken.metadata.uid);

        // And where it was too late to take it over.
        await after.stop();
        await admin.request('DELETE', `${PODS}/${owner.name}?gracePeriodSeconds=0`);
        const last = start('node-1', await createPod('speaker-last'));
        last.set('web/a', { interfaces: [] });
        await shows('web/a node-1 ');
        await rest(1_500);
        await shows('web/a node-1 ');
      });
    }

    test('a new leader deletes what another left behind; two that both lead are both shown', async () => {
      const dead = start('node-1');
      dead.set('web/a', { interfaces: [] });
      await shows('web/a node-1 ');
      await dead.stop();
      const [leader, other] = [start('node-2'), start('node-3')];
      other.complete();
      leader.set('web/a', { interfaces: ['eth0'] });
      const { uid } = (await the(shows('web/a node-2 eth0'))).metadata;
      other.set('web/a', { interfaces: [] });
      // The second deletes what the first has said before, which says it again, and that is all.
      await waitUntil('the first to say it again', async () =>
        (await all()).every(({ metadata }) => metadata.uid !== uid),
      );
      await shows('web/a node-2 eth0', 'web/a node-3 ');
      const made = await versions();
      await rest();
      expect(await versions()).toEqual(made);
      leader.set('web/a', undefined);
      await shows('web/a node-3 ');
    });

    test('an API server that is killed in the middle costs nothing but time', async () => {
      const writer = start('node-1', await createPod('speaker-1'));
      const wanted = Array.from({ length: 300 }, (_, i) => `web/s${i}`);
      for (const service of wanted) writer.set(service, { interfaces: ['eth0'] });
      await waitUntil('some of them', async () => (await all()).length > 50);
      await controlPlane.killApiServer();
      for (const service of wanted.slice(0, 100)) writer.set(service, undefined);
      await controlPlane.restartApiServer();
      const left = wanted.slice(100).map((service) => `${service} node-1 eth0`);
      await waitUntil('all of them', async () => inOrder((await all()).map(said)) === inOrder(left), {
        timeoutMs: 60_000,
      });
    });

    test('the other speakers are found, with a list alone where they may not be watched', async () => {
      await createPod('speaker-1', '192.0.2.1');
      await createPod('speaker-2', '192.0.2.2');
      const told: (readonly string[])[] = [];
      const peers = followSpeakerPeers({
        client: speaker,
        namespace: NAMESPACE,
        labels: 'app=metallb,component in (speaker)',
        onPeers: (addresses) => void told.push(addresses),
        logger,
      });
      closing.push(() => peers.stop());
      await waitUntil('both', () => told.length > 0);
      expect(told).toEqual([['192.0.2.1', '192.0.2.2']]);
      if (roles === 'metallb') {
        await waitUntil('the rule', () => lines.length > 0, { timeoutMs: 60_000 });
        expect(lines).toEqual(['not allowed to watch the Pods of speakers, listing them every five minutes']);
      }
      await createPod('speaker-3', '2001:db8::3');
      if (roles === 'metallb') peers.lookAgain();
      await waitUntil('the third', () => told.at(-1)?.length === 3, { timeoutMs: 60_000 });
      expect(peers.addresses).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::3']);
      expect(lines).toHaveLength(roles === 'metallb' ? 1 : 0);
    });
  });
});
