import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request as httpsRequest } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AdmissionRequest, AdmissionVerdict } from '../review/admission-review.ts';
import type { AdmissionReviewer, ConversionReviewer } from './webhook-endpoints.ts';
import type { WebhookLimits } from './webhook-limits.ts';
import { startWebhookServer, type WebhookCertificate, type WebhookServer } from './webhook-server.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const HOST = 'metallb-webhook-service.metallb-system.svc';
const POOL_PATH = '/validate-metallb-io-v1beta1-ipaddresspool';

let folder: string;
let first: WebhookCertificate;
let second: WebhookCertificate;
const closing: (() => unknown)[] = [];

function certificate(name: string): WebhookCertificate {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${HOST}`];
  execFileSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...[...subject, '-keyout', key, '-out', cert],
  ]);
  return { certificatePem: readFileSync(cert, 'utf8'), privateKeyPem: readFileSync(key, 'utf8') };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'webhook-server-'));
  first = certificate('first');
  second = certificate('second');
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const convert: ConversionReviewer = (asked) =>
  typeof asked === 'object' && asked !== null && 'kind' in asked
    ? Object.assign({ response: { result: { status: 'Success' } } } as const, { asked })
    : { response: { result: { status: 'Failure', code: 400, message: 'no ConversionReview' } } };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

interface StartOptions {
  readonly review?: AdmissionReviewer;
  readonly limits?: Partial<WebhookLimits>;
  readonly http2?: boolean;
  readonly certificate?: WebhookCertificate | null;
}

async function start(options: StartOptions = {}): Promise<WebhookServer> {
  const server = await startWebhookServer({
    host: '127.0.0.1',
    port: 0,
    review: options.review ?? (() => ({ allowed: true })),
    convert,
    http2: options.http2 ?? false,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    logger: silent,
  });
  if (options.certificate !== null) server.setCertificate(options.certificate ?? first);
  closing.push(() => server.close(0));
  return server;
}

interface Answer {
  readonly status: number;
  readonly allow: string | undefined;
  readonly text: string;
}

interface CallOptions {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

function call(server: WebhookServer, options: CallOptions = {}): Promise<Answer> {
  const body = options.body ?? '';
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host: '127.0.0.1',
      port: server.port,
      path: options.path ?? POOL_PATH,
      method: options.method ?? 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        ...options.headers,
      },
      rejectUnauthorized: false,
      agent: options.agent ?? false,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, allow: response.headers.allow, text }));
    });
    request.end(body);
  });
}

function review(fields: object = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'the-uid',
      kind: { group: 'metallb.io', version: 'v1beta1', kind: 'IPAddressPool' },
      operation: 'CREATE',
      namespace: 'metallb-system',
      name: 'pool',
      object: { metadata: { name: 'pool' } },
      ...fields,
    },
  });
}

/** A TLS connection on which a test says what it likes. */
function open(server: WebhookServer): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false }, () =>
      resolve(socket),
    );
    socket.on('error', reject);
    closing.push(() => socket.destroy());
  });
}

function heard(socket: Socket): () => string {
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  return () => text;
}

const head = (length: number, path: string = POOL_PATH): string =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

describe('an AdmissionReview', () => {
  const cases: readonly (readonly [string, AdmissionVerdict, object])[] = [
    ['allowed', { allowed: true }, { allowed: true, status: { metadata: {}, code: 200 } }],
    [
      'allowed with a warning',
      { allowed: true, warnings: ['v1beta1 is old'] },
      { allowed: true, status: { metadata: {}, code: 200 }, warnings: ['v1beta1 is old'] },
    ],
    [
      'denied',
      { allowed: false, message: 'resource must be created in metallb-system namespace' },
      {
        allowed: false,
        status: {
          metadata: {},
          code: 403,
          reason: 'Forbidden',
          message: 'resource must be created in metallb-system namespace',
        },
      },
    ],
    [
      'not to be judged',
      { allowed: false, code: 500, message: 'no list' },
      { allowed: false, status: { metadata: {}, code: 500, reason: 'InternalError', message: 'no list' } },
    ],
  ];
  test.each(cases)('that is %s is answered as controller-runtime answers it', async (_, verdict, response) => {
    const server = await start({ review: () => verdict });
    const { status, text } = await call(server, { body: review() });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      response: { uid: 'the-uid', ...response },
    });
  });

  test('reaches the reviewer with the kind of its path', async () => {
    const asked: [string, AdmissionRequest][] = [];
    const server = await start({
      review: (reviewed, request) => {
        asked.push([reviewed.kind, request]);
        return { allowed: true };
      },
    });
    await call(server, { body: review({ operation: 'UPDATE', oldObject: { old: true } }) });
    expect(asked).toEqual([
      [
        'IPAddressPool',
        {
          uid: 'the-uid',
          kind: { group: 'metallb.io', version: 'v1beta1', kind: 'IPAddressPool' },
          operation: 'UPDATE',
          namespace: 'metallb-system',
          name: 'pool',
          object: { metadata: { name: 'pool' } },
          oldObject: { old: true },
        },
      ],
    ]);
  });

  test('of another kind, or of another version, is an error of the webhook configuration', async () => {
    const server = await start();
    const kind = { group: 'metallb.io', version: 'v1beta2', kind: 'BGPPeer' };
    const { text } = await call(server, { body: review({ kind }) });
    expect(JSON.parse(text).response).toMatchObject({
      uid: 'the-uid',
      allowed: false,
      status: {
        code: 400,
        message: 'metallb.io/v1beta1 IPAddressPool is reviewed here, not "metallb.io/v1beta2 BGPPeer"',
      },
    });
  });

  test('about an operation that no webhook asks about is allowed without a look', async () => {
    const server = await start({ review: () => ({ allowed: false, message: 'looked' }) });
    const { text } = await call(server, { body: review({ operation: 'DELETE' }) });
    expect(JSON.parse(text).response.allowed).toBe(true);
  });

  test('whose reviewer throws is refused with what it said', async () => {
    const server = await start({
      review: () => {
        throw new TypeError('a mistake of ours');
      },
    });
    const { text } = await call(server, { body: review() });
    expect(JSON.parse(text).response).toMatchObject({
      uid: 'the-uid',
      allowed: false,
      status: { code: 500, message: 'a mistake of ours' },
    });
  });

  test('that is not judged in time is refused while the API server still listens', async () => {
    let given: AbortSignal | undefined;
    const server = await start({
      limits: { reviewTimeoutMs: 30, maxConcurrentReviews: 1 },
      review: (_, request, signal) => {
        given = signal;
        return request.name === 'pool' ? new Promise(() => undefined) : { allowed: true };
      },
    });
    const { text } = await call(server, { body: review() });
    expect(JSON.parse(text).response.status).toMatchObject({ code: 500, message: 'not judged within 30 ms' });
    expect(given?.aborted).toBe(true);
    expect(JSON.parse((await call(server, { body: review({ name: 'next' }) })).text).response.allowed).toBe(true);
  });

  test('of v1beta1 is answered as v1beta1', async () => {
    const server = await start();
    const body = review().replace('admission.k8s.io/v1', 'admission.k8s.io/v1beta1');
    expect(JSON.parse((await call(server, { body })).text)).toMatchObject({ apiVersion: 'admission.k8s.io/v1beta1' });
  });

  test('has as long a denial as a terminal can take, and no more', async () => {
    const server = await start({ review: () => ({ allowed: false, message: 'x'.repeat(2_000_000) }) });
    expect((await call(server, { body: review() })).text.length).toBeLessThan(20_000);
  });
});

test.each(['bgppeer', 'bgpadvertisement', 'l2advertisement', 'community', 'bfdprofile', 'ipaddresspool'])(
  '%s has its webhook where MetalLB has it',
  async (name) => {
    const server = await start();
    const version = name === 'bgppeer' ? 'v1beta2' : 'v1beta1';
    const { status } = await call(server, { path: `/validate-metallb-io-${version}-${name}`, body: review() });
    expect(status).toBe(200);
  },
);

describe('a ConversionReview', () => {
  test('is answered at /convert', async () => {
    const server = await start();
    const { status, text } = await call(server, { path: '/convert', body: '{"kind":"ConversionReview"}' });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({
      asked: { kind: 'ConversionReview' },
      response: { result: { status: 'Success' } },
    });
  });

  test('that is none is answered with 400', async () => {
    const server = await start();
    const { status, text } = await call(server, { path: '/convert', body: '{}' });
    expect({ status, text }).toEqual({ status: 400, text: 'no ConversionReview\n' });
  });
});

describe('what no API server sends is refused:', () => {
  const cases: readonly (readonly [string, CallOptions, number])[] = [
    ['an empty body', {}, 400],
    ['no JSON', { body: 'garbage' }, 400],
    ['octets that are no UTF-8', { body: Buffer.from([0x22, 0xff, 0x22]) }, 400],
    ['JSON that is no review', { body: '[]' }, 400],
    ['null', { body: 'null' }, 400],
    ['nesting without end', { body: '['.repeat(100_000) }, 400],
    ['a review without request', { body: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}' }, 400],
    ['a request without uid', { body: review({ uid: '' }) }, 400],
    ['a request with an operation of its own', { body: review({ operation: 'EXPLODE' }) }, 400],
    ['a version that does not exist', { body: review().replace('k8s.io/v1', 'k8s.io/v7') }, 400],
    ['GET', { method: 'GET' }, 405],
    ['another path', { path: '/', body: review() }, 404],
    ['the path with something behind it', { path: `${POOL_PATH}/x`, body: review() }, 404],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' }, 415],
    ['something encoded', { headers: { 'content-encoding': 'gzip' }, body: review() }, 415],
    ['more than is read', { body: review({ object: 'x'.repeat(2_000_000) }) }, 413],
  ];
  test.each(cases)('%s', async (_, options, status) => {
    const server = await start({ limits: { maxReviewOctets: 1_000_000 } });
    const answer = await call(server, options);
    expect(answer.status).toBe(status);
    if (status === 405) expect(answer.allow).toBe('POST');
    expect(JSON.parse((await call(server, { body: review() })).text).response.allowed).toBe(true);
  });

  test('more than is read, of unknown length', async () => {
    const server = await start({ limits: { maxReviewOctets: 1000 } });
    const socket = await open(server);
    const answer = heard(socket);
    const piece = `400\r\n${'x'.repeat(0x400)}\r\n`;
    socket.write(`${head(0).replace('Content-Length: 0', 'Transfer-Encoding: chunked')}${piece}${piece}`);
    await until(() => answer().includes('HTTP/1.1 413 '));
  });

  test('a request line that is none', async () => {
    const server = await start();
    const socket = await open(server);
    const answer = heard(socket);
    socket.write('EHLO there\r\n\r\n');
    await until(() => answer().startsWith('HTTP/1.1 400 '));
  });

  test('a head of 100,000 octets', async () => {
    const server = await start();
    const socket = await open(server);
    const answer = heard(socket);
    socket.write(`POST / HTTP/1.1\r\nx: ${'x'.repeat(100_000)}`);
    await until(() => answer().startsWith('HTTP/1.1 431 '));
  });
});

describe('a client that takes its time is ended:', () => {
  const ended = (socket: Socket): Promise<unknown> =>
    new Promise((resolve) =>
      socket
        .once('close', resolve)
        .on('error', () => undefined)
        .resume(),
    );

  test('no TLS handshake', async () => {
    const server = await start({ limits: { headTimeoutMs: 50 } });
    const socket = connectTcp({ host: '127.0.0.1', port: server.port });
    await ended(socket);
    await until(() => server.connections === 0);
  });

  test('a head that comes octet by octet', async () => {
    const server = await start({ limits: { headTimeoutMs: 100 } });
    const socket = await open(server);
    const end = ended(socket);
    const timer = setInterval(() => socket.write('x'), 10);
    socket.write('POST / HTTP/1.1\r\nx: ');
    await end;
    clearInterval(timer);
    await until(() => server.connections === 0);
  });

  test('a body that never comes', async () => {
    const server = await start({ limits: { bodyTimeoutMs: 50 } });
    const socket = await open(server);
    socket.write(`${head(1000)}{`);
    await ended(socket);
    await until(() => server.connections === 0);
  });

  test('a body that comes octet by octet', async () => {
    const server = await start({ limits: { bodyTimeoutMs: 100 } });
    const socket = await open(server);
    const end = ended(socket);
    socket.write(head(1_000_000));
    const timer = setInterval(() => socket.write('x'), 10);
    await end;
    clearInterval(timer);
  });

  test('nothing more after an answer', async () => {
    const server = await start({ limits: { idleTimeoutMs: 50 } });
    const socket = await open(server);
    const answer = heard(socket);
    socket.write(`${head(Buffer.byteLength(review()))}${review()}`);
    await ended(socket);
    expect(answer()).toContain('"allowed":true');
  });

  test('an answer that is not found in time', async () => {
    const server = await start({ limits: { answerTimeoutMs: 50 }, review: () => new Promise(() => undefined) });
    await expect(call(server, { body: review() })).rejects.toMatchObject({ code: 'ECONNRESET' });
    await until(() => server.connections === 0);
  });

  test('one that goes away in the middle of its body leaves nothing behind', async () => {
    const server = await start();
    for (let i = 0; i < 50; i++) {
      const tcp = connectTcp({ host: '127.0.0.1', port: server.port });
      const socket = connectTls({ socket: tcp, rejectUnauthorized: false });
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.write(`${head(1000)}{"half":`, resolve));
      tcp.resetAndDestroy();
    }
    await until(() => server.connections === 0);
    expect((await call(server, { body: review() })).status).toBe(200);
  });
});

describe('when there is too much of it', () => {
  test('those who asked nothing make room for those who do', async () => {
    const server = await start({ limits: { maxConnections: 20 } });
    const sockets: Socket[] = [];
    for (let i = 0; i < 300; i++) {
      const socket = connectTcp({ host: '127.0.0.1', port: server.port });
      socket.on('error', () => undefined);
      sockets.push(socket);
      closing.push(() => socket.destroy());
    }
    await until(() => sockets.filter((socket) => socket.closed).length >= 280);
    expect(server.connections).toBeLessThanOrEqual(20);
    for (let i = 0; i < 30; i++) expect((await call(server, { body: review() })).status).toBe(200);
  });

  test('half a body makes room, also where every place is taken by one', async () => {
    const server = await start({ limits: { maxConnections: 3 } });
    for (let i = 0; i < 6; i++) (await open(server)).on('error', () => undefined).write(`${head(100)}{`);
    expect((await call(server, { body: review() })).status).toBe(200);
  });

  test('bodies that do not end give up what they hold, the oldest first', async () => {
    const server = await start({ limits: { maxOctetsInAll: 100_000, maxReviewOctets: 80_000 } });
    const slow = await open(server);
    const answer = heard(slow);
    slow.write(`${head(70_000)}${'x'.repeat(60_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await call(server, { body: review({ object: 'x'.repeat(60_000) }) })).status).toBe(200);
    await until(() => answer().startsWith('HTTP/1.1 503 '));
  });

  test('a client that sends one request behind the other, and waits for no answer, is ended', async () => {
    let reviews = 0;
    const server = await start({
      review: () => {
        reviews++;
        return new Promise(() => undefined);
      },
    });
    const socket = await open(server);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined).write(`${head(Buffer.byteLength(review()))}${review()}`.repeat(1000));
    await ended;
    expect(reviews).toBeLessThanOrEqual(2);
    await until(() => server.connections === 0);
  });

  test('requests beyond what is worked on are ended, and room comes back', async () => {
    const verdict = Promise.withResolvers<AdmissionVerdict>();
    const server = await start({ limits: { maxRequests: 3 }, review: () => verdict.promise });
    let refused = 0;
    const calls = Array.from({ length: 5 }, () =>
      call(server, { body: review() }).then(
        ({ status }) => status,
        () => ++refused,
      ),
    );
    await until(() => refused === 2);
    verdict.resolve({ allowed: true });
    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((outcome) => outcome === 200)).toHaveLength(3);
    expect((await call(server, { body: review() })).status).toBe(200);
  });

  test('reviews wait for each other, and all are answered', async () => {
    let under = 0;
    let most = 0;
    const server = await start({
      limits: { maxConcurrentReviews: 3 },
      review: async () => {
        most = Math.max(most, ++under);
        await until(() => most >= 3);
        under--;
        return { allowed: true };
      },
    });
    const answers = await Promise.all(Array.from({ length: 40 }, () => call(server, { body: review() })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(most).toBe(3);
  });
});

