import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, failure, json, type ScriptedApi, startScriptedApi, until } from '../../test/scripted-api.ts';
import { type KubeClient, openKubeClient } from '../client/kube-client.ts';
import { parseBearerToken } from './bearer-token.ts';
import { createExpiringMap } from './expiring-map.ts';
import { createTokenReviewer, type TokenReviewer } from './token-reviewer.ts';

const METRICS = { path: '/metrics', verb: 'get' };
const USER = {
  username: 'system:serviceaccount:monitoring:prometheus',
  uid: '7d1c',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:monitoring', 'system:authenticated'],
  extra: { 'authentication.kubernetes.io/pod-name': ['prometheus-0'] },
};

let api: ScriptedApi;
let client: KubeClient;
let reviewer: TokenReviewer;
let nowMs: number;
let lines: [pairs: Readonly<Record<string, unknown>>, msg: string][];
beforeEach(async () => {
  api = await startScriptedApi();
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
  nowMs = 0;
  lines = [];
  const log = (pairs: Readonly<Record<string, unknown>>, msg: string): number => lines.push([pairs, msg]);
  const logger = { debug: log, info: log, warn: log, error: log };
  reviewer = createTokenReviewer({ client, logger, nowMs: () => nowMs });
  api.otherwise(answerReviews(() => ({ user: USER, allowed: true })));
});
afterEach(async () => {
  await client.close();
  await api[Symbol.asyncDispose]();
});

/** An API server with tokens and rules. */
function answerReviews(
  judge: (token: string | undefined) => { readonly user?: unknown; readonly allowed?: boolean },
): Answer {
  return (request, response) => {
    const { spec } = JSON.parse(request.body) as { spec: { token?: string } };
    const { user, allowed = false } = judge(spec.token);
    const status = request.path.endsWith('tokenreviews')
      ? { authenticated: user !== undefined, ...(user === undefined ? { error: '[invalid bearer token]' } : { user }) }
      : { allowed, ...(allowed ? {} : { reason: '' }) };
    json(201, { status })(request, response);
  };
}

function ask(token = 'good'): ReturnType<TokenReviewer['authorize']> {
  return reviewer.authorize(`Bearer ${token}`, METRICS);
}

function paths(): string[] {
  return api.requests.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
}

test('asks who it is, then whether he may, with all that is known of him', async () => {
  expect(await ask('abc.def-_~+/==')).toEqual({ outcome: 'allowed', username: USER.username });
  expect(api.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /apis/authentication.k8s.io/v1/tokenreviews',
    'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
  ]);
  const [token, access] = api.requests.map(({ body }): unknown => JSON.parse(body));
  expect(token).toEqual({
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: { token: 'abc.def-_~+/==' },
  });
  expect(access).toEqual({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: USER.username,
      uid: USER.uid,
      groups: USER.groups,
      extra: USER.extra,
      nonResourceAttributes: METRICS,
    },
  });
});

test('every authenticated user is in system:authenticated, also where the answer leaves it out', async () => {
  api.otherwise(answerReviews(() => ({ user: { username: 'jane' }, allowed: true })));
  expect(await ask()).toEqual({ outcome: 'allowed', username: 'jane' });
  expect(JSON.parse(api.requests[1]?.body ?? '')).toMatchObject({
    spec: { groups: ['system:authenticated'], extra: {} },
  });
});

test('a token that is nobody’s', async () => {
  api.otherwise(answerReviews(() => ({})));
  expect(await ask()).toEqual({ outcome: 'unauthenticated' });
  expect(paths()).toEqual(['tokenreviews']);
});

test('a user who may not is told the rule', async () => {
  api.otherwise(answerReviews(() => ({ user: USER, allowed: false })));
  expect(await ask()).toEqual({
    outcome: 'forbidden',
    username: USER.username,
    reason: `User "${USER.username}" needs a ClusterRole with nonResourceURLs ["/metrics"], verbs ["get"]`,
  });
});

