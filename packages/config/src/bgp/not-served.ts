import type { ApiObject } from '../objects/api-object.ts';
import { type Problem, problemOf } from '../problem/problem.ts';

/** Says that an object is parsed and not acted on. */
export function notServed({ reference }: ApiObject): Problem {
  return problemOf(reference, {
    severity: 'warning',
    field: '',
    value: null,
    code: 'ERR_CONFIG_NOT_SERVED',
    message: 'BGP is not served by this version',
    remedy: 'addresses are assigned and not announced by BGP; leave this node to a speaker that has BGP',
  });
}
