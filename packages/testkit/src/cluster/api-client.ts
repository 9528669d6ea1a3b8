/** The few calls that the small controllers of this folder make, to any API server that a kubeconfig names. */

import { readFile } from 'node:fs/promises';
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { parse } from 'yaml';
import { isJsonObject, listAt, numberAt, objectAt, textAt, valueAt } from '../memory-api/json-value.ts';
import type { KubeObject } from '../memory-api/kube-object.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: KubeObject;
}

/** An answer other than 2xx. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(method: string, path: string, code: number, body: unknown) {
    super(`${method} ${path}: ${code} ${textAt(body, 'message')}`);
    this.name = 'ApiError';
    this.code = code;
    this.reason = textAt(body, 'reason');
  }
}

export interface ApiClient extends Disposable {
  get(path: string): Promise<unknown>;
  create(path: string, object: unknown): Promise<KubeObject>;
  /** Puts a whole object in the place of an older one. */
  update(path: string, object: unknown): Promise<KubeObject>;
  /** A merge patch (RFC 7386). */
  patch(path: string, change: unknown): Promise<KubeObject>;
  delete(path: string, options?: unknown): Promise<void>;
  /** Reads events until the server ends the watch or `signal` does. */
  watch(path: string, signal: AbortSignal, onEvent: (event: WatchEvent) => void): Promise<void>;
  close(): void;
}

/** What one call sends. */
type Call = readonly [method: string, path: string, body?: unknown, contentType?: string];

/** A request that takes longer than this has failed. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Connects with the current context of a kubeconfig: its token or client certificate. */
export async function openApiClient(kubeconfigPath: string): Promise<ApiClient> {
  const config: unknown = parse(await readFile(kubeconfigPath, 'utf8'));
  const named = (list: string, name: string): unknown =>
    listAt(config, list).find((entry) => textAt(entry, 'name') === name);
  const context = objectAt(named('contexts', textAt(config, 'current-context')), 'context');
  const cluster = objectAt(named('clusters', textAt(context, 'cluster')), 'cluster');
  const user = objectAt(named('users', textAt(context, 'user')), 'user');
  const server = new URL(textAt(cluster, 'server'));
  const material = async (from: unknown, field: string): Promise<string | Buffer | undefined> => {
    const inline = textAt(from, `${field}-data`);
    if (inline) return Buffer.from(inline, 'base64');
    const path = textAt(from, field);
    return path ? readFile(path) : undefined;
  };
  const isHttps = server.protocol === 'https:';
  const [ca, cert, key] = await Promise.all([
    material(cluster, 'certificate-authority'),
    material(user, 'client-certificate'),
    material(user, 'client-key'),
  ]);
  const tls = {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    servername: textAt(cluster, 'tls-server-name') || undefined,
    rejectUnauthorized: valueAt(cluster, 'insecure-skip-tls-verify') !== true,
  };
  const kept = isHttps ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true });
  const single = isHttps ? new HttpsAgent(tls) : new HttpAgent();
  const token = textAt(user, 'token');

  const start = (method: string, path: string, contentType?: string, agent = kept): ClientRequest => {
    const headers = {
      Accept: 'application/json',
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(contentType && { 'Content-Type': contentType }),
    };
    const options = { host: server.hostname.replace(/^\[|\]$/g, ''), port: server.port, method, path, headers, agent };
    return isHttps ? httpsRequest({ ...options, ...tls }) : httpRequest(options);
  };

  const attempt = async (agent: typeof kept, ...call: Call): Promise<unknown> => {
    const [method, path, body, contentType] = call;
    const request = start(method, path, contentType, agent);
    request.setTimeout(REQUEST_TIMEOUT_MS, () => request.destroy(new Error(`${method} ${path}: no answer in time`)));
    const response = await responseTo(request, body);
    const answer = parseJson(await textOf(response));
    const code = response.statusCode ?? 0;
    if (code < 200 || code > 299) throw new ApiError(method, path, code, answer);
    return answer;
  };
  const call = async (...args: Call): Promise<unknown> => {
    try {
      return await attempt(kept, ...args);
    } catch (error) {
      // A server that was restarted has closed the connections that were kept for later; a new one may do.
      if (!isClosedConnection(error)) throw error;
      return attempt(single, ...args);
    }
  };

  const close = (): void => {
    kept.destroy();
    single.destroy();
  };
  return {
    get: (path) => call('GET', path),
    create: async (path, object) => (await call('POST', path, object, 'application/json')) as KubeObject,
    update: async (path, object) => (await call('PUT', path, object, 'application/json')) as KubeObject,
    patch: async (path, change) => (await call('PATCH', path, change, 'application/merge-patch+json')) as KubeObject,
    delete: async (path, options) => {
      await call('DELETE', path, options, 'application/json');
    },
    watch: async (path, signal, onEvent) => {
      const request = start('GET', path);
      const abort = (): void => {
        request.destroy();
      };
      signal.addEventListener('abort', abort);
      try {
        const response = await responseTo(request, undefined);
        if (response.statusCode !== 200) {
          throw new ApiError('GET', path, response.statusCode ?? 0, parseJson(await textOf(response)));
        }
        for await (const line of linesOf(response)) onEvent(line as WatchEvent);
      } finally {
        signal.removeEventListener('abort', abort);
        request.destroy();
      }
    },
    close,
    [Symbol.dispose]: close,
  };
}

function responseTo(request: ClientRequest, body: unknown): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    const octets = Buffer.from(body === undefined ? '' : JSON.stringify(body));
    // Node announces no length for the body of a DELETE by itself.
    request.setHeader('Content-Length', octets.length);
    request.end(octets);
  });
}

function isClosedConnection(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text };
  }
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<unknown> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const lines = `${rest}${chunk as string}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const event: unknown = JSON.parse(line);
      if (isJsonObject(event)) yield event;
    }
  }
}

/** Whether an answer means that there is nothing (left) to do: it is there, it is gone, or somebody else was faster. */
export function isSettled(error: unknown): boolean {
  return error instanceof ApiError && (error.code === 404 || error.code === 409);
}

/** What a call gave; undefined where nothing is left to do. */
export async function unlessSettled<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isSettled(error)) return undefined;
    throw error;
  }
}

/** The version from which a watch goes on after a list. */
export function listVersion(list: unknown): string {
  return textAt(list, 'metadata', 'resourceVersion') || String(numberAt(list, 'metadata', 'resourceVersion'));
}