describe('is not asked about', () => {
  test.for<[what: string, header: string | undefined]>([
    ['nothing', undefined],
    ['an empty header', ''],
    ['another scheme', 'Basic Z29vZA=='],
    ['a scheme alone', 'Bearer'],
    ['a scheme and blanks', 'Bearer   '],
    ['two tokens', 'Bearer a b'],
    ['a token with a quote', 'Bearer a"b'],
    ['a token with a control character', 'Bearer a\u0000b'],
    ['a token with an umlaut', 'Bearer zoë'],
    ['padding in the middle', 'Bearer a=b'],
    ['more than 16 KiB', `Bearer ${'a'.repeat(16 * 1024 + 1)}`],
  ])('%s', async ([, header]) => {
    expect(await reviewer.authorize(header, METRICS)).toEqual({ outcome: 'unauthenticated' });
    expect(api.requests).toEqual([]);
  });

  test('the scheme has no case', () => {
    expect(['bearer a.b', 'BEARER a.b', '  Bearer   a.b  '].map(parseBearerToken)).toEqual(['a.b', 'a.b', 'a.b']);
    expect(parseBearerToken(`Bearer ${'a'.repeat(16 * 1024)}`)).toHaveLength(16 * 1024);
  });
});

describe('remembers', () => {
  test('who it was for a minute, and that he may for five', async () => {
    await ask();
    nowMs = 59_999;
    await ask();
    expect(paths()).toEqual(['tokenreviews', 'subjectaccessreviews']);
    nowMs = 60_000;
    await ask();
    expect(paths()).toEqual(['tokenreviews', 'subjectaccessreviews', 'tokenreviews']);
    nowMs = 300_000;
    await ask();
    expect(paths().slice(3)).toEqual(['tokenreviews', 'subjectaccessreviews']);
  });

  test('that he may not for half a minute', async () => {
    api.otherwise(answerReviews(() => ({ user: USER, allowed: false })));
    await ask();
    nowMs = 29_999;
    await ask();
    api.otherwise(answerReviews(() => ({ user: USER, allowed: true })));
    nowMs = 30_000;
    expect(await ask()).toMatchObject({ outcome: 'allowed' });
    expect(paths()).toEqual(['tokenreviews', 'subjectaccessreviews', 'subjectaccessreviews']);
  });

  test('that a token is nobody’s for ten seconds', async () => {
    api.otherwise(answerReviews(() => ({})));
    await ask();
    nowMs = 9_999;
    await ask();
    expect(paths()).toEqual(['tokenreviews']);
    nowMs = 10_000;
    await ask();
    expect(paths()).toEqual(['tokenreviews', 'tokenreviews']);
  });

  test('nothing of an error', async () => {
    api.otherwise(failure(500, 'InternalError'));
    expect(await ask()).toMatchObject({ outcome: 'error' });
    api.otherwise(answerReviews(() => ({ user: USER, allowed: true })));
    expect(await ask()).toMatchObject({ outcome: 'allowed' });
  });

  test('each path and verb apart', async () => {
    await ask();
    await reviewer.authorize('Bearer good', { path: '/other', verb: 'get' });
    expect(paths()).toEqual(['tokenreviews', 'subjectaccessreviews', 'subjectaccessreviews']);
  });

  test('only so many', () => {
    const map = createExpiringMap<number>(2);
    map.set('a', 1, 10);
    map.set('b', 2, 10);
    expect(map.get('a', 0)).toBe(1); // used: the other is the oldest now
    map.set('c', 3, 10);
    expect([map.get('a', 0), map.get('b', 0), map.get('c', 0), map.size]).toEqual([1, undefined, 3, 2]);
    expect([map.get('a', 10), map.recall('a')]).toEqual([undefined, 1]);
  });
});

test('those who ask with one token at the same time are one question', async () => {
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => ask()));
  expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['allowed']));
  expect(paths()).toEqual(['tokenreviews', 'subjectaccessreviews']);
});

