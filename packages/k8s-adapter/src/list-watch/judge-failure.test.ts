import { describe, expect, test } from 'vitest';
import { ApiError, errorFromAnswer } from '../client/api-error.ts';
import { type FailureVerdict, judgeFailure } from './judge-failure.ts';

const STATUS = '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no such thing","code":404}';
/** Of `http.NotFound` in Go, which is what kube-apiserver says of a path that it does not serve. */
const GO = '404 page not found\n';
const NGINX =
  '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center>nginx</center>\r\n</body>\r\n</html>\r\n';

const answer = (httpStatus: number, body: string): ApiError => errorFromAnswer('GET /x', httpStatus, undefined, body);

describe('a failed list', () => {
  test.for<[what: string, error: unknown, ofAnOptionalKind: FailureVerdict, ofAnyOther: FailureVerdict]>([
    ['404 with a Status', answer(404, STATUS), 'absent', 'implausible'],
    ["404 with Go's text", answer(404, GO), 'absent', 'implausible'],
    ['404 with the page of a proxy', answer(404, NGINX), 'foreign', 'implausible'],
    ["404 with Go's text inside a page", answer(404, `<html>${GO}</html>`), 'foreign', 'implausible'],
    ['404 with nothing', answer(404, ''), 'foreign', 'implausible'],
    ['404 with JSON of somebody else', answer(404, '{"message":"no Route matched"}'), 'foreign', 'implausible'],
    ['404 with a Status of another API', answer(404, '{"kind":"Status","apiVersion":"v2"}'), 'foreign', 'implausible'],
    ['404 with JSON that is no object', answer(404, 'null'), 'foreign', 'implausible'],
    ['403 with a Status', answer(403, STATUS), 'forbidden', 'forbidden'],
    ['410', answer(410, STATUS), 'interrupted', 'interrupted'],
    ['503', answer(503, NGINX), 'interrupted', 'interrupted'],
    ['no answer', new ApiError('ERR_K8S_CONNECTION', 'refused'), 'interrupted', 'interrupted'],
    ['what is no answer at all', new TypeError('404'), 'interrupted', 'interrupted'],
  ])('%s', ([_, error, ofAnOptionalKind, ofAnyOther]) => {
    expect([judgeFailure(error, true), judgeFailure(error, false)]).toEqual([ofAnOptionalKind, ofAnyOther]);
  });

  test('says in its message what came instead', () => {
    expect(answer(404, NGINX).message).toContain('<center>nginx</center>');
    expect(answer(404, '{"error":"no Route matched"}').message).toBe('GET /x: 404: {"error":"no Route matched"}');
    expect(answer(404, '').message).toBe('GET /x: 404: no message');
  });
});
