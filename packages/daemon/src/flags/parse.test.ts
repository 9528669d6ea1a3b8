import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FlagDefinitions } from './definition.ts';
import { parseGoFlags } from './parse.ts';

const definitions = {
  port: { type: 'int', default: 9120, min: 0, max: 65535, help: 'metrics port' },
  'log-level': { type: 'string', default: 'info', oneOf: ['debug', 'info'], help: 'log level' },
  'node-name': { type: 'string', env: 'NODE_NAME', help: 'this node' },
  'ml-wan-config': { type: 'bool', notYet: 'memberlist', help: 'WAN timing' },
  'disable-cert-rotation': { type: 'bool', default: true, env: 'NO_ROTATION', help: 'no rotation' },
  debounce: { type: 'duration', default: 3000, min: 1, env: 'DEBOUNCE', help: 'debounce' },
} as const satisfies FlagDefinitions;

function valuesOf(argv: string[], env: Record<string, string> = {}) {
  const parsed = parseGoFlags(definitions, argv, env);
  if (parsed.outcome !== 'values') throw new Error(JSON.stringify(parsed));
  return parsed;
}

test('no arguments: the defaults, and the zero value where there is none', () => {
  expect(valuesOf([]).values).toEqual({
    port: 9120,
    'log-level': 'info',
    'node-name': '',
    'ml-wan-config': false,
    'disable-cert-rotation': true,
    debounce: 3000,
  });
});

describe("Go's syntax", () => {
  test.for<[argv: string[], expected: object]>([
    [['-port=1'], { port: 1 }],
    [['--port=1'], { port: 1 }],
    [['-port', '1'], { port: 1 }],
    [['--port', '1'], { port: 1 }],
    [['-port=1', '-port=2'], { port: 2 }],
    [['-node-name='], { 'node-name': '' }],
    [['-node-name=a=b'], { 'node-name': 'a=b' }],
    [['-node-name', '-port=1'], { 'node-name': '-port=1', port: 9120 }],
    [['-ml-wan-config'], { 'ml-wan-config': true }],
    [['-ml-wan-config=T'], { 'ml-wan-config': true }],
    [['-disable-cert-rotation=0'], { 'disable-cert-rotation': false }],
    [['--debounce', '1m30s'], { debounce: 90_000 }],
    [['-port=0x10'], { port: 16 }],
  ])('%j', ([argv, expected]) => {
    expect(valuesOf(argv).values).toMatchObject(expected);
  });

  test.for<[argv: string[], positionals: string[], port: number]>([
    [['-ml-wan-config', 'false', '-port=1'], ['false', '-port=1'], 9120], // the trap: a boolean takes no second word
    [['-port=1', '--', '-port=2'], ['-port=2'], 1],
    [['-', '-port=1'], ['-', '-port=1'], 9120],
    [['', '-port=1'], ['', '-port=1'], 9120],
  ])('%j ends the flags', ([argv, positionals, port]) => {
    const parsed = valuesOf(argv);
    expect(parsed.positionals).toEqual(positionals);
    expect(parsed.values.port).toBe(port);
  });
});

