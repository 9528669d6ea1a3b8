import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CertificatePair, TlsSettings } from '@steelyard/serving-certificates';
import type { Registry } from 'prom-client';
import type { Logger } from '../log/logger.ts';
import { oncePerInterval } from '../log/once-per-interval.ts';
import { boundConnections } from './connections.ts';
import { acceptsGzip, createScrape, type Exposition } from './scrape.ts';
import { type CertificateSource, openServingPair, type ServingPair } from './serving-pair.ts';

/** Whether the bearer of this header may read: `@steelyard/k8s-adapter`'s token reviewer answers this. */
export type Authorize = (
  authorizationHeader: string | undefined,
  request: { readonly path: string; readonly verb: string },
) => Promise<{
  readonly outcome: 'allowed' | 'unauthenticated' | 'forbidden' | 'error';
  /** For the client when it is forbidden, for the log when it is an error. Holds no secret. */
  readonly reason?: string | undefined;
}>;

export interface MetricsServerOptions {
  /** An address, or empty for all of both families, as in Go's `:9120`. */
  readonly host: string;
  /** 0 takes a free one. A program whose flag means "off" by 0 does not call this. */
  readonly port: number;
  /** The flag that chose the port, without dashes; by default `port`. Named when the port cannot be had. */
  readonly flag?: string;
  readonly registry: Registry;
  readonly authorize: Authorize;
  readonly certificate: CertificateSource;
  /** `readTlsFlags` of `@steelyard/serving-certificates` makes them; by default TLS 1.3. */
  readonly tls?: TlsSettings;
  /** Without TLS: tokens cross the network readable. For tests. */
  readonly plainHttp?: boolean;
  readonly logger: Logger;
}

export interface MetricsServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/** MetalLB's only path, and what is asked of the API server about it (metallb-behaviour 7.4). */
const METRICS_PATH = '/metrics';
const REQUEST_TIMEOUT_MS = 5_000;
/** Prometheus comes every 15 to 60 s, and a kept connection saves it and us a handshake. */
const KEEP_ALIVE_TIMEOUT_MS = 75_000;
/** Who takes nothing of the answer for so long is gone. */
const SILENCE_TIMEOUT_MS = 30_000;
// A bearer token may have 16 KiB; a longer header is refused by the parser.
const MAX_HEADER_OCTETS = 20 * 1024;
const MAX_CONNECTIONS = 64;
const COMPRESSED_FROM_OCTETS = 1_024;
const LOG_INTERVAL_MS = 60_000;

const HTTP_OPTIONS = {
  headersTimeout: REQUEST_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: MAX_HEADER_OCTETS,
  insecureHTTPParser: false,
};

type Headers = Readonly<Record<string, string>>;

function answer(response: ServerResponse, status: number, body: string | Buffer, headers: Headers = {}): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(body); // node leaves the body out of an answer to HEAD
}

async function answerMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  exposition: Exposition,
): Promise<void> {
  const { text, contentType } = exposition;
  const headers = { 'content-type': contentType, vary: 'Accept-Encoding' };
  if (text.length >= COMPRESSED_FROM_OCTETS && acceptsGzip(request.headers['accept-encoding'])) {
    answer(response, 200, await exposition.compressed(), { ...headers, 'content-encoding': 'gzip' });
  } else {
    answer(response, 200, text, headers);
  }
}

