import { type Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { ApiError, errorFromAnswer } from './api-error.ts';

/** One HTTP request, ready to leave. */
export interface Exchange {
  readonly server: URL;
  readonly method: string;
  /** From `/api` or `/apis` on, query included. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Uint8Array | undefined;
  readonly agent: Agent;
  /** From the moment a connection is taken until the answer's head. */
  readonly headTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** An answer of which the head has arrived. */
interface OpenAnswer {
  readonly message: IncomingMessage;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Ends the connection with this reason. */
  abandon(reason: ApiError): void;
}

/** A connection kept open from before that the server had closed meanwhile: worth another try at once. */
export const STALE_CONNECTION: unique symbol = Symbol('stale connection');

function connectionError(call: string, error: unknown, stale: boolean): ApiError {
  if (error instanceof ApiError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const apiError = new ApiError('ERR_K8S_CONNECTION', `${call}: ${text || 'connection failed'}`, { cause: error });
  return stale ? Object.assign(apiError, { [STALE_CONNECTION]: true }) : apiError;
}

/** Sends the request in this turn; resolves with the head of the answer. */
export function openExchange(exchange: Exchange): Promise<OpenAnswer> {
  const { server, method, path, signal } = exchange;
  const call = `${method} ${path}`;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(new ApiError('ERR_K8S_ABORTED', `${call}: aborted`));
      return;
    }
    const send = server.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send({
      protocol: server.protocol,
      hostname: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port === '' ? undefined : Number(server.port),
      path: `${server.pathname.replace(/\/$/, '')}${path}`,
      method,
      headers: { ...exchange.headers },
      agent: exchange.agent,
    });
    const onAbort = (): void => {
      request.destroy(new ApiError('ERR_K8S_ABORTED', `${call}: aborted`));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    let timer: NodeJS.Timeout | undefined;
    // Not while it waits for its turn: a burst of writes queues here, and none of them is late before it has left.
    request.once('socket', () => {
      timer = setTimeout(() => {
        request.destroy(new ApiError('ERR_K8S_TIMEOUT', `${call}: no answer within ${exchange.headTimeoutMs} ms`));
      }, exchange.headTimeoutMs);
    });
    request.once('close', () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      const stale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
      reject(connectionError(call, error, stale));
    });
    request.once('response', (message) => {
      clearTimeout(timer);
      resolve({
        message,
        status: message.statusCode ?? 0,
        headers: message.headers,
        abandon: (reason) => message.destroy(reason),
      });
    });
    request.end(exchange.body);
  });
}

/** Collects a whole body, up to so many octets and within so much time. */
export function readBody(call: string, answer: OpenAnswer, maxOctets: number, timeoutMs: number): Promise<Uint8Array> {
  const { message } = answer;
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let octets = 0;
    const timer = setTimeout(
      () => answer.abandon(new ApiError('ERR_K8S_TIMEOUT', `${call}: body incomplete after ${timeoutMs} ms`)),
      timeoutMs,
    );
    message.on('data', (chunk: Uint8Array) => {
      octets += chunk.length;
      if (octets > maxOctets) {
        answer.abandon(new ApiError('ERR_K8S_BODY_TOO_LARGE', `${call}: body of more than ${maxOctets} octets`));
      } else {
        chunks.push(chunk);
      }
    });
    message.once('end', () => resolve(Buffer.concat(chunks)));
    message.once('error', (error) => reject(connectionError(call, error, false)));
    message.once('close', () => {
      clearTimeout(timer);
      // After `end` this changes nothing.
      reject(new ApiError('ERR_K8S_CONNECTION', `${call}: connection closed inside the body`));
    });
  });
}

const MAX_ERROR_BODY_OCTETS = 64 * 1024;

/** Turns an answer other than 2xx into its error. */
export async function answerError(call: string, answer: OpenAnswer, timeoutMs: number): Promise<ApiError> {
  let text = '';
  try {
    text = new TextDecoder().decode(await readBody(call, answer, MAX_ERROR_BODY_OCTETS, timeoutMs));
  } catch {
    // The status alone must do.
  }
  return errorFromAnswer(call, answer.status, answer.headers['retry-after'], text);
}

/** Hands each piece of a body on as it comes; resolves at its end. Silence for `idleTimeoutMs` is an error. */
export function streamBody(
  call: string,
  answer: OpenAnswer,
  idleTimeoutMs: number,
  signal: AbortSignal | undefined,
  onOctets: (octets: Uint8Array) => void,
): Promise<void> {
  const { message } = answer;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => answer.abandon(new ApiError('ERR_K8S_ABORTED', `${call}: aborted`));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const idle = setTimeout(
      () => answer.abandon(new ApiError('ERR_K8S_TIMEOUT', `${call}: silent for ${idleTimeoutMs} ms`)),
      idleTimeoutMs,
    );
    message.on('data', function onData(chunk: Uint8Array) {
      idle.refresh();
      try {
        onOctets(chunk);
      } catch (error) {
        // The reader has had enough: what was received already must not reach it either.
        message.off('data', onData);
        reject(error instanceof Error ? error : new Error(String(error)));
        message.destroy();
      }
    });
    message.once('end', resolve);
    message.once('error', (error) => reject(connectionError(call, error, false)));
    message.once('close', () => {
      clearTimeout(idle);
      signal?.removeEventListener('abort', onAbort);
      reject(new ApiError('ERR_K8S_CONNECTION', `${call}: connection closed`));
    });
  });
}
