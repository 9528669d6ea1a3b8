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
  /** As text: node then sends it in one piece with the head. */
  readonly body: string | undefined;
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
      signal?.removeEventListener('abort', onAbort); // from here on whoever consumes the body listens
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

interface BodyReader {
  /** Ended by the time since its last octets (`idle`) or since its head (`total`). */
  readonly limit: 'idle' | 'total';
  readonly limitMs: number;
  readonly signal: AbortSignal | undefined;
  /** What it throws ends the answer and rejects. */
  readonly onOctets: (octets: Uint8Array) => void;
}

/** Reads a body to its end. */
function consume(call: string, answer: OpenAnswer, reader: BodyReader): Promise<void> {
  const { message } = answer;
  const { signal, limit, limitMs } = reader;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => answer.abandon(new ApiError('ERR_K8S_ABORTED', `${call}: aborted`));
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const timer = setTimeout(() => {
      const text = limit === 'idle' ? `silent for ${limitMs} ms` : `body incomplete after ${limitMs} ms`;
      answer.abandon(new ApiError('ERR_K8S_TIMEOUT', `${call}: ${text}`));
    }, limitMs);
    message.on('data', function onData(octets: Uint8Array) {
      if (limit === 'idle') timer.refresh();
      try {
        reader.onOctets(octets);
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
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (message.readableEnded) return;
      reject(new ApiError('ERR_K8S_CONNECTION', `${call}: connection closed inside the body`));
    });
  });
}

/** Collects a whole body, up to so many octets and within so much time. */
export async function readBody(
  call: string,
  answer: OpenAnswer,
  bounds: { readonly maxOctets: number; readonly timeoutMs: number; readonly signal: AbortSignal | undefined },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  await consume(call, answer, {
    limit: 'total',
    limitMs: bounds.timeoutMs,
    signal: bounds.signal,
    onOctets(chunk) {
      octets += chunk.length;
      if (octets > bounds.maxOctets) {
        throw new ApiError('ERR_K8S_BODY_TOO_LARGE', `${call}: body of more than ${bounds.maxOctets} octets`);
      }
      chunks.push(chunk);
    },
  });
  const [only] = chunks;
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, octets);
}

const MAX_ERROR_BODY_OCTETS = 64 * 1024;

/** Turns an answer other than 2xx into its error. */
export async function answerError(
  call: string,
  answer: OpenAnswer,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<ApiError> {
  let text = '';
  try {
    const octets = await readBody(call, answer, { maxOctets: MAX_ERROR_BODY_OCTETS, timeoutMs, signal });
    text = new TextDecoder().decode(octets);
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
  return consume(call, answer, { limit: 'idle', limitMs: idleTimeoutMs, signal, onOctets });
}