function createHandler(
  options: MetricsServerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const flood = oncePerInterval(options.logger, { intervalMs: LOG_INTERVAL_MS });
  const scrape = createScrape(options.registry);
  const pairs = { op: 'metrics' };

  /** True when the client may read; else it has its answer. */
  async function isAllowed(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    // Verb `get` for HEAD as well: it tells less of the same, and the rule that users have grants `get`.
    const { outcome, reason } = await options.authorize(request.headers.authorization, {
      path: METRICS_PATH,
      verb: 'get',
    });
    switch (outcome) {
      case 'allowed':
        return true;
      case 'unauthenticated':
        answer(response, 401, 'Unauthorized\n', { 'www-authenticate': 'Bearer' });
        return false;
      case 'forbidden':
        answer(response, 403, `Forbidden${reason === undefined ? '' : `: ${reason}`}\n`);
        return false;
      case 'error':
        flood.error('authorize', { ...pairs, reason }, 'cannot ask the Kubernetes API who may read the metrics');
        answer(response, 500, 'Authentication failed: the Kubernetes API could not be asked; see the log\n');
        return false;
    }
  }

  return async (request, response) => {
    response.on('error', () => undefined);
    try {
      const { method } = request;
      if ((request.url ?? '').split('?', 1)[0] !== METRICS_PATH) {
        answer(response, 404, 'not found\n');
      } else if (method !== 'GET' && method !== 'HEAD') {
        answer(response, 405, 'only GET and HEAD\n', { allow: 'GET, HEAD', connection: 'close' });
      } else if ('content-length' in request.headers || 'transfer-encoding' in request.headers) {
        answer(response, 413, 'a scrape has no body\n', { connection: 'close' });
      } else if ((await isAllowed(request, response)) && !response.destroyed) {
        await answerMetrics(request, response, await scrape());
      }
    } catch (error) {
      flood.error('scrape', { ...pairs, error }, 'cannot tell the metrics');
      if (response.headersSent) response.destroy();
      else answer(response, 500, 'the metrics cannot be told; see the log\n');
    }
  };
}

/** What a TLS server is opened and, when its certificate changes, set anew with. */
function secureOptions(tls: TlsSettings | undefined, pair: CertificatePair): object {
  return { minVersion: 'TLSv1.3', ...tls, cert: pair.certificatePem, key: pair.privateKeyPem };
}

function listen(server: Server, { host, port, flag = 'port' }: MetricsServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'the port is in use by another program' : cause.message;
      const error = new Error(`cannot listen on ${host}:${port} (flag -${flag}): ${why}`, { cause });
      reject(Object.assign(error, { code: 'ERR_DAEMON_LISTEN' }));
    });
    server.listen({ port, ...(host === '' ? {} : { host }) }, () => resolve());
  });
}

/** Octets that are no HTTP, or too many of them: told once, and the connection ends. */
function refuseNoise(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code !== 'HPE_HEADER_OVERFLOW' || !socket.writable) {
    socket.destroy();
    return;
  }
  socket.end('HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}

/**
 * Serves the registry at `/metrics` over HTTPS, to those whom `authorize` lets in: controller-runtime's secure serving
 * (pkg/metrics/server, pkg/metrics/filters), except that a malformed token is 401 and not 500.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const handle = createHandler(options);
  let secure: HttpsServer | undefined;
  let pair: ServingPair | undefined;
  if (options.plainHttp !== true) {
    pair = await openServingPair({
      source: options.certificate,
      logger: options.logger,
      onChange: (changed) => secure?.setSecureContext(secureOptions(options.tls, changed)),
    });
    secure = createHttpsServer({
      ...HTTP_OPTIONS,
      ...secureOptions(options.tls, pair.current),
      handshakeTimeout: REQUEST_TIMEOUT_MS,
    });
  }
  const server: Server = secure ?? createHttpServer(HTTP_OPTIONS);
  server.setTimeout(SILENCE_TIMEOUT_MS);
  const connections = boundConnections(server, MAX_CONNECTIONS);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    connections.begin(response);
    void handle(request, response);
  });
  server.on('clientError', refuseNoise);
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  try {
    await listen(server, options);
  } catch (error) {
    await pair?.close();
    throw error;
  }
  server.removeAllListeners('error');
  server.on('error', () => undefined); // accept(2) failing for want of descriptors: the next scrape tries again

  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    await pair?.close();
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    connections.endAll();
    await closed;
  };
  return { host: options.host, port, close, [Symbol.asyncDispose]: close };
}
