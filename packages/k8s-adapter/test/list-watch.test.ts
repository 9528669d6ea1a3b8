import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type KubeClient,
  type ListWatch,
  type ListWatchOptions,
  openKubeClient,
  startListWatch,
} from '../src/index.ts';
import {
  cutAfter,
  endingWatch,
  event,
  failure,
  list,
  type ScriptedApi,
  service,
  startScriptedApi,
  until,
  watch,
} from './scripted-api.ts';

let api: ScriptedApi;
let client: KubeClient;
const opened: ListWatch<unknown>[] = [];

beforeEach(async () => {
  api = await startScriptedApi();
  client = await openKubeClient({ kubeconfigPath: api.kubeconfigPath, env: {} });
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((listWatch) => listWatch.stop()));
  await client.close();
  await api[Symbol.asyncDispose]();
});

/** Follows Services by their `spec.type`. */
function follow(options: Partial<ListWatchOptions<string>> = {}) {
  const told: string[] = [];
  const states: string[] = [];
  const logged: string[] = [];
  const log = (_pairs: object, msg: string): void => {
    logged.push(msg);
  };
  const listWatch = startListWatch<string>({
    client,
    path: '/api/v1/services',
    project: (object) => {
      const spec = object['spec'];
      const type: unknown = typeof spec === 'object' && spec !== null ? Reflect.get(spec, 'type') : undefined;
      if (type === 'throw') throw new Error('cannot be read');
      return typeof type === 'string' ? type : undefined;
    },
    onUpsert: (key, value, previous) =>
      told.push(previous === undefined ? `+${key} ${value}` : `${key} ${previous}→${value}`),
    onDelete: (key, previous) => told.push(`-${key} ${previous}`),
    onSynced: () => told.push('synced'),
    onState: ({ name }) => states.push(name),
    logger: { debug: log, info: log, warn: log, error: log },
    timing: { retryMinMs: 1, retryMaxMs: 4, slowRetryMinMs: 1, slowRetryMaxMs: 4, random: () => 0.5 },
    ...options,
  });
  opened.push(listWatch);
  return { listWatch, told, states, logged };
}

const lb = (name: string, resourceVersion: string, type = 'LoadBalancer'): object =>
  service(name, resourceVersion, { type });

test('lists in pages, then watches from there with bookmarks', async () => {
  api.script(list('5', [lb('a', '1'), service('ignored', '1')], 'more'), list('5', [lb('b', '2')]));
  api.otherwise(watch(event('ADDED', lb('c', '6')), event('DELETED', lb('a', '7'))));
  const { told, listWatch } = follow({ pageLimit: 2, labelSelector: 'x=y', fieldSelector: 'metadata.name!=z' });
  await until(() => told.length === 5);
  expect(told).toEqual([
    '+default/a LoadBalancer',
    '+default/b LoadBalancer',
    'synced',
    '+default/c LoadBalancer',
    '-default/a LoadBalancer',
  ]);
  expect([...listWatch.values.keys()]).toEqual(['default/b', 'default/c']);
  expect(listWatch.state.name).toBe('connected');
  const selectors = { labelSelector: 'x=y', fieldSelector: 'metadata.name!=z' };
  expect(api.requests.map(({ query }) => Object.fromEntries(query))).toEqual([
    { ...selectors, limit: '2' },
    { ...selectors, limit: '2', continue: 'more' },
    { ...selectors, watch: '1', allowWatchBookmarks: 'true', resourceVersion: '5', timeoutSeconds: '450' },
  ]);
});

test('nothing is told before the list is complete', async () => {
  api.script(list('5', [lb('a', '1')], 'more'));
  api.otherwise(failure(500, 'InternalError'));
  const { told, listWatch } = follow();
  await until(() => api.requests.length > 5);
  expect([told, listWatch.synced, listWatch.values.size]).toEqual([[], false, 0]);
});

test('an unchanged projection is not told', async () => {
  api.script(list('5', [lb('a', '1')]));
  api.otherwise(watch(event('MODIFIED', lb('a', '6')), event('MODIFIED', lb('a', '7', 'NodePort'))));
  const { told } = follow();
  await until(() => told.length === 3);
  expect(told).toEqual(['+default/a LoadBalancer', 'synced', 'default/a LoadBalancer→NodePort']);
});

