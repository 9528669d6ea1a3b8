import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import { type Connection, type CredentialSource, createCredentialCache } from './credentials.ts';
import { parseExact, stringifyExact } from './exact-json.ts';
import { answerError, type Exchange, openExchange, readBody, STALE_CONNECTION, streamBody } from './exchange.ts';
import { inClusterCredentials } from './in-cluster.ts';
import { kubeconfigCredentials, kubeconfigFiles } from './kubeconfig.ts';
import { createRequestGate } from './request-gate.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface ApiRequestOptions {
  /** Sent as JSON; a bigint as the integer that it is. */
  readonly body?: unknown;
  /** By default `application/json`; for PATCH `application/merge-patch+json`. */
  readonly contentType?: string;
  /** For the whole call, waits that the server asks for included; time in our own queue not counted. */
  readonly timeoutMs?: number;
  /** On the scale of `performance.now()`: nothing leaves after this, neither out of our own queue nor as another try. */
  readonly leaveByMs?: number;
  /** A longer answer is an error. */
  readonly maxBodyOctets?: number;
  /** Integers of the answer that a number cannot hold are bigints; else they are rounded. */
  readonly exactIntegers?: boolean;
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON; undefined for an empty body. Whatever it is came from outside. */
  readonly body: unknown;
}

export interface ApiStreamOptions {
  /** Until the head of the answer. */
  readonly headTimeoutMs: number;
  /** Silence after which the connection is taken for dead. */
  readonly idleTimeoutMs: number;
  readonly signal?: AbortSignal;
  /** The server said 2xx. */
  readonly onHead?: () => void;
  /** Called with each piece as it arrives, within the turn. What it throws ends the stream and rejects. */
  readonly onOctets: (octets: Uint8Array) => void;
}

/** The Kubernetes API, reduced to calls. Everything other than 2xx rejects with an `ApiError`. */
export interface KubeClient extends AsyncDisposable {
  readonly server: string;
  /** The namespace of the kubeconfig's context or of the pod. */
  readonly namespace: string | undefined;
  /** The request leaves in the turn of the call. 429 and 503 with Retry-After are waited for; a 401 reads the credentials anew once. */
  request(method: HttpMethod, path: string, options?: ApiRequestOptions): Promise<ApiResponse>;
  /** A GET of which the body is consumed while it comes. No retries. Resolves at the end of the body. */
  stream(path: string, options: ApiStreamOptions): Promise<void>;
  close(): Promise<void>;
}

export interface KubeClientOptions {
  /** `--kubeconfig`. Else KUBECONFIG, else the pod's ServiceAccount, else `~/.kube/config`: the order of controller-runtime. */
  readonly kubeconfigPath?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the ServiceAccount is mounted. */
  readonly serviceAccountFolder?: string;
  readonly userAgent?: string;
  /** Requests under way at a time; the others queue. Watches are not counted. */
  readonly maxConcurrentRequests?: number;
  /** Called for each answer, each try of its own: what `rest_client_requests_total` counts. */
  readonly onResponse?: (response: ObservedResponse) => void;
}

/** An answer, as client-go's metrics tell of it. */
export interface ObservedResponse {
  /** The HTTP status, or `<error>` where there was no answer. */
  readonly code: string;
  readonly method: HttpMethod;
  /** With the port. */
  readonly host: string;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_MAX_BODY_OCTETS = 4 * 1024 * 1024;
const DEFAULT_MAX_CONCURRENT_REQUESTS = 32;
const MAX_WAITS = 5;
const DECODER = new TextDecoder();
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'PUT', 'PATCH', 'DELETE']);

async function findCredentials(options: KubeClientOptions): Promise<CredentialSource> {
  const env = options.env ?? process.env;
  const files = await kubeconfigFiles(options.kubeconfigPath, env);
  if (files.explicit.length > 0) return kubeconfigCredentials(files.explicit);
  const inCluster = await inClusterCredentials(env, options.serviceAccountFolder);
  if (inCluster !== undefined) return inCluster;
  if (files.home.length > 0) return kubeconfigCredentials(files.home);
  throw new ApiError(
    'ERR_K8S_NO_CONFIGURATION',
    'no way to the Kubernetes API: not in a pod, and neither --kubeconfig nor KUBECONFIG nor ~/.kube/config is there',
  );
}

function parseBody(call: string, octets: Uint8Array, exactIntegers: boolean): unknown {
  if (octets.length === 0) return undefined;
  const text = DECODER.decode(octets);
  try {
    return exactIntegers ? parseExact(text) : JSON.parse(text);
  } catch (cause) {
    throw new ApiError('ERR_K8S_BAD_BODY', `${call}: not JSON: ${JSON.stringify(text.slice(0, 80))}`, { cause });
  }
}

