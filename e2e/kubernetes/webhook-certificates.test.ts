import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { PolicyRule, RbacObject } from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { realMetalLb } from './cluster/controllers.ts';
import { objectsOf } from './cluster/roles.ts';
import { testWithMetalLb } from './cluster/with-metallb.ts';
import { NAMESPACE, openWebhookBed, type WebhookBed, type WebhookOptions, type Webhooks } from './webhook-bed.ts';

const SECRET = 'metallb-webhook-cert';
const CONFIGURATION = 'metallb-webhook-configuration';
const CRD = 'bgppeers.metallb.io';
const SERVER_NAME = `metallb-webhook-service.${NAMESPACE}.svc`;

/** Made by cert-controller v0.15.0's own `CreateCACert` and `CreateCertPEM`, as MetalLB calls them, but valid for a century. */
const CERT_CONTROLLER_SECRET = new URL('./recorded/cert-controller-secret.json', import.meta.url);

/** As text; what is not there is empty. */
interface SecretData {
  readonly 'ca.crt': string;
  readonly 'tls.crt': string;
  readonly 'tls.key': string;
}

/** The API server, and whoever writes to it, may take their time. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000 });

await describeKubeLab('the certificate of the webhooks', (kubeLab) => {
  describe.each(['metallb', 'own'] as const)('with the roles of %s', (roles) => {
    let bed: WebhookBed;
    let controlPlane: WebhookBed['controlPlane'];

    beforeAll(async () => {
      bed = await openWebhookBed(kubeLab, roles);
      controlPlane = bed.controlPlane;
    });
    afterAll(() => bed[Symbol.asyncDispose]());

    beforeEach(async () => {
      await controlPlane.kubectl(['create', 'secret', 'generic', SECRET, '-n', NAMESPACE]).catch(() => undefined);
      await patchSecret({ 'ca.crt': null, 'ca.key': null, 'tls.crt': null, 'tls.key': null });
    });
    afterEach(() => bed.stopAll());

    const start = (options: Omit<WebhookOptions, 'review'> = {}): Promise<Webhooks> =>
      bed.start({
        ...options,
        review: (_, { name }) =>
          name.startsWith('bad') ? { allowed: false, message: `not ${name}` } : { allowed: true },
      });

    async function patchSecret(data: object): Promise<void> {
      const patch = `--patch=${JSON.stringify({ data })}`;
      await controlPlane.kubectl(['patch', 'secret', SECRET, '-n', NAMESPACE, '--type=merge', patch]);
    }

    async function secretData(): Promise<SecretData> {
      const text = await controlPlane.kubectl(['get', 'secret', SECRET, '-n', NAMESPACE, '-o', 'jsonpath={.data}']);
      const data: Readonly<Record<string, string>> = JSON.parse(text === '' ? '{}' : text);
      const decode = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
      return { 'ca.crt': decode('ca.crt'), 'tls.crt': decode('tls.crt'), 'tls.key': decode('tls.key') };
    }

    /** Each caBundle once: of the configuration's webhooks and the definition's conversion. */
    async function bundles(): Promise<readonly string[]> {
      const get = (kind: string, name: string, path: string): Promise<string> =>
        controlPlane.kubectl(['get', kind, name, '-o', `jsonpath=${path}`]);
      const webhooks = await get(
        'validatingwebhookconfiguration',
        CONFIGURATION,
        '{.webhooks[*].clientConfig.caBundle}',
      );
      const conversion = await get('crd', CRD, '{.spec.conversion.webhook.clientConfig.caBundle}');
      const all = [...webhooks.split(' '), conversion].map((text) => Buffer.from(text, 'base64').toString());
      return [...new Set(all)];
    }

    /** The certificate that a server shows. */
    function shown(port: number): Promise<X509Certificate> {
      return new Promise((resolve, reject) => {
        const socket = connect({ host: '127.0.0.1', port, servername: SERVER_NAME, rejectUnauthorized: false }, () => {
          const certificate = socket.getPeerX509Certificate();
          socket.destroy();
          if (certificate === undefined) reject(new Error('no certificate'));
          else resolve(certificate);
        });
        socket.on('error', reject);
      });
    }

    const pool = (name: string): string =>
      JSON.stringify({
        apiVersion: 'metallb.io/v1beta1',
        kind: 'IPAddressPool',
        metadata: { name, namespace: NAMESPACE },
        spec: { addresses: ['192.0.2.0/28'] },
      });
    const applyPool = (name: string): Promise<string> =>
      controlPlane.kubectl(['apply', '--dry-run=server', '-f', '-'], { input: pool(name) });

    test('is made where the Secret is empty, and the API server believes in it', async () => {
      const { server } = await start();
      const data = await secretData();
      await eventually(bundles).toEqual([data['ca.crt']]);
      expect((await shown(server.port)).toString()).toBe(new X509Certificate(data['tls.crt']).toString());

      await eventually(() => applyPool('good').catch(String)).toContain('ipaddresspool.metallb.io/good created');
      await expect(applyPool('bad')).rejects.toThrow(
        'admission webhook "ipaddresspoolvalidationwebhook.metallb.io" denied the request: not bad',
      );
    });

    test('writes as cert-controller does, so that both may take turns', async () => {
      await start();
      await eventually(bundles).toEqual([(await secretData())['ca.crt']]);
      for (const [kind, name, field] of [
        ['validatingwebhookconfiguration', CONFIGURATION, '"f:caBundle"'],
        ['crd', CRD, '"f:caBundle"'],
      ] as const) {
        const text = await controlPlane.kubectl(['get', kind, name, '-o', 'json', '--show-managed-fields']);
        const managers: readonly { manager: string; operation: string; fieldsV1: object }[] =
          JSON.parse(text).metadata.managedFields;
        const owners = managers.filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes(field));
        expect(owners.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual(['MetalLB Update']);
      }
    });

    test('converts BGPPeers between their versions, asked by the API server', async () => {
      await start();
      await eventually(bundles).toEqual([(await secretData())['ca.crt']]);
      const peer = {
        apiVersion: 'metallb.io/v1beta2',
        kind: 'BGPPeer',
        metadata: { name: 'router', namespace: NAMESPACE },
        spec: { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', holdTime: '30s' },
      };
      await eventually(() =>
        controlPlane.kubectl(['apply', '-f', '-'], { input: JSON.stringify(peer) }).catch(String),
      ).toMatch(/bgppeer.metallb.io\/router (created|unchanged)/);
      const old = await controlPlane.kubectl([
        'get',
        'bgppeers.v1beta1.metallb.io',
        'router',
        '-n',
        NAMESPACE,
        '-o',
        'json',
      ]);
      expect(JSON.parse(old)).toMatchObject({
        apiVersion: 'metallb.io/v1beta1',
        spec: { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', peerPort: 179, holdTime: '30s' },
      });
      await controlPlane.kubectl(['delete', 'bgppeer', 'router', '-n', NAMESPACE]);
    });

    test('of MetalLB is adopted as it is', async () => {
      const theirs: Record<string, string> = JSON.parse(await readFile(CERT_CONTROLLER_SECRET, 'utf8'));
      const decoded = (key: string): string => Buffer.from(theirs[key] ?? '', 'base64').toString();
      await patchSecret(theirs);
      const { server } = await start();
      await eventually(bundles).toEqual([decoded('ca.crt')]);
      expect((await shown(server.port)).toString()).toBe(new X509Certificate(decoded('tls.crt')).toString());
      expect((await secretData())['tls.key']).toBe(decoded('tls.key'));
      await eventually(() => applyPool('good').catch(String)).toContain('created');
    });

    test('is exchanged with its authority while the API server asks, and every question is answered', async () => {
      const { server } = await start();
      await eventually(() => applyPool('good').catch(String)).toContain('created');
      const before = await shown(server.port);
      const outcomes: string[] = [];
      const enough = new AbortController();
      const asker = (async () => {
        while (!enough.signal.aborted) {
          // Breaks the connection that it keeps: it looks at the certificate anew each time.
          bed.lead({ host: '127.0.0.1', port: server.port });
          await new Promise((resolve) => setTimeout(resolve, 20));
          const body: unknown = JSON.parse(pool(`good-${outcomes.length}`));
          const path = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/ipaddresspools?dryRun=All`;
          const outcome = await bed.admin.request('POST', path, { body }).then(
            ({ status }) => String(status),
            (error: unknown) => String(error),
          );
          outcomes.push(outcome);
        }
      })();
      await patchSecret({ 'ca.crt': null });
      await eventually(async () => (await shown(server.port)).toString()).not.toBe(before.toString());
      await eventually(bundles).toEqual([(await secretData())['ca.crt']]);
      const asked = outcomes.length;
      await eventually(() => outcomes.length).toBeGreaterThan(asked + 20);
      enough.abort();
      await asker;
      expect(new Set(outcomes)).toEqual(new Set(['201']));
    });

    test('has its authority put right where somebody else changes it', async () => {
      await start();
      const { 'ca.crt': authority } = await secretData();
      await eventually(bundles).toEqual([authority]);
      const fields = { spec: { conversion: { webhook: { clientConfig: { caBundle: null } } } } };
      await controlPlane.kubectl(['patch', 'crd', CRD, '--type=merge', `--patch=${JSON.stringify(fields)}`]);
      await controlPlane.kubectl([
        ...['patch', 'validatingwebhookconfiguration', CONFIGURATION, '--type=json'],
        `--patch=${JSON.stringify([{ op: 'remove', path: '/webhooks/2/clientConfig/caBundle' }])}`,
      ]);
      await eventually(bundles).toEqual([authority]);
    });

    test('is made anew where the Secret is deleted', async () => {
      const { server } = await start({ settleMs: 100 });
      const before = await shown(server.port);
      await controlPlane.kubectl(['delete', 'secret', SECRET, '-n', NAMESPACE]);
      await eventually(async () => (await shown(server.port)).toString()).not.toBe(before.toString());
      const data = await secretData();
      expect(new X509Certificate(data['tls.crt']).toString()).toBe((await shown(server.port)).toString());
    });

    test('is one and the same where two controllers make one at once', async () => {
      const [first, second] = await Promise.all([start(), start()]);
      await eventually(
        async () => (await shown(first.server.port)).toString() === (await shown(second.server.port)).toString(),
      ).toBe(true);
      await eventually(bundles).toEqual([(await secretData())['ca.crt']]);
      const data = await secretData();
      expect((await shown(first.server.port)).toString()).toBe(new X509Certificate(data['tls.crt']).toString());
    });

    /** Takes rules away from the account while a test runs. */
    async function withRules(
      change: (rules: readonly PolicyRule[]) => readonly PolicyRule[],
      run: () => Promise<void>,
    ) {
      const isClusterRole = ({ kind, metadata }: RbacObject): boolean =>
        kind === 'ClusterRole' && metadata.name.endsWith(':controller');
      const name = (await objectsOf(roles)).find(isClusterRole)?.metadata.name ?? '';
      const text = await controlPlane.kubectl(['get', 'clusterrole', name, '-o', 'jsonpath={.rules}']);
      const rules: readonly PolicyRule[] = JSON.parse(text);
      const put = async (value: unknown): Promise<void> => {
        const patch = `--patch=${JSON.stringify([{ op: 'replace', path: '/rules', value }])}`;
        await controlPlane.kubectl(['patch', 'clusterrole', name, '--type=json', patch]);
      };
      await put(change(rules));
      try {
        await run();
      } finally {
        await put(rules);
      }
    }

    test('is served also where nothing may be seen that names its authority, and the log says which rule is missing', async () => {
      await withRules(
        () => [],
        async () => {
          const { logged } = await start();
          const refused = (): string[] => logged.filter((line) => line.startsWith('not allowed to list or watch'));
          await eventually(() => refused().length).toBe(2);
          for (const resource of ['validatingwebhookconfigurations', 'customresourcedefinitions']) {
            expect(refused()).toContainEqual(expect.stringContaining(`cannot list resource \\"${resource}\\"`));
          }
        },
      );
    });

    test('is served also where its authority may be seen and not written, and the log says so once', async () => {
      const onlySeen = (rules: readonly PolicyRule[]): readonly PolicyRule[] =>
        rules.filter(({ verbs }) => verbs.every((verb) => ['get', 'list', 'watch'].includes(verb)));
      await withRules(onlySeen, async () => {
        const { logged } = await start();
        const refused = (): string[] => logged.filter((line) => line.startsWith('a rule is missing'));
        await eventually(() => refused().length).toBe(2);
        expect(refused().join()).toContain(
          `verbs [patch] on customresourcedefinitions.apiextensions.k8s.io named ${CRD}`,
        );
      });
    });

    test('is made for the time of the API server, however wrong the clock here is', async () => {
      const { server, logged } = await start({ nowMs: () => Date.parse('2050-01-01') });
      await eventually(async () => new Date((await shown(server.port)).validTo).getFullYear()).toBe(
        new Date().getFullYear() + 1,
      );
      expect(logged.filter((line) => line.startsWith('webhook certificate made'))).toHaveLength(1);
      expect(logged).toContainEqual(expect.stringContaining('the clock here differs'));
    });

    testWithMetalLb('of ours is good for MetalLB’s own controller, which serves it as it is', async () => {
      await start();
      const data = await secretData();
      await eventually(bundles).toEqual([data['ca.crt']]);
      await bed.stopAll();

      const folder = await mkdtemp(join(tmpdir(), 'webhook-certificates-'));
      onTestFinished(() => rm(folder, { recursive: true }));
      // Its server looks there, whatever --cert-dir says.
      const mounted = join(folder, 'k8s-webhook-server', 'serving-certs');
      await mkdir(mounted, { recursive: true });
      for (const name of ['tls.crt', 'tls.key'] as const) await writeFile(join(mounted, name), data[name]);
      const pod = {
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'metallb', namespace: NAMESPACE } },
        spec: { nodeName: 'none', terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'none' }] },
      };
      await controlPlane.kubectl(['apply', '-f', '-'], { input: JSON.stringify(pod) });
      const args = ['--port=0', '--health-probe-port=0', `--cert-dir=${mounted}`, `--namespace=${NAMESPACE}`];
      const environment = {
        KUBECONFIG: bed.controllerKubeconfigPath,
        TMPDIR: folder,
        METALLB_POD_NAME: 'metallb',
        METALLB_BGP_TYPE: 'frr',
      };
      const metallb = spawn(realMetalLb() ?? '', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
      onTestFinished(() => {
        metallb.kill('SIGKILL');
      });
      let output = '';
      for (const stream of [metallb.stdout, metallb.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      }
      await eventually(() => output).toContain('CA certs are injected to webhooks');
      bed.lead({ host: '127.0.0.1', port: 9443 }); // it has no flag for another
      await eventually(() => applyPool('good').catch(String)).toContain('created');
      const wrong = JSON.stringify({
        ...JSON.parse(pool('wrong')),
        metadata: { name: 'wrong', namespace: 'default' },
      });
      await expect(controlPlane.kubectl(['apply', '-f', '-'], { input: wrong })).rejects.toThrow(
        `denied the request: resource must be created in ${NAMESPACE} namespace`,
      );
      expect(output).toContain('no cert refresh needed');
      expect(output).not.toContain('refreshing');
      expect(await secretData()).toEqual(data);
      expect(await bundles()).toEqual([data['ca.crt']]);
    });
  });
});