describe('the certificate', () => {
  const nameServed = async (server: WebhookServer): Promise<unknown> =>
    (await open(server)).getPeerCertificate().subject.CN;

  test('is waited for: no handshake succeeds without', async () => {
    const server = await start({ certificate: null });
    expect(server.serving).toBe(false);
    await expect(open(server)).rejects.toThrow();
    server.setCertificate(first);
    expect(server.serving).toBe(true);
    expect(await nameServed(server)).toBe('first');
  });

  test('is exchanged without a connection being lost', async () => {
    const server = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    closing.push(() => agent.destroy());
    await call(server, { body: review(), agent });
    const { connections } = server;
    server.setCertificate(second);
    expect(await nameServed(server)).toBe('second');
    expect((await call(server, { body: review(), agent })).status).toBe(200);
    expect(connections).toBe(1);
  });

  test('that is none changes nothing', async () => {
    const server = await start();
    expect(server.setCertificate({ certificatePem: 'x', privateKeyPem: 'y' })).toBe(false);
    expect(server.setCertificate({ ...first, privateKeyPem: second.privateKeyPem })).toBe(false);
    expect(await nameServed(server)).toBe('first');
  });

  test('is shown to nobody below TLS 1.3 unless a flag says so', async () => {
    const server = await start();
    const socket = connectTls({
      host: '127.0.0.1',
      port: server.port,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    });
    await expect(new Promise((_, reject) => socket.on('error', reject))).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    });
  });
});

