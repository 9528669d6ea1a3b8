import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** Ready, or why not. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly because: string };

export interface HealthServerOptions {
  /** An address, or empty for all of both families, as in Go's `:9120`. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The flag that chose the port, without dashes: named when the port cannot be had. */
  readonly flag: string;
  readonly ready: () => Readiness;
}

export interface HealthServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

// A kubelet opens one connection per probe. More than this is somebody else, and loses the oldest first:
// connections held open by a stranger must not keep the kubelet out, or it would kill a healthy process.
const MAX_CONNECTIONS = 128;
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_HEADER_OCTETS = 8_192;

function answer(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  response.end(body); // node leaves the body out of an answer to HEAD
}

function handle(request: IncomingMessage, response: ServerResponse, ready: () => Readiness): void {
  // A probe has no body; whoever sends one has nothing more to say on this connection.
  const hasBody = 'content-length' in request.headers || 'transfer-encoding' in request.headers;
  const headers: Record<string, string> = hasBody ? { connection: 'close' } : {};
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    answer(response, 405, 'only GET and HEAD\n', { ...headers, allow: 'GET, HEAD', connection: 'close' });
    return;
  }
  const path = (request.url ?? '').split('?', 1)[0];
  if (path === '/healthz') {
    answer(response, 200, 'ok', headers);
  } else if (path === '/readyz') {
    const readiness = ready();
    if (readiness.ready) answer(response, 200, 'ok', headers);
    else answer(response, 503, `not ready: ${readiness.because}\n`, headers);
  } else {
    answer(response, 404, 'not found\n', headers);
  }
}

function listenError(error: NodeJS.ErrnoException, { flag, host, port }: HealthServerOptions): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use; another instance may be running on this node',
    EACCES: 'the port needs CAP_NET_BIND_SERVICE, or a number from 1024 up',
    EADDRNOTAVAIL: 'this machine has no such address',
  };
  const why = reasons[error.code ?? ''] ?? error.message;
  return Object.assign(new Error(`cannot listen on ${host}:${port} (flag -${flag}): ${why}`, { cause: error }), {
    code: 'ERR_DAEMON_LISTEN',
  });
}

/**
 * Serves `/healthz` and `/readyz` (metallb-behaviour 7.6: kubelet asks every 10 s and waits 1 s).
 * `/healthz` is a constant: that it is answered at all is the proof that this thread's event loop turns.
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer(
    {
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: MAX_HEADER_OCTETS,
      insecureHTTPParser: false,
    },
    (request, response) => handle(request, response, options.ready),
  );
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy()); // a stranger's reset is no event of ours
    if (sockets.size > MAX_CONNECTIONS) {
      const [oldest] = sockets;
      oldest?.destroy();
    }
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, options)));
    const { host, port } = options;
    server.listen({ port, ...(host === '' ? {} : { host }) }, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', () => undefined); // accept(2) failing for want of descriptors: the next probe tries again
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { host: options.host, port, close, [Symbol.asyncDispose]: close };
}