test('an object that is no longer of interest is gone', async () => {
  api.script(list('5', [lb('a', '1')]));
  api.otherwise(watch(event('MODIFIED', service('a', '6'))));
  const { told } = follow();
  await until(() => told.length === 3);
  expect(told[2]).toBe('-default/a LoadBalancer');
});

describe('goes on from where it was', () => {
  const resumes = (): string[] =>
    api.requests.filter(({ query }) => query.has('watch')).map(({ query }) => query.get('resourceVersion') ?? '');

  test('when the server ends the watch', async () => {
    api.script(list('5', []), endingWatch(event('ADDED', lb('a', '6'))));
    api.otherwise(watch(event('ADDED', lb('b', '7'))));
    const { told, states } = follow();
    await until(() => told.length === 3);
    expect(resumes()).toEqual(['5', '6']);
    expect(states).toEqual(['connected']);
  });

  test('when a bookmark was the last it heard', async () => {
    api.script(list('5', []), endingWatch(event('BOOKMARK', { metadata: { resourceVersion: '900' } })));
    api.otherwise(watch());
    follow();
    await until(() => resumes().length === 2);
    expect(resumes()).toEqual(['5', '900']);
  });

  test('when the connection breaks inside a line', async () => {
    const half = event('ADDED', lb('b', '7')).slice(0, 30);
    api.script(list('5', []), cutAfter(event('ADDED', lb('a', '6')), half));
    api.otherwise(watch(event('ADDED', lb('b', '7'))));
    const { told } = follow();
    await until(() => told.length === 3);
    expect(told).toEqual(['synced', '+default/a LoadBalancer', '+default/b LoadBalancer']);
    expect(resumes()).toEqual(['5', '6']);
  });

  test('when a line comes in pieces', async () => {
    const line = event('ADDED', lb('a', '6'));
    api.script(list('5', []));
    api.otherwise(watch(line.slice(0, 10), line.slice(10, 40), line.slice(40)));
    const { told } = follow();
    await until(() => told.length === 2);
  });

  test('when a line is garbage: what comes before counts, what comes behind comes again', async () => {
    api.script(
      list('5', []),
      endingWatch(event('ADDED', lb('a', '6')), '{"type":"ADD\n', event('ADDED', lb('b', '7'))),
    );
    api.otherwise(watch(event('ADDED', lb('b', '7'))));
    const { told } = follow();
    await until(() => told.length === 3);
    expect(resumes()).toEqual(['5', '6']);
  });

  test('when the server is gone for a while: what is known stays', async () => {
    api.script(list('5', [lb('a', '1')]));
    api.otherwise(watch());
    const { told, states, listWatch } = follow();
    await until(() => states.includes('connected'));
    await api.stop();
    await until(() => states.includes('retrying'));
    expect([...listWatch.values.keys()]).toEqual(['default/a']);
    api.otherwise(watch(event('ADDED', lb('b', '7'))));
    await api.start();
    await until(() => told.length === 3);
    expect(told).toEqual(['+default/a LoadBalancer', 'synced', '+default/b LoadBalancer']);
    expect(states).toEqual(['connected', 'retrying', 'connected']);
    expect(new Set(resumes())).toEqual(new Set(['5']));
  });

  test('when the connection is half open: silence is its end', async () => {
    api.script(list('5', []), watch(event('ADDED', lb('a', '6'))));
    api.otherwise(watch(event('ADDED', lb('b', '7'))));
    const { told } = follow({ timing: { retryMinMs: 1, watchTimeoutSeconds: 0, idleSlackMs: 30, random: () => 0 } });
    await until(() => told.length === 3);
    expect(resumes().slice(0, 2)).toEqual(['5', '6']);
  });
});

