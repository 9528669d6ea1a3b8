/** What the API server asks: `AdmissionRequest` of admission.k8s.io/v1, as far as a validating webhook needs it. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly operation: AdmissionOperation;
  readonly namespace: string;
  readonly name: string;
  /** Absent with DELETE. Whatever it is came from outside. */
  readonly object: unknown;
  /** Present with UPDATE and DELETE. */
  readonly oldObject: unknown;
}

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What is thought of it. */
export type AdmissionVerdict =
  | { readonly allowed: true; readonly warnings?: readonly string[] }
  | {
      readonly allowed: false;
      readonly message: string;
      /** An HTTP status; 403 is a denial, 400 an object that cannot be read, 500 our own trouble. */
      readonly code?: 400 | 403 | 500;
      readonly warnings?: readonly string[];
    };

export type DecodedReview =
  | { readonly ok: true; readonly apiVersion: string; readonly request: AdmissionRequest }
  | { readonly ok: false; readonly message: string };

const API_VERSIONS: ReadonlySet<unknown> = new Set(['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']);
const OPERATIONS: ReadonlySet<unknown> = new Set<AdmissionOperation>(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);
const MAX_UID_LENGTH = 256;

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * Reads an `AdmissionReview`. v1beta1 is read too, and answered as such: its fields are the same, and controller-runtime does.
 *
 * @param body - Parsed JSON.
 */
export function decodeAdmissionReview(body: unknown): DecodedReview {
  const review = fieldsOf(body);
  if (review?.['kind'] !== 'AdmissionReview' || !API_VERSIONS.has(review['apiVersion'])) {
    return { ok: false, message: 'not an AdmissionReview of admission.k8s.io/v1' };
  }
  const request = fieldsOf(review['request']);
  if (request === undefined) return { ok: false, message: 'AdmissionReview without request' };
  const uid = textOf(request['uid']);
  if (uid === '' || uid.length > MAX_UID_LENGTH) return { ok: false, message: 'request.uid: missing or too long' };
  const operation = request['operation'];
  if (!OPERATIONS.has(operation)) {
    return { ok: false, message: 'request.operation: not CREATE, UPDATE, DELETE or CONNECT' };
  }
  const kind = fieldsOf(request['kind']);
  return {
    ok: true,
    apiVersion: textOf(review['apiVersion']),
    request: {
      uid,
      kind: { group: textOf(kind?.['group']), version: textOf(kind?.['version']), kind: textOf(kind?.['kind']) },
      operation: operation as AdmissionOperation,
      namespace: textOf(request['namespace']),
      name: textOf(request['name']),
      object: request['object'] ?? undefined,
      oldObject: request['oldObject'] ?? undefined,
    },
  };
}

/** It ends up in a terminal. */
const MAX_MESSAGE_LENGTH = 16 * 1024;
/** apiserver pkg/endpoints/filters/warning.go cuts what is over 4 KiB in all when there is much. */
const MAX_WARNINGS = 32;
const MAX_WARNING_LENGTH = 1024;
/** `metav1.StatusReason`; controller-runtime gives one to denials alone. */
const REASONS: Readonly<Record<number, string>> = { 400: 'BadRequest', 403: 'Forbidden', 500: 'InternalError' };

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** The answer as controller-runtime writes it (pkg/webhook/admission/response.go). */
export function encodeAdmissionReview(apiVersion: string, uid: string, verdict: AdmissionVerdict): unknown {
  const { allowed } = verdict;
  const warnings = (verdict.warnings ?? []).slice(0, MAX_WARNINGS).map((text) => cut(text, MAX_WARNING_LENGTH));
  const code = verdict.allowed ? 200 : (verdict.code ?? 403);
  const status = verdict.allowed
    ? { metadata: {}, code }
    : { metadata: {}, message: cut(verdict.message, MAX_MESSAGE_LENGTH), reason: REASONS[code], code };
  return {
    kind: 'AdmissionReview',
    apiVersion,
    response: { uid, allowed, status, ...(warnings.length === 0 ? {} : { warnings }) },
  };
}
