import { createRequestGate, type RequestGate } from '../../client/request-gate.ts';
import type { AdapterLogger } from '../../logger.ts';
import {
  type AdmissionRequest,
  type AdmissionVerdict,
  decodeAdmissionReview,
  encodeAdmissionReview,
} from '../review/admission-review.ts';
import { createSparseLog } from './sparse-log.ts';
import type { WebhookLimits } from './webhook-limits.ts';
import { CONVERSION_WEBHOOK_PATH, type ReviewedKind, VALIDATING_WEBHOOK_PATHS, wrongKind } from './webhook-paths.ts';

/**
 * Judges an object. What it throws becomes an answer with code 500.
 *
 * @param signal - Nobody waits for the verdict any more.
 */
export type AdmissionReviewer = (
  reviewed: ReviewedKind,
  request: AdmissionRequest,
  signal: AbortSignal,
) => AdmissionVerdict | Promise<AdmissionVerdict>;

/** What is said to a `ConversionReview`. */
export interface ConversionReviewAnswer {
  readonly response: {
    readonly result: {
      readonly status: 'Success' | 'Failure';
      readonly message?: string;
      /** 400: it was no review at all, which the HTTP answer has to say. */
      readonly code?: number;
    };
  };
}

/** Converts what a `ConversionReview` holds. The answer is sent as it is. */
export type ConversionReviewer = (review: unknown) => ConversionReviewAnswer;

/** What goes back to the client. */
export interface WebhookAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType: 'application/json' | 'text/plain; charset=utf-8';
}

export interface WebhookEndpoint {
  readonly maxOctets: number;
  answer(body: unknown): WebhookAnswer | Promise<WebhookAnswer>;
}

export function plainAnswer(status: number, text: string): WebhookAnswer {
  return { status, body: `${text}\n`, contentType: 'text/plain; charset=utf-8' };
}

function jsonAnswer(value: unknown): WebhookAnswer {
  return { status: 200, body: JSON.stringify(value), contentType: 'application/json' };
}

/** Who runs `kubectl apply` reads this: the error's own words, and no stack. */
function internalError(error: unknown): AdmissionVerdict {
  return { allowed: false, code: 500, message: error instanceof Error ? error.message : String(error) };
}

/** Anyone can send objects to be denied. */
const DENIALS = { burst: 100, intervalMs: 10_000 };
const MAX_LOGGED_NAME_LENGTH = 253;
const MAX_LOGGED_ERROR_LENGTH = 1024;

function admissionEndpoint(
  reviewed: ReviewedKind,
  review: AdmissionReviewer,
  gate: RequestGate,
  reviewTimeoutMs: number,
  logger: AdapterLogger,
): Omit<WebhookEndpoint, 'maxOctets'> {
  const logDenial = createSparseLog((pairs, msg) => logger.error(pairs, msg), DENIALS);

  /** MetalLB's own pairs (`webhook`, `action`, `name`, `namespace`), at its levels: a denial is an error there. */
  function log(request: AdmissionRequest, verdict: AdmissionVerdict): void {
    const pairs = {
      webhook: reviewed.kind.toLowerCase(),
      action: request.operation.toLowerCase(),
      name: request.name.slice(0, MAX_LOGGED_NAME_LENGTH),
      namespace: request.namespace.slice(0, MAX_LOGGED_NAME_LENGTH),
    };
    if (verdict.allowed) logger.debug(pairs, 'allowed');
    else logDenial({ ...pairs, error: verdict.message.slice(0, MAX_LOGGED_ERROR_LENGTH) }, 'denied');
  }

  async function judge(request: AdmissionRequest): Promise<AdmissionVerdict> {
    const message = wrongKind(reviewed, request);
    if (message !== undefined) return { allowed: false, code: 400, message };
    if (!reviewed.operations.includes(request.operation)) return { allowed: true };
    const turn = gate.enter();
    if (turn !== undefined) await turn;
    const tooLate = new AbortController();
    const late = new Promise<AdmissionVerdict>((resolve) => {
      tooLate.signal.addEventListener('abort', () => {
        resolve({ allowed: false, code: 500, message: `not judged within ${reviewTimeoutMs} ms` });
      });
    });
    const timer = setTimeout(() => tooLate.abort(), reviewTimeoutMs);
    try {
      return await Promise.race([review(reviewed, request, tooLate.signal), late]);
    } catch (error) {
      return internalError(error);
    } finally {
      clearTimeout(timer);
      gate.leave();
    }
  }

  return {
    async answer(body) {
      const decoded = decodeAdmissionReview(body);
      if (!decoded.ok) return plainAnswer(400, decoded.message);
      const verdict = await judge(decoded.request);
      log(decoded.request, verdict);
      return jsonAnswer(encodeAdmissionReview(decoded.apiVersion, decoded.request.uid, verdict));
    },
  };
}

function conversionEndpoint(convert: ConversionReviewer, logger: AdapterLogger): Omit<WebhookEndpoint, 'maxOctets'> {
  const logFailure = createSparseLog((pairs, msg) => logger.error(pairs, msg), DENIALS);
  return {
    answer(body) {
      const answer = convert(body);
      const { status, code, message = 'not a ConversionReview' } = answer.response.result;
      if (status === 'Failure' && code === 400) return plainAnswer(400, message);
      if (status === 'Failure') {
        logFailure({ webhook: 'convert', error: message.slice(0, MAX_LOGGED_ERROR_LENGTH) }, 'not converted');
      }
      return jsonAnswer(answer);
    },
  };
}

/** Path → what answers there. */
export function webhookEndpoints(options: {
  readonly review: AdmissionReviewer;
  readonly convert: ConversionReviewer;
  readonly limits: WebhookLimits;
  readonly logger: AdapterLogger;
}): ReadonlyMap<string, WebhookEndpoint> {
  const { limits, logger } = options;
  const gate = createRequestGate(limits.maxConcurrentReviews);
  const endpoints = new Map<string, WebhookEndpoint>();
  for (const [path, reviewed] of VALIDATING_WEBHOOK_PATHS) {
    const endpoint = admissionEndpoint(reviewed, options.review, gate, limits.reviewTimeoutMs, logger);
    endpoints.set(path, { ...endpoint, maxOctets: limits.maxReviewOctets });
  }
  const conversion = conversionEndpoint(options.convert, logger);
  endpoints.set(CONVERSION_WEBHOOK_PATH, { ...conversion, maxOctets: limits.maxConversionOctets });
  return endpoints;
}