describe('a flood of tokens', () => {
  test('is four reviews at a time and twenty in a second; who was known before is served', async () => {
    await ask('prometheus');
    let most = 0;
    const held: (() => void)[] = [];
    const judge = answerReviews((token) =>
      token === 'prometheus' || token === undefined ? { user: USER, allowed: true } : {},
    );
    api.otherwise((request, response) => {
      held.push(() => judge(request, response));
      most = Math.max(most, held.length);
    });
    nowMs = 61_000; // so that the one who is known has to be asked about again
    const flood = Array.from({ length: 500 }, (_, index) => ask(`stranger-${index}`));
    const known = ask('prometheus');
    let settled = false;
    void Promise.all([...flood, known]).then(() => {
      settled = true;
    });
    await until(() => {
      for (const answer of held.splice(0)) answer();
      return settled;
    });
    expect(await known).toMatchObject({ outcome: 'allowed' });
    expect(most).toBeLessThanOrEqual(4);
    const outcomes = (await Promise.all(flood)).map((outcome) => outcome.outcome);
    expect(outcomes.filter((outcome) => outcome === 'unauthenticated')).toHaveLength(30);
    expect(outcomes.filter((outcome) => outcome === 'error')).toHaveLength(470);
    expect(await ask('late')).toMatchObject({ outcome: 'error', reason: 'too many unknown tokens' });
  });
});

describe('when the API server does not answer as it should', () => {
  test.for<[what: string, answer: Answer, outcome: string]>([
    ['an error', failure(500, 'InternalError'), 'error'],
    ['a refusal of our credentials', failure(401, 'Unauthorized'), 'error'],
    ['no JSON', (_request, response) => response.end('<html>'), 'error'],
    ['an answer of a megabyte', json(201, { status: { authenticated: true, pad: 'x'.repeat(1_000_000) } }), 'error'],
    ['no status', json(201, {}), 'unauthenticated'],
    ['null', json(201, null), 'unauthenticated'],
    ['a word for true', json(201, { status: { authenticated: 'true', user: USER } }), 'unauthenticated'],
    ['a user without a name', json(201, { status: { authenticated: true, user: {} } }), 'unauthenticated'],
    ['a user that is a list', json(201, { status: { authenticated: true, user: [] } }), 'unauthenticated'],
  ])('%s lets nobody in', async ([, answer, outcome]) => {
    api.otherwise(answer);
    expect(await ask()).toMatchObject({ outcome });
  });

  test.for<[what: string, status: unknown]>([
    ['no status', undefined],
    ['allowed by a word', { allowed: 'true' }],
    ['allowed and denied', { allowed: true, denied: true }],
  ])('an access review with %s lets nobody in', async ([, status]) => {
    api.script(json(201, { status: { authenticated: true, user: USER } }), json(201, { status }));
    expect(await ask()).toMatchObject({ outcome: 'forbidden' });
  });

  test('a connection that breaks is tried once more', async () => {
    api.script((_request, response) => response.destroy());
    expect(await ask()).toMatchObject({ outcome: 'allowed' });
  });

  test('a server that is away is an error', async () => {
    await api.stop();
    expect(await ask()).toMatchObject({ outcome: 'error' });
    await api.start();
    expect(await ask()).toMatchObject({ outcome: 'allowed' });
  });
});

describe('without the right to ask', () => {
  const forbidden = (resource: string, group: string): Answer =>
    failure(403, 'Forbidden', `${resource}.${group} is forbidden: User "x" cannot create resource "${resource}"`);

  test('one line names the rule for token reviews', async () => {
    api.otherwise(forbidden('tokenreviews', 'authentication.k8s.io'));
    const reason = 'this ServiceAccount may not create tokenreviews.authentication.k8s.io';
    expect(await ask('a')).toEqual({ outcome: 'error', reason });
    expect(await ask('b')).toEqual({ outcome: 'error', reason });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.[0]['rule']).toEqual({
      apiGroups: ['authentication.k8s.io'],
      resources: ['tokenreviews'],
      verbs: ['create'],
    });
  });

  test('and the one for access reviews', async () => {
    api.script(json(201, { status: { authenticated: true, user: USER } }));
    api.otherwise(forbidden('subjectaccessreviews', 'authorization.k8s.io'));
    const reason = 'this ServiceAccount may not create subjectaccessreviews.authorization.k8s.io';
    expect(await ask()).toEqual({ outcome: 'error', reason });
    expect(lines[0]?.[0]['rule']).toMatchObject({ resources: ['subjectaccessreviews'] });
  });
});

test('no token is ever in a line or an outcome', async () => {
  const token = 'hunter2hunter2';
  for (const answer of [failure(500, 'InternalError'), failure(403, 'Forbidden'), json(201, {})]) {
    api.otherwise(answer);
    nowMs += 20_000;
    expect(JSON.stringify(await ask(token))).not.toContain(token);
  }
  expect(JSON.stringify(lines)).not.toContain(token);
});
