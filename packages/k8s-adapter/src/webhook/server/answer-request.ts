import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { ConnectionTable } from './connection-table.ts';
import type { OctetBudget } from './octet-budget.ts';
import { type ReadBody, readRequestBody, type WebRequest } from './request-body.ts';
import { plainAnswer, type WebhookAnswer, type WebhookEndpoint } from './webhook-endpoints.ts';

export type WebResponse = ServerResponse | Http2ServerResponse;

/** How long a client that was refused may go on sending before its connection is reset: a reset would swallow the answer. */
const LINGER_MS = 1000;
/** Go's client does not pipeline; with one, who does is let be. */
const MAX_PIPELINED = 2;
/** Of one HTTP/2 connection: what RFC 9113, section 6.5.2, recommends as the least. */
export const MAX_CONCURRENT_STREAMS = 100;
const JSON_CONTENT_TYPE = /^application\/json\s*(?:;|$)/i;
const UTF_8 = new TextDecoder('utf-8', { fatal: true });

function send(response: WebResponse, answer: WebhookAnswer, headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent || response.writableEnded || response.destroyed) return;
  response.statusCode = answer.status;
  response.setHeader('content-type', answer.contentType);
  response.setHeader('content-length', Buffer.byteLength(answer.body));
  response.setHeader('cache-control', 'no-store');
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(answer.body);
}

function parseJson(octets: Uint8Array): { readonly ok: true; readonly value: unknown } | { readonly ok: false } {
  try {
    return { ok: true, value: JSON.parse(UTF_8.decode(octets)) };
  } catch {
    return { ok: false };
  }
}

/** What is wrong with the head, if anything: then the body is not worth reading. */
function refusal(
  request: WebRequest,
  endpoint: WebhookEndpoint | undefined,
): { readonly answer: WebhookAnswer; readonly headers?: Readonly<Record<string, string>> } | undefined {
  if (endpoint === undefined) return { answer: plainAnswer(404, 'no webhook at this path') };
  if (request.method !== 'POST') {
    return { answer: plainAnswer(405, 'webhooks are called by POST'), headers: { allow: 'POST' } };
  }
  const contentType = request.headers['content-type'] ?? '';
  if (!JSON_CONTENT_TYPE.test(contentType)) return { answer: plainAnswer(415, 'expected application/json') };
  if (request.headers['content-encoding'] !== undefined) return { answer: plainAnswer(415, 'expected no encoding') };
  return undefined;
}

const BODY_REFUSALS: Readonly<Record<'too-large' | 'no-room', readonly [status: number, text: string]>> = {
  'too-large': [413, 'request entity is too large'],
  'no-room': [503, 'too much is being read at the moment'],
};

interface Serving {
  readonly endpoints: ReadonlyMap<string, WebhookEndpoint>;
  readonly connections: ConnectionTable;
  readonly budget: OctetBudget;
  /** Somebody sent what is no request of the API server's. */
  readonly onGarbage: (request: WebRequest, answer: WebhookAnswer) => void;
  /** The server is being closed: a connection that has been answered is not kept. */
  readonly closing: () => boolean;
}

/** Answers one request. Never throws, never rejects, and leaves nothing behind when the client goes away in the middle. */
export async function answerRequest(request: WebRequest, response: WebResponse, serving: Serving): Promise<void> {
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  const most = request.httpVersionMajor >= 2 ? MAX_CONCURRENT_STREAMS : MAX_PIPELINED;
  const tracked = serving.connections.requestOn(request.socket, most, () => abandon(request, response));
  if (tracked === undefined) {
    abandon(request, response);
    return;
  }
  response.once('close', () => tracked.done());
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const endpoint = serving.endpoints.get(path);
  const refused = refusal(request, endpoint);
  if (refused !== undefined || endpoint === undefined) {
    const answer = refused?.answer ?? plainAnswer(404, 'no webhook at this path');
    serving.onGarbage(request, answer);
    refuse(request, response, answer, refused?.headers);
    return;
  }
  const body = await readRequestBody(request, endpoint.maxOctets, serving.budget);
  if (!body.ok) {
    if (body.because === 'gone') return;
    const answer = plainAnswer(...BODY_REFUSALS[body.because]);
    serving.onGarbage(request, answer);
    refuse(request, response, answer);
    return;
  }
  tracked.bodyComplete();
  try {
    const answer = await answerBody(endpoint, body);
    if (answer.status !== 200) serving.onGarbage(request, answer);
    send(response, answer, serving.closing() && request.httpVersionMajor < 2 ? { connection: 'close' } : {});
  } catch {
    send(response, plainAnswer(500, 'internal error'));
  } finally {
    body.release();
  }
}

async function answerBody(endpoint: WebhookEndpoint, body: ReadBody & { readonly ok: true }): Promise<WebhookAnswer> {
  const parsed = parseJson(body.octets);
  return parsed.ok ? await endpoint.answer(parsed.value) : plainAnswer(400, 'the body is not JSON');
}

/** Ends a request without an answer: with HTTP/2 its stream alone, with HTTP/1.1 that is the end of the connection. */
function abandon(request: WebRequest, response: WebResponse): void {
  if (request.httpVersionMajor >= 2) response.destroy();
  else request.socket.destroy();
}

/**
 * Answers before the body was read, and reads on for a moment: `connection: close` would reset the connection while the
 * client still sends, and the answer would be lost with it.
 */
function refuse(
  request: WebRequest,
  response: WebResponse,
  answer: WebhookAnswer,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(response, answer, headers);
  request.resume();
  if (request.complete || request.readableEnded) return;
  const timer = setTimeout(() => abandon(request, response), LINGER_MS);
  request.once('end', () => clearTimeout(timer));
  request.once('close', () => clearTimeout(timer));
}
