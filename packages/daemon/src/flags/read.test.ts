import { expect, test } from 'vitest';
import { createLogger } from '../log/logger.ts';
import { logFlagsWithoutEffect, readGoFlags } from './read.ts';

const definitions = {
  port: { type: 'int', default: 9120, help: '`number` of the metrics port\n0 disables metrics' },
  host: { type: 'string', env: 'METALLB_HOST', notYet: 'nothing', help: 'ignored' },
  level: { type: 'string', default: 'info', oneOf: ['debug', 'info'], help: 'log level' },
  wait: { type: 'duration', default: 90_000, help: 'how long' },
  quiet: { type: 'bool', help: 'say nothing' },
} as const;

function run(argv: string[]) {
  const printed = { output: '', error: '', exitCode: -1 };
  try {
    readGoFlags(definitions, {
      program: 'speaker',
      argv,
      env: {},
      printOutput: (text) => {
        printed.output += text;
      },
      printError: (text) => {
        printed.error += text;
      },
      exit: (code) => {
        printed.exitCode = code;
        throw new Error('exited');
      },
    });
  } catch {
    // the seam stands for the end of the process
  }
  return printed;
}

test("-h prints the flags as Go's PrintDefaults does, sorted, and exits 0", () => {
  expect(run(['-h'])).toEqual({
    exitCode: 0,
    error: '',
    output: [
      'Usage of speaker:',
      '  -host string',
      '    \tignored [$METALLB_HOST] (accepted; without effect yet)',
      '  -level string',
      '    \tlog level (debug|info) (default "info")',
      '  -port number',
      '    \tnumber of the metrics port',
      '    \t0 disables metrics (default 9120)',
      '  -quiet',
      '    \tsay nothing',
      '  -wait duration',
      '    \thow long (default 1m30s)',
      '',
    ].join('\n'),
  });
});

test('a mistake is one line on standard error and exit code 2', () => {
  expect(run(['-prot=1'])).toEqual({
    exitCode: 2,
    output: '',
    error: "flag provided but not defined: -prot; did you mean -port?\nRun 'speaker -h' for all flags.\n",
  });
});

test('a value that Go would take, and the program does not, is exit code 1', () => {
  expect(run(['-level=loud'])).toMatchObject({
    exitCode: 1,
    error: expect.stringContaining('invalid value "loud" for flag -level: must be one of debug, info'),
  });
  expect(run(['-port=x'])).toMatchObject({ exitCode: 2 });
});

test('flags and words without effect are logged at the start', () => {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level: 'info', write: (line) => lines.push(JSON.parse(line)) });
  logFlagsWithoutEffect({ notYet: [{ flag: 'ml-bindport', feature: 'memberlist' }], positionals: ['false'] }, logger);
  expect(lines).toMatchObject([
    { level: 'info', flag: 'ml-bindport', feature: 'memberlist' },
    { level: 'warn', arguments: ['false'] },
  ]);
});
