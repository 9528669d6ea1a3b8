import { createSecureServer } from 'node:http2';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { AdapterLogger } from '../../logger.ts';
import { answerRequest, MAX_CONCURRENT_STREAMS, type WebResponse } from './answer-request.ts';
import { createConnectionTable } from './connection-table.ts';
import { createOctetBudget } from './octet-budget.ts';
import type { WebRequest } from './request-body.ts';
import { createSparseLog } from './sparse-log.ts';
import { type AdmissionReviewer, type ConversionReviewer, webhookEndpoints } from './webhook-endpoints.ts';
import { DEFAULT_WEBHOOK_LIMITS, type WebhookLimits } from './webhook-limits.ts';

/** As the TLS flags ask (metallb-behaviour 7.1). */
export type WebhookTlsOptions = Pick<SecureContextOptions, 'minVersion' | 'ciphers' | 'ecdhCurve'>;

export interface WebhookServerOptions {
  /** By default all addresses, as controller-runtime. */
  readonly host?: string;
  /** By default 9443, which the Service `metallb-webhook-service` points to; 0 takes a free one. */
  readonly port?: number;
  readonly tls?: WebhookTlsOptions;
  /** `--webhook-http2`. Off, nothing but HTTP/1.1 is offered. */
  readonly http2?: boolean;
  readonly review: AdmissionReviewer;
  readonly convert: ConversionReviewer;
  readonly limits?: Partial<WebhookLimits>;
  readonly logger: AdapterLogger;
}

/** A certificate with its key, both PEM. */
export interface WebhookCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface WebhookServer {
  readonly port: number;
  /** A certificate is served: before, every handshake fails. */
  readonly serving: boolean;
  readonly connections: number;
  /**
   * Serves it from the next handshake on; connections that are open stay open.
   *
   * @returns False when OpenSSL refuses it; then the one before goes on to be served.
   */
  setCertificate(certificate: WebhookCertificate): boolean;
  /** Takes no more connections, lets what is under way end for `graceMs`, then ends it. */
  close(graceMs?: number): Promise<void>;
}

const DEFAULT_PORT = 9443;
const DEFAULT_GRACE_MS = 2000;
const SPARSELY = { burst: 1, intervalMs: 60_000 };
const MAX_HEADER_OCTETS = 16 * 1024;

/**
 * Serves the validating webhooks and the conversion of BGPPeers over HTTPS. Everybody who can reach the port can call it, so
 * whatever a client does costs a bounded amount of memory and time, and nothing it does is thrown.
 *
 * @returns Once it listens.
 * @throws The system's error when it cannot listen (`EADDRINUSE`, `EACCES`).
 */
export async function startWebhookServer(options: WebhookServerOptions): Promise<WebhookServer> {
  const { logger } = options;
  const limits: WebhookLimits = { ...DEFAULT_WEBHOOK_LIMITS, ...options.limits };
  const tls: WebhookTlsOptions = { minVersion: 'TLSv1.3', ...options.tls };
  const connections = createConnectionTable(limits);
  const budget = createOctetBudget(limits.maxOctetsInAll);
  const endpoints = webhookEndpoints({ review: options.review, convert: options.convert, limits, logger });
  const sparsely = createSparseLog((pairs, msg) => logger.warn(pairs, msg), SPARSELY);
  let serving = false;
  let closing = false;

  function onRequest(request: WebRequest, response: WebResponse): void {
    void answerRequest(request, response, {
      endpoints,
      connections,
      budget,
      closing: () => closing,
      onGarbage({ method, url, socket }, { status, body }) {
        const from = socket.remoteAddress;
        const path = (url ?? '').slice(0, 200);
        sparsely({ op: 'webhook', method, path, from, status, error: body.trim() }, 'request refused');
      },
    });
  }

  const handshake = { ...tls, handshakeTimeout: limits.headTimeoutMs };
  const server =
    options.http2 === true
      ? createSecureServer(
          { ...handshake, allowHTTP1: true, settings: { maxConcurrentStreams: MAX_CONCURRENT_STREAMS } },
          onRequest,
        )
      : // The connection table bounds all times itself, for HTTP/2 as well.
        createServer(
          { ...handshake, maxHeaderSize: MAX_HEADER_OCTETS, requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 },
          onRequest,
        );
  server.on('connection', (socket) => connections.accept(socket));
  server.on('tlsClientError', (_, socket) => socket.destroy());
  const { host, port = DEFAULT_PORT } = options;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Too many open files, for instance: the connection is lost, the server is not.
  server.on('error', (error) => sparsely({ op: 'webhook', error }, 'cannot accept a connection'));

  return {
    port: (server.address() as AddressInfo).port,
    get serving() {
      return serving;
    },
    get connections() {
      return connections.size;
    },
    setCertificate({ certificatePem, privateKeyPem }) {
      try {
        server.setSecureContext({ ...tls, cert: certificatePem, key: privateKeyPem });
      } catch (error) {
        // OpenSSL's words name no secret, but the error object may carry its input.
        const text = error instanceof Error ? error.message : String(error);
        logger.error({ op: 'webhook', error: text }, 'certificate cannot be served, the one before goes on');
        return false;
      }
      serving = true;
      return true;
    },
    async close(graceMs = DEFAULT_GRACE_MS) {
      serving = false;
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      connections.destroyIdle();
      const timer = setTimeout(() => connections.destroyAll(), graceMs);
      await closed;
      clearTimeout(timer);
    },
  };
}