describe('lists anew, and tells only the differences', () => {
  const differences = ['-default/a LoadBalancer', '+default/c LoadBalancer'];
  const again = (): Parameters<ScriptedApi['otherwise']>[0] => (request, response) => {
    if (request.query.has('watch')) watch()(request, response);
    else list('9', [lb('b', '2'), lb('c', '8')])(request, response);
  };

  test.for<[name: string, answer: Parameters<ScriptedApi['otherwise']>[0]]>([
    ['410 as HTTP status', failure(410, 'Expired')],
    [
      '410 as an event',
      endingWatch(event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })),
    ],
    ['another error as an event', endingWatch(event('ERROR', { kind: 'Status', code: 500, message: 'etcd' }))],
    ['garbage and nothing else', endingWatch('<html>\n')],
    ['a line over the bound', watch('x'.repeat(2000))],
  ])('after %s', async ([, answer]) => {
    api.script(list('5', [lb('a', '1'), lb('b', '2')]), answer);
    api.otherwise(again());
    const { told } = follow({ maxLineOctets: 1000 });
    await until(() => told.length === 5);
    expect(told.slice(3)).toEqual(differences);
  });

  test('after the continue token expired between pages, with larger pages', async () => {
    api.script(list('5', [lb('a', '1')], 'more'), failure(410, 'Expired'));
    api.otherwise(again());
    const { told } = follow({ pageLimit: 1 });
    await until(() => told.includes('synced'));
    expect(told).toEqual(['+default/b LoadBalancer', '+default/c LoadBalancer', 'synced']);
    expect(api.requests.map(({ query }) => query.get('limit')).slice(0, 3)).toEqual(['1', '1', '2']);
  });

  test('after a page over the bound, with smaller pages', async () => {
    const large = { ...lb('large', '1'), data: 'x'.repeat(3000) };
    api.otherwise((request, response) => {
      const all = [large, lb('a', '2'), large, lb('b', '4'), large];
      const from = Number(request.query.get('continue') ?? 0);
      const to = from + Number(request.query.get('limit'));
      const answer = request.query.has('watch')
        ? watch()
        : list('5', all.slice(from, to), to < all.length ? String(to) : undefined);
      answer(request, response);
    });
    const { told } = follow({ maxPageOctets: 4000 });
    await until(() => told.includes('synced'));
    expect(told).toHaveLength(4);
    expect([...new Set(api.requests.map(({ query }) => query.get('limit')))].slice(0, 5)).toEqual([
      '500',
      '125',
      '31',
      '7',
      '1',
    ]);
  });
});

describe('refusals', () => {
  test('403 is unknown: not synced, what is known stays, and the log says it once', async () => {
    api.otherwise(failure(403, 'Forbidden', 'services is forbidden'));
    const { told, listWatch, logged } = follow();
    await until(() => api.requests.length > 5);
    expect([told, listWatch.state.name, listWatch.synced]).toEqual([[], 'forbidden', false]);
    expect(logged).toEqual(['not allowed to list or watch, retrying slowly']);
    api.script(list('5', [lb('a', '1')]));
    await until(() => told.length === 2);
  });

  test('404 for an optional kind is absent: synced with nothing, but not at the first word', async () => {
    api.script(failure(404, 'NotFound'));
    api.otherwise(() => undefined);
    const { told, listWatch, states } = follow({ optional: true });
    await until(() => api.requests.length === 2);
    expect([told, states]).toEqual([[], []]);
    api.otherwise(failure(404, 'NotFound'));
    api.cut();
    await until(() => told.length === 1);
    expect([told, listWatch.state.name, listWatch.synced]).toEqual([['synced'], 'absent', true]);
    api.otherwise((request, response) =>
      (request.query.has('watch') ? watch() : list('5', [lb('a', '1')]))(request, response),
    );
    await until(() => told.length === 2);
    expect(told).toEqual(['synced', '+default/a LoadBalancer']);
  });

  test("so it is in the API server's plain text", async () => {
    api.otherwise((_request, response) => response.writeHead(404).end('404 page not found\n'));
    const { listWatch, logged } = follow({ optional: true });
    await until(() => listWatch.synced);
    expect([listWatch.state.name, logged]).toEqual(['absent', ['kind does not exist, retrying slowly']]);
  });

  test('404 of a proxy says nothing of an optional kind either: not synced, and the log says once what came', async () => {
    api.otherwise((_request, response) => response.writeHead(404).end('<html>default backend - 404</html>'));
    const errors: unknown[] = [];
    const warn = ({ error }: Readonly<Record<string, unknown>>): void => void errors.push(String(error));
    const { told, listWatch, states } = follow({
      optional: true,
      logger: { debug() {}, info() {}, warn, error() {} },
    });
    await until(() => api.requests.length > 5);
    expect([told, states, listWatch.synced]).toEqual([[], ['retrying'], false]);
    expect(errors).toEqual([expect.stringMatching(/404: <html>default backend - 404<\/html>$/)]);
    api.otherwise((request, response) => (request.query.has('watch') ? watch() : list('5', []))(request, response));
    await until(() => told.length === 1);
    expect(told).toEqual(['synced']);
  });

  test("a proxy's 404 between two of the API server's begins the count anew", async () => {
    const foreign = (_request: unknown, response: { writeHead(status: number): { end(body: string): void } }): void =>
      response.writeHead(404).end('not here');
    api.script(failure(404, 'NotFound'), foreign, failure(404, 'NotFound'));
    api.otherwise(() => undefined);
    const { listWatch } = follow({ optional: true });
    await until(() => api.requests.length === 4);
    expect([listWatch.state.name, listWatch.synced]).toEqual(['retrying', false]);
  });

  test.for<[who: string, answer: Parameters<ScriptedApi['otherwise']>[0]]>([
    ['the API server', failure(404, 'NotFound')],
    ["the API server's plain text", (_request, response) => response.writeHead(404).end('404 page not found\n')],
    ['a proxy', (_request, response) => response.writeHead(404).end('<html>not here</html>')],
  ])('404 for any other kind is an attempt that failed, even if it is %s that says so', async ([_, answer]) => {
    api.otherwise(answer);
    const { told, listWatch, states, logged } = follow();
    await until(() => api.requests.length > 5);
    expect([told, states, listWatch.synced]).toEqual([[], ['retrying'], false]);
    expect(logged).toEqual(['a kind of every API server is said not to exist, what was known stays, retrying']);
    api.script(list('5', [lb('a', '1')]));
    await until(() => told.length === 2);
    expect(told).toEqual(['+default/a LoadBalancer', 'synced']);
  });

  test('the log says so when it goes wrong in another way', async () => {
    api.script(failure(500, 'InternalError'), failure(500, 'InternalError'));
    api.otherwise(failure(404, 'NotFound'));
    const { logged } = follow();
    await until(() => api.requests.length > 5);
    expect(logged).toEqual([
      'interrupted, retrying',
      'a kind of every API server is said not to exist, what was known stays, retrying',
    ]);
  });

  test.for([
    [true, 'absent'],
    [false, 'retrying'],
  ] as const)('404 for what was once seen deletes nothing (optional: %s)', async ([optional, name]) => {
    api.script(list('5', [lb('a', '1')]), failure(410, 'Expired'));
    api.otherwise(failure(404, 'NotFound'));
    const { told, states, listWatch } = follow({ optional });
    await until(() => states.includes(name));
    expect(told).toEqual(['+default/a LoadBalancer', 'synced']);
    expect(listWatch.values.size).toBe(1);
  });

  test('429 is waited for', async () => {
    api.script(failure(429, 'TooManyRequests', 'slow down', { 'retry-after': '0' }), list('5', [lb('a', '1')]));
    api.otherwise(watch());
    const { told } = follow();
    await until(() => told.length === 2);
  });
});

