/** What went wrong with a call, to be told apart without reading text. */
export type ApiErrorCode =
  | 'ERR_K8S_NO_CONFIGURATION'
  | 'ERR_K8S_KUBECONFIG'
  | 'ERR_K8S_CREDENTIALS'
  | 'ERR_K8S_CONNECTION'
  | 'ERR_K8S_TIMEOUT'
  | 'ERR_K8S_ABORTED'
  | 'ERR_K8S_BODY_TOO_LARGE'
  | 'ERR_K8S_BAD_BODY'
  | 'ERR_K8S_BAD_REQUEST'
  | 'ERR_K8S_UNAUTHORIZED'
  | 'ERR_K8S_FORBIDDEN'
  | 'ERR_K8S_NOT_FOUND'
  | 'ERR_K8S_ALREADY_EXISTS'
  | 'ERR_K8S_CONFLICT'
  | 'ERR_K8S_GONE'
  | 'ERR_K8S_INVALID'
  | 'ERR_K8S_TOO_MANY_REQUESTS'
  | 'ERR_K8S_SERVER'
  | 'ERR_K8S_HTTP';

/** A call to the Kubernetes API that did not succeed. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiErrorCode;
  /** The HTTP status; undefined when there was no answer. */
  readonly httpStatus: number | undefined;
  /** `metav1.Status.reason`, for instance `AlreadyExists`. */
  readonly reason: string | undefined;
  /** What `Retry-After` asks for. */
  readonly retryAfterMs: number | undefined;
  /** Whether the answer was in an API server's own words; a proxy, or whatever else listens there, has others. */
  readonly fromApiServer: boolean;

  constructor(
    code: ApiErrorCode,
    message: string,
    details: {
      readonly httpStatus?: number | undefined;
      readonly reason?: string | undefined;
      readonly retryAfterMs?: number | undefined;
      readonly fromApiServer?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.httpStatus = details.httpStatus;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
    this.fromApiServer = details.fromApiServer === true;
  }
}

/** Recognises an `ApiError` by its code, across bundles that each have their own copy of the class. */
export function isApiError(error: unknown): error is ApiError {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_K8S_')
  );
}

function codeFor(status: number, reason: string | undefined): ApiErrorCode {
  switch (status) {
    case 400:
      return 'ERR_K8S_BAD_REQUEST';
    case 401:
      return 'ERR_K8S_UNAUTHORIZED';
    case 403:
      return 'ERR_K8S_FORBIDDEN';
    case 404:
      return 'ERR_K8S_NOT_FOUND';
    case 409:
      return reason === 'AlreadyExists' ? 'ERR_K8S_ALREADY_EXISTS' : 'ERR_K8S_CONFLICT';
    case 410:
      return 'ERR_K8S_GONE';
    case 422:
      return 'ERR_K8S_INVALID';
    case 429:
      return 'ERR_K8S_TOO_MANY_REQUESTS';
    default:
      return status >= 500 ? 'ERR_K8S_SERVER' : 'ERR_K8S_HTTP';
  }
}

const MAX_MESSAGE_LENGTH = 1024;
const MAX_RETRY_AFTER_SECONDS = 3600;

/** The delay that a `Retry-After` header in seconds asks for (RFC 9110, section 10.2.3); a date is not used by Kubernetes. */
function parseRetryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,9}$/.test(header)) return undefined;
  return Math.min(Number(header), MAX_RETRY_AFTER_SECONDS) * 1000;
}

/** Go's `http.NotFound`, by which kube-apiserver answers for a group or kind that it does not serve. */
const GO_NOT_FOUND = '404 page not found';

interface StatusFields {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly message?: unknown;
  readonly reason?: unknown;
  readonly details?: { readonly retryAfterSeconds?: unknown } | null;
}

/** Reads an answer other than 2xx: a `metav1.Status`, or whatever stands between us and the API server. */
export function errorFromAnswer(
  call: string,
  httpStatus: number,
  retryAfterHeader: string | undefined,
  body: string,
): ApiError {
  let status: StatusFields = {};
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null) status = parsed;
  } catch {
    // Not JSON: what came is quoted.
  }
  const quoted = body.trim();
  const reason = typeof status.reason === 'string' ? status.reason.slice(0, 64) : undefined;
  const text = typeof status.message === 'string' && status.message !== '' ? status.message : quoted || 'no message';
  const retryAfterSeconds = status.details?.retryAfterSeconds;
  return new ApiError(codeFor(httpStatus, reason), `${call}: ${httpStatus}: ${text.slice(0, MAX_MESSAGE_LENGTH)}`, {
    httpStatus,
    reason,
    fromApiServer:
      (status.kind === 'Status' && status.apiVersion === 'v1') || (httpStatus === 404 && quoted === GO_NOT_FOUND),
    retryAfterMs:
      parseRetryAfterMs(retryAfterHeader) ??
      (typeof retryAfterSeconds === 'number' ? parseRetryAfterMs(String(Math.ceil(retryAfterSeconds))) : undefined),
  });
}
