import { ApiError } from '../client/api-error.ts';

/** What a list or watch that failed says about its kind. */
export type FailureVerdict =
  /** 403: a rule is missing. It says nothing about what exists. */
  | 'forbidden'
  /** The API server itself does not know the kind, and it is one that may be missing. */
  | 'absent'
  /** A 404 for a kind that every API server has, whoever said it. */
  | 'implausible'
  /** A 404 in words that no API server uses: of a proxy, or of whatever else listens there. */
  | 'foreign'
  | 'interrupted';

/** Judges why a list or watch failed; `optional` is whether the kind may be missing at all. */
export function judgeFailure(error: unknown, optional: boolean): FailureVerdict {
  if (!(error instanceof ApiError)) return 'interrupted';
  if (error.httpStatus === 403) return 'forbidden';
  if (error.httpStatus !== 404) return 'interrupted';
  if (!optional) return 'implausible';
  return error.fromApiServer ? 'absent' : 'foreign';
}

/** What the log says of it. */
export const FAILURE_TEXTS: Readonly<Record<FailureVerdict, string>> = {
  forbidden: 'not allowed to list or watch, retrying slowly',
  absent: 'kind does not exist, retrying slowly',
  implausible: 'a kind of every API server is said not to exist, what was known stays, retrying',
  foreign: 'not found, but that is not the answer of an API server, what was known stays, retrying',
  interrupted: 'interrupted, retrying',
};
