import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';

/** How a Kubernetes API is reached. */
export interface ApiAccess {
  readonly url: string;
  /** A bearer token. */
  readonly token?: string;
  /** Who signed the server's certificate, in PEM. */
  readonly certificateAuthority?: string;
}

/** How a request differs from the ordinary. */
export interface ApiRequestOptions {
  /** Sent as JSON, unless it is text. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

/** An answer that is not a success. */
export interface ApiError extends Error {
  readonly code: 'ERR_TESTKIT_API';
  readonly status: number;
}

/** A Kubernetes API over plain HTTP: an outsider's view, without the client library that the apps use. */
export interface ApiClient {
  /** @throws {@link ApiError} with the server's own message. */
  request<T>(method: string, path: string, options?: ApiRequestOptions): Promise<T>;
  /** Opens a response that does not end, such as a watch. */
  stream(path: string, signal: AbortSignal): Promise<IncomingMessage>;
}

/** For a request that is answered at once. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Makes a client. It holds nothing open. */
export function createApiClient(access: ApiAccess): ApiClient {
  const send = access.url.startsWith('https:') ? httpsRequest : httpRequest;
  const exchange = (
    method: string,
    path: string,
    options: ApiRequestOptions,
    signal: AbortSignal,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { body, contentType = 'application/json', accept = 'application/json' } = options;
      const headers: OutgoingHttpHeaders = { accept };
      if (access.token !== undefined) headers.authorization = `Bearer ${access.token}`;
      if (body !== undefined) headers['content-type'] = contentType;
      const sent = send(
        new URL(path, access.url),
        {
          method,
          headers,
          signal,
          agent: false,
          ...(access.certificateAuthority && { ca: access.certificateAuthority }),
        },
        resolve,
      );
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });
  return {
    async request<T>(method: string, path: string, options: ApiRequestOptions = {}) {
      const response = await exchange(method, path, options, AbortSignal.timeout(REQUEST_TIMEOUT_MS));
      const answer = await text(response);
      const status = response.statusCode ?? 0;
      if (status < 200 || status > 299) throw apiError(method, path, status, answer);
      return JSON.parse(answer) as T;
    },
    async stream(path, signal) {
      const response = await exchange('GET', path, {}, signal);
      if (response.statusCode === 200) return response;
      throw apiError('GET', path, response.statusCode ?? 0, await text(response));
    },
  };
}

function apiError(method: string, path: string, status: number, answer: string): ApiError {
  let message = answer.slice(0, 500);
  try {
    message = (JSON.parse(answer) as { message?: string }).message ?? message;
  } catch {
    // Not a Status object: its text has to do.
  }
  return Object.assign(new Error(`${method} ${path}: ${status}: ${message}`), {
    code: 'ERR_TESTKIT_API' as const,
    status,
  });
}
