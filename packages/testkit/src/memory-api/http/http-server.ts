/** The listener: reads requests, lets faults strike, answers, and streams watches. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { StatusError, unsupportedMediaType } from '../status-error.ts';
import type { AccessLog, LoggedRequest } from './access-log.ts';
import { cutResponse, type Fault, type Faults, statusOfFault } from './faults.ts';
import { decodeProtobuf } from './protobuf.ts';

/** etcd's own limit on a request, and with it the API server's. */
const MOST_BODY_OCTETS = 3 * 1024 * 1024;

/** A request whose body is read. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** Answers with a code and JSON (or text), or takes the response over for as long as a watch lasts. */
export type Handler = (request: ReceivedRequest, response: ServerResponse) => void;

export interface ApiListener {
  readonly port: number;
  start(): Promise<void>;
  /** Breaks every connection; what is stored stays. */
  stop(): Promise<void>;
}

export function createApiListener(
  host: string,
  wantedPort: number,
  handle: Handler,
  faults: Faults,
  log: AccessLog,
  now: () => number,
): ApiListener {
  let port = wantedPort;
  let server: Server | undefined;
  const sockets = new Set<Socket>();

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    void answer(request, response, handle, faults, log, now);
  };

  return {
    get port() {
      return port;
    },
    start: async () => {
      if (server !== undefined) return;
      const starting = createServer({ keepAliveTimeout: 60_000 }, onRequest);
      server = starting;
      starting.on('connection', (socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
      });
      await new Promise<void>((resolve, reject) => {
        starting.once('error', reject);
        starting.listen(port, host, resolve);
      });
      port = (starting.address() as AddressInfo).port;
    },
    stop: async () => {
      const stopping = server;
      server = undefined;
      if (stopping === undefined) return;
      const closed = new Promise<void>((resolve) => stopping.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: Handler,
  faults: Faults,
  log: AccessLog,
  now: () => number,
): Promise<void> {
  const method = request.method ?? 'GET';
  const url = new URL(request.url ?? '/', 'http://localhost');
  const logged: LoggedRequest = {
    atMs: now(),
    method,
    path: url.pathname,
    query: url.searchParams,
    userAgent: String(request.headers['user-agent'] ?? ''),
    body: undefined,
    status: 0,
  };
  log.add(logged);
  response.on('error', () => undefined);
  try {
    const body = await readBody(request);
    Object.assign(logged, { body });
    const fault = faults.take(method, request.url ?? '/');
    if (fault && strike(fault, request, response)) return;
    handle({ method, url, headers: request.headers, body }, response);
    logged.status = response.statusCode;
  } catch (error) {
    const status = error instanceof StatusError ? error : internalError(error);
    logged.status = status.code;
    if (status.details?.retryAfterSeconds !== undefined) {
      response.setHeader('Retry-After', String(status.details.retryAfterSeconds));
    }
    writeJson(response, status.code, status.status);
  }
}

/** @returns whether the fault is the whole answer. */
function strike(fault: Fault, request: IncomingMessage, response: ServerResponse): boolean {
  switch (fault.kind) {
    case 'status':
      throw statusOfFault(fault);
    case 'disconnect':
      request.socket.destroy();
      return true;
    case 'hang':
      return true;
    case 'garbage':
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(fault.body ?? '<html>not JSON</html>');
      return true;
    case 'cut':
      cutResponse(request, response, fault.afterOctets);
      return false;
    case 'lostAnswer':
      cutResponse(request, response, 0);
      return false;
  }
}

function internalError(error: unknown): StatusError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new StatusError(500, 'InternalError', `Internal error occurred: ${text}`);
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const octets = chunk as Buffer;
    length += octets.length;
    if (length > MOST_BODY_OCTETS) {
      const message = `Request entity too large: limit is ${MOST_BODY_OCTETS}`;
      throw new StatusError(413, 'RequestEntityTooLarge', message, {});
    }
    chunks.push(octets);
  }
  if (length === 0) return undefined;
  const type = String(request.headers['content-type'] ?? '');
  if (type.includes('application/vnd.kubernetes.protobuf')) return decodeProtobuf(Buffer.concat(chunks));
  // What Go clients apply is JSON, which is YAML too.
  if (type && !type.includes('json') && !type.includes('*/*') && !type.includes('apply-patch+yaml')) {
    throw unsupportedMediaType(['application/json', 'application/vnd.kubernetes.protobuf']);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new StatusError(400, 'BadRequest', `couldn't get version/kind; json parse error: ${String(error)}`);
  }
}

export function writeJson(response: ServerResponse, code: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const octets = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(code, { 'Content-Type': 'application/json', 'Content-Length': octets.length });
  response.end(octets);
}

export function writeText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' });
  response.end(text);
}