describe('no hot loop', () => {
  test.for<[name: string, answer: Parameters<ScriptedApi['otherwise']>[0]]>([
    [
      'a server that ends every watch at once',
      (request, response) => (request.query.has('watch') ? endingWatch() : list('5', []))(request, response),
    ],
    [
      'a server that expires every watch',
      (request, response) => (request.query.has('watch') ? failure(410, 'Expired') : list('5', []))(request, response),
    ],
    ['a server that errs', failure(500, 'InternalError')],
    ['a server that talks no JSON', (_request, response) => response.end('<html>')],
    ['a list that does not advance', list('5', [lb('a', '1')], 'same')],
  ])('%s is asked ever more slowly', async ([, answer]) => {
    api.otherwise(answer);
    // One wait of an hour is where the doubling ends: whoever is still asking after it does not wait.
    follow({ timing: { retryMinMs: 1, retryMaxMs: 3_600_000, random: () => 0.5 } });
    await until(() => api.requests.length >= 4);
    const before = api.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(api.requests.length - before).toBeLessThan(20);
  });
});

describe('hostile objects', () => {
  test('what has no name is left out, also when it looks like a prototype', async () => {
    const items = [
      null,
      7,
      'x',
      [],
      {},
      { metadata: null },
      { metadata: { name: 7 } },
      { metadata: { name: '__proto__' }, spec: { type: 'x' } },
    ];
    api.script(list('5', items as object[]));
    api.otherwise(watch());
    const { told, listWatch } = follow();
    await until(() => told.includes('synced'));
    expect(told).toEqual(['+__proto__ x', 'synced']);
    expect(listWatch.values.get('__proto__')).toBe('x');
  });

  test('what cannot be projected stays as it was known', async () => {
    api.script(list('5', [lb('a', '1')]));
    api.otherwise(
      watch(
        event('MODIFIED', lb('a', '6', 'throw')),
        event('MODIFIED', lb('b', '7', 'throw')),
        event('ADDED', lb('c', '8')),
      ),
    );
    const { told, logged } = follow();
    await until(() => told.length === 3);
    expect(told).toEqual(['+default/a LoadBalancer', 'synced', '+default/c LoadBalancer']);
    expect(logged).toHaveLength(2);
  });
});

