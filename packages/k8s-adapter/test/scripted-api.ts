import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One request as the server saw it. */
interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Common name of the client's certificate. */
  readonly clientName: string | undefined;
}

export type Answer = (request: SeenRequest, response: ServerResponse) => void;

/** An API server that says what the test tells it to say. */
export interface ScriptedApi extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  readonly kubeconfigPath: string;
  readonly requests: SeenRequest[];
  /** The next requests get these, one each; then `otherwise`. */
  script(...answers: Answer[]): void;
  otherwise(answer: Answer): void;
  /** Connections accepted so far. */
  readonly connections: number;
  /** Ends all connections as a crash would. */
  cut(): void;
  /** Stops listening and comes back on the same port. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function failure(
  code: number,
  reason: string,
  message: string = reason,
  headers: Record<string, string> = {},
): Answer {
  return json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }, headers);
}

export function service(name: string, resourceVersion: string, spec: object = {}): object {
  return { metadata: { namespace: 'default', name, uid: `uid-${name}`, resourceVersion }, spec };
}

export function list(resourceVersion: string, items: readonly object[], continueToken?: string): Answer {
  return json(200, {
    kind: 'List',
    metadata: { resourceVersion, ...(continueToken === undefined ? {} : { continue: continueToken }) },
    items,
  });
}

export function event(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** A watch that sends these pieces and stays open. */
export function watch(...pieces: readonly string[]): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const piece of pieces) response.write(piece);
  };
}

/** A watch that sends these pieces and ends. */
export function endingWatch(...pieces: readonly string[]): Answer {
  return (request, response) => {
    watch(...pieces)(request, response);
    response.end();
  };
}

/** Cuts the connection after these octets of a body. */
export function cutAfter(...pieces: readonly string[]): Answer {
  return (request, response) => {
    watch(...pieces)(request, response);
    setImmediate(() => response.destroy());
  };
}

export async function startScriptedApi(tls?: ServerOptions): Promise<ScriptedApi> {
  const folder = await mkdtemp(join(tmpdir(), 'scripted-api-'));
  const requests: SeenRequest[] = [];
  const scripted: Answer[] = [];
  let fallback: Answer = failure(500, 'InternalError', 'nothing scripted');
  let connections = 0;
  let server: Server;
  let port = 0;

  async function start(): Promise<void> {
    server = tls === undefined ? createServer() : createTlsServer(tls);
    server.on(tls === undefined ? 'connection' : 'secureConnection', () => {
      connections++;
    });
    server.on('request', (request, response) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (text: string) => {
        body += text;
      });
      request.on('error', () => undefined);
      request.on('end', () => {
        const url = new URL(request.url ?? '/', 'http://localhost');
        const socket = request.socket;
        const certificate =
          'getPeerCertificate' in socket && typeof socket.getPeerCertificate === 'function'
            ? socket.getPeerCertificate()
            : undefined;
        const seen: SeenRequest = {
          method: request.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body,
          clientName: certificate?.subject?.CN,
        };
        requests.push(seen);
        (scripted.shift() ?? fallback)(seen, response);
      });
    });
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port }, resolve));
    port = (server.address() as AddressInfo).port;
  }

  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  await start();
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const kubeconfigPath = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfigPath,
    `apiVersion: v1
kind: Config
clusters: [{ name: c, cluster: { server: "${url}" } }]
users: [{ name: u, user: { token: "secret-token" } }]
contexts: [{ name: x, context: { cluster: c, user: u, namespace: metallb-system } }]
current-context: x
`,
  );
  return {
    port,
    url,
    folder,
    kubeconfigPath,
    requests,
    script: (...answers) => scripted.push(...answers),
    otherwise: (answer) => {
      fallback = answer;
    },
    get connections() {
      return connections;
    },
    cut: () => server.closeAllConnections(),
    stop,
    start,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves once it holds; looks after each turn of the event loop. The test's own time-out is the bound. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
