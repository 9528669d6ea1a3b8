import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type DetailedPeerCertificate } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { issueSelfSignedCertificate } from '@steelyard/serving-certificates';
import { Gauge, type Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLogger } from '../log/logger.ts';
import { createMetrics } from './create-metrics.ts';
import { type Authorize, type MetricsServer, type MetricsServerOptions, startMetricsServer } from './metrics-server.ts';

const open: { close(): Promise<unknown> }[] = [];
let registry: Registry;
let lines: Record<string, unknown>[];
beforeEach(() => {
  registry = createMetrics({ program: 'example' });
  lines = [];
});
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
});

/** As the token reviewer answers: by the token. */
const authorize: Authorize = (header) => {
  switch (header) {
    case 'Bearer good':
      return Promise.resolve({ outcome: 'allowed' });
    case 'Bearer poor':
      return Promise.resolve({ outcome: 'forbidden', reason: 'User "poor" may not get /metrics' });
    case 'Bearer outage':
      return Promise.resolve({ outcome: 'error', reason: 'no answer within 4000 ms' });
    case 'Bearer throw':
      return Promise.reject(new Error('a mistake'));
    default:
      return Promise.resolve({ outcome: 'unauthenticated' });
  }
};

async function start(options: Partial<MetricsServerOptions> = {}): Promise<MetricsServer> {
  const write = (line: string): number => lines.push(JSON.parse(line));
  const server = await startMetricsServer({
    host: '127.0.0.1',
    port: 0,
    registry,
    authorize,
    certificate: 'self-signed',
    logger: createLogger({ level: 'all', write }),
    ...options,
  });
  open.push(server);
  return server;
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function get(
  { port }: MetricsServer,
  path: string,
  options: RequestOptions & { readonly plain?: boolean } = {},
): Promise<Answer> {
  const send = options.plain === true ? httpRequest : httpsRequest;
  const headers = { authorization: 'Bearer good', ...options.headers };
  return new Promise((resolve, reject) => {
    const request = send(
      { host: '127.0.0.1', port, path, agent: false, rejectUnauthorized: false, ...options, headers },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(pieces) }),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
}

function certificateOf({ port }: MetricsServer): Promise<DetailedPeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate(true));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('who may read gets the text that Prometheus expects', async () => {
  new Gauge({ name: 'metallb_speaker_announced', help: 'x', labelNames: ['ip'], registers: [registry] }).set(
    { ip: '192.0.2.1' },
    1,
  );
  const { status, headers, body } = await get(await start(), '/metrics');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(body.toString()).toContain('\nmetallb_speaker_announced{ip="192.0.2.1"} 1\n');
});

test.for<[authorization: string, status: number, body: string]>([
  ['', 401, 'Unauthorized\n'],
  ['Bearer', 401, 'Unauthorized\n'],
  ['Bearer stranger', 401, 'Unauthorized\n'],
  ['Basic Z29vZA==', 401, 'Unauthorized\n'],
  ['Bearer poor', 403, 'Forbidden: User "poor" may not get /metrics\n'],
  ['Bearer outage', 500, 'Authentication failed: the Kubernetes API could not be asked; see the log\n'],
  ['Bearer throw', 500, 'the metrics cannot be told; see the log\n'],
])('with %j the answer is %d', async ([authorization, status, body]) => {
  const answer = await get(await start(), '/metrics', { headers: { authorization } });
  expect([answer.status, answer.body.toString()]).toEqual([status, body]);
  expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
});

test('without the header at all it is 401', async () => {
  const { port } = await start({ plainHttp: true });
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
});

test('an API that cannot be asked is logged once in a minute, and strangers are not logged', async () => {
  const server = await start();
  for (let i = 0; i < 5; i++) await get(server, '/metrics', { headers: { authorization: 'Bearer outage' } });
  for (let i = 0; i < 5; i++) await get(server, '/metrics', { headers: { authorization: 'Bearer stranger' } });
  expect(lines.map(({ level, reason }) => [level, reason])).toEqual([['error', 'no answer within 4000 ms']]);
});

test.for<[method: string, path: string, status: number]>([
  ['GET', '/metrics?debug=1', 200],
  ['GET', '/', 404],
  ['GET', '/metrics/', 404],
  ['GET', '/debug/pprof/heap', 404],
  ['GET', '//metrics', 404],
  ['POST', '/', 404],
  ['POST', '/metrics', 405],
  ['DELETE', '/metrics', 405],
])('%s %s is %d', async ([method, path, status]) => {
  expect((await get(await start(), path, { method })).status).toBe(status);
});

test('HEAD has the headers and no body', async () => {
  const { status, headers, body } = await get(await start(), '/metrics', { method: 'HEAD' });
  expect([status, body.length]).toEqual([200, 0]);
  expect(Number(headers['content-length'])).toBeGreaterThan(1000);
});

test.for<[accept: string, encoding: string | undefined]>([
  ['gzip', 'gzip'],
  ['deflate, gzip;q=0.5', 'gzip'],
  ['identity', undefined],
  ['gzip;q=0', undefined],
])('Accept-Encoding: %s', async ([accept, encoding]) => {
  const { headers, body } = await get(await start(), '/metrics', { headers: { 'accept-encoding': accept } });
  expect(headers['content-encoding']).toBe(encoding);
  const text = encoding === 'gzip' ? gunzipSync(body) : body;
  expect(text.toString()).toContain('process_cpu_seconds_total');
});

test('those who ask at the same time get one text, built once', async () => {
  let built = 0;
  const go = Promise.withResolvers<void>();
  new Gauge({
    name: 'example',
    help: 'x',
    registers: [registry],
    async collect() {
      built++;
      await go.promise;
    },
  });
  let asked = 0;
  const counting: Authorize = () => {
    if (++asked === 10) setImmediate(go.resolve);
    return Promise.resolve({ outcome: 'allowed' });
  };
  const server = await start({ authorize: counting });
  const answers = await Promise.all(Array.from({ length: 10 }, () => get(server, '/metrics')));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
  expect(built).toBe(1);
});

test('a gauge that cannot be read is 500 and a line, not the end', async () => {
  new Gauge({
    name: 'example',
    help: 'x',
    registers: [registry],
    collect() {
      throw new Error('out of order');
    },
  });
  const server = await start();
  expect((await get(server, '/metrics')).status).toBe(500);
  expect((await get(server, '/metrics')).status).toBe(500);
  expect(lines.map(({ error }) => error)).toEqual(['out of order']);
});

test('10,000 series are told whole', async () => {
  const gauge = new Gauge({
    name: 'metallb_speaker_announced',
    help: 'x',
    labelNames: ['service', 'ip'],
    registers: [registry],
  });
  for (let i = 0; i < 10_000; i++) gauge.set({ service: `default/service-${i}`, ip: `198.51.${i >> 8}.${i & 255}` }, 1);
  const { body } = await get(await start(), '/metrics', { headers: { 'accept-encoding': 'gzip' } });
  expect(
    gunzipSync(body)
      .toString()
      .match(/^metallb_speaker_announced\{/gm),
  ).toHaveLength(10_000);
});

describe('TLS', () => {
  test('1.3 unless told otherwise', async () => {
    const older = { maxVersion: 'TLSv1.2' } as const;
    await expect(get(await start(), '/metrics', older)).rejects.toThrow(/./);
    expect((await get(await start({ tls: { minVersion: 'TLSv1.2' } }), '/metrics', older)).status).toBe(200);
  });

  test('plain HTTP only where it was asked for', async () => {
    await expect(get(await start(), '/metrics', { plain: true })).rejects.toThrow(/./);
    expect((await get(await start({ plainHttp: true }), '/metrics', { plain: true })).status).toBe(200);
  });

  test('a self-signed certificate is for localhost', async () => {
    const { subject, subjectaltname } = await certificateOf(await start());
    expect(subject.CN).toBe('localhost');
    expect(subjectaltname).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  });

  async function mount(directory: string, commonName: string): Promise<void> {
    const now = Date.now();
    const pair = await issueSelfSignedCertificate({
      commonName,
      dnsNames: [commonName],
      notBefore: new Date(now - 3_600_000),
      notAfter: new Date(now + 3_600_000),
    });
    await writeFile(join(directory, 'tls.key'), pair.privateKeyPem);
    await writeFile(join(directory, 'tls.crt'), pair.certificatePem);
  }

  async function directory(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'metrics-server-'));
    open.push({ close: () => rm(folder, { recursive: true }) });
    return folder;
  }

  test('a mounted certificate is served, and its successor to the next who connects', async () => {
    const folder = await directory();
    await mount(folder, 'first.example');
    const server = await start({ certificate: { directory: folder } });
    expect((await certificateOf(server)).subject.CN).toBe('first.example');
    await mount(folder, 'second.example');
    await vi.waitFor(async () => expect((await certificateOf(server)).subject.CN).toBe('second.example'), {
      timeout: 5_000,
      interval: 10,
    });
    expect((await get(server, '/metrics')).status).toBe(200);
  });

  test('where none is mounted yet a self-signed one serves until it comes', async () => {
    const folder = await directory();
    const server = await start({ certificate: { directory: folder } });
    expect((await certificateOf(server)).subject.CN).toBe('localhost');
    expect(lines.map(({ level }) => level)).toEqual(['error']);
    await mount(folder, 'mounted.example');
    await vi.waitFor(async () => expect((await certificateOf(server)).subject.CN).toBe('mounted.example'), {
      timeout: 5_000,
      interval: 10,
    });
  });
});

