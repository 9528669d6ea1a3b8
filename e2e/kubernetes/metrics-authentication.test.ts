import { createPrivateKey, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { createLogger } from '@steelyard/daemon';
import { createMetrics, type MetricsServer, startMetricsServer } from '@steelyard/daemon/metrics';
import { createTokenReviewer, openKubeClient } from '@steelyard/k8s-adapter';
import {
  type ControlPlane,
  createServiceAccountKubeconfig,
  metalLbRoles,
  openRealControlPlane,
  waitUntil,
} from '@steelyard/testkit';
import { describeKubeLab } from '@steelyard/testkit/kube-lab/vitest';
import { afterAll, beforeAll, expect, test } from 'vitest';

const NAMESPACE = 'metallb-system';

await describeKubeLab('metrics, with TokenReview and SubjectAccessReview of a real API server', (kubeLab) => {
  let controlPlane: ControlPlane;
  let server: MetricsServer;
  let lines: Record<string, unknown>[];
  const closing: (() => Promise<unknown>)[] = [];

  async function apply(...objects: readonly object[]): Promise<void> {
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await controlPlane.kubectl(['apply', '-f', '-'], { input });
  }

  async function createToken(name: string, ...flags: readonly string[]): Promise<string> {
    return (await controlPlane.kubectl(['create', 'token', name, ...flags])).trim();
  }

  /** Rules reach the API server's authorizer by a watch of its own, a moment after they were written. */
  async function waitUntilAuthorized(as: string, action: readonly string[], authorized: boolean): Promise<void> {
    const args = ['auth', 'can-i', ...action, `--as=system:serviceaccount:${as}`];
    await waitUntil(`${as} ${authorized ? 'may' : 'may not'} ${action.join(' ')}`, async () => {
      const answer = await controlPlane.kubectl(args).catch(() => 'no'); // kubectl exits 1 when it says no
      return (answer.trim() === 'yes') === authorized;
    });
  }

  /** A speaker's metrics, with exactly the rights of MetalLB's speaker. */
  async function serveMetrics(): Promise<MetricsServer> {
    const kubeconfigPath = await createServiceAccountKubeconfig(controlPlane, {
      namespace: NAMESPACE,
      name: 'speaker',
    });
    const client = await openKubeClient({ kubeconfigPath, env: {} });
    lines = [];
    const logger = createLogger({ level: 'all', write: (line) => lines.push(JSON.parse(line)) });
    const { authorize } = createTokenReviewer({ client, logger });
    const started = await startMetricsServer({
      host: '127.0.0.1',
      port: 0,
      registry: createMetrics({ program: 'speaker' }),
      authorize,
      certificate: 'self-signed',
      logger,
    });
    closing.push(
      () => client.close(),
      () => started.close(),
    );
    return started;
  }

  function scrape(authorization?: string): Promise<[status: number | undefined, body: string]> {
    return new Promise((resolve, reject) => {
      const headers = authorization === undefined ? {} : { authorization };
      const options = { host: '127.0.0.1', port: server.port, path: '/metrics', headers };
      const sent = request({ ...options, rejectUnauthorized: false, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve([response.statusCode, body]));
      });
      sent.on('error', reject);
      sent.end();
    });
  }

  beforeAll(async () => {
    controlPlane = await openRealControlPlane({ kubeLab });
    await apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
      ...['prometheus', 'stranger', 'removed'].map((name) => ({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name, namespace: 'default' },
      })),
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'metrics-reader' },
        rules: [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'metrics-reader' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'metrics-reader' },
        subjects: ['prometheus', 'removed'].map((name) => ({ kind: 'ServiceAccount', name, namespace: 'default' })),
      },
    );
    await apply(...metalLbRoles({ namespace: NAMESPACE, metricsAuthentication: true }));
    await waitUntilAuthorized(`${NAMESPACE}:speaker`, ['create', 'tokenreviews.authentication.k8s.io'], true);
    await waitUntilAuthorized('default:prometheus', ['get', '/metrics'], true);
    server = await serveMetrics();
  });

  afterAll(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await controlPlane.stop();
  });

  test('a ServiceAccount with the rule reads them', async () => {
    const [status, body] = await scrape(`Bearer ${await createToken('prometheus')}`);

    expect(status).toBe(200);
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  test('a ServiceAccount without it is told which', async () => {
    expect(await scrape(`Bearer ${await createToken('stranger')}`)).toEqual([
      403,
      'Forbidden: User "system:serviceaccount:default:stranger" needs a ClusterRole with nonResourceURLs ["/metrics"], verbs ["get"]\n',
    ]);
  });

  test.for<[what: string, authorization: string | undefined]>([
    ['nothing', undefined],
    ['garbage', 'Bearer garbage'],
    ['three parts that are no token', 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA'],
    ['what is no token at all', 'Bearer "; DROP TABLE'],
    ['a password', 'Basic YWRtaW46YWRtaW4='],
  ])('%s is 401', async ([, authorization]) => {
    expect(await scrape(authorization)).toEqual([401, 'Unauthorized\n']);
  });

  test('a token meant for somebody else is 401', async () => {
    const token = await createToken('prometheus', '--audience=vault');

    expect(await scrape(`Bearer ${token}`)).toEqual([401, 'Unauthorized\n']);
  });

  test('a token whose ServiceAccount is gone is 401', async () => {
    const token = await createToken('removed');
    await controlPlane.kubectl(['delete', 'serviceaccount', 'removed']);

    expect(await scrape(`Bearer ${token}`)).toEqual([401, 'Unauthorized\n']);
  });

  test('a token that has expired is 401; the same one in its time is not', async () => {
    const token = await createToken('prometheus');

    const [status] = await scrape(`Bearer ${await signAnew(controlPlane, token, 3600)}`);
    expect(status).toBe(200);
    expect(await scrape(`Bearer ${await signAnew(controlPlane, token, -3600)}`)).toEqual([401, 'Unauthorized\n']);
  });

  test('none of them is worth a line of the log', () => {
    expect(lines).toEqual([]);
  });

  test('while the API server is away, who is remembered still reads, and others are 500', async () => {
    const [remembered, unknown] = [await createToken('prometheus'), await createToken('prometheus')];
    await scrape(`Bearer ${remembered}`);
    await controlPlane.killApiServer();

    expect((await scrape(`Bearer ${remembered}`))[0]).toBe(200);
    expect((await scrape(`Bearer ${unknown}`))[0]).toBe(500);
    await controlPlane.restartApiServer();
    expect((await scrape(`Bearer ${unknown}`))[0]).toBe(200);
    expect(lines.map(({ msg }) => msg)).toEqual(['cannot ask the Kubernetes API who may read the metrics']);
  });

  test('with the rights of MetalLB’s plain manifests nobody is let in, and the log names the rule', async () => {
    await apply(...metalLbRoles({ namespace: NAMESPACE }));
    await waitUntilAuthorized(`${NAMESPACE}:speaker`, ['create', 'tokenreviews.authentication.k8s.io'], false);
    server = await serveMetrics();
    const authorization = `Bearer ${await createToken('prometheus')}`;

    expect((await scrape(authorization))[0]).toBe(500);
    expect((await scrape(authorization))[0]).toBe(500);
    expect(lines.filter(({ rule }) => rule !== undefined)).toMatchObject([
      {
        level: 'error',
        rule: { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
      },
    ]);
  });
});

/** The same token, ending then, signed with the cluster's own key (ES256: RFC 7518, section 3.4). */
async function signAnew(controlPlane: ControlPlane, token: string, endsInSeconds: number): Promise<string> {
  const [header = '', payload = ''] = token.split('.');
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const nowSeconds = Math.floor(Date.now() / 1000);
  const times = { iat: nowSeconds - 7200, nbf: nowSeconds - 7200, exp: nowSeconds + endsInSeconds };
  const signed = `${header}.${Buffer.from(JSON.stringify({ ...claims, ...times })).toString('base64url')}`;
  const key = createPrivateKey(await readFile(join(controlPlane.directory, 'service-account.key')));
  const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}