describe('refuses', () => {
  test.for<[argv: string[], code: string, message: string]>([
    [['-prot=1'], 'ERR_DAEMON_FLAG_UNKNOWN', 'flag provided but not defined: -prot; did you mean -port?'],
    [
      ['--log_level=info'],
      'ERR_DAEMON_FLAG_UNKNOWN',
      'flag provided but not defined: -log_level; did you mean -log-level?',
    ],
    [['-kubernetes-endpoint'], 'ERR_DAEMON_FLAG_UNKNOWN', 'flag provided but not defined: -kubernetes-endpoint'],
    [['-constructor'], 'ERR_DAEMON_FLAG_UNKNOWN', 'flag provided but not defined: -constructor'],
    [['---port=1'], 'ERR_DAEMON_FLAG_SYNTAX', 'bad flag syntax: ---port=1'],
    [['-=1'], 'ERR_DAEMON_FLAG_SYNTAX', 'bad flag syntax: -=1'],
    [['-port'], 'ERR_DAEMON_FLAG_VALUE', 'flag needs an argument: -port'],
    [['-port=x'], 'ERR_DAEMON_FLAG_VALUE', 'invalid value "x" for flag -port: parse error'],
    [['-port=65536'], 'ERR_DAEMON_FLAG_NOT_ALLOWED', 'invalid value "65536" for flag -port: must be at most 65535'],
    [['-debounce=0'], 'ERR_DAEMON_FLAG_NOT_ALLOWED', 'invalid value "0" for flag -debounce: must be at least 1ms'],
    [['-debounce=5'], 'ERR_DAEMON_FLAG_VALUE', 'invalid value "5" for flag -debounce: parse error'],
    [['-ml-wan-config=no'], 'ERR_DAEMON_FLAG_VALUE', 'invalid boolean value "no" for -ml-wan-config: parse error'],
    [
      ['-log-level=loud'],
      'ERR_DAEMON_FLAG_NOT_ALLOWED',
      'invalid value "loud" for flag -log-level: must be one of debug, info',
    ],
  ])('%j', ([argv, code, message]) => {
    expect(parseGoFlags(definitions, argv, {})).toEqual({ outcome: 'refused', failure: { code, message } });
  });

  test('an environment variable that cannot be read, by its name', () => {
    expect(parseGoFlags(definitions, [], { DEBOUNCE: 'soon' })).toEqual({
      outcome: 'refused',
      failure: {
        code: 'ERR_DAEMON_FLAG_VALUE',
        message: 'invalid value "soon" in DEBOUNCE for flag -debounce: parse error',
      },
    });
  });

  test('a required flag that is set nowhere, and says both places', () => {
    const required = { node: { type: 'string', env: 'NODE', required: true, help: '' } } as const;
    expect(parseGoFlags(required, [], { NODE: '' })).toMatchObject({
      failure: { code: 'ERR_DAEMON_FLAG_MISSING', message: '-node or NODE must be set' },
    });
    expect(parseGoFlags(required, ['-node=a'], {})).toMatchObject({ values: { node: 'a' } });
  });
});

test('the environment stands in for a flag that is not given, and an empty variable for nothing', () => {
  expect(valuesOf([], { NODE_NAME: 'a', NO_ROTATION: 'false' }).values).toMatchObject({
    'node-name': 'a',
    'disable-cert-rotation': false,
  });
  expect(valuesOf(['-node-name=b'], { NODE_NAME: 'a' }).values['node-name']).toBe('b');
  expect(valuesOf([], { NO_ROTATION: '' }).values['disable-cert-rotation']).toBe(true);
});

test('a flag whose feature does not exist yet is accepted and reported when it is set', () => {
  expect(valuesOf(['-ml-wan-config']).notYet).toEqual([{ flag: 'ml-wan-config', feature: 'memberlist' }]);
  expect(valuesOf([]).notYet).toEqual([]);
});

test.for(['-h', '--h', '-help', '--help'])('%s asks for help', (argument) => {
  expect(parseGoFlags(definitions, ['-port=1', argument], {})).toEqual({ outcome: 'help' });
});

test('any command line has an outcome', () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom('-', '--', '-port', '--port=', '-ml-wan-config', '-h', '-debounce=1s', '1'),
    fc.string().map((text) => `-${text}`),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 8 }), (argv) => {
      expect(parseGoFlags(definitions, argv, {}).outcome).toMatch(/^(values|help|refused)$/);
    }),
  );
});

test.for<[text: string, values: unknown]>([
  ['300', { every: 300_000 }],
  ['0', { every: 0 }],
  ['5m', { every: 300_000 }],
  ['1m30s', { every: 90_000 }],
  ['-1', undefined],
  ['-1s', undefined],
  ['1e3', undefined],
  ['soon', undefined],
  ['', undefined],
])('a duration whose bare numbers are seconds: %j', ([text, values]) => {
  const seconds = { every: { type: 'duration', min: 0, bareNumber: 'seconds', help: 'every' } } as const;
  expect(parseGoFlags(seconds, [`--every=${text}`], {})).toMatchObject(
    values === undefined ? { outcome: 'refused' } : { values },
  );
  if (text !== '')
    expect(parseGoFlags({ every: { type: 'duration', help: '' } }, ['--every=30'], {}).outcome).toBe('refused');
});