describe('hostile clients', () => {
  /** Sends the text over TLS and returns everything that comes back until the server hangs up. */
  function exchange({ port }: MetricsServer, text: string): Promise<string> {
    return new Promise((resolve) => {
      let received = '';
      const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => socket.write(text));
      socket.setEncoding('latin1');
      socket.on('data', (piece: string) => {
        received += piece;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(received));
    });
  }

  test.for<[name: string, request: string, answer: RegExp]>([
    ['noise ends the connection', '\0\0\0\0garbage\r\n\r\n', /^$/],
    ['30 kB of header are too many', `GET /metrics HTTP/1.1\r\nx: ${'y'.repeat(30_000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
    ['a body is refused', 'GET /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n', /^HTTP\/1.1 413 /],
    [
      'a token of 16 kB is looked at',
      `GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ${'y'.repeat(16_000)}\r\n\r\n`,
      /^HTTP\/1.1 401 /,
    ],
  ])('%s', async ([, text, answer]) => {
    expect(await exchange(await start(), text)).toMatch(answer);
  });

  test('idle connections by the hundred, TLS or none, do not keep Prometheus out', async () => {
    const server = await start();
    const idle: Socket[] = [];
    for (let i = 0; i < 200; i++) {
      await new Promise<void>((resolve) => {
        const socket = connectTcp(server.port, '127.0.0.1', resolve);
        socket.on('error', () => undefined);
        idle.push(socket);
      });
    }
    expect((await get(server, '/metrics')).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });

  test('a scrape under way outlives them', async () => {
    const go = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const slow: Authorize = async () => {
      asked.resolve();
      await go.promise;
      return { outcome: 'allowed' };
    };
    const server = await start({ authorize: slow });
    const scrape = get(server, '/metrics');
    await asked.promise;
    const idle: Socket[] = [];
    for (let i = 0; i < 100; i++) {
      await new Promise<void>((resolve) => {
        const socket = connectTcp(server.port, '127.0.0.1', resolve);
        socket.on('error', () => undefined);
        idle.push(socket);
      });
    }
    go.resolve();
    expect((await scrape).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });
});

test('a port in use names the flag that chose it', async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toMatchObject({
    code: 'ERR_DAEMON_LISTEN',
    message: `cannot listen on 127.0.0.1:${port} (flag -port): the port is in use by another program`,
  });
});

test('closing twice is harmless and ends what is connected', async () => {
  const server = await start();
  const socket = connectTcp(server.port, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  await server.close();
  await server.close();
  await closed;
});