test('stop ends it in every state, and nothing is called afterwards', async () => {
  api.otherwise(() => undefined);
  const listing = follow();
  await until(() => api.requests.length === 1);
  await listing.listWatch.stop();
  expect(listing.states).toEqual(['stopped']);
  api.otherwise(failure(500, 'x'));
  const retrying = follow({ timing: { retryMinMs: 1e6 } });
  await until(() => retrying.listWatch.state.name === 'retrying');
  await retrying.listWatch.stop();
  api.otherwise((request, response) => (request.query.has('watch') ? watch() : list('5', []))(request, response));
  const watching = follow();
  await until(() => watching.listWatch.state.name === 'connected');
  await watching.listWatch.stop();
  expect(watching.told).toEqual(['synced']);
});

test('catches up without a new list when the watch has brought what the collection is at', async () => {
  api.script(list('5', [lb('a', '1')]), watch(event('ADDED', lb('b', '8'))), list('8', []));
  const { listWatch, told } = follow();
  await until(() => told.includes('+default/b LoadBalancer'));
  await listWatch.catchUp();
  expect(api.requests.map(({ query }) => [query.get('limit'), query.has('watch')])).toEqual([
    ['500', false],
    [null, true],
    ['1', false],
  ]);
});

test('catches up by a new list when the watch brings nothing', async () => {
  api.script(
    list('5', [lb('a', '1')]),
    watch(),
    failure(500, 'InternalError'),
    list('9', []),
    list('9', [lb('b', '8')]),
  );
  api.otherwise(watch());
  const { listWatch, told } = follow({ timing: { retryMinMs: 1, retryMaxMs: 4, catchUpWaitMs: 1, random: () => 0.5 } });
  await until(() => listWatch.state.name === 'connected');
  await listWatch.catchUp();
  expect(told).toEqual(['+default/a LoadBalancer', 'synced', '-default/a LoadBalancer', '+default/b LoadBalancer']);
  expect(listWatch.values.size).toBe(1);
});

test('a list that was begun since then has caught up', async () => {
  api.script(list('5', [lb('a', '1')]));
  api.otherwise(watch());
  const sinceMs = performance.now();
  const { listWatch } = follow();
  await until(() => listWatch.state.name === 'connected');
  await listWatch.catchUp(undefined, sinceMs);
  expect(api.requests.filter(({ query }) => !query.has('watch'))).toHaveLength(1);
});

test('catching up ends with the signal, and with the list-watch', async () => {
  api.script(list('5', []));
  api.otherwise(failure(500, 'InternalError'));
  const { listWatch } = follow();
  await until(() => listWatch.synced);
  await expect(listWatch.catchUp(AbortSignal.timeout(5))).rejects.toMatchObject({ code: 'ERR_K8S_ABORTED' });
  const waiting = expect(listWatch.catchUp()).rejects.toMatchObject({ code: 'ERR_K8S_ABORTED' });
  await listWatch.stop();
  await waiting;
});

test('shows integers beyond 2^53 with every digit, where asked for', async () => {
  const big = (resourceVersion: string): string =>
    `{"metadata":{"namespace":"n","name":"a","resourceVersion":"${resourceVersion}"},"status":{"n":9223372036854775807}}`;
  api.script((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"metadata":{"resourceVersion":"1"},"items":[${big('1')}]}`);
  });
  api.otherwise(watch(`{"type":"MODIFIED","object":${big('2')}}\n`));
  const seen: unknown[] = [];
  opened.push(
    startListWatch<unknown>({
      client,
      path: '/apis/metallb.io/v1beta1/ipaddresspools',
      exactIntegers: true,
      project: (object) => object['status'],
      equal: () => false,
      onUpsert: (_key, value) => seen.push(value),
      onDelete: () => undefined,
      logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    }),
  );
  await until(() => seen.length === 2);
  expect(seen).toEqual([{ n: 9223372036854775807n }, { n: 9223372036854775807n }]);
});
