import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  type ControlPlane,
  type EndpointRoutes,
  openEndpointRoutes,
  openRealControlPlane,
  serveWebhooksFrom,
} from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';

const NAMESPACE = 'metallb-system';
const SERVER_NAME = `metallb-webhook-service.${NAMESPACE}.svc`;

await describeKubeLab('a webhook that is named by its Service', (kubeLab) => {
  const reviewed: { readonly url: string | undefined; readonly host: string | undefined; readonly name: string }[] = [];
  let routes: EndpointRoutes;
  let controlPlane: ControlPlane;
  let server: Server;
  let to: { readonly host: string; readonly port: number };

  beforeAll(async () => {
    routes = await openEndpointRoutes();
    controlPlane = await openRealControlPlane({ kubeLab, apiServerFlags: routes.apiServerFlags });
    const { key, certificate } = await selfSigned();
    server = createServer({ key, cert: certificate }, async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      const { uid, name } = JSON.parse(body).request;
      reviewed.push({ url: request.url, host: request.headers.host, name });
      const review = { uid, allowed: name !== 'bad', status: { message: `not ${name}` } };
      response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: review }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    to = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    await controlPlane.kubectl(['create', 'namespace', NAMESPACE]);
    await serveWebhooksFrom(controlPlane, { namespace: NAMESPACE, address: '192.0.2.11' });
    await controlPlane.kubectl(['apply', '-f', '-'], { input: JSON.stringify(configuration(certificate)) });
  });
  afterAll(async () => {
    server.close();
    server.closeAllConnections();
    await controlPlane.stop();
    await routes.close();
  });

  const create = (name: string): Promise<string> => controlPlane.kubectl(['create', 'configmap', name]);

  test('cannot be asked while nothing leads to its endpoint', async () => {
    // The configuration is in force a moment after it was written.
    await expect
      .poll(() => create(`early-${routes.dialled.length}-${Math.random()}`).catch(String))
      .toMatch(/failed calling webhook "all.metallb.io".*Bad Gateway/);
    expect(routes.dialled).toContain('192.0.2.11:9443');
  });

  test('is asked by the API server itself, under the name of the Service', async () => {
    routes.set({ address: '192.0.2.11', port: 9443 }, to);

    await expect(create('bad')).rejects.toThrow('admission webhook "all.metallb.io" denied the request: not bad');
    expect(await create('good')).toContain('configmap/good created');

    expect(reviewed).toEqual(
      ['bad', 'good'].map((name) => ({ url: '/validate?timeout=5s', host: `${SERVER_NAME}:443`, name })),
    );
  });

  test('moves with its endpoint, over IPv6 as well', async () => {
    routes.delete({ address: '192.0.2.11', port: 9443 });
    await expect(create('gone')).rejects.toThrow('failed calling webhook');

    routes.set({ address: '2001:db8::11', port: 9443 }, to);
    await controlPlane.kubectl(['delete', 'endpointslice', '--namespace', NAMESPACE, '--all']);
    await serveWebhooksFrom(controlPlane, { namespace: NAMESPACE, address: '2001:db8::11' });

    await expect.poll(() => create('bad').catch(String)).toMatch('denied the request: not bad');
    expect(routes.dialled.at(-1)).toBe('[2001:db8::11]:9443');
  });
});

function configuration(certificate: string): object {
  const service = { namespace: NAMESPACE, name: 'metallb-webhook-service', path: '/validate' };
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'all' },
    webhooks: [
      {
        name: 'all.metallb.io',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 5,
        clientConfig: { service, caBundle: Buffer.from(certificate).toString('base64') },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
      },
    ],
  };
}

/** A certificate for the Service's name that is its own authority. */
async function selfSigned(): Promise<{ readonly key: string; readonly certificate: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'webhook-'));
  const [keyPath, certificatePath] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${SERVER_NAME}`, '-addext', `subjectAltName=DNS:${SERVER_NAME}`],
    ...['-keyout', keyPath, '-out', certificatePath],
  ]);
  const [key, certificate] = await Promise.all([readFile(keyPath, 'utf8'), readFile(certificatePath, 'utf8')]);
  await rm(folder, { recursive: true });
  return { key, certificate };
}