/** Finds the API server and the credentials for it, and reads them once, so that a mistake shows here. */
export async function openKubeClient(options: KubeClientOptions = {}): Promise<KubeClient> {
  const source = await findCredentials(options);
  const credentials = createCredentialCache(source);
  await credentials.get();
  const userAgent = options.userAgent ?? 'steelyard';
  const gate = createRequestGate(options.maxConcurrentRequests ?? DEFAULT_MAX_CONCURRENT_REQUESTS);
  let closed = false;
  const closedError = (): ApiError => new ApiError('ERR_K8S_ABORTED', 'the client is closed');
  const { host } = source.server;

  /** The request has left when this is called. */
  async function observed<A extends { readonly status: number }>(method: HttpMethod, exchange: Promise<A>): Promise<A> {
    try {
      const answer = await exchange;
      options.onResponse?.({ code: String(answer.status), method, host });
      return answer;
    } catch (error) {
      options.onResponse?.({ code: '<error>', method, host });
      throw error;
    }
  }

  async function attempt(
    connection: Connection,
    method: HttpMethod,
    path: string,
    body: string | undefined,
    options: ApiRequestOptions,
    timeoutMs: number,
  ): Promise<ApiResponse> {
    const call = `${method} ${path}`;
    const { signal } = options;
    const exchange: Exchange = {
      server: source.server,
      method,
      path,
      headers: {
        ...connection.headers,
        accept: 'application/json',
        'user-agent': userAgent,
        ...(body === undefined
          ? {}
          : {
              'content-type':
                options.contentType ?? (method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'),
              'content-length': Buffer.byteLength(body),
            }),
      },
      body,
      agent: connection.requestAgent,
      headTimeoutMs: timeoutMs,
      signal,
    };
    const answer = await observed(method, openExchange(exchange));
    if (answer.status < 200 || answer.status > 299) throw await answerError(call, answer, timeoutMs, signal);
    const octets = await readBody(call, answer, {
      maxOctets: options.maxBodyOctets ?? DEFAULT_MAX_BODY_OCTETS,
      timeoutMs,
      signal,
    });
    return {
      status: answer.status,
      headers: answer.headers,
      body: parseBody(call, octets, options.exactIntegers === true),
    };
  }

  async function request(method: HttpMethod, path: string, options: ApiRequestOptions = {}): Promise<ApiResponse> {
    if (!path.startsWith('/')) throw new TypeError(`not a path of the API: ${JSON.stringify(path)}`);
    const body = options.body === undefined ? undefined : stringifyExact(options.body);
    // No await before the request leaves, when there is room and credentials are at hand: it leaves in the caller's turn.
    const turn = gate.enter();
    if (turn !== undefined) await turn;
    try {
      return await requestInTurn(method, path, body, options);
    } finally {
      gate.leave();
    }
  }

  async function requestInTurn(
    method: HttpMethod,
    path: string,
    body: string | undefined,
    options: ApiRequestOptions,
  ): Promise<ApiResponse> {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    let waitedMs = 0;
    let refreshed = false;
    let staleTries = 0;
    for (let waits = 0; ; ) {
      const connection = credentials.peek() ?? (await credentials.get());
      if (options.leaveByMs !== undefined && performance.now() > options.leaveByMs) {
        throw new ApiError('ERR_K8S_ABORTED', `${method} ${path}: too late to be sent`);
      }
      try {
        return await attempt(connection, method, path, body, options, timeoutMs);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (closed) throw closedError();
        if (STALE_CONNECTION in error && IDEMPOTENT.has(method) && staleTries < 3) {
          staleTries++; // several kept connections may have died together, with the server
        } else if (error.code === 'ERR_K8S_UNAUTHORIZED' && !refreshed) {
          refreshed = true;
          credentials.invalidate();
        } else if (
          (error.httpStatus === 429 || error.httpStatus === 503) &&
          error.retryAfterMs !== undefined &&
          waits < MAX_WAITS &&
          waitedMs + error.retryAfterMs < timeoutMs
        ) {
          waits++;
          waitedMs += error.retryAfterMs;
          const { signal } = options;
          await wait(error.retryAfterMs, undefined, signal === undefined ? {} : { signal }).catch(() => {
            throw new ApiError('ERR_K8S_ABORTED', `${method} ${path}: aborted`);
          });
          if (closed) throw closedError();
        } else {
          throw error;
        }
      }
    }
  }

  async function stream(path: string, options: ApiStreamOptions): Promise<void> {
    if (closed) throw closedError();
    try {
      await streamOnce(path, options);
    } catch (error) {
      throw closed && error instanceof ApiError ? closedError() : error;
    }
  }

  async function streamOnce(path: string, options: ApiStreamOptions): Promise<void> {
    const connection = credentials.peek() ?? (await credentials.get());
    const call = `GET ${path}`;
    const { signal } = options;
    const opened = openExchange({
      server: source.server,
      method: 'GET',
      path,
      headers: { ...connection.headers, accept: 'application/json', 'user-agent': userAgent },
      body: undefined,
      agent: connection.watchAgent,
      headTimeoutMs: options.headTimeoutMs,
      signal,
    });
    const answer = await observed('GET', opened);
    if (answer.status === 401) credentials.invalidate();
    if (answer.status < 200 || answer.status > 299)
      throw await answerError(call, answer, options.headTimeoutMs, signal);
    options.onHead?.();
    await streamBody(call, answer, options.idleTimeoutMs, signal, options.onOctets);
  }

  function close(): Promise<void> {
    closed = true;
    gate.close(closedError);
    credentials.close(); // ends the connections, and with them what is under way
    return Promise.resolve();
  }

  return {
    server: source.server.href,
    namespace: source.namespace,
    request,
    stream,
    close,
    [Symbol.asyncDispose]: close,
  };
}
