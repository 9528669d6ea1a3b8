import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@steelyard/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Controller } from './cluster/controllers.ts';
import { describeWithRoles } from './cluster/describe-with-roles.ts';
import { testWithMetalLb } from './cluster/with-metallb.ts';

const NAMESPACE = 'metallb-system';
const SECRET = `/api/v1/namespaces/${NAMESPACE}/secrets/metallb-webhook-cert`;
const CONFIGURATION =
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/metallb-webhook-configuration';
const POOLS = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/ipaddresspools`;
/** Made by cert-controller v0.15.0, as MetalLB calls it: see webhook-certificates.test.ts. */
const CERT_CONTROLLER_SECRET = new URL('./recorded/cert-controller-secret.json', import.meta.url);
/** Of the webhooks' rules, those of MetalLB's FRR modes: no kind is refused for being of BGP. */
const FRR = { METALLB_BGP_TYPE: 'frr' };

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 100 });

interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

function object(kind: string, name: string, spec: object, version = 'v1beta1'): KubeObject {
  return { apiVersion: `metallb.io/${version}`, kind, metadata: { name, namespace: NAMESPACE }, spec };
}
const pool = (name: string, ...addresses: readonly string[]): KubeObject =>
  object('IPAddressPool', name, { addresses });
const peer = (name: string, more: object = {}, version = 'v1beta2'): KubeObject =>
  object('BGPPeer', name, { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', ...more }, version);

await describeWithRoles(
  'the webhooks of the controller',
  (cluster) => {
    /** What kubectl prints; a refusal as text too. */
    const apply = async (...objects: readonly KubeObject[]): Promise<string> =>
      cluster()
        .kubectl(['apply', '-f', '-'], { input: listOf(objects) })
        .catch(String);
    const remove = (...names: readonly string[]): Promise<string> =>
      cluster().kubectl(['delete', `--namespace=${NAMESPACE}`, ...names]);
    const listOf = (items: readonly object[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

    /** Ready, found by the API server, and believed: an authority takes it a moment. */
    async function startTrusted(options: Parameters<ReturnType<typeof cluster>['startController']>[0] = {}) {
      const controller = await cluster().startController({ env: FRR, ...options });
      await trusted();
      return controller;
    }
    async function trusted(): Promise<void> {
      await eventually(() => dryRun('trusted')).toContain('ipaddresspool.metallb.io/trusted created');
    }
    const dryRun = async (name: string): Promise<string> =>
      cluster()
        .kubectl(['apply', '--dry-run=server', '-f', '-'], { input: JSON.stringify(pool(name, '203.0.113.0/28')) })
        .catch(String);
    /** As text; what is not there is empty. */
    async function secretData(): Promise<Readonly<Record<'ca' | 'certificate' | 'key', string>>> {
      const { data = {} } = (await cluster().kube.get(SECRET)) as { data?: Readonly<Record<string, string>> };
      const text = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
      return { ca: text('ca.crt'), certificate: text('tls.crt'), key: text('tls.key') };
    }
    async function mountAt(
      folder: string,
      { ca, certificate, key }: Awaited<ReturnType<typeof secretData>>,
    ): Promise<void> {
      for (const [name, text] of Object.entries({ 'ca.crt': ca, 'tls.crt': certificate, 'tls.key': key })) {
        await writeFile(join(folder, name), text);
      }
    }
    async function bundles(): Promise<readonly string[]> {
      const { webhooks } = (await cluster().kube.get(CONFIGURATION)) as {
        webhooks: readonly { clientConfig: { caBundle?: string } }[];
      };
      return [
        ...new Set(webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString())),
      ];
    }
    /** The first octets are enough to tell one from another. */
    const served = async (controller: Controller): Promise<string> => {
      const args = [
        's_client',
        '-connect',
        '127.0.0.1:9443',
        '-servername',
        `metallb-webhook-service.${NAMESPACE}.svc`,
      ];
      const { stdout } = await controller.namespace.run('openssl', args, { allowFailure: true, input: '' });
      const [pem] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(stdout) ?? [];
      return pem === undefined ? '' : new X509Certificate(pem).fingerprint256;
    };
    const fingerprint = (pem: string): string => (pem === '' ? '' : new X509Certificate(pem).fingerprint256);

    describe('called by the API server for kubectl', () => {
      // The texts are those of MetalLB: internal/config/config.go and validation.go, internal/k8s/webhooks. What stands
      // before them says where to look, and is ours.
      const denials: readonly (readonly [
        webhook: string,
        existing: readonly KubeObject[],
        one: KubeObject,
        text: string,
      ])[] = [
        [
          'ipaddresspoolvalidationwebhook',
          [pool('a', '192.0.2.0/28')],
          pool('b', '192.0.2.8/29'),
          'IPAddressPool/b spec.addresses: CIDR "192.0.2.8/29" in pool "b" overlaps with already defined CIDR "192.0.2.0/28"',
        ],
        [
          'ipaddresspoolvalidationwebhook',
          [],
          pool('a', '192.0.2.9-192.0.2.1'),
          'IPAddressPool/a spec.addresses[0]: parsing address pool a: invalid CIDR "192.0.2.9-192.0.2.1" in pool "a": invalid IP range "192.0.2.9-192.0.2.1": start IP "192.0.2.9" is after the end IP "192.0.2.1"',
        ],
        [
          'l2advertisementvalidationwebhook',
          [],
          object('L2Advertisement', 'a', { ipAddressPools: ['x', 'x'] }),
          'duplicate definition of ipAddressPools "x"',
        ],
        [
          'bgpadvertisementvalidationwebhook',
          [pool('a', '192.0.2.0/28')],
          object('BGPAdvertisement', 'a', { aggregationLength: 24, ipAddressPools: ['a'] }),
          'BGPAdvertisement/a spec.aggregationLength: invalid aggregation length 24: prefix 28 in this pool is more specific than the aggregation length for addresses 192.0.2.0/28',
        ],
        [
          'bgppeersvalidationwebhook',
          [],
          peer('a', { holdTime: '1s' }),
          'BGPPeer/a spec.holdTime: parsing peer a invalid BGPPeer timers: invalid hold time "1s": must be 0 or >=3s',
        ],
        [
          'communityvalidationwebhook',
          [object('Community', 'a', { communities: [{ name: 'one', value: '1:1' }] })],
          object('Community', 'b', { communities: [{ name: 'one', value: '1:2' }] }),
          'duplicate definition of community "one"',
        ],
      ];

      test('each kind is admitted where it is right, and denied with MetalLB’s words where it is not', async () => {
        await startTrusted();
        for (const [webhook, existing, one, text] of denials) {
          const { kind } = one;
          if (existing.length > 0) expect(await apply(...existing), kind).toMatch(/created\n$/);
          // `kubectl apply` says the time of creation to no one: of two made in one second the name decides.
          const answer = await apply(one);
          expect(answer, kind).toContain(
            `Error from server (Forbidden): error when creating "STDIN": admission webhook "${webhook}.metallb.io" denied the request: `,
          );
          expect(answer, kind).toContain(text);
          for (const { kind: made, metadata } of existing) await remove(made, metadata.name);
        }
        const right = [
          pool('a', '192.0.2.0/28'),
          object('L2Advertisement', 'a', {}),
          object('BGPAdvertisement', 'a', {}),
          object('BFDProfile', 'a', {}),
          peer('a', { bfdProfile: 'a' }),
          object('Community', 'a', { communities: [{ name: 'x', value: '1:2' }] }),
        ];
        expect((await apply(...right)).split('\n').filter((line) => line.endsWith(' created'))).toHaveLength(
          right.length,
        );
        expect((await apply(...right)).split('\n').filter((line) => line.endsWith(' unchanged'))).toHaveLength(
          right.length,
        );
        // The sixth: a BFDProfile is looked at when it goes.
        await expect(remove('bfdprofile', 'a')).rejects.toThrow(
          'admission webhook "bfdprofilevalidationwebhook.metallb.io" denied the request: BFDProfile/a: failed to delete BFDProfile a, used by BGPPeer a',
        );
        await remove('bgppeer', 'a');
        expect(await remove('bfdprofile', 'a')).toContain('deleted');
        for (const one of right) {
          const { kind, metadata } = one;
          const elsewhere = { ...one, metadata: { ...metadata, namespace: 'default' } };
          expect(await apply(elsewhere), kind).toContain(`resource must be created in ${NAMESPACE} namespace`);
        }
      });

      test('an update is judged, and a warning is shown', async () => {
        await startTrusted();
        expect(await apply(pool('a', '192.0.2.0/28'), pool('b', '192.0.2.16/28'))).toContain('created');
        const answer = await apply(pool('b', '192.0.2.0/29'));
        expect(answer).toContain('Error from server (Forbidden): error when applying patch');
        expect(answer).toContain('CIDR "192.0.2.0/29" in pool "b" overlaps with already defined CIDR "192.0.2.0/28"');
        const warns = cluster().kubectl(['apply', '--warnings-as-errors', '-f', '-'], {
          input: JSON.stringify(peer('warned', { disableMP: true })),
        });
        // MetalLB internal/k8s/webhooks/webhookv1beta2/bgppeer_webhook.go.
        await expect(warns).rejects.toThrow(
          "Warning: disable mp is deprecated and has no effect since it's the default behavior now",
        );
      });

      test('a BGPPeer is read and written in both versions', async () => {
        const { kubectl } = cluster();
        await startTrusted();
        expect(await apply(peer('old', { holdTime: '30s' }, 'v1beta1'))).toContain('bgppeer.metallb.io/old created');
        expect(await apply(peer('new', { peerAddress: '192.0.2.2', vrf: 'red' }))).toContain('created');
        const get = async (name: string, version: string): Promise<unknown> =>
          JSON.parse(
            await kubectl(['get', `bgppeers.${version}.metallb.io`, name, `--namespace=${NAMESPACE}`, '-o', 'json']),
          );
        expect(await get('old', 'v1beta2')).toMatchObject({
          apiVersion: 'metallb.io/v1beta2',
          spec: { myASN: 64512, peerASN: 64513, peerAddress: '192.0.2.1', peerPort: 179, holdTime: '30s' },
        });
        expect(await get('new', 'v1beta1')).toMatchObject({
          apiVersion: 'metallb.io/v1beta1',
          spec: { myASN: 64512, peerAddress: '192.0.2.2' },
        });
        // Written as v1beta1, kept as v1beta2, and reviewed as such.
        expect(await apply(peer('wrong', { holdTime: '1s', peerAddress: '192.0.2.3' }, 'v1beta1'))).toContain(
          'invalid hold time "1s": must be 0 or >=3s',
        );
        await kubectl([
          'patch',
          'bgppeers.v1beta1.metallb.io',
          'new',
          `--namespace=${NAMESPACE}`,
          '--type=merge',
          '--patch={"spec":{"peerPort":1179}}',
        ]);
        expect(await get('new', 'v1beta2')).toMatchObject({ spec: { vrf: 'red', peerPort: 1179 } });
      });
    });

    describe('their certificate', () => {
      test('is exchanged where the Secret is emptied or deleted, and every question is answered meanwhile', async () => {
        const { kube, roles } = cluster();
        const controller = await startTrusted();
        const before = await served(controller);
        expect(before).toBe(fingerprint((await secretData()).certificate));
        const answers: string[] = [];
        const enough = new AbortController();
        const asking = (async () => {
          while (!enough.signal.aborted) {
            const asked = kube.create(`${POOLS}?dryRun=All`, pool(`asked-${answers.length}`, '203.0.113.0/28'));
            answers.push(await asked.then(() => 'allowed', String));
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        })();
        // A Secret that is gone may come back by whoever manages it, so that is waited for: half a minute, for one of the two.
        if (roles === 'own') await kube.patch(SECRET, { data: { 'ca.crt': null } });
        else await kube.delete(SECRET);
        await expect.poll(() => served(controller), { timeout: 90_000, interval: 500 }).not.toBe(before);
        const data = await secretData();
        expect(await served(controller)).toBe(fingerprint(data.certificate));
        // For a while the one before is named beside it.
        for (const bundle of await bundles()) expect(bundle).toContain(data.ca.trim());
        const so = answers.length;
        await eventually(() => answers.length).toBeGreaterThan(so + 20);
        enough.abort();
        await asking;
        expect(new Set(answers)).toEqual(new Set(['allowed']));
      }, 120_000);

      test('that MetalLB has made is adopted as it is', async () => {
        const { kube } = cluster();
        const data: Record<string, string> = JSON.parse(await readFile(CERT_CONTROLLER_SECRET, 'utf8'));
        await kube.delete(SECRET).catch(() => undefined);
        const secret = { metadata: { name: 'metallb-webhook-cert' }, data };
        await kube.create(`/api/v1/namespaces/${NAMESPACE}/secrets`, secret);
        const controller = await startTrusted();
        expect(((await kube.get(SECRET)) as { data: unknown }).data).toEqual(data);
        expect(await bundles()).toEqual([(await secretData()).ca]);
        expect(await served(controller)).toBe(fingerprint((await secretData()).certificate));
        await kube.delete(SECRET); // the next test has one of its own
      });

      test('may be somebody else’s affair: --disable-cert-rotation --cert-dir', async () => {
        const { kube } = cluster();
        const maker = await startTrusted();
        const data = await secretData();
        await maker.stop();
        await kube.delete(SECRET);
        const folder = await mkdtemp(join(tmpdir(), 'cert-dir-'));
        onTestFinished(() => rm(folder, { recursive: true }));
        await mountAt(folder, data);

        const controller = await startTrusted({ flags: ['--disable-cert-rotation', `--cert-dir=${folder}`], env: FRR });

        expect(await served(controller)).toBe(fingerprint(data.certificate));
        expect(await apply(pool('a', '192.0.2.9-192.0.2.1'))).toContain('denied the request');
        await expect(kube.get(SECRET)).rejects.toThrow('404');
      });

      testWithMetalLb(
        'goes from MetalLB’s own controller to ours and back, and nobody makes another',
        async () => {
          const { startMetalLbController, kube } = cluster();
          await kube.delete(SECRET).catch(() => undefined);
          await kube.create(`/api/v1/namespaces/${NAMESPACE}/secrets`, { metadata: { name: 'metallb-webhook-cert' } });
          const folder = await mkdtemp(join(tmpdir(), 'metallb-certs-'));
          onTestFinished(() => rm(folder, { recursive: true }));
          const mounted = join(folder, 'k8s-webhook-server', 'serving-certs');
          await mkdir(mounted, { recursive: true });
          /** What the kubelet does with the Secret. */
          const mount = async (): ReturnType<typeof secretData> => {
            const data = await waitUntil(
              'a certificate in the Secret',
              async () => {
                const found = await secretData();
                return found.certificate !== '' && found;
              },
              { timeoutMs: 20_000 },
            );
            await mountAt(mounted, data);
            return data;
          };
          const metallb = { env: { ...FRR, TMPDIR: folder }, flags: [`--cert-dir=${mounted}`] };
          const starting = startMetalLbController(metallb);
          const data = await mount();
          const theirs = await starting;
          await trusted();
          await theirs.stop();

          const ours = await startTrusted();
          expect(await secretData()).toEqual(data);
          expect(await bundles()).toEqual([data.ca]);
          expect(await served(ours)).toBe(fingerprint(data.certificate));
          await kube.patch(SECRET, { data: { 'ca.crt': null, 'ca.key': null, 'tls.crt': null, 'tls.key': null } });
          await expect.poll(bundles, { timeout: 60_000 }).not.toContainEqual(expect.stringContaining(data.ca.trim()));
          const made = await secretData();
          expect(await bundles()).toEqual([made.ca]);
          await ours.stop();

          await mount();
          await startMetalLbController(metallb);
          await trusted();
          expect(await secretData()).toEqual(made);
          expect(await bundles()).toEqual([made.ca]);
          await apply(pool('theirs', '192.0.2.0/28'));
          expect(await apply(pool('overlaps', '192.0.2.0/29'))).toContain('overlaps with already defined CIDR');
        },
        120_000,
      );
    });

    test('--webhook-mode: onlywebhook gives no addresses, disabled serves no webhooks', async () => {
      const { createService, startController, addressesOf, addressOf, kube } = cluster();
      const only = await startTrusted({ flags: ['--webhook-mode=onlywebhook'], env: FRR });
      expect(await apply(pool('a', '192.0.2.0/28'))).toContain('created');
      expect(await apply(pool('b', '192.0.2.0/28'))).toContain('denied the request');
      await createService('web');
      await new Promise((resolve) => setTimeout(resolve, 1_000)); // nothing is what is waited for
      expect(await addressesOf('web')).toEqual([]);
      const states = `/apis/metallb.io/v1beta1/namespaces/${NAMESPACE}/configurationstates`;
      expect(((await kube.get(states)) as { items: unknown[] }).items).toEqual([]);

      // One Pod is not labelled as the webhooks' in a cluster that has both, or the API server would ask it.
      const disabled = await startController({ flags: ['--webhook-mode=disabled'], webhooks: false });
      expect((await disabled.get('https://127.0.0.1:9443/', '-k')).status).toBe(0);
      await only.stop();
      expect(await addressOf('web', 40_000)).toBe('192.0.2.0');
    });

    test('a controller that is started anew in the middle of a `kubectl apply` of 100 pools loses none', async () => {
      const { kube } = cluster();
      const controller = await startTrusted();
      const pools = Array.from({ length: 100 }, (_, i) => pool(`pool-${i}`, `10.0.${i}.0/24`));
      const made = async (): Promise<number> => ((await kube.get(POOLS)) as { items: unknown[] }).items.length;

      const first = apply(...pools);
      await waitUntil('some pools', async () => (await made()) > 2, { timeoutMs: 20_000, intervalMs: 10 });
      await controller.kill();
      const before = await made();
      expect(before).toBeLessThan(100);
      const answer = await first; // what was not there to be asked is an error, and not an admission
      expect(answer).toContain('failed calling webhook "ipaddresspoolvalidationwebhook.metallb.io"');
      await controller.restart();
      await controller.ready();
      await trusted();
      const again = await apply(...pools);
      expect(again).not.toContain('Error');
      expect(await made()).toBe(100);
      expect(await apply(pool('late', '10.0.99.0/30'))).toContain('overlaps with already defined CIDR "10.0.99.0/24"');
      await eventually(async () => {
        const { status } = (await kube.get(`${POOLS}/pool-99`)) as { status?: { availableIPv4?: number } };
        return status?.availableIPv4;
      }).toBe(256);
    });
  },
  { webhooks: true },
);