describe('HTTP/2', () => {
  const protocol = (server: WebhookServer): Promise<string | false | null> =>
    new Promise((resolve) => {
      const options = { rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] };
      const socket = connectTls({ host: '127.0.0.1', port: server.port, ...options }, () => {
        resolve(socket.alpnProtocol);
        socket.destroy();
      });
    });

  test('is not offered unless asked for', async () => {
    expect(await protocol(await start())).toBe('http/1.1');
  });

  test('answers when asked for, and HTTP/1.1 beside it', async () => {
    const server = await start({ http2: true, limits: { maxReviewOctets: 10_000 } });
    expect(await protocol(server)).toBe('h2');
    expect((await call(server, { body: review() })).status).toBe(200);
    const session = connectHttp2(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false });
    closing.push(() => session.destroy());
    const ask = (body: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request({
          ':method': 'POST',
          ':path': POOL_PATH,
          'content-type': 'application/json',
        });
        stream.on('error', reject);
        stream.on('response', (headers) => resolve(Number(headers[':status'])));
        stream.resume().end(body);
      });
    expect(await Promise.all([ask(review()), ask('garbage'), ask('x'.repeat(20_000)), ask(review())])).toEqual([
      200, 400, 413, 200,
    ]);
  });

  test('a stream whose body never comes is ended, the others on its connection are not', async () => {
    const server = await start({ http2: true, limits: { bodyTimeoutMs: 100 } });
    const session = connectHttp2(`https://127.0.0.1:${server.port}`, { rejectUnauthorized: false });
    closing.push(() => session.destroy());
    const fields = { ':method': 'POST', ':path': POOL_PATH, 'content-type': 'application/json' };
    const slow = session.request(fields);
    slow.write('{');
    await new Promise((resolve) => slow.on('close', resolve).on('error', () => undefined));
    expect(session.destroyed).toBe(false);
    const stream = session.request(fields);
    stream.resume().end(review());
    expect(await new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])))).toBe(200);
  });
});

describe('closing', () => {
  test('lets what is under way end', async () => {
    const asked = Promise.withResolvers<void>();
    const verdict = Promise.withResolvers<AdmissionVerdict>();
    const server = await start({
      review: () => {
        asked.resolve();
        return verdict.promise;
      },
    });
    const answer = call(server, { body: review(), agent: new Agent({ keepAlive: true }) });
    await asked.promise;
    const closed = server.close(60_000);
    verdict.resolve({ allowed: true });
    expect((await answer).status).toBe(200);
    await closed;
  });

  test('ends what does not end by itself', async () => {
    const server = await start({ review: () => new Promise(() => undefined) });
    const refused = expect(call(server, { body: review() })).rejects.toMatchObject({ code: 'ECONNRESET' });
    await until(() => server.connections === 1);
    await server.close(10);
    await refused;
  });

  test('a port that is taken is said at once', async () => {
    const server = await start();
    const again = startWebhookServer({
      host: '127.0.0.1',
      port: server.port,
      review: () => ({ allowed: true }),
      convert,
      logger: silent,
    });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
