import { describe, expect, test } from 'vitest';
import { createLogger, type LoggerOptions, type LogLevel } from './logger.ts';
import { oncePerInterval } from './once-per-interval.ts';
import type { LogPairs } from './pairs.ts';

function openLog(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const logger = createLogger({ level: 'all', nowMs: () => 0, write: (line) => lines.push(line), ...options });
  return { logger, lines, records: () => lines.map((line): Record<string, unknown> => JSON.parse(line)) };
}

function written(pairs: LogPairs): Record<string, unknown> {
  const log = openLog();
  log.logger.info(pairs, 'x');
  const { level, ts, msg, ...rest } = log.records()[0] ?? {};
  expect([level, ts, msg]).toEqual(['info', '1970-01-01T00:00:00.000Z', 'x']);
  return rest;
}

test("a line has go-kit's keys, the time in RFC 3339 with milliseconds, and ends once", () => {
  const { logger, lines } = openLog({ pairs: { caller: 'main' }, nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) });
  logger.warn({ event: 'ipAllocated', ips: ['192.0.2.1'], service: 'default/nginx' }, 'two\nlines');
  expect(lines).toEqual([
    '{"level":"warn","ts":"2026-01-02T03:04:05.006Z","caller":"main","event":"ipAllocated","ips":["192.0.2.1"],"service":"default/nginx","msg":"two\\nlines"}\n',
  ]);
});

test.for<[level: LogLevel, written: string[]]>([
  ['all', ['debug', 'info', 'warn', 'error']],
  ['debug', ['debug', 'info', 'warn', 'error']],
  ['info', ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
  ['none', []],
])('level %s writes %j, also through a child', ([level, expected]) => {
  const { logger, records } = openLog({ level });
  const child = logger.child({ protocol: 'layer2' });
  for (const log of [logger, child]) {
    log.debug({}, 'm');
    log.info({}, 'm');
    log.warn({}, 'm');
    log.error({}, 'm');
  }
  expect(records().map((record) => record['level'])).toEqual([...expected, ...expected]);
  expect(
    records()
      .slice(expected.length)
      .every((record) => record['protocol'] === 'layer2'),
  ).toBe(true);
});

test('an unknown level is a mistake of the caller', () => {
  expect(() => createLogger({ level: JSON.parse('"loud"') })).toThrow(TypeError);
});

describe('errors', () => {
  test('are their text, the causes behind it, and the code beside it', () => {
    const cause = new Error('connect ECONNREFUSED');
    const error = Object.assign(new Error('list failed', { cause }), { code: 'ERR_K8S_CONNECTION' });
    expect(written({ error })).toEqual({ error: 'list failed: connect ECONNREFUSED', code: 'ERR_K8S_CONNECTION' });
  });

  test('a cause that the message already tells is not told twice, and a circle ends', () => {
    const error = new Error('outer: inner', { cause: new Error('inner') });
    expect(written({ error })).toEqual({ error: 'outer: inner' });
    const circle = new Error('a');
    circle.cause = circle;
    expect(written({ error: circle })).toEqual({ error: 'a' });
  });
});

describe('secrets are never written', () => {
  test.for<[pairs: LogPairs]>([
    [{ password: 'hunter2' }],
    [{ bgpPassword: 'hunter2' }],
    [{ token: 'hunter2' }],
    [{ bearerToken: 'hunter2' }],
    [{ secret: 'hunter2' }],
    [{ secretKey: 'hunter2' }],
    [{ peer: { password: 'hunter2' } }],
    [{ peers: [{ authorization: 'Basic hunter2' }] }],
    [{ headers: new Map([['Authorization', 'hunter2']]) }],
    [{ 'client-key-data': 'hunter2' }],
    [{ error: new Error('GET https://admin:hunter2@192.0.2.1/ failed') }],
    [{ msg2: 'sent Authorization: Bearer hunter2hunter2' }],
    [{ octets: new TextEncoder().encode('hunter2') }],
  ])('%o', ([pairs]) => {
    const text = JSON.stringify(written(pairs));
    expect(text).not.toContain('hunter2');
    const { logger, lines } = openLog();
    logger.child(pairs).info({}, 'x');
    expect(lines.join('')).not.toContain('hunter2');
  });

  test('the name of a Secret is no secret', () => {
    const pairs = { secretName: 'memberlist', 'ml-secret-key-path': '/etc/ml', tokenReviews: 3 };
    expect(written(pairs)).toEqual(pairs);
  });
});

describe('what comes from outside is bounded', () => {
  test('long text is cut, long lists say how much is missing, depth ends', () => {
    const deep = { a: { b: { c: { d: { e: { f: 1 } } } } } };
    const shown = written({ text: 'x'.repeat(10_000), list: Array.from({ length: 1000 }, (_, index) => index), deep });
    expect(String(shown['text'])).toHaveLength(4097);
    expect(shown['list']).toHaveLength(101);
    expect((shown['list'] as unknown[]).at(-1)).toBe('… 900 more');
    expect(JSON.stringify(shown['deep'])).toBe('{"a":{"b":{"c":{"d":"…"}}}}');
  });

  test('values JSON does not know are written as text', () => {
    expect(written({ capacity: 2n ** 64n, holders: new Set(['a']), when: new Date(Number.NaN) })).toEqual({
      capacity: '18446744073709551616',
      holders: ['a'],
      when: 'invalid date',
    });
  });
});

describe('once per key per interval', () => {
  test('writes the first, counts the rest, and says the count on the next', () => {
    let now = 0;
    const { logger, records } = openLog();
    const flood = oncePerInterval(logger, { intervalMs: 1000, nowMs: () => now });
    for (let i = 0; i < 5; i++) flood.warn('a', { i }, 'bad frame');
    flood.warn('b', {}, 'bad frame');
    now = 1000;
    flood.warn('a', { i: 9 }, 'bad frame');
    now = 2000;
    flood.warn('a', { i: 10 }, 'bad frame');
    expect(records().map(({ i, suppressed }) => [i, suppressed])).toEqual([
      [0, undefined],
      [undefined, undefined],
      [9, 4],
      [10, undefined],
    ]);
  });

  test('a flood of keys does not grow without bound', () => {
    const { logger, lines } = openLog();
    const flood = oncePerInterval(logger, { intervalMs: 1000, maxKeys: 10, nowMs: () => 0 });
    for (let i = 0; i < 100; i++) flood.info(`key ${i}`, {}, 'x');
    flood.info('key 99', {}, 'x'); // remembered
    flood.info('key 0', {}, 'x'); // forgotten, so written again
    expect(lines).toHaveLength(101);
  });
});
